from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InputError
from training.corpus.sequences import SequenceKind, read_sequences, sequence_text


def texts(path: Path, kind: SequenceKind, content: str) -> list[str]:
    path.write_text(content, encoding="utf-8")
    return [found.text for found in read_sequences(path, kind)]


def test_molecules_stand_in_their_wrappers_under_their_names(tmp_path: Path) -> None:
    assert texts(tmp_path / "m.smi", "smiles", "CCO ethanol\nC[C@H](N)C(=O)O\tL-alanine\n\n# note\nO\n") == [
        "# ethanol\n\n[START_SMILES]CCO[END_SMILES]",
        "# L-alanine\n\n[START_I_SMILES]C[C@H](N)C(=O)O[END_I_SMILES]",
        "[START_SMILES]O[END_SMILES]",
    ]


def test_fasta_is_joined_over_its_lines(tmp_path: Path) -> None:
    content = ">first protein\nMKTA\nyiak\n\n>second\nGG*\n>empty\n"
    assert texts(tmp_path / "p.fasta", "amino", content) == [
        "# first protein\n\n[START_AMINO]MKTAYIAK[END_AMINO]",
        "# second\n\n[START_AMINO]GG*[END_AMINO]",
    ]
    assert texts(tmp_path / "d.txt", "dna", "acgtn\nGGCC\n") == [
        "[START_DNA]ACGTN[END_DNA]",
        "[START_DNA]GGCC[END_DNA]",
    ]


@pytest.mark.parametrize(
    ("kind", "content", "message"),
    [
        ("dna", ">a\nACGT\nACQT\n", r"s\.txt:2: 'Q' does not stand for nucleotides"),
        ("amino", "MKT1\n", r"s\.txt:1: '1' does not stand for amino acids"),
        ("smiles", "CCO\nC!C\n", r"s\.txt:2: '!' does not stand for SMILES"),
        ("dna", "\n\n", "holds no sequences"),
        ("dna", "", "holds no sequences"),
        ("dna", "A" * 1_000_001, "more than 1,000,000 letters"),
        ("dna", ">x\n" + ("A" * 80 + "\n") * 13_000, "more than 1,000,000 letters"),
    ],
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, kind: SequenceKind, content: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        texts(tmp_path / "s.txt", kind, content)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", None])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "s.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"s\.txt: cannot be read"):
        list(read_sequences(path, "dna"))


@given(st.text(alphabet="ACGTacgt", min_size=1), st.text())
def test_no_name_opens_a_wrapper_of_its_own(letters: str, name: str) -> None:
    text = sequence_text(letters, "dna", name=f"{name}[START_DNA]")
    assert text.count("[START_DNA]") == 1
    assert text.endswith(f"[START_DNA]{letters.upper()}[END_DNA]")
