"""The command that works a draft through: what to cite at its places, and where a citation is missing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from app.cli.output import AsJson, console, emit, opened, place, read_bytes, scores_line, show_notices

if TYPE_CHECKING:
    from app.services.drafts import Draft, DraftService, DraftSuggestions
    from app.services.suggestions import PlaceSuggestions
    from core.records import Suggestion

_CONTEXT_CHARS = 80
_PASSAGE_CHARS = 160
_STDIN = "standard input"


def register(cli: typer.Typer) -> None:
    """Hang the command into the command line."""
    cli.command()(suggest)


def suggest(
    file: Annotated[str, typer.Argument(help="A draft (.tex, .md, .txt, .docx), or `-` for standard input.")],
    form: Annotated[
        Literal["text", "json", "tex", "md"],
        typer.Option("--format", help="What to print: a list, JSON, or the draft itself with comments."),
    ] = "text",
    top: Annotated[int, typer.Option(min=1, max=100, help="Suggestions a place.")] = 10,
    missing: Annotated[bool, typer.Option("--missing", help="Tell sentences that lack a citation, too.")] = False,
    model: Annotated[
        bool | None, typer.Option("--model/--no-model", help="Let the language model rank too, or not.")
    ] = None,
    popularity: Annotated[
        bool, typer.Option("--popularity/--no-popularity", help="Whether being cited often speaks for a work.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Suggest what to cite at each place of a draft, with the sentences that cite it already."""
    from app.services.suggestions import SuggestOptions
    from indexer.latex.sources import FolderStore

    data = read_bytes(file)
    with opened() as galacite:
        folder = FolderStore(Path.cwd() if file == "-" else Path(file).parent)
        draft = galacite.drafts.read(data, _STDIN if file == "-" else file, beside=folder)
        use_model = galacite.settings.ranks_with_model if model is None else model
        options = SuggestOptions(top=top, use_model=use_model, popularity=popularity)
        found = galacite.drafts.stream(draft, options, missing=missing)
        _print(galacite.drafts, draft, found, "json" if as_json else form)


def _print(
    drafts: DraftService, draft: Draft, found: Iterator[DraftSuggestions], form: Literal["text", "json", "tex", "md"]
) -> None:
    if form == "text":
        last = _followed(found)
        show_notices(last.notices)
        console().print("\n".join(_lines(last)))
        return
    *_, last = found
    if form == "json":
        emit(last, as_json=True, show=lambda _: None)
        return
    show_notices(last.notices)
    sys.stdout.buffer.write(drafts.annotated(draft, last, form))
    sys.stdout.buffer.flush()


def _followed(found: Iterator[DraftSuggestions]) -> DraftSuggestions:
    """The last result; on a terminal, those before it are shown while the language model reads."""
    out = console()
    if not out.is_terminal:
        *_, last = found
        return last
    from rich.live import Live

    with Live(console=out, transient=True, auto_refresh=False) as live:
        for last in found:
            if last.waiting:
                live.update("\n".join(_lines(last)), refresh=True)
    return last


def _lines(found: DraftSuggestions) -> Iterator[str]:
    """The suggestions with the markup of rich."""
    from rich.markup import escape

    keys = {each.work_id: each.key for each in found.cited}
    for each in found.places:
        yield _heading(each)
        if not each.suggestions:
            yield "     Nothing in the library or its reference lists fits here."
        elif each.unsure:
            yield f"     [yellow]Probably none of these: {each.none:.0%}[/]"
        for number, suggestion in enumerate(each.suggestions, 1):
            yield from _described(suggestion, number, keys.get(suggestion.work.id, ""), each.place.keys)
        yield ""
    if found.waiting:
        yield f"[dim]{escape(found.model)} is reading: {found.waiting} of {len(found.places)} places to go[/]"


def _heading(each: PlaceSuggestions) -> str:
    from rich.markup import escape

    from core.text import clean, end_of, start_of

    at = each.place
    if at.kind == "missing":
        sentence = escape(clean(start_of(at.sentence, 2 * _CONTEXT_CHARS)))
        told = f"lacks a citation ({at.need or 0:.2f}) [dim]{sentence}"
    else:
        told = f"[dim]…{escape(clean(end_of(at.before or at.context, _CONTEXT_CHARS)))}"
    cites = f" (cites {escape(clean(', '.join(at.keys)))})" if at.keys else ""
    return f"[bold]line {at.line}[/] {told}{cites}[/]"


def _described(suggestion: Suggestion, number: int, key: str, cited: tuple[str, ...]) -> Iterator[str]:
    from rich.markup import escape

    from core.text import clean, percent

    work = suggestion.work
    first = f"{clean(work.authors[0].family)}, " if work.authors else ""
    held = " [green](in the library)[/]" if work.paper_id else ""
    known = (
        f" [green]({'cited here already' if key in cited else 'in your bibliography'}: {escape(clean(key))})[/]"
        if key
        else ""
    )
    sure = f"{number:>3}. {percent(suggestion.probability):>4} "
    yield f"{sure} {escape(first)}{work.year or 'n.d.'}. {escape(clean(work.title))}{held}{known}"
    yield f"     [dim]{escape(scores_line(suggestion.scores))}[/]"
    yield from (f"     [dim]{escape(line)}[/]" for line in _reasons(suggestion))


def _reasons(suggestion: Suggestion) -> Iterator[str]:
    """Where the library cites the work, or lists it, and what the work itself says."""
    from core.text import clean, start_of

    for reason in suggestion.cited_at[:1]:
        yield f"{place(reason)}: {clean(reason.sentence)}"
    listed = suggestion.listed_at
    if listed is not None:
        at = place(listed) if listed.paper_id is not None else clean(listed.bibliography)
        yield f"{at}: listed there"
    if suggestion.passage is not None:
        yield f"{place(suggestion.passage)}: {clean(start_of(suggestion.passage.text, _PASSAGE_CHARS))}"
