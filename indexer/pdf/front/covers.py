"""Cover sheets that repositories and publishers put before a paper."""

from __future__ import annotations

import re
from collections.abc import Sequence

from indexer.pdf.geometry import Page

_COVER = re.compile(
    r"\bhal id\s?:|this is a repository copy of|see discussions, stats,? and author profiles for this publication|"
    r"your use of the jstor archive|jstor is a not-for-profit|stable url:|citation for published version|"
    r"citation for the original published paper|this version is available at|version available at:|"
    r"full terms & conditions of access and use can be found|link to publication record|general rights|"
    r"document version|downloaded from the university|institutional repository|provided by the author\(s\)|"
    r"this is an? (?:author'?s? )?(?:accepted manuscript|post-?print|pre-?print|self-archived version)|"
    r"multi-disciplinary open access archive|archive ouverte pluridisciplinaire|please cite the (?:original|published)|"
    r"to cite this (?:article|version|document)|take-?down policy|deposited in|research ?online|digital ?commons|"
    r"link to published version|this is the peer reviewed version|core\.ac\.uk|view the article online|terms of use",
    re.IGNORECASE,
)
_CERTAIN = re.compile(
    r"\bhal id\s?:|this is a repository copy of|see discussions, stats,? and author profiles|jstor is a not-for-profit|"
    r"full terms & conditions of access and use can be found",
    re.IGNORECASE,
)
_ENOUGH = 2
_MAX_CHARS = 6_000
_PROSE_LINES = 30


def count_covers(pages: Sequence[Page]) -> int:
    """How many pages at the beginning are cover sheets; 0 when nothing would be left, 1 at most."""
    if len(pages) < 2 or not any(len(line.text) > 3 for line in pages[1].lines):
        return 0
    text = " ".join(line.text for line in pages[0].lines)[:_MAX_CHARS]
    signs = {match[0].lower() for match in _COVER.finditer(text)}
    full = sum(1 for line in pages[0].lines if len(line.text) > 60)
    if _CERTAIN.search(text):
        return 1
    return 1 if len(signs) >= _ENOUGH and full <= _PROSE_LINES else 0
