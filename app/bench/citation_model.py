"""How long one waits for the citation model: to load it, to rank 100,000 titles, to score candidates, to add a title.

Without the shipped checkpoint, random weights of the same shape do the same work. What is ranked first then means
nothing, and beams of such a model part later than those of one that knows what it wants.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import psutil

from app.bench.citation_titles import CitationSample, composed_sample, corpus_sample
from core.errors import ModelError

if TYPE_CHECKING:
    from model.galactica.galactica import Galactica
    from model.galactica.titles import Title, TitleTrie

_WARM_UP = 3
_CANDIDATES = 100
_ADDED = 500
_WITH_PRIORS = 256
_RANDOM_SHAPE = "mini"
_TAUGHT_TITLES = 20_000
_LOADING = (
    "import sys, time; started = time.perf_counter()\n"
    "from pathlib import Path\n"
    "from model.galactica.checkpoint import load_galactica\n"
    "load_galactica(Path(sys.argv[1]))\n"
    "print(time.perf_counter() - started)\n"
)

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class CitationBenchPlan:
    """What to measure with.

    Args:
        model: Folder of a checkpoint; the shipped one when None, or random weights where there is none.
        corpora: JSONL files whose reference lists give the titles; without, titles are composed.
        titles: Size of the trie.
        queries: How many rankings are timed, after a warm-up.
        loads: How many fresh processes load the model.
        threads: Of the processor; 0 leaves PyTorch's own choice.
    """

    model: Path | None = None
    corpora: tuple[Path, ...] = ()
    titles: int = 100_000
    queries: int = 40
    loads: int = 3
    threads: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Middle and slow end of several times, in ms."""

    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TrieTiming:
    """The trie of titles: how large, and how long it takes to make and to change.

    ``title_tokens`` is the mean length of a title with surname and closing marker, ``depth_until_unique`` the mean
    number of tokens after which a title differs from all others. ``add`` cuts one title into tokens and sorts it in.
    """

    titles: int
    title_tokens: float
    depth_until_unique: float
    tokenize_s: float
    sort_s: float
    bytes: int
    add: Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class CitationBench:
    """What was measured.

    ``origin`` says where the titles come from. ``load_s`` is that of a fresh process, the import of PyTorch included.
    ``rank`` finds the ten best of all titles for a context, ``rank_with_priors`` does so with half of the prior taken
    off where it is known, and ``score`` gives exact scores of 100 candidates. ``priors_per_s`` counts titles whose
    prior is computed in a second, once for each.
    """

    model: str
    origin: str
    threads: int
    load_s: float
    trie: TrieTiming
    rank: Spread
    rank_with_priors: Spread
    score: Spread
    priors_per_s: float
    resident_bytes: int


def bench_citation_model(
    plan: CitationBenchPlan, shipped: Path, *, on_progress: Progress | None = None
) -> CitationBench:
    """Measure the citation model on this machine.

    Args:
        plan: With what.
        shipped: Where the shipped weights would be.
        on_progress: Told (what is being done, done, total).

    Raises:
        ModelError: The named model is missing or damaged.
        InputError: A named corpus cannot be read.
    """
    tell = on_progress or (lambda what, done, total: None)
    tell("reading titles", 0, 1)
    sample = _sample(plan)
    with _checkpoint(plan.model, shipped, sample) as (folder, name):
        tell("loading", 0, 1)
        load_s = float(np.median([_load_time(folder) for _ in range(plan.loads)]))
        return _measure(folder, name, load_s, sample, plan, tell)


def _sample(plan: CitationBenchPlan) -> CitationSample:
    contexts = plan.queries + _WARM_UP
    if plan.corpora:
        return corpus_sample(plan.corpora, titles=plan.titles, contexts=contexts)
    return composed_sample(titles=plan.titles, contexts=contexts)


@contextmanager
def _checkpoint(named: Path | None, shipped: Path, sample: CitationSample) -> Iterator[tuple[Path, str]]:
    """The folder to load, and what to call it."""
    if named is not None:
        yield named, named.name
    elif (shipped / "config.json").is_file():
        yield shipped, shipped.name
    else:
        with tempfile.TemporaryDirectory(prefix="galacite-bench-") as folder:
            yield write_random_checkpoint(Path(folder) / _RANDOM_SHAPE, sample.titles), "random weights, shaped as mini"


def write_random_checkpoint(folder: Path, titles: Sequence[Title], *, size: str = _RANDOM_SHAPE) -> Path:
    """A checkpoint that knows nothing: weights of a size's shape, and a tokenizer made from titles."""
    import torch

    from model.galactica.checkpoint import save_checkpoint
    from model.galactica.config import SIZES, opt_config
    from model.galactica.markers import reference_text
    from model.galactica.tokenizer import GalacticaTokenizer
    from model.runtime import quiet_transformers

    with quiet_transformers():
        from transformers import OPTForCausalLM

        shape = SIZES[size]
        taught = [reference_text(each.title, each.surname) for each in titles[:_TAUGHT_TITLES]]
        tokenizer = GalacticaTokenizer.train(taught, shape.vocabulary)
        torch.manual_seed(0)
        return save_checkpoint(folder, OPTForCausalLM(opt_config(shape)), tokenizer, dtype=torch.bfloat16)


