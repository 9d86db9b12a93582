"""Writing with the citation model: text that goes on, and citations that fit a place."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import InputError, SettingsError

if TYPE_CHECKING:
    from app.settings import Settings
    from model.galactica.galactica import Galactica
    from model.galactica.references import GeneratedReference
    from model.galactica.titles import Title

_MOST_TITLES = 1_000_000


def open_model(settings: Settings, model: str = "") -> Galactica:
    """The citation model of the settings, or another by folder or name; a name that is given here may be fetched.

    Raises:
        SettingsError: The settings switch the model off, and no other is named.
        ModelError: The checkpoint is missing or damaged.
    """
    from model.catalogue import SHIPPED_CITATION_MODEL, shipped_weights
    from model.galactica.checkpoint import load_galactica
    from model.runtime import set_threads

    source: Path | str | None = model or settings.citation_model_source
    if model == SHIPPED_CITATION_MODEL:
        source = shipped_weights(model)
    if source is None:
        raise SettingsError("The citation model is switched off", hint="Name one: --model FOLDER")
    set_threads(settings.threads)
    return load_galactica(source, download=isinstance(source, str))


def references(
    galactica: Galactica, text: str, *, top: int, beams: int | None, titles: Path | None
) -> list[GeneratedReference]:
    """Works to cite at the end of a text; with a file of titles, only these."""
    among = read_titles(titles) if titles else None
    return galactica.generate_reference(text, top=top, beams=beams, titles=among)


def read_titles(path: Path) -> list[Title]:
    """Titles from a text file: one a line, with the first author's surname after a tab where it is known.

    Raises:
        InputError: The file cannot be read, or holds no title.
    """
    from model.galactica.titles import Title

    try:
        with path.open(encoding="utf-8-sig") as lines:
            titles = (Title(title.strip(), surname.strip()) for title, surname in _split(lines) if title.strip())
            found = list(islice(titles, _MOST_TITLES + 1))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read ({error})", hint="Give a text file in UTF-8.") from error
    if not found:
        raise InputError(f"{path}: holds no title", hint="Write one title a line.")
    if len(found) > _MOST_TITLES:
        raise InputError(f"{path}: more than {_MOST_TITLES:,} titles", hint="Give fewer.")
    return found


def printable(text: str) -> str:
    """Text of a model, fit for a terminal: line breaks and tabs stay, other control characters do not."""
    return "".join(char if char.isprintable() or char in "\n\t" else " " * char.isspace() for char in text)


def _split(lines: Iterator[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        title, _, surname = line.partition("\t")
        yield title, surname
