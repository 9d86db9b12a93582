"""Commands that ask the library: search, ask, summarize."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.output import (
    AsJson,
    ByAuthor,
    InCollection,
    OnlyPapers,
    YearFrom,
    YearTo,
    console,
    emit,
    narrowed,
    opened,
    place,
    read_text,
    scores_line,
    show_notices,
)

if TYPE_CHECKING:
    from app.services.answers import AnswerService
    from core.records import Answer, AnswerSentence, Hit, SearchFilter
    from indexer.search.hybrid import SearchResult


def register(cli: typer.Typer) -> None:
    """Hang the commands of this module into the command line."""
    for command in (search, ask, summarize):
        cli.command()(command)


def search(
    query: Annotated[str, typer.Argument(help="What to look for; `-` reads standard input.")],
    top: Annotated[int, typer.Option(min=1, max=1_000, help="How many passages.")] = 10,
    year_from: YearFrom = None,
    year_to: YearTo = None,
    author: ByAuthor = "",
    collection: InCollection = "",
    papers: OnlyPapers = None,
    as_json: AsJson = False,
) -> None:
    """Search the passages of the library; each hit names its paper and page."""
    text = read_text(query) if query == "-" else query
    with opened() as galacite:
        narrow = narrowed(
            galacite, year_from=year_from, year_to=year_to, author=author, collection=collection, papers=papers or []
        )
        found = galacite.search.search(text, narrow=narrow, top=top)
    emit(found, as_json=as_json, show=_show_hits)


def ask(
    question: Annotated[str, typer.Argument(help="The question; `-` reads standard input.")],
    year_from: YearFrom = None,
    year_to: YearTo = None,
    author: ByAuthor = "",
    collection: InCollection = "",
    papers: OnlyPapers = None,
    as_json: AsJson = False,
) -> None:
    """Ask the library a question; each sentence of the answer names the passages that carry it."""
    text = read_text(question) if question == "-" else question
    with opened() as galacite:
        narrow = narrowed(
            galacite, year_from=year_from, year_to=year_to, author=author, collection=collection, papers=papers or []
        )
        if as_json:
            emit(galacite.answers.ask(text, narrow=narrow), as_json=True, show=lambda _: None)
        else:
            _stream(galacite.answers, text, narrow)


def summarize(
    paper: Annotated[str, typer.Argument(help="Id or cite key.")],
    sentences: Annotated[int, typer.Option(min=1, max=50, help="Sentences quoted from the paper.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Sum up a paper in its own telling sentences, each with its page."""
    with opened() as galacite:
        found = galacite.summaries.summarize(galacite.library.get(paper).id, sentences=sentences)
    emit(found, as_json=as_json, show=_show_summary)


def _show_hits(found: SearchResult) -> None:
    from rich.markup import escape
    from rich.text import Text

    out = console()
    show_notices(found.notices)
    if not found.hits:
        out.print("Nothing found.")
    for number, hit in enumerate(found.hits, 1):
        out.print(f"[bold]{number}. {escape(hit.paper_title)}[/] [cyan]{escape(place(hit))}[/]")
        text = Text(hit.text)
        for start, end in hit.highlights:
            text.stylize("bold yellow", start, end)
        out.print(text)
        out.print(f"[dim]{escape(scores_line(hit.scores))}[/]\n")


def _stream(answers: AnswerService, question: str, narrow: SearchFilter) -> None:
    from app.services.answers import EvidenceFound, Finished, SentenceReady

    out = console()
    evidence: tuple[Hit, ...] = ()
    for event in answers.stream(question, narrow=narrow):
        if isinstance(event, EvidenceFound):
            evidence = event.evidence
        elif isinstance(event, SentenceReady):
            _show_sentence(event.sentence)
        elif isinstance(event, Finished):
            show_notices(event.answer.notices)
            sys.stdout.write("\n")
            _show_evidence(evidence, event.answer)
            out.print(f"[dim]phrased by {event.answer.generator}[/]")


def _show_sentence(sentence: AnswerSentence) -> None:
    marks = "".join(f"[{position + 1}]" for position in sentence.evidence)
    text = f"“{sentence.text}”" if sentence.kind == "quote" else sentence.text
    sys.stdout.write(f"{text} {marks}\n")
    sys.stdout.flush()


def _show_evidence(evidence: tuple[Hit, ...], answer: Answer) -> None:
    from rich.markup import escape

    out = console()
    used = {position for sentence in answer.sentences for position in sentence.evidence}
    for number, hit in enumerate(evidence):
        if number in used or not answer.answered:
            out.print(f"[cyan]{escape(f'[{number + 1}]')} {escape(place(hit))}[/] — {escape(hit.paper_title)}")
            out.print(f"    {escape(hit.text)}", style="dim")


def _show_summary(answer: Answer) -> None:
    show_notices(answer.notices)
    for sentence in answer.sentences:
        places = "; ".join(place(answer.evidence[position]) for position in sentence.evidence)
        text = f"“{sentence.text}”" if sentence.kind == "quote" else sentence.text
        sys.stdout.write(f"• {text} ({places})\n")
