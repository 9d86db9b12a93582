"""Labels put right where the labeller is known to err and the text leaves no doubt."""

from __future__ import annotations

import re
from collections.abc import Sequence

from indexer.references.labeller import Labelled
from indexer.references.names import ends_as_body

_OPENING_CHARS = 8
_UNSPACED_STOP = re.compile(r"(?<=[\u3040-\u9fff\uac00-\ud7a3])[.．。]\s*(?=[\u3040-\u9fff\uac00-\ud7a3]{5})")
"""A full stop between Chinese, Japanese or Korean words, before more of them than a name has."""


def mend_labels(text: str, spans: Sequence[Labelled]) -> list[Labelled]:
    """Spans of a text with an organisation's name told from a title, and a title from unspaced names before it."""
    labels = [span.label for span in spans]
    mended = list(spans)
    if "author" not in labels and labels[:2] == ["title", "title"] and spans[0].start < _OPENING_CHARS:
        first = spans[0]
        if ends_as_body(text[first.start : first.end]):
            mended[0] = Labelled("author", first.start, first.end)
    if "author" in labels and "title" not in labels:
        at = labels.index("author")
        names = spans[at]
        stop = _UNSPACED_STOP.search(text, names.start, names.end)
        if stop is not None:
            parts = [Labelled("author", names.start, stop.start()), Labelled("title", stop.end(), names.end)]
            mended[at : at + 1] = parts
    return mended
