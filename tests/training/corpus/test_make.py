from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError, ModelError
from model.galactica.tokenizer import GalacticaTokenizer
from tests.training.corpus.papers import write_corpus
from training.corpus.config import CorpusConfig
from training.corpus.make import Ingredients, make_corpus
from training.corpus.prompts import Prompt
from training.corpus.report import CorpusReport, read_report
from training.corpus.sequences import SourceText
from training.corpus.shards import ShardSet
from training.corpus.sources import CorpusFile

CONFIG = CorpusConfig(form="citing", masked_share=0.5, row_tokens=256, papers_per_shard=5, prompt_ratio=0.1)
VOCABULARY = 600


def quiet(step: str, done: int, total: int) -> None:
    pass


def made(folder: Path, *files: Path, config: CorpusConfig = CONFIG, workers: int = 1, **more: object) -> CorpusReport:
    options: dict[str, object] = {"vocabulary": VOCABULARY, **more}
    ingredients = Ingredients(papers=[CorpusFile(path) for path in files], **options)  # type: ignore[arg-type]
    return make_corpus(ingredients, folder, config=config, workers=workers, on_progress=quiet)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("sources")
    return [
        write_corpus(folder / "sea.train.jsonl", papers=23, seed=1),
        write_corpus(folder / "sea.dev.jsonl", papers=6, seed=2),
    ]


