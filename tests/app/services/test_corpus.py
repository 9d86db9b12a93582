"""Corpora from files of all kinds, and through the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app.cli import cli
from app.services.corpus import CorpusRequest, build_corpus, report_corpus
from app.settings import Settings
from core.errors import InputError
from indexer.config import ParserLimits
from model.galactica.tokenizer import GalacticaTokenizer
from tests.pdfs import make_pdf
from tests.training.corpus.papers import write_corpus
from training.corpus.config import CorpusConfig
from training.corpus.report import CorpusReport
from training.corpus.shards import ShardSet

CONFIG = CorpusConfig(row_tokens=256, prompt_ratio=0.0, dev_share=0.0)
LATEX = r"""\documentclass{article}\title{On otters}\author{Jan Roe}\begin{document}\maketitle
\begin{abstract}We watch otters.\end{abstract}
\section{Introduction}Otters eat urchins \cite{roe}, and $x^2$ is kept.
\begin{thebibliography}{9}
\bibitem{roe} J. Roe. Otters and urchins of the northern coast. Journal of the Sea, 2001.
\end{thebibliography}\end{document}
"""


def quiet(step: str, done: int, total: int) -> None:
    pass


def built(request: CorpusRequest, config: CorpusConfig = CONFIG) -> CorpusReport:
    return build_corpus(replace(request, workers=1), config, limits=ParserLimits(), on_progress=quiet)


def text_of(folder: Path) -> str:
    tokenizer = GalacticaTokenizer.load(folder)
    return "".join(tokenizer.decode(row.tolist()) for row in ShardSet.open(folder))


def test_papers_of_all_formats_become_one_corpus(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "papers").mkdir()
    make_pdf(tmp_path / "papers/paper.pdf")
    latex = tmp_path / "otters.tex"
    latex.write_text(LATEX)
    broken = tmp_path / "broken.pdf"
    broken.write_text("no PDF")
    corpus = write_corpus(tmp_path / "sea.train.jsonl", papers=3)
    smiles = tmp_path / "drugs.smi"
    smiles.write_text("CCO ethanol\n")
    dna = tmp_path / "genes.fasta"
    dna.write_text(">gene\nACGT\n")
    names = [str(path) for path in (tmp_path / "papers", latex, broken, corpus)]
    request = CorpusRequest(sources=names, out=tmp_path / "out", vocabulary=600, smiles=[smiles], dna=[dna])
    report = built(request)
    assert {each.source: each.papers for each in report.sources} == {"files": 2, "sea.train": 3, "drugs": 1, "genes": 1}
    text = text_of(tmp_path / "out/train")
    assert "[START_REF] Otters and urchins of the northern coast, Roe[END_REF]" in text
    assert "[START_SMILES]CCO[END_SMILES]" in text
    assert "[START_DNA]ACGT[END_DNA]" in text
    assert "broken.pdf" in caplog.text
    assert built(request) == report == report_corpus(tmp_path / "out")


def test_parsed_papers_are_not_parsed_again(tmp_path: Path) -> None:
    paper = make_pdf(tmp_path / "paper.pdf")
    steps: list[str] = []
    request = CorpusRequest(sources=[str(paper)], out=tmp_path / "out", vocabulary=600, workers=1)
    for _ in range(2):
        build_corpus(request, CONFIG, limits=ParserLimits(), on_progress=lambda step, done, total: steps.append(step))
    assert steps.count("parsing") == 1
    make_pdf(paper, title="Another paper")
    with pytest.raises(InputError, match="other sources"):
        built(request)


def test_data_sets_of_tasks_are_mixed_in(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "sea.train.jsonl", papers=10)
    summaries = tmp_path / "train.jsonl"
    summaries.write_text(json.dumps({"source": ["A reef grows."], "target": ["Reefs grow."]}) + "\n")
    request = CorpusRequest(sources=[str(corpus)], out=tmp_path / "out", vocabulary=600, scitldr=summaries)
    report = built(request, replace(CONFIG, prompt_ratio=0.2))
    assert next(each for each in report.sources if each.source == "prompts/scitldr").prompts == 1
    assert "A reef grows.\n\nTLDR: Reefs grow." in text_of(tmp_path / "out/train")


@pytest.mark.parametrize(
    ("sources", "message"),
    [
        ([], "no papers in these sources"),
        (["{folder}/none.jsonl"], "no such file"),
        (["{folder}/none.pdf"], "none of 1 files could be read"),
        (["{folder}"], "no papers in these sources"),
    ],
)
def test_sources_that_give_nothing_are_told(tmp_path: Path, sources: list[str], message: str) -> None:
    names = [name.format(folder=tmp_path) for name in sources]
    with pytest.raises(InputError, match=message) as raised:
        built(CorpusRequest(sources=names, out=tmp_path / "out"))
    assert raised.value.hint


def test_a_corpus_through_the_command_line(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in settings.as_environment().items():
        monkeypatch.setenv(name, value)
    corpus = write_corpus(tmp_path / "sea.train.jsonl", papers=6)
    out = tmp_path / "out"
    options = ["--form", "citing", "--vocabulary", "600", "--row-tokens", "256", "--workers", "1"]
    command = ["corpus", "build", str(corpus), "--out", str(out), *options]
    done = CliRunner().invoke(cli, command)
    assert done.exit_code == 0, done.output
    assert "sea.train" in done.stdout
    report: dict[str, Any] = json.loads(CliRunner().invoke(cli, ["corpus", "report", str(out), "--json"]).stdout)
    assert (report["form"], report["row_tokens"]) == ("citing", 256)
    assert 500 < report["vocabulary"] <= 600
    assert isinstance(CliRunner().invoke(cli, ["corpus", "report", str(tmp_path)]).exception, InputError)
    again = subprocess.run(
        [sys.executable, "-m", "app.cli", *command, "--seed", "8"],
        env={**os.environ, **settings.as_environment()},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert again.returncode == 2
    assert "other sources, settings or tokenizer" in again.stderr
