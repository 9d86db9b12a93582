"""What reads papers: the parser built in, or a GROBID server, as the settings say."""

from __future__ import annotations

from app.settings import Settings
from indexer.config import ParserLimits
from indexer.pdf.isolated import IsolatedParser
from indexer.xml.grobid import FileReader, GrobidParser


def make_parser(settings: Settings, *, limits: ParserLimits | None = None) -> FileReader:
    """The parser that the settings choose; ``limits`` stand for theirs when given. The caller closes it.

    Raises:
        SettingsError: The address of the GROBID server cannot be used.
    """
    limits = limits or settings.parser_limits
    return make_grobid(settings, limits=limits) if settings.parser == "grobid" else IsolatedParser(limits)


def make_grobid(settings: Settings, *, limits: ParserLimits) -> GrobidParser:
    """The GROBID server of the settings, whether it is chosen or not.

    Raises:
        SettingsError: Its address cannot be used.
    """
    return GrobidParser(settings.grobid_url, limits=limits, reader=IsolatedParser(limits))