@pytest.fixture(scope="module")
def corpus(files: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus") / "out"
    made(folder, *files)
    return folder


def test_every_citation_of_every_paper_is_in_the_rows_of_its_part(files: list[Path], corpus: Path) -> None:
    report = read_report(corpus)
    for path, part in zip(files, ["train", "dev"], strict=True):
        records = [json.loads(line) for line in path.read_text().splitlines()]
        wanted = Counter(
            record["refs"][span[2]]["title"] for record in records for *_, spans in record["paras"] for span in spans
        )
        shards = ShardSet.open(corpus / part)
        tokenizer = GalacticaTokenizer.load(corpus / part)
        found: Counter[str] = Counter()
        for row in shards:
            text = tokenizer.decode(row.tolist())
            for piece in text.split("[START_REF] ")[1:]:
                reference, closed, _ = piece.partition("[END_REF]")
                assert closed
                found[reference.rpartition(", ")[0]] += 1
        assert found == wanted
        (told,) = [each for each in report.sources if each.source == path.name.removesuffix(".jsonl")]
        assert (told.part, told.papers, told.citations) == (part, len(records), sum(wanted.values()))


def test_the_report_counts_what_the_rows_hold(corpus: Path) -> None:
    report = read_report(corpus)
    for part in ("train", "dev"):
        shards = ShardSet.open(corpus / part)
        rows = np.stack(list(shards))
        manifest = shards.manifest
        assert report.rows[part] == len(rows) == manifest.rows
        told = [each for each in report.sources if each.part == part]
        assert sum(each.tokens for each in told) == manifest.tokens == (rows != manifest.pad).sum()
        assert sum(each.citations for each in told) == (rows == manifest.end_ref).sum()
        assert manifest.tokens / rows.size > 0.8
    prompts = [each for each in report.sources if each.source.startswith("prompts/")]
    assert {each.part for each in prompts} == {"train"}
    share = sum(each.tokens for each in prompts) / sum(each.tokens for each in report.sources if each.part == "train")
    assert 0.08 < share < 0.15
    assert sum(each.prompts for each in prompts) > 10


def test_processes_beside_this_one_write_the_same_bytes(files: list[Path], corpus: Path, tmp_path: Path) -> None:
    made(tmp_path / "out", *files, workers=2)
    assert contents(tmp_path / "out") == contents(corpus)


def test_another_seed_writes_other_rows(files: list[Path], corpus: Path, tmp_path: Path) -> None:
    from dataclasses import replace

    made(tmp_path / "out", *files, config=replace(CONFIG, seed=8))
    assert contents(tmp_path / "out")["train/shard-00000.npy"] != contents(corpus)["train/shard-00000.npy"]


def test_a_build_killed_midway_goes_on_to_the_same_bytes(files: list[Path], corpus: Path, tmp_path: Path) -> None:
    program = (
        "import sys\nfrom pathlib import Path\nfrom tests.training.corpus.test_make import made\n"
        "made(Path(sys.argv[1]), *map(Path, sys.argv[2:]))\n"
    )
    out = tmp_path / "out"
    command = [sys.executable, "-c", program, str(out), *map(str, files)]
    process = subprocess.Popen(command, cwd=Path(__file__).parents[3])
    deadline = time.monotonic() + 60
    while not (out / "train/shard-00000.npy.json").exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert (out / "train/shard-00000.npy.json").exists()
    if not (out / "report.json").exists():
        (out / "train/shard-00001.npy.part").write_bytes(b"half a shard")
    first = os.stat(out / "train/shard-00000.npy").st_mtime_ns  # noqa: PTH116
    made(out, *files)
    assert (out / "train/shard-00000.npy").stat().st_mtime_ns == first
    assert contents(out) == contents(corpus)


def test_a_finished_build_is_left_as_it_is(files: list[Path], corpus: Path) -> None:
    before = contents(corpus)
    made(corpus, *files)
    assert contents(corpus) == before


def test_a_folder_of_another_build_is_refused(files: list[Path], corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds a corpus of other sources"):
        made(corpus, files[0])
    (tmp_path / "note").write_text("mine")
    with pytest.raises(InputError, match="not empty"):
        made(tmp_path, *files)


def test_papers_kept_back_are_not_trained_on(files: list[Path], tmp_path: Path) -> None:
    copies = tmp_path / "copies.train.jsonl"
    copies.write_text(files[0].read_text() + files[1].read_text())
    report = made(tmp_path / "out", copies, files[1])
    train, dev = (
        next(each for each in report.sources if each.part == part and each.papers) for part in ("train", "dev")
    )
    assert (train.source, train.papers, train.duplicates) == ("copies.train", 23, 6)
    assert (dev.source, dev.papers, dev.duplicates) == ("sea.dev", 6, 0)
    assert report.repeated[0][0].startswith("copies.train/")
    assert report.repeated[0][1].startswith("sea.dev/")


def test_excluded_papers_are_in_no_part(files: list[Path], tmp_path: Path) -> None:
    copies = tmp_path / "copies.train.jsonl"
    copies.write_text(files[0].read_text() + files[1].read_text())
    report = made(tmp_path / "out", copies, exclude=[CorpusFile(files[1])])
    assert list(report.rows) == ["train"]
    assert next(each for each in report.sources if each.papers).duplicates == 6


def test_papers_of_a_source_without_part_are_split_by_their_titles(files: list[Path], tmp_path: Path) -> None:
    from dataclasses import replace

    whole = write_corpus(tmp_path / "sea.jsonl", papers=40, seed=5)
    more = write_corpus(tmp_path / "more.jsonl", papers=41, seed=5)
    config = replace(CONFIG, dev_share=0.2, test_share=0.2)
    counts = []
    for number, source in enumerate((whole, more)):
        report = made(tmp_path / str(number), source, config=config)
        counts.append({each.part: each.papers for each in report.sources if each.papers})
    assert set(counts[0]) == {"train", "dev", "test"}
    assert sum(counts[0].values()) == 40
    assert sum(abs(counts[1][part] - counts[0][part]) for part in counts[0]) == 1


def test_texts_that_are_no_papers_are_trained_on(files: list[Path], tmp_path: Path) -> None:
    texts = [SourceText(source="mol", text="[START_SMILES]CCO[END_SMILES]")] * 3
    report = made(tmp_path / "out", *files, texts=texts)
    (told,) = [each for each in report.sources if each.source == "mol"]
    assert (told.part, told.papers, told.tokens) == ("train", 3, 18)


def test_prompts_from_elsewhere_are_mixed_in(files: list[Path], tmp_path: Path) -> None:
    prompts = [Prompt(kind="scitldr", text=f"Reef {number}.\n\nTLDR: Reef.") for number in range(50)]
    report = made(tmp_path / "out", *files, prompts=prompts)
    assert next(each for each in report.sources if each.source == "prompts/scitldr").prompts > 0


def test_rows_of_an_earlier_corpus_are_replayed(files: list[Path], corpus: Path, tmp_path: Path) -> None:
    from dataclasses import replace

    new = write_corpus(tmp_path / "new.train.jsonl", papers=8, seed=9)
    config = replace(CONFIG, replay_ratio=0.5, prompt_ratio=0.0)
    report = made(tmp_path / "out", new, config=config, replay=corpus / "train")
    old = {row.tobytes() for row in ShardSet.open(corpus / "train")}
    rows = list(ShardSet.open(tmp_path / "out/train"))
    replayed = sum(row.tobytes() in old for row in rows)
    assert replayed == len(rows) / 2
    (told,) = [each for each in report.sources if each.source == "replay"]
    assert told.tokens > 0
    assert report.tokenizer == read_report(corpus).tokenizer


def test_shards_that_do_not_fit_are_not_replayed(files: list[Path], corpus: Path, tmp_path: Path) -> None:
    from dataclasses import replace

    config = replace(CONFIG, replay_ratio=0.5)
    made(tmp_path / "own", write_corpus(tmp_path / "other.train.jsonl", papers=8, seed=9))
    with pytest.raises(InputError, match="made with tokenizer") as raised:
        made(tmp_path / "a", *files, config=config, tokenizer=tmp_path / "own", replay=corpus / "train")
    assert "--tokenizer" in raised.value.hint
    with pytest.raises(InputError, match="rows of 256 tokens, not 64"):
        made(
            tmp_path / "b", *files, config=replace(config, row_tokens=64), tokenizer=corpus, replay=corpus / "train"
        )  # fmt: skip


def test_without_papers_or_citations_the_reason_is_told(tmp_path: Path, files: list[Path]) -> None:
    with pytest.raises(InputError, match="no sources"):
        made(tmp_path / "a")
    with pytest.raises(InputError, match="a vocabulary of 65,537 tokens"):
        made(tmp_path / "a", *files, vocabulary=65_537)
    assert not (tmp_path / "a").exists()
    empty = tmp_path / "empty.train.jsonl"
    empty.write_text("\n")
    with pytest.raises(InputError, match="no papers in these sources"):
        made(tmp_path / "b", empty)
    with pytest.raises(InputError, match="no papers to train on"):
        made(tmp_path / "c", files[1])
    silent = tmp_path / "silent.train.jsonl"
    record = json.loads(files[0].read_text().splitlines()[0])
    silent.write_text(json.dumps({**record, "paras": [["Methods", "Nothing is cited.", []]]}))
    with pytest.raises(InputError, match="no citation") as raised:
        made(tmp_path / "d", silent)
    assert raised.value.hint
    with pytest.raises(ModelError, match="missing"):
        made(tmp_path / "e", *files, tokenizer=tmp_path)


def test_broken_lines_are_left_out_and_too_many_stop_the_build(
    files: list[Path], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lines = files[0].read_text().splitlines()
    some = tmp_path / "some.train.jsonl"
    some.write_text("\n".join([*lines[:9], lines[9][:50], *lines[10:]]))
    report = made(tmp_path / "a", some)
    assert next(each for each in report.sources if each.papers).papers == 22
    assert "some.train.jsonl:10" in caplog.text
    many = tmp_path / "many.train.jsonl"
    many.write_text("\n".join([line[:50] for line in lines]))
    with pytest.raises(InputError, match=r"many\.train\.jsonl:2"):
        made(tmp_path / "b", many)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
def test_a_full_disk_keeps_what_is_done(files: list[Path], corpus: Path, tmp_path: Path) -> None:
    from core.errors import StorageError

    out = tmp_path / "out"
    made(out, *files)
    for name in ("report.json", "train/shard-00002.npy", "train/shard-00002.npy.json"):
        (out / name).unlink()
    blocked = out / "train/shard-00002.npy.part"
    blocked.symlink_to("/dev/full")
    with pytest.raises(StorageError, match="No space left"):
        made(out, *files)
    blocked.unlink()
    made(out, *files)
    assert contents(out) == contents(corpus)
