from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pymupdf
import pytest

from core.errors import InputError, JobCancelled, UnreadablePdf
from core.records import Box
from indexer.config import ParserLimits
from indexer.pdf.isolated import IsolatedParser
from indexer.pdf.parser import parse_pdf
from indexer.pdf.process import make_folder
from tests.indexer.pdf.samples import LIMITS, plain_pdf


@pytest.fixture(scope="module")
def parser() -> Iterator[IsolatedParser]:
    """One for all tests, as in the app: each test finds it as the last one left it."""
    with IsolatedParser(LIMITS) as isolated:
        yield isolated


@pytest.fixture
def endless(tmp_path: Path) -> Path:
    """A valid PDF that takes minutes: one page drawn with the same long content a million times over."""
    return slow_pdf(tmp_path / "endless.pdf")


def slow_pdf(path: Path, *, repeats: int = 400_000) -> Path:
    return repeated_pdf(path, b"(slowly read words) Tj 0 -1 Td ", repeats)


def repeated_pdf(path: Path, operators: bytes, repeats: int) -> Path:
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((72, 72), "Slow")
    stream = b"BT /helv 8 Tf 1 0 0 1 72 500 Tm " + operators * repeats + b" ET"
    document.update_stream(page.get_contents()[0], stream)
    document.save(path, deflate=True)
    return path


def outcome(parser: IsolatedParser, path: Path) -> str:
    """The last notice's code, or the reason of the refusal; empty when all went well."""
    try:
        notices = parser.parse(path).notices
    except UnreadablePdf as error:
        return error.reason
    return notices[-1].code if notices else ""


