"""The command line as a user meets it: real processes, real exit codes, JSON that programs can read."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from app.cli.library import _exit_for, _summary
from app.cli.output import command_line, console, show_notices
from app.cli.suggest import _lines
from app.services.drafts import DraftSuggestions
from app.services.ingestion import FileReport, FileStatus
from app.services.places import Place
from app.services.suggestions import PlaceSuggestions
from app.settings import Settings
from core.records import Author, CitedAt, Hit, ListedAt, Notice, Suggestion, Work
from tests.app.shell import data, run
from tests.pdfs import make_pdf

HEAVY = ("torch", "transformers", "faiss", "streamlit", "sqlalchemy", "pymupdf", "tantivy", "numpy")


def test_help_imports_nothing_heavy() -> None:
    code = f"import sys, app.cli; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_from_a_folder_to_an_answer_and_back(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    make_pdf(folder / "a.pdf", title="On Citation Tokens")
    make_pdf(folder / "b.pdf", title="On Dense Vectors", body="Vectors have angles and lengths in any dimension.")
    added = data(run(settings, "add", str(folder), "--json"))
    assert [report["status"] for report in added] == ["added", "added"]
    papers = data(run(settings, "list", "--json", "--order", "title"))
    assert [paper["title"] for paper in papers] == ["On Citation Tokens", "On Dense Vectors"]
    key = papers[0]["key"]
    shown = data(run(settings, "show", key, "--json"))
    assert shown["sections"]
    assert shown["references"][0]["raw"]
    found = data(run(settings, "search", "citation tokens", "--json"))
    assert found["hits"][0]["paper_key"] == key
    assert found["hits"][0]["page"] >= 1
    answer = data(run(settings, "ask", "What do citation tokens let a language model do?", "--json"))
    assert answer["sentences"][0]["evidence"]
    suggested = data(run(settings, "suggest", "-", "--json", stdin="A language model for science [?]."))
    assert suggested["places"][0]["suggestions"]
    summary = data(run(settings, "summarize", key, "--json"))
    assert summary["sentences"]
    assert run(settings, "remove", key, "--yes").returncode == 0
    assert len(data(run(settings, "list", "--json"))) == 1


def test_text_output_names_paper_and_page(settings: Settings, tmp_path: Path) -> None:
    assert run(settings, "add", str(make_pdf(tmp_path / "a.pdf"))).returncode == 0
    for arguments in (("search", "citation tokens"), ("ask", "What do citation tokens let a language model do?")):
        done = run(settings, *arguments)
        assert done.returncode == 0, done.stderr
        assert "p. 1" in done.stdout
    assert "A Study of Citation Tokens" in run(settings, "list").stdout
    assert "Introduction" in run(settings, "show", "1", "--references").stdout


def test_one_bad_file_among_good_ones_is_exit_code_1_and_none_good_is_2(settings: Settings, tmp_path: Path) -> None:
    good, bad = make_pdf(tmp_path / "good.pdf"), tmp_path / "bad.pdf"
    bad.write_text("not a PDF")
    mixed = run(settings, "add", str(good), str(bad))
    assert mixed.returncode == 1
    assert "bad.pdf: not a PDF" in mixed.stderr
    assert "1 added, 0 already there, 1 failed" in mixed.stdout
    assert run(settings, "add", str(bad)).returncode == 2


def test_a_folder_without_pdfs_and_a_pattern_without_matches_are_exit_code_2(
    settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    for arguments, words in (
        ((str(folder),), "no PDF in this folder"),
        ((str(tmp_path / "*.pdf"),), "no such file"),
        ((str(folder), "--no-wait"), "no PDF in this folder"),
    ):
        done = run(settings, "add", *arguments)
        assert done.returncode == 2
        assert words in done.stderr
    reports = json.loads(run(settings, "add", str(folder), "--json").stdout)
    assert [report["status"] for report in reports] == ["failed"]


@pytest.mark.parametrize(
    ("statuses", "code", "text"),
    [
        (("added", "already"), 0, "1 added, 1 already there, 0 failed"),
        (("added", "waiting"), 0, "1 added, 0 already there, 0 failed, 1 waiting"),
        (("added", "cancelled"), 1, "1 added, 0 already there, 0 failed, 1 cancelled"),
        (("cancelled", "cancelled"), 1, "0 added, 0 already there, 0 failed, 2 cancelled"),
        (("failed", "cancelled"), 1, "0 added, 0 already there, 1 failed, 1 cancelled"),
        (("failed", "failed"), 2, "0 added, 0 already there, 2 failed"),
    ],
)
def test_files_are_counted_by_what_became_of_them(
    statuses: tuple[FileStatus, ...], code: int, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    reports = [FileReport(name="a.pdf", status=status, message="") for status in statuses]
    _summary(reports)
    assert capsys.readouterr().out.strip() == text
    if code:
        with pytest.raises(typer.Exit) as caught:
            _exit_for(reports)
        assert caught.value.exit_code == code
    else:
        _exit_for(reports)


def test_collections_narrow_what_is_listed(settings: Settings, tmp_path: Path) -> None:
    for name, title in (("a", "On Citation Tokens"), ("b", "On Dense Vectors")):
        assert run(settings, "add", str(make_pdf(tmp_path / f"{name}.pdf", title=title))).returncode == 0
    assert "galacite collections add" in run(settings, "collections", "list").stdout
    assert data(run(settings, "collections", "add", "to read", "1", "--json")) == {"name": "to read", "papers": 1}
    assert [paper["id"] for paper in data(run(settings, "list", "--collection", "to read", "--json"))] == [1]
    assert run(settings, "collections", "add", "to read", "1", "2").stdout == "to read: 2 papers\n"
    assert run(settings, "collections", "remove", "to read", "1").stdout == "to read: 1 paper\n"
    assert run(settings, "collections", "rename", "to read", "read").returncode == 0
    assert data(run(settings, "collections", "list", "--json")) == [{"name": "read", "papers": 1}]
    assert run(settings, "collections", "delete", "read", stdin="n\n").returncode == 1
    assert run(settings, "collections", "delete", "read", stdin="y\n").returncode == 0
    assert data(run(settings, "collections", "list", "--json")) == []
    assert len(data(run(settings, "list", "--json"))) == 2


def test_a_paper_that_is_not_there_makes_no_collection(settings: Settings) -> None:
    assert run(settings, "collections", "add", "to read", "nobody1999nothing").returncode == 2
    assert data(run(settings, "collections", "list", "--json")) == []


def test_the_context_of_a_suggestion_cannot_command_the_terminal() -> None:
    place = Place(start=0, end=3, line=1, context="", before="before \x1b]0;owned\x07 \x1b[2J after")
    (shown, *_) = _lines(
        DraftSuggestions(
            name="a.md", format="md", title="", places=(PlaceSuggestions(place=place, suggestions=()),), works=1
        )
    )
    assert "after" in shown
    assert "\x1b" not in shown
    assert "\x07" not in shown


def test_the_reasons_of_a_suggestion_are_shown_letter_by_letter(capsys: pytest.CaptureFixture[str]) -> None:
    sentence = "As [bold]they[/bold] say :warning: [/] in [4]."
    work = Work(id=1, title="On [red]Colours[/red]", authors=(Author(family="[link=x]Ada"),))
    reason = CitedAt(paper_id=1, paper_key="citing2020", paper_title="Citing", sentence=sentence, page=3)
    hit = Hit(
        passage_id=1, paper_id=2, paper_key="own2020", paper_title="Own", authors=(), year=2020, page=4,
        text="Own [/dim] words.", boxes=(), start=0, end=17, score=1.0, page_label="117",
    )  # fmt: skip
    suggestions = (
        Suggestion(work=work, probability=0.25, scores=(("bm25", 2.0),), cited_at=(reason,), passage=hit),
        Suggestion(
            work=Work(id=2, title="Listed"), probability=0.004, scores=(("nano [/b]", -1.5),),
            listed_at=ListedAt(bibliography="own [i].bib"),
        ),
    )  # fmt: skip
    place = Place(start=0, end=3, line=1, context="", before="Colours are")
    answered = PlaceSuggestions(place=place, suggestions=suggestions, none=0.7)
    found = DraftSuggestions(
        name="a.md", format="md", title="", places=(answered,), works=2, model="nano [/b]", waiting=1
    )
    console().print("\n".join(_lines(found)))
    assert capsys.readouterr().out.splitlines() == [
        "line 1 …Colours are",
        "     Probably none of these: 70%",
        "  1.  25%  [link=x]Ada, n.d.. On [red]Colours[/red]",
        "     bm25 2.000",
        f"     citing2020, p. 3: {sentence}",
        "     own2020, p. 4 (printed 117): Own [/dim] words.",
        "  2.  <1%  n.d.. Listed",
        "     nano [/b] -1.500",
        "     own [i].bib: listed there",
        "",
        "nano [/b] is reading: 1 of 1 places to go",
    ]


def test_a_notice_cannot_command_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    show_notices([Notice(code="unknown_keys", message="1 cited key is in no bibliography: a\x9b2Jb\x1b[2J")])
    told = capsys.readouterr().err
    assert told.startswith("! 1 cited key")
    assert not {"\x9b", "\x1b"} & set(told)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "nobody1999nothing"), "nobody1999nothing"),
        (("list", "--order", "colour"), "colour"),
        (("ask", ""), "empty"),
        (("collections", "rename", "nothing", "new"), "no collection is called nothing"),
        (("collections", "delete", "nothing", "--yes"), "no collection is called"),
        (("suggest", "no-such-file.md"), "no-such-file.md"),
        (("suggest", "/dev/zero"), "/dev/zero"),
        (("suggest", "-"), "empty"),
        (("add", ""), "empty name"),
    ],
)
def test_bad_input_is_one_clear_message_with_a_hint(settings: Settings, arguments: tuple[str, ...], words: str) -> None:
    done = run(settings, *arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) >= 2


def test_an_unknown_setting_stops_every_command(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GALACITE_PROT", "1")
    done = run(settings, "list")
    assert done.returncode == 2
    assert "GALACITE_PORT" in done.stderr


def test_an_empty_library_says_how_to_begin(settings: Settings) -> None:
    assert "galacite add" in run(settings, "list").stdout
    assert "empty" in run(settings, "search", "anything").stderr
    assert data(run(settings, "ask", "What is it?", "--json"))["sentences"] == []


def test_doctor_finds_what_is_missing_and_says_what_to_do(settings: Settings) -> None:
    assert run(settings, "migrate").returncode == 0
    done = run(settings, "doctor", "--json")
    checks = {check["name"]: check for check in json.loads(done.stdout)}
    assert done.returncode == 1
    assert checks["database"]["state"] == "good"
    assert checks["models"]["state"] == "bad"
    assert checks["models"]["hint"] == "Run: galacite models install"


def test_doctor_on_a_new_machine_names_the_first_step(settings: Settings) -> None:
    checks = {check["name"]: check for check in json.loads(run(settings, "doctor", "--json").stdout)}
    assert checks["database"]["hint"] == "Run: galacite migrate"


def test_reindex_rebuilds_from_the_database(settings: Settings, tmp_path: Path) -> None:
    run(settings, "add", str(make_pdf(tmp_path / "a.pdf")))
    report = data(run(settings, "reindex", "--json"))
    assert report["added"] == 1
    assert data(run(settings, "search", "citation tokens", "--json"))["hits"]


def test_suggestions_show_the_score_of_every_ranker(settings: Settings, checkpoint: Path, tmp_path: Path) -> None:
    with_model = settings.model_copy(update={"citation_model": str(checkpoint)})
    assert run(settings, "add", str(make_pdf(tmp_path / "a.pdf", title="On Citation Tokens"))).returncode == 0
    text = "A language model for science [?]."
    both = run(with_model, "suggest", "-", stdin=text)
    assert re.search(r"bm25 \d+\.\d{3}  near \d+\.\d{3}  nano -\d+\.\d{3}", both.stdout), both.stderr
    assert "nano" not in run(with_model, "suggest", "-", "--no-model", stdin=text).stdout


def test_a_draft_is_worked_through_and_comes_back_with_comments(settings: Settings, tmp_path: Path) -> None:
    assert run(settings, "add", str(make_pdf(tmp_path / "a.pdf", title="On Citation Tokens"))).returncode == 0
    source = "Größe of citation tokens [?]\nand more \\cite{nowhere}.\n\\bibliography{refs}\n".encode("latin-1")
    (tmp_path / "draft.tex").write_bytes(source)
    (tmp_path / "refs.bib").write_text("@book{tokens, title={On Citation Tokens}, year={2020}}")
    done = run(settings, "suggest", str(tmp_path / "draft.tex"), "--format", "json", "--missing", "--no-model")
    found = data(done)
    assert (found["format"], found["cited"][0]["key"]) == ("tex", "tokens")
    assert [(each["place"]["line"], each["place"]["keys"]) for each in found["places"]] == [(1, []), (2, ["nowhere"])]
    assert {"encoding", "unknown_keys"} <= {notice["code"] for notice in found["notices"]}
    listed = run(settings, "suggest", str(tmp_path / "draft.tex"), "--no-model")
    assert "(in your bibliography: tokens)" in listed.stdout
    assert "nowhere (line 2)" in listed.stderr
    command = [sys.executable, "-m", "app.cli", "suggest", str(tmp_path / "draft.tex"), "--no-model", "--format", "tex"]
    written = subprocess.run(
        command, env={**os.environ, **settings.as_environment()}, capture_output=True, timeout=120, check=True
    ).stdout
    assert b"\\cite{tokens}" in written
    kept = [line for line in written.splitlines(keepends=True) if not line.startswith(b"% galacite")]
    assert b"".join(kept) == source


def test_a_card_names_the_command_but_not_where_its_files_lie(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = ["train", "--data", "/home/ada/my corpus", "--set", "init.checkpoint=/data/mini", "--out=runs/a"]
    monkeypatch.setattr(sys, "argv", ["/usr/bin/galacite", *typed])
    assert command_line() == "galacite train --data 'my corpus' --set init.checkpoint=mini --out=runs/a"
