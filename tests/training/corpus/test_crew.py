from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from core.errors import JobError
from model.galactica.tokenizer import GalacticaTokenizer
from tests.training.corpus.papers import make_papers
from training.corpus.config import CorpusConfig
from training.corpus.crew import Crew, Supplies
from training.corpus.encoding import Block, Packed
from training.corpus.survey import survey, write_works

CONFIG = CorpusConfig(row_tokens=256)


@pytest.fixture(scope="module")
def blocks(tmp_path_factory: pytest.TempPathFactory) -> list[Block]:
    papers = make_papers(tmp_path_factory.mktemp("papers"), papers=6)
    return [Block(part="train", number=number, papers=(paper,)) for number, paper in enumerate(papers)]


@pytest.fixture(scope="module")
def supplies(blocks: list[Block], tmp_path_factory: pytest.TempPathFactory) -> Supplies:
    folder = tmp_path_factory.mktemp("supplies")
    found = survey((paper for block in blocks for paper in block.papers), sample_chars=10**6, seed=1)
    GalacticaTokenizer.train(found.sample, 600).save(folder)
    write_works(folder, found.works)
    return Supplies(folder=folder, config=CONFIG)


def children() -> list[psutil.Process]:
    alive = [each for each in psutil.Process().children(recursive=True) if each.status() != psutil.STATUS_ZOMBIE]
    return [child for child in alive if "spawn_main" in " ".join(child.cmdline())]


def test_few_blocks_start_no_process(supplies: Supplies, blocks: list[Block]) -> None:
    done: list[int] = []
    with Crew(supplies, 2, lambda block, packed: done.append(block.number)) as crew:
        for block in blocks[:2]:
            crew.pack(block)
        assert done == []
        assert children() == []
    assert done == [0, 1]


def test_blocks_are_done_in_their_order_and_a_dead_process_is_told(supplies: Supplies, blocks: list[Block]) -> None:
    done: list[tuple[int, int]] = []

    def take(block: Block, packed: Packed) -> None:
        done.append((block.number, len(packed.rows)))
        if block.number == len(blocks) - 1:
            for child in children():
                child.kill()

    def run() -> None:
        with Crew(supplies, 2, take) as crew:
            for block in blocks:
                crew.pack(block)
            while crew._given:
                crew._finish()
            crew.pack(blocks[0])

    with pytest.raises(JobError, match="died") as raised:
        run()
    assert "--workers" in raised.value.hint
    encoder = supplies.encoder()
    assert done == [(block.number, len(encoder.pack(block).rows)) for block in blocks]


def test_processes_end_with_the_one_that_started_them(supplies: Supplies, blocks: list[Block]) -> None:
    program = (
        "import sys, time\nfrom pathlib import Path\nfrom tests.training.corpus.test_crew import CONFIG\n"
        "from training.corpus.crew import Crew, Supplies\nfrom training.corpus.encoding import Block\n"
        "supplies = Supplies(folder=Path(sys.argv[1]), config=CONFIG)\n"
        "with Crew(supplies, 2, lambda block, packed: print('done')) as crew:\n"
        "    for number in range(6):\n        crew.pack(Block(part='train', number=number))\n"
        "    sys.stdout.flush()\n    time.sleep(60)\n"
    )
    command = [sys.executable, "-c", program, str(supplies.folder)]
    process = subprocess.Popen(command, cwd=Path(__file__).parents[3], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "done\n"
    workers = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    process.stdout.close()
    assert workers
    assert psutil.wait_procs(workers, timeout=30)[1] == []


def test_nothing_more_is_packed_after_an_error(supplies: Supplies, blocks: list[Block]) -> None:
    done: list[int] = []

    def run() -> None:
        with Crew(supplies, 2, lambda block, packed: done.append(block.number)) as crew:
            crew.pack(blocks[0])
            raise KeyError

    with pytest.raises(KeyError):
        run()
    assert done == []