def wait_for_child(parser: IsolatedParser) -> int:
    """The child's id, as soon as it works on something."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        pid = parser.child_pid
        if pid is not None and psutil.Process(pid).cpu_times().user > 0.3:
            return pid
        time.sleep(0.02)
    raise AssertionError("no child came up")


def test_same_document_as_in_this_process(tmp_path: Path, parser: IsolatedParser) -> None:
    path = plain_pdf(tmp_path / "paper.pdf", pages=2)
    assert parser.parse(path) == parse_pdf(path, limits=LIMITS)


def test_the_child_serves_many_files_and_is_then_replaced(tmp_path: Path) -> None:
    path = plain_pdf(tmp_path / "paper.pdf")
    with IsolatedParser(LIMITS, files_per_child=2) as parser:
        pids = []
        for _ in range(4):
            parser.parse(path)
            pids.append(parser.child_pid)
    assert pids[0] == pids[1] != pids[2] == pids[3]


def test_refusals_arrive_with_reason_and_hint_and_keep_the_child(tmp_path: Path, parser: IsolatedParser) -> None:
    parser.parse(plain_pdf(tmp_path / "paper.pdf"))
    pid = parser.child_pid
    junk = tmp_path / "junk.pdf"
    junk.write_text("junk")
    with pytest.raises(UnreadablePdf, match=r"junk\.pdf") as caught:
        parser.parse(junk)
    assert caught.value.reason == "not_pdf"
    assert caught.value.hint
    assert parser.child_pid == pid


def test_names_with_newlines_and_odd_bytes_pass_the_protocol(tmp_path: Path, parser: IsolatedParser) -> None:
    path = plain_pdf(tmp_path / "two\nlines 'and' \"quotes\".pdf")
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/latin-\xe9.pdf"))
    odd.write_bytes(path.read_bytes())
    assert parser.parse(path).title == parser.parse(odd).title == "A Small Paper about Nothing"


def test_time_limit(tmp_path: Path, endless: Path) -> None:
    with IsolatedParser(replace(LIMITS, timeout_s=0.5)) as parser:
        before = time.monotonic()
        with pytest.raises(UnreadablePdf, match=r"endless\.pdf: not done within 0\.5 s") as caught:
            parser.parse(endless)
        assert caught.value.reason == "timeout"
        assert time.monotonic() - before < 25
        assert parser.child_pid is None
        assert parser.parse(plain_pdf(tmp_path / "paper.pdf")).page_count == 1


def test_child_killed_in_mid_parse(tmp_path: Path, parser: IsolatedParser, endless: Path) -> None:
    errors: list[UnreadablePdf] = []

    def parse() -> None:
        try:
            parser.parse(endless)
        except UnreadablePdf as error:
            errors.append(error)

    thread = threading.Thread(target=parse)
    thread.start()
    os.kill(wait_for_child(parser), signal.SIGKILL)
    thread.join(20)
    assert [error.reason for error in errors] == ["crashed"]
    assert "SIGKILL" in errors[0].message
    assert parser.parse(plain_pdf(tmp_path / "paper.pdf")).page_count == 1


def test_child_that_dies_between_files_is_replaced(tmp_path: Path, parser: IsolatedParser) -> None:
    path = plain_pdf(tmp_path / "paper.pdf")
    parser.parse(path)
    pid = parser.child_pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    time.sleep(0.1)
    assert parser.parse(path).page_count == 1
    assert parser.child_pid != pid


def test_cancel_from_another_thread(tmp_path: Path, parser: IsolatedParser, endless: Path) -> None:
    parser.cancel()  # with nothing to cancel it does nothing
    outcomes: list[str] = []

    def parse() -> None:
        try:
            parser.parse(endless)
        except JobCancelled as error:
            outcomes.append(error.message)

    thread = threading.Thread(target=parse)
    thread.start()
    wait_for_child(parser)
    parser.cancel()
    thread.join(20)
    assert outcomes == ["endless.pdf: cancelled"]
    assert parser.parse(plain_pdf(tmp_path / "paper.pdf")).page_count == 1


def test_memory_limit(tmp_path: Path) -> None:
    """Some kilobytes that unpack to twenty million characters on one spot of a page."""
    with IsolatedParser(replace(LIMITS, max_memory_bytes=256 * 2**20, timeout_s=60.0)) as parser:
        with pytest.raises(UnreadablePdf) as caught:
            parser.parse(repeated_pdf(tmp_path / "bomb.pdf", b"1 0 0 1 72 500 Tm (unpacked in memory) Tj ", 800_000))
        assert caught.value.reason == "memory"
        assert "bomb.pdf" in caught.value.message
        assert parser.parse(plain_pdf(tmp_path / "paper.pdf")).page_count == 1


def test_giant_image_costs_nothing(tmp_path: Path, parser: IsolatedParser) -> None:
    """50,000 × 50,000 pixels in a few kilobytes: 7.5 GB once unpacked."""
    path = tmp_path / "giant.pdf"
    packed = zlib.compress(b"\0" * 10_000_000, 9)
    path.write_bytes(
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 500 500]/Resources<</XObject<</I 4 0 R>>>>"
        b"/Contents 5 0 R>>endobj\n"
        b"4 0 obj<</Type/XObject/Subtype/Image/Width 50000/Height 50000/ColorSpace/DeviceRGB/BitsPerComponent 8"
        b"/Filter/FlateDecode/Length " + str(len(packed)).encode() + b">>stream\n" + packed + b"\nendstream endobj\n"
        b"5 0 obj<</Length 29>>stream\n500 0 0 500 0 0 cm /I Do     \nendstream endobj\ntrailer<</Root 1 0 R>>\n"
    )
    assert [notice.code for notice in parser.parse(path).notices] == ["repaired", "no_text"]
    with contextlib.suppress(UnreadablePdf):  # memory, or a page without its image: both are right
        parser.render(path, 1, width_px=200)
    pid = parser.child_pid
    if pid is not None:
        assert psutil.Process(pid).memory_info().rss < LIMITS.max_memory_bytes


def test_deeply_nested_objects(tmp_path: Path, parser: IsolatedParser) -> None:
    path = tmp_path / "nested.pdf"
    path.write_bytes(
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 500 500]/Resources "
        + b"[" * 200_000
        + b"]" * 200_000
        + b">>endobj\n"
        b"trailer<</Root 1 0 R>>\n"
    )
    assert outcome(parser, path) in ("no_text", "damaged", "crashed", "memory")
    assert outcome(parser, plain_pdf(tmp_path / "paper.pdf")) == ""


def test_child_sees_neither_environment_nor_folder(
    tmp_path: Path, parser: IsolatedParser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GALACITE_SECRET", "token")
    parser.parse(plain_pdf(tmp_path / "paper.pdf"))
    pid = parser.child_pid
    assert pid is not None
    child = psutil.Process(pid)
    assert "GALACITE_SECRET" not in child.environ()
    folder = Path(child.cwd())
    assert folder.name.startswith("galacite-parse-")
    parser.close()  # and can be used again
    assert not folder.exists()
    assert not psutil.pid_exists(pid)


def test_folders_of_killed_parents_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        pass
    stale, full = tmp_path / f"galacite-parse-{gone.pid}-a", tmp_path / f"galacite-parse-{gone.pid}-b"
    live, other = tmp_path / f"galacite-parse-{os.getpid()}-c", tmp_path / "galacite-parse-notes-d"
    for folder in (stale, full, live, other):
        folder.mkdir()
    (full / "kept").touch()
    with make_folder() as made:
        assert Path(made).is_dir()
        assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
            [full.name, live.name, other.name, Path(made).name]
        )


def test_a_parser_whose_folder_was_swept_away_makes_another(tmp_path: Path) -> None:
    path = plain_pdf(tmp_path / "paper.pdf")
    with IsolatedParser(LIMITS, files_per_child=1) as parser:
        parser.parse(path)
        assert parser.child_pid is not None
        Path(psutil.Process(parser.child_pid).cwd()).rmdir()
        assert parser.parse(path).page_count == 1


def test_the_child_loads_no_runtime_of_models_and_writes_nothing(tmp_path: Path, parser: IsolatedParser) -> None:
    parser.parse(plain_pdf(tmp_path / "paper.pdf"))
    assert parser.child_pid is not None
    child = psutil.Process(parser.child_pid)
    assert not [each.path for each in child.memory_maps() if "onnxruntime" in each.path]
    assert list(Path(child.cwd()).iterdir()) == []


def test_limits_hold_in_the_child(tmp_path: Path, parser: IsolatedParser) -> None:
    parser.parse(plain_pdf(tmp_path / "paper.pdf"))
    pid = parser.child_pid
    assert pid is not None
    child = psutil.Process(pid)
    assert child.rlimit(psutil.RLIMIT_CORE) == (0, 0)
    assert child.rlimit(psutil.RLIMIT_AS)[0] < 3 * LIMITS.max_memory_bytes
    assert child.rlimit(psutil.RLIMIT_CPU)[0] < 3 * LIMITS.timeout_s
    assert child.memory_info().rss < 0.5 * LIMITS.max_memory_bytes


def test_child_dies_with_its_parent(tmp_path: Path) -> None:
    endless = slow_pdf(tmp_path / "endless.pdf")
    script = (
        "import sys, threading, time\nfrom pathlib import Path\nfrom indexer.config import ParserLimits\n"
        "from indexer.pdf.isolated import IsolatedParser\nparser = IsolatedParser(ParserLimits())\n"
        "threading.Thread(target=parser.parse, args=(Path(sys.argv[1]),), daemon=True).start()\n"
        "while parser.child_pid is None: time.sleep(0.02)\n"
        "print(parser.child_pid, flush=True)\ntime.sleep(60)\n"
    )
    root = Path(__file__).parents[3]
    with subprocess.Popen(
        [sys.executable, "-c", script, str(endless)],
        stdout=subprocess.PIPE,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    ) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        deadline = time.monotonic() + 20
        while child.cpu_times().user < 0.8 and time.monotonic() < deadline:
            time.sleep(0.02)
        parent.kill()
        parent.wait()
        gone, alive = psutil.wait_procs([child], timeout=5)
    assert gone
    assert not alive


def test_rendered_page_carries_its_highlights(tmp_path: Path, parser: IsolatedParser) -> None:
    path = plain_pdf(tmp_path / "paper.pdf")
    box = Box(page=1, x0=100, y0=600, x1=200, y1=620)
    plain = pymupdf.Pixmap(parser.render(path, 1, width_px=595))
    marked = pymupdf.Pixmap(parser.render(path, 1, width_px=595, highlights=[box], color=(255, 0, 0)))
    assert (marked.width, marked.height) == (595, 842)
    assert plain.pixel(150, 610) == (255, 255, 255)
    assert marked.pixel(150, 610) == (255, 0, 0)
    assert marked.pixel(50, 610) == (255, 255, 255)


def test_pixels_are_bounded(tmp_path: Path, parser: IsolatedParser) -> None:
    document = pymupdf.open()
    document.new_page(width=20, height=14_000)
    path = tmp_path / "ribbon.pdf"
    document.save(path)
    picture = pymupdf.Pixmap(parser.render(path, 1, width_px=2_000))
    assert picture.width * picture.height <= 24_500_000


@pytest.mark.parametrize(("page", "width"), [(0, 500), (2, 500), (1, 0), (1, 100_000)])
def test_pages_and_widths_that_do_not_exist(tmp_path: Path, parser: IsolatedParser, page: int, width: int) -> None:
    with pytest.raises(InputError):
        parser.render(plain_pdf(tmp_path / "paper.pdf"), page, width_px=width)


def test_a_page_turn_is_quick(tmp_path: Path, parser: IsolatedParser) -> None:
    path = plain_pdf(tmp_path / "paper.pdf", pages=9)
    parser.render(path, 1, width_px=1_000)
    times = []
    for page in range(2, 10):
        before = time.monotonic()
        parser.render(path, page, width_px=1_000)
        times.append(time.monotonic() - before)
    assert sorted(times)[len(times) // 2] < 0.6  # far above the usual 0.06 s: other work may share the machine


def test_defaults_leave_room(tmp_path: Path) -> None:
    assert ParserLimits().max_memory_bytes == 2**30
    with IsolatedParser(replace(LIMITS, max_memory_bytes=300 * 2**20)) as parser:
        assert parser.parse(plain_pdf(tmp_path / "paper.pdf", pages=50)).page_count == 50
