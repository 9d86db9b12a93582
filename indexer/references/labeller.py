"""The trained labeller: a conditional random field that names the field of each token of a reference string."""

from __future__ import annotations

import functools
import gzip
import json
import lzma
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer.references.features import make_features
from indexer.references.tokens import Token, tokenize

OTHER = "other"
WEIGHTS = Path(__file__).parent / "weights"
MODEL_NAME = "references.crfsuite.gz"
LEXICON_NAME = "lexicon.json.xz"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A stretch of a reference string and the field that it is read as; half-open."""

    label: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Labeller:
    """A model ready for use; make it with ``load_labeller``. Threads may share it."""

    features: Callable[[Sequence[Token]], list[list[str]]]
    decode: Callable[[list[list[str]]], list[str]]

    def label(self, text: str) -> list[Labelled]:
        """The labelled stretches of a text without its label, in order; what is no field is left out."""
        tokens = tokenize(text)
        return join_tokens(tokens, self.decode(self.features(tokens))) if tokens else []


def join_tokens(tokens: Sequence[Token], labels: Sequence[str]) -> list[Labelled]:
    """Neighbouring tokens of one label as one stretch."""
    spans: list[Labelled] = []
    previous = OTHER
    for token, label in zip(tokens, labels, strict=True):
        if label != OTHER and label == previous:
            spans[-1] = Labelled(label, spans[-1].start, token.end)
        elif label != OTHER:
            spans.append(Labelled(label, token.start, token.end))
        previous = label
    return spans


def load_labeller(folder: Path = WEIGHTS) -> Labeller:
    """Open the model and the lexicon of a folder.

    Raises:
        FileNotFoundError: A file is missing.
    """
    import pycrfsuite

    model = gzip.decompress((folder / MODEL_NAME).read_bytes())
    lexicon = json.loads(lzma.decompress((folder / LEXICON_NAME).read_bytes()))
    tagger = pycrfsuite.Tagger()
    tagger.open_inmemory(model)
    lock = threading.Lock()

    def decode(items: list[list[str]]) -> list[str]:
        # The tagger reads the model where it lies in memory: this function keeps it there.
        with lock:
            labels: list[str] = tagger.tag(items) if model else []
        return labels

    return Labeller(make_features(lexicon), decode)


@functools.cache
def shipped_labeller() -> Labeller:
    """The labeller that comes with the project, opened once a process."""
    return load_labeller()
