"""Molecules, proteins and DNA from files, as documents in their wrappers.

Read are SMILES (a molecule a line, its name behind it), FASTA, and plain text with a sequence a line. Each line must
consist of the letters of its kind: anything else is a file of another kind, and an error.

Source: Galactica, arXiv:2211.09085, section 3.1; IUPAC codes of nucleotides and amino acids.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TextIO

from core.errors import InputError
from core.text import clean
from model.galactica.markers import neutral

SequenceKind = Literal["smiles", "amino", "dna"]
_LETTERS: dict[SequenceKind, re.Pattern[str]] = {
    "smiles": re.compile(r"[A-Za-z0-9@+\-\[\]()=#$%/\\.:*~]+"),
    "amino": re.compile(r"[ABCDEFGHIKLMNPQRSTUVWXYZJO*-]+", re.IGNORECASE),
    "dna": re.compile(r"[ACGTURYSWKMBDHVN-]+", re.IGNORECASE),
}
_NAMES: dict[SequenceKind, str] = {"smiles": "SMILES", "amino": "amino acids", "dna": "nucleotides"}
_MOST_LETTERS = 1_000_000
_MOST_LINE = 2_000_000
_STEREO = re.compile(r"[@/\\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceText:
    """A document that is text already; special tokens in it are meant."""

    source: str
    text: str


def read_sequences(path: Path, kind: SequenceKind) -> Iterator[SourceText]:
    """Read a file of molecules or sequences, one document each.

    Args:
        path: SMILES or plain text with one a line, or FASTA (its first character is ``>``).
        kind: What the file holds.

    Raises:
        InputError: It is missing, empty, no text, or has a line with other letters.
    """
    read = 0
    try:
        with path.open(encoding="utf-8-sig") as lines:
            for number, name, letters in _records(lines, path):
                if not _LETTERS[kind].fullmatch(letters):
                    odd = next(letter for letter in letters if not _LETTERS[kind].fullmatch(letter))
                    raise InputError(
                        f"{path}:{number}: {odd!r} does not stand for {_NAMES[kind]}",
                        hint="Give the file to the option for its kind: --smiles, --amino or --dna.",
                    )
                read += 1
                yield SourceText(source=path.stem, text=sequence_text(letters, kind, name=name))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path}: cannot be read ({type(error).__name__})", hint="Give FASTA, .smi or text."
        ) from error
    if not read:
        raise InputError(f"{path}: holds no sequences", hint="One a line, or FASTA.")


def sequence_text(letters: str, kind: SequenceKind, *, name: str = "") -> str:
    """A sequence in its wrapper, under its name as a heading when it has one."""
    if kind == "smiles":
        token = "I_SMILES" if _STEREO.search(letters) else "SMILES"
    else:
        token, letters = kind.upper(), letters.upper()
    heading = f"# {neutral(name)}\n\n" if name else ""
    return f"{heading}[START_{token}]{letters}[END_{token}]"


def _records(lines: TextIO, path: Path) -> Iterator[tuple[int, str, str]]:
    """Line number, name and letters of each record."""
    first = lines.readline(_MOST_LINE)
    while first and not first.strip():
        first = lines.readline(_MOST_LINE)
    lines.seek(0)
    yield from _fasta(lines, path) if first.startswith(">") else _one_a_line(lines, path)


def _one_a_line(lines: TextIO, path: Path) -> Iterator[tuple[int, str, str]]:
    for number, line in _numbered(lines, path):
        letters, _, name = line.strip().partition("\t" if "\t" in line else " ")
        if letters and not letters.startswith("#"):
            yield number, clean(name), _bounded(letters, path, number)


def _fasta(lines: TextIO, path: Path) -> Iterator[tuple[int, str, str]]:
    name, begun, letters, length = "", 0, list[str](), 0
    for number, line in _numbered(lines, path):
        if line.startswith(">"):
            if letters:
                yield begun, name, "".join(letters)
            name, begun, letters, length = clean(line[1:]), number, [], 0
        elif stripped := "".join(line.split()):
            length += len(stripped)
            begun = begun if letters else number
            if length > _MOST_LETTERS:
                raise _too_long(path, number)
            letters.append(stripped)
    if letters:
        yield begun, name, "".join(letters)


def _numbered(lines: TextIO, path: Path) -> Iterator[tuple[int, str]]:
    number = 0
    while line := lines.readline(_MOST_LINE):
        number += 1
        if len(line) == _MOST_LINE:
            raise _too_long(path, number)
        yield number, line


def _bounded(letters: str, path: Path, number: int) -> str:
    if len(letters) > _MOST_LETTERS:
        raise _too_long(path, number)
    return letters


def _too_long(path: Path, number: int) -> InputError:
    return InputError(f"{path}:{number}: a sequence of more than {_MOST_LETTERS:,} letters", hint="Cut it into parts.")