def _load_time(folder: Path) -> float:
    done = subprocess.run([sys.executable, "-c", _LOADING, str(folder)], capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise ModelError(f"{folder}: cannot be loaded ({last[:200]})", hint="Name a checkpoint of Galactica.")
    return float(done.stdout)


def _measure(
    folder: Path, name: str, load_s: float, sample: CitationSample, plan: CitationBenchPlan, tell: Progress
) -> CitationBench:
    import torch

    from model.galactica.checkpoint import load_galactica
    from model.galactica.constrained import rank_titles
    from model.galactica.scoring import score_titles
    from model.runtime import set_threads

    set_threads(plan.threads)
    galactica = load_galactica(folder)
    tell("sorting titles", 0, 1)
    trie, trie_timing = _time_trie(galactica, sample)
    candidates = sample.titles[:: max(1, len(sample.titles) // _CANDIDATES)][:_CANDIDATES]

    def spread(what: str, once: Callable[[str], object]) -> Spread:
        return _spread(_times(sample.contexts, once, lambda done, total: tell(what, done, total)))

    rank = spread("ranking", lambda context: rank_titles(galactica, context, trie))
    score = spread("scoring", lambda context: score_titles(galactica, context, candidates))
    priors_per_s = _prior_rate(galactica, trie)
    _pretend_priors(trie)
    corrected = spread("ranking with priors", lambda context: rank_titles(galactica, context, trie, alpha=0.5))
    return CitationBench(
        model=name,
        origin=sample.origin,
        threads=torch.get_num_threads(),
        load_s=load_s,
        trie=trie_timing,
        rank=rank,
        rank_with_priors=corrected,
        score=score,
        priors_per_s=priors_per_s,
        resident_bytes=psutil.Process().memory_info().rss,
    )


def _time_trie(galactica: Galactica, sample: CitationSample) -> tuple[TitleTrie, TrieTiming]:
    from model.galactica.titles import TitleTrie, title_sequences

    tokenizer = galactica.tokenizer
    started = time.perf_counter()
    sequences = title_sequences(tokenizer, sample.titles)
    cut = time.perf_counter()
    trie = TitleTrie.build(sequences, end=tokenizer.end_ref, vocabulary=tokenizer.vocabulary)
    sorted_ = time.perf_counter()
    size, depth = trie.rows.nbytes, _depth_until_unique(trie)
    adding = []
    for number, title in enumerate(composed_sample(titles=_ADDED, contexts=0, seed=1).titles, start=len(trie)):
        begun = time.perf_counter()
        trie.add(number, title_sequences(tokenizer, [title])[0])
        adding.append(time.perf_counter() - begun)
    for number in range(len(sequences), len(sequences) + _ADDED):
        trie.remove(number)
    return trie, TrieTiming(
        titles=len(sequences),
        title_tokens=float(np.mean([len(sequence) for sequence in sequences])),
        depth_until_unique=depth,
        tokenize_s=cut - started,
        sort_s=sorted_ - cut,
        bytes=size,
        add=_spread(adding),
    )


def _depth_until_unique(trie: TitleTrie) -> float:
    """Mean over the titles; of several that are equal, the first counts."""
    rows = trie.rows
    shared = rows.shared[rows.distinct(0, len(rows))].astype(np.int64)
    return float((np.maximum(shared, np.append(shared[1:], 0)) + 1).mean())


def _prior_rate(galactica: Galactica, trie: TitleTrie) -> float:
    from model.galactica.scoring import fill_rows

    rows = trie.rows
    some = np.linspace(0, len(rows) - 1, min(_WITH_PRIORS, len(rows))).astype(np.int64)
    started = time.perf_counter()
    fill_rows(galactica, rows, some)
    return len(some) / (time.perf_counter() - started)


def _pretend_priors(trie: TitleTrie) -> None:
    """Give all titles priors, the same for each token: computing real ones takes minutes and changes no time."""
    rows = trie.rows
    for row in range(len(rows)):
        rows.remember_prior(row, -3.0 * np.arange(1, len(rows.sequence(row)) + 1, dtype=np.float32))


def _times(
    contexts: Sequence[str], once: Callable[[str], object], on_progress: Callable[[int, int], None]
) -> list[float]:
    """Seconds for each context after the first few, which warm up."""
    times = []
    for number, context in enumerate(contexts, start=1):
        started = time.perf_counter()
        once(context)
        times.append(time.perf_counter() - started)
        on_progress(number, len(contexts))
    return times[_WARM_UP:]


def _spread(seconds: Sequence[float]) -> Spread:
    p50, p95 = np.percentile(seconds, (50, 95))
    return Spread(p50_ms=1e3 * float(p50), p95_ms=1e3 * float(p95))
