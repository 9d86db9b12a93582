"""Text of journal banners, licences and notices, wherever it stands."""

from __future__ import annotations

import re

_BANNER = re.compile(
    r"preprint submitted to|under review|accepted (?:for publication|at)|all rights reserved|©|\(c\) (?:19|20)\d\d|"
    r"copyright|permission to make|licen[cs]ed? under|creative commons|\bissn\b|\bisbn\b|^doi:? ?10\.|"
    r"^https?://(?:dx\.)?doi\.org|this (?:article|work|paper) is (?:licensed|published|distributed)|"
    r"received:? |^published:? |proceedings of the|journal homepage|contents lists available|sciencedirect|"
    r"^volume \d|\bvol\. ?\d+|open access|manuscript (?:submitted|received)|^arxiv:\d|to cite this|"
    r"conference on .* (?:19|20)\d\d|^workshop on|personal use of this material",
    re.IGNORECASE,
)
_DOWNLOAD = re.compile(
    r"\b(?:downloaded (?:from|by|on|at)\b|authorized licensed use|all use subject to|content downloaded|"
    r"for personal use only|restrictions apply|reuse is strictly not permitted)",
    re.IGNORECASE,
)


def is_banner(text: str) -> bool:
    """True for the text of journal banners, licences and dates, wherever it stands."""
    return bool(_BANNER.search(text) or _DOWNLOAD.search(text))


def is_download_note(text: str) -> bool:
    """True for what archives print at the edge of each page that they give out."""
    return bool(_DOWNLOAD.search(text))
