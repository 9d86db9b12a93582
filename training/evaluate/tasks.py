"""Question answering and the like through lm-eval: PubMedQA from local files, and any task of its own."""

from __future__ import annotations

import importlib.util
import json
import logging
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import InputError
from core.text import clean
from model.galactica.markers import neutral

if TYPE_CHECKING:
    from model.galactica.galactica import Galactica

PUBMEDQA = "pubmedqa"
_FOLDER = Path(__file__).with_name("tasks")
_ANSWERS = frozenset({"yes", "no", "maybe"})
_MOST_BYTES = 256 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskScores:
    """What a model reached in one task; ``majority`` is what the commonest answer alone would, where answers repeat."""

    task: str
    questions: int
    metrics: dict[str, float]
    majority: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskReport:
    """All tasks of one model."""

    model: str
    tasks: tuple[TaskScores, ...]


def run_tasks(
    model: Galactica,
    names: Sequence[str],
    *,
    data: Path | None,
    limit: int,
    seed: int,
    on_progress: Callable[[int, int], None],
) -> TaskReport:
    """Let a model do tasks of lm-eval.

    Args:
        model: The checkpoint.
        names: ``pubmedqa``, whose questions are read from ``data``; or tasks of lm-eval, which fetches their data.
        data: Folder of benchmark data, or that of PubMedQA itself.
        limit: Only so many questions of each task; 0 asks all.
        seed: For tasks that draw examples.
        on_progress: Told (requests done, requests).

    Raises:
        InputError: lm-eval is not installed, a task is unknown, or its data are missing or cannot be fetched.
        ModelError: The model's scores are not finite.
    """
    if importlib.util.find_spec("lm_eval") is None:
        raise InputError("lm-eval: not installed", hint="pip install 'galacite[training]'")
    with tempfile.TemporaryDirectory(prefix="galacite-tasks-") as folder, _quiet():
        wanted = [_pubmedqa(data, Path(folder)) if name == PUBMEDQA else name for name in names]
        found = _evaluated(model, wanted, limit=limit, seed=seed, on_progress=on_progress)
    return TaskReport(model=model.name, tasks=tuple(_scores(found)))


def _evaluated(
    model: Galactica, wanted: list[Any], *, limit: int, seed: int, on_progress: Callable[[int, int], None]
) -> dict[str, Any]:
    from lm_eval import simple_evaluate
    from lm_eval.tasks import TaskManager

    from training.evaluate.harness import GalacticaHarness

    named = [name for name in wanted if isinstance(name, str)]
    manager = TaskManager(include_defaults=bool(named))  # looking through its thousands of tasks takes seconds
    unknown = [name for name in named if not manager.match_tasks([name])]
    if unknown:
        raise InputError(f"no task {unknown[0]}", hint="Its own tasks: lm-eval ls tasks. Of Galacite: pubmedqa.")
    try:
        found: dict[str, Any] | None = simple_evaluate(
            model=GalacticaHarness(model, on_progress),
            tasks=wanted,
            task_manager=manager,
            limit=limit or None,
            random_seed=seed,
            numpy_random_seed=seed,
            torch_random_seed=seed,
            fewshot_random_seed=seed,
            bootstrap_iters=0,
        )
    except OSError as error:  # what the hub and data sets raise when they are out of reach
        raise InputError(
            f"the data of {', '.join(map(str, wanted))} cannot be read ({type(error).__name__})",
            hint="Tasks of lm-eval are fetched from the hub: try again where it can be reached.",
        ) from error
    return found or {}


def _scores(found: dict[str, Any]) -> Iterator[TaskScores]:
    for task, values in found.get("results", {}).items():
        samples = found.get("samples", {}).get(task, [])
        targets = Counter(str(sample["target"]) for sample in samples)
        repeated = bool(samples) and len(targets) < len(samples) / 2
        metrics = {
            name.partition(",")[0]: float(value)
            for name, value in values.items()
            if isinstance(value, int | float) and "," in name and "stderr" not in name
        }
        yield TaskScores(
            task=task,
            questions=len(samples),
            metrics=metrics,
            majority=targets.most_common(1)[0][1] / len(samples) if repeated else None,
        )


def _pubmedqa(data: Path | None, folder: Path) -> dict[str, Any]:
    """The task with its test questions as lines of JSON in a folder that will go.

    Raises:
        InputError: The files are missing or are no such files.
    """
    if data is None:
        raise InputError("where are the questions?", hint="Name the folder that holds pubmedqa/: --data FOLDER")
    place = next((each for each in (data, data / "pubmedqa", data / "bench" / "pubmedqa") if _is_pubmedqa(each)), None)
    if place is None:
        raise InputError(
            f"{data}: no PubMedQA there", hint="It needs pubmedqa/ori_pqal.json and pubmedqa/test_ground_truth.json."
        )
    lines = folder / "test.jsonl"
    questions = list(_questions(place))
    lines.write_text("".join(f"{json.dumps(each)}\n" for each in questions), encoding="utf-8")
    files = {"test": str(lines)}
    import yaml

    config: dict[str, Any] = yaml.safe_load((_FOLDER / f"{PUBMEDQA}.yaml").read_text("utf-8"))
    return config | {"dataset_kwargs": {"data_files": files, "cache_dir": str(folder / "cache")}}


def _is_pubmedqa(folder: Path) -> bool:
    return (folder / "ori_pqal.json").is_file() and (folder / "test_ground_truth.json").is_file()


def _questions(place: Path) -> Iterator[dict[str, str]]:
    path = place / "ori_pqal.json"
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InputError(f"{path}: larger than {_MOST_BYTES // 2**20} MB", hint="Is this PubMedQA's expert part?")
        records = json.loads(path.read_bytes())
        answers = json.loads((place / "test_ground_truth.json").read_bytes())
        found = [
            {
                "context": neutral(clean(" ".join(records[identity]["CONTEXTS"]))),
                "question": neutral(clean(records[identity]["QUESTION"])),
                "answer": answer,
            }
            for identity, answer in sorted(answers.items())
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{place}: is not PubMedQA ({type(error).__name__})", hint="Copy ori_pqal.json and test_ground_truth.json."
        ) from error
    if not found or not {each["answer"] for each in found} <= _ANSWERS:
        raise InputError(f"{place}: answers are not yes, no or maybe", hint="Copy test_ground_truth.json anew.")
    yield from found


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep lm-eval and data sets from writing bars and advice to stderr."""
    from datasets.utils import logging as chatter
    from datasets.utils import tqdm as bars

    names = ("lm_eval", "datasets", "evaluate", "httpx", "huggingface_hub", "fsspec")
    levels = {name: logging.getLogger(name).level for name in names}
    verbosity = chatter.get_verbosity()
    for name in names:
        logging.getLogger(name).setLevel(logging.ERROR)
    bars_were_off = bars.disable if isinstance(getattr(bars, "disable", None), bool) else False
    chatter.set_verbosity_error()
    chatter.disable_progress_bar()
    try:
        yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
        chatter.set_verbosity(verbosity)
        if not bars_were_off:
            chatter.enable_progress_bar()
