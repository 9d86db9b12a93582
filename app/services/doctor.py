"""The state of an installation: what works, what does not, and what to do about it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.services.models import size_told
from app.settings import Settings
from core.errors import GalaciteError, JobError, ModelError
from indexer import schema
from indexer.pdf.scans.tessdata import INSTALL_HINT, find_tessdata
from model.catalogue import SHIPPED_CITATION_MODEL, shipped_weights
from model.facts import read_facts

_LOW_DISK_BYTES = 2 * 2**30
_LOADED_BYTES = 2**30
"""A larger citation model is looked at without loading it."""
_WITHOUT_MODEL = "Until then, suggestions come from the search indexes alone."


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing looked at: good, worth a note, or bad."""

    name: str
    state: Literal["good", "note", "bad"]
    message: str
    hint: str = ""


def examine(settings: Settings) -> list[Check]:
    """Look at everything an installation needs; a failing check never stops the others."""
    looks: dict[str, Callable[[Settings], Check]] = {
        "data folder": _data_folder,
        "disk": _disk,
        "database": _database,
        "files": _files,
        "search indexes": _indexes,
        "models": _models,
        "generator": _generator,
        "citation model": _citation_model,
        "citation encoder": _citation_encoder,
        "queue": _queue,
        "parser": _parser,
        "text recognition": _ocr,
    }
    return [_guarded(name, look, settings) for name, look in looks.items()]


def _guarded(name: str, look: Callable[[Settings], Check], settings: Settings) -> Check:
    try:
        return look(settings)
    except GalaciteError as error:
        return Check(name=name, state="bad", message=error.message, hint=error.hint)
    except OSError as error:
        return Check(name=name, state="bad", message=str(error), hint="Check the rights of the data folder.")


def _data_folder(settings: Settings) -> Check:
    settings.home.mkdir(parents=True, exist_ok=True)
    probe = settings.home / ".probe"
    probe.write_bytes(b"")
    probe.unlink()
    return Check(name="data folder", state="good", message=str(settings.home))


def _disk(settings: Settings) -> Check:
    free = shutil.disk_usage(settings.home).free
    message = f"{free / 2**30:.1f} GB free"
    if free < _LOW_DISK_BYTES:
        return Check(name="disk", state="bad", message=message, hint="Free some space, or move GALACITE_HOME.")
    return Check(name="disk", state="good", message=message)


def _database(settings: Settings) -> Check:
    url = settings.sqlalchemy_url
    found, wanted = schema.current(url), schema.head()
    if found != wanted:
        message = f"at revision {found or 'none'}, this version needs {wanted}"
        return Check(name="database", state="bad", message=message, hint="Run: galacite migrate")
    schema.check(url)
    return Check(name="database", state="good", message=f"revision {found}")


def _files(settings: Settings) -> Check:
    from app.wiring import Galacite

    with closing(Galacite(settings)) as galacite:
        papers = galacite.library.papers(limit=1_000_000)
        missing = [paper for paper in papers if not galacite.files.path(paper.file.sha256).is_file()]
    stored = sum(1 for _ in settings.files_folder.glob("*/*.pdf"))
    if not papers and stored:
        message = f"{stored} stored PDFs, but the database knows no paper: it is new, or another one"
        hint = f"Restore the database from a backup, or add the PDFs again: galacite add {settings.files_folder}"
        return Check(name="files", state="bad", message=message, hint=hint)
    if missing:
        names = ", ".join(paper.key for paper in missing[:5])
        hint = "Add the PDFs again after `galacite remove`, or restore files/ from a backup."
        return Check(name="files", state="bad", message=f"{len(missing)} stored PDFs are gone: {names}", hint=hint)
    return Check(name="files", state="good", message=f"{len(papers)} papers, all PDFs in place")


def _indexes(settings: Settings) -> Check:
    from app.wiring import Galacite

    with closing(Galacite(settings)) as galacite:
        current = galacite.library.count() == 0 or galacite.indexes.is_current()
    if not current:
        hint = "They are repaired when a worker starts; at once: galacite reindex"
        return Check(name="search indexes", state="note", message="behind the database", hint=hint)
    return Check(name="search indexes", state="good", message="match the database")


def _models(settings: Settings) -> Check:
    from model.install import installed

    states = installed(settings.models_folder)
    bad = [f"{status.title}: {status.detail or status.state}" for status in states.values() if not status.usable]
    if bad:
        hint = "Run: galacite models install"
        return Check(name="models", state="bad", message="; ".join(bad), hint=hint)
    return Check(name="models", state="good", message=", ".join(status.title for status in states.values()))


