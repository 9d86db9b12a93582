"""What a run reads: shards with their tokenizer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.errors import InputError
from model.galactica.tokenizer import TOKENIZER_NAME, GalacticaTokenizer
from training.corpus.encoding import marks_of
from training.corpus.packing import Marks
from training.corpus.shards import MANIFEST, ShardSet
from training.train.state import DataMark


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """What a run reads: shards to learn from, their tokenizer, and shards to evaluate on."""

    shards: ShardSet
    tokenizer: GalacticaTokenizer
    dev: ShardSet | None = None

    def __post_init__(self) -> None:
        """Refuse shards and a tokenizer that do not belong together.

        Raises:
            InputError: They do not.
        """
        for each in (self.shards, self.dev):
            if each is not None and each.manifest.tokenizer != self.tokenizer.fingerprint:
                raise InputError(
                    f"{each.folder}: made with the tokenizer {each.manifest.tokenizer}, "
                    f"not with {self.tokenizer.fingerprint}",
                    hint="Build the shards anew with this tokenizer.",
                )

    @property
    def marks(self) -> Marks:
        """Ids that the loss has to know."""
        return marks_of(self.tokenizer)

    @property
    def mark(self) -> DataMark:
        """Tells this corpus from others."""
        manifest = self.shards.manifest
        return DataMark(
            tokenizer=manifest.tokenizer,
            rows=manifest.rows,
            row_tokens=manifest.row_tokens,
            tokens=manifest.tokens,
        )


def is_corpus(folder: Path) -> bool:
    """Whether a folder is what ``open_corpus`` opens."""
    return any((place / MANIFEST).is_file() for place in (folder / "train", folder))


def open_corpus(folder: Path) -> Corpus:
    """Open a corpus: a folder with ``train/`` and perhaps ``dev/``, or a folder of shards.

    Raises:
        InputError: There are no shards, or they do not belong to the tokenizer beside them.
        ModelError: The tokenizer is missing or damaged.
    """
    whole = (folder / "train" / MANIFEST).is_file()
    shards = ShardSet.open(folder / "train" if whole else folder)
    dev = ShardSet.open(folder / "dev") if whole and (folder / "dev" / MANIFEST).is_file() else None
    home = folder if (folder / TOKENIZER_NAME).is_file() or whole else folder.parent
    return Corpus(shards=shards, tokenizer=GalacticaTokenizer.load(home), dev=dev)
