"""The special tokens of Galactica, and citations as text.

Source: Galactica, arXiv:2211.09085, section 3.1.
"""

from __future__ import annotations

import re

BOS = "<s>"
PAD = "<pad>"
EOS = "</s>"
UNK = "<unk>"
START_REF = "[START_REF]"
END_REF = "[END_REF]"
START_WORK = "<work>"
END_WORK = "</work>"

SEQUENCE_WRAPPERS: tuple[tuple[str, str], ...] = tuple(
    (f"[START_{kind}]", f"[END_{kind}]") for kind in ("DNA", "AMINO", "SMILES", "I_SMILES")
)
"""Around these, text is split character by character."""

SPECIAL_TOKENS: tuple[str, ...] = (
    BOS, PAD, EOS, UNK, START_REF, END_REF, "[IMAGE]", "<fragments>", "</fragments>", START_WORK, END_WORK,
    "[START_SUP]", "[END_SUP]", "[START_SUB]", "[END_SUB]", *(token for pair in SEQUENCE_WRAPPERS for token in pair),
)  # fmt: skip
"""All special tokens; the position is the id, as in the published checkpoints."""

SPECIAL_PATTERN = re.compile("|".join(re.escape(token) for token in SPECIAL_TOKENS))
_SURNAME_WORDS = 4
_TIGHT = ("(", "[", "{", END_REF)


def neutral(text: str) -> str:
    """The text with a space inside each string that would be read as a special token: it then is plain text."""
    return SPECIAL_PATTERN.sub(lambda found: f"{found[0][0]} {found[0][1:]}", text)


def reference_text(title: str, surname: str = "") -> str:
    """What stands between the markers: `` Title, Surname``, on one line and without special tokens.

    Args:
        title: Title of the cited work.
        surname: Of its first author; left out with its comma when empty.
    """
    name = _one_line(surname)
    return f" {_one_line(title)}, {name}" if name else f" {_one_line(title)}"


def reference(title: str, surname: str = "") -> str:
    """A citation: ``[START_REF] Title, Surname[END_REF]``; see ``reference_text``."""
    return f"{START_REF}{reference_text(title, surname)}{END_REF}"


def citation_prompt(text: str) -> str:
    """The text up to and including the ``[START_REF]`` that asks for a citation, as it stands in the corpus.

    One space before it, but none after an opening bracket or another citation. An open marker at the end stays.
    """
    bare = text.rstrip()
    if bare.endswith(START_REF):
        return bare
    space = "" if not bare or bare.endswith(_TIGHT) else " "
    return f"{bare}{space}{START_REF}"


def split_reference(text: str) -> tuple[str, str]:
    """Title and surname of a citation, with or without its markers.

    The surname is what follows the last comma, if it looks like a name: short, not all small letters, without digits;
    else it is empty. A title that ends like that and has no author is therefore cut, which only the reader can tell.
    """
    inner = " ".join(text.replace(START_REF, " ").replace(END_REF, " ").split())
    title, comma, surname = inner.rpartition(", ")
    named = surname[:1].isalpha() and not any(char.isdigit() for char in surname) and not surname.islower()
    if comma and title and named and len(surname.split()) <= _SURNAME_WORDS:
        return title, surname
    return inner, ""


def _one_line(text: str) -> str:
    return " ".join(neutral(" ".join(text.split())).split())