def _generator(settings: Settings) -> Check:
    if not settings.generator_url:
        return Check(name="generator", state="good", message="SmolLM2, on this machine")
    return Check(name="generator", state="note", message=f"{settings.generator_model} at {settings.generator_url}")


def _citation_model(settings: Settings) -> Check:
    name = "citation model"
    source = settings.citation_model_source
    if source is None:
        hint = f"Suggestions come from the search indexes alone: GALACITE_CITATION_MODEL={SHIPPED_CITATION_MODEL}"
        return Check(name=name, state="note", message="switched off", hint=hint)
    if isinstance(source, Path) and not source.is_dir():
        shipped = source == shipped_weights(SHIPPED_CITATION_MODEL)
        message = "not part of this installation" if shipped else f"{source}: no such folder"
        return Check(name=name, state="note", message=message, hint=_WITHOUT_MODEL)
    from model.galactica.checkpoint import load_galactica
    from model.galactica.hub import find_checkpoint

    try:
        find_checkpoint(source, download=False)
    except ModelError:
        return Check(name=name, state="note", message=f"{source}: not fetched yet", hint=_WITHOUT_MODEL)
    try:
        model = load_galactica(source, lazy=True)
        facts = read_facts(model.folder)
        vocabulary = model.tokenizer.vocabulary
        if facts.weights_bytes <= _LOADED_BYTES:
            model.load()
    except ModelError as error:
        return Check(name=name, state="note", message=error.message, hint=f"{error.hint} {_WITHOUT_MODEL}".strip())
    told = f"{model.name}, {size_told(facts)}, {vocabulary:,} tokens, context of {model.context_tokens:,}"
    loaded = "" if facts.weights_bytes <= _LOADED_BYTES else "; too large to be loaded for a look"
    return Check(name=name, state="good", message=f"{told}{loaded}")


def _citation_encoder(settings: Settings) -> Check:
    from model.citation_encoder import TUNING_NAME, load_citation_encoder

    name = "citation encoder"
    folder = settings.citation_encoder_folder
    if not (folder / TUNING_NAME).is_file():
        hint = "Suggestions are found by words, and by the citation model where there is one."
        return Check(name=name, state="note", message="not part of this installation", hint=hint)
    if not settings.encoder_config.folder.is_dir():
        hint = "Run: galacite models install"
        return Check(name=name, state="note", message="its text encoder is not installed", hint=hint)
    load_citation_encoder(settings.encoder_config, folder).encode(["ready"])
    facts = read_facts(folder)
    return Check(name=name, state="good", message=f"tuned layers of MiniLM, {size_told(facts)}")


def _queue(settings: Settings) -> Check:
    from app.jobs.queue import HueyQueue
    from app.jobs.supervisor import Supervisor

    queue = HueyQueue(settings)  # raises an error of ours when it cannot be opened at all
    try:
        waiting = queue.pending()
    except JobError as error:
        hint = "Is Redis running? See GALACITE_QUEUE_URL."
        return Check(name="queue", state="bad", message=error.message, hint=hint)
    finally:
        queue.close()
    if settings.worker == "external" or settings.queue_url:
        works = "workers are run by others"
    elif Supervisor(settings).is_working():
        works = "a worker is running"
    else:
        works = "no worker now; one starts when needed"
    return Check(name="queue", state="good", message=f"{waiting} waiting; {works}")


def _parser(settings: Settings) -> Check:
    if settings.parser == "galacite":
        return Check(name="parser", state="good", message="built in")
    from app.parsers import make_grobid

    with make_grobid(settings, limits=settings.parser_limits) as grobid:
        version = grobid.version()  # raises an error of ours when the server does not answer
        return Check(name="parser", state="good", message=f"{grobid.name} {version}".strip() + " reads PDFs")


def _ocr(settings: Settings) -> Check:
    name = "text recognition"
    if settings.ocr == "off":
        hint = "Scanned papers stay unread: GALACITE_OCR=auto changes that."
        return Check(name=name, state="note", message="switched off", hint=hint)
    folder = find_tessdata()
    if folder is None:
        hint = f"Only scanned papers need it. {INSTALL_HINT}"
        return Check(name=name, state="note", message="Tesseract is not installed", hint=hint)
    found = settings.find_ocr()
    there = found.languages.split("+") if found is not None else []
    missing = [language for language in settings.ocr_languages.split("+") if language not in there]
    if missing:
        packages = " ".join(f"tesseract-ocr-{language.replace('_', '-').lower()}" for language in missing)
        message = f"language data missing in {folder}: {', '.join(missing)}"
        hint = f"apt install {packages}, brew install tesseract-lang, or correct GALACITE_OCR_LANGUAGES."
        return Check(name=name, state="note", message=message, hint=hint)
    return Check(name=name, state="good", message=f"Tesseract, {', '.join(there)} ({folder})")
