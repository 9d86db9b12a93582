"""Column types that hold the records' values alike on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import DateTime, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from core.json import from_json, to_json
from core.records import Author, Box, Hit, Notice

T = TypeVar("T")

_UNSTORABLE = {0: " "} | dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


def storable(text: str) -> str:
    """Replace what a database refuses, one character for one so that spans stay true.

    NUL becomes a space; a lone surrogate (an undecodable byte of a file name) the replacement character.
    """
    if "\x00" not in text and (text.isascii() or _encodes(text)):
        return text
    return text.translate(_UNSTORABLE)


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def utc_now() -> datetime:
    """The present, in UTC."""
    return datetime.now(UTC)


class StoredText(TypeDecorator[str]):
    """Text of any length; what the databases refuse is replaced on the way in."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Make a value storable."""
        return None if value is None else storable(value)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware on both sides, UTC when read. A naive one is refused with ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn to UTC; SQLite keeps no zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"instant without a time zone: {value.isoformat()}")
        moved = value.astimezone(UTC)
        return moved.replace(tzinfo=None) if dialect.name == "sqlite" else moved

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Say that it is UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class _JsonText(TypeDecorator[T]):
    """A value kept as one line of compact JSON; subclasses say how it is spelled."""

    impl = Text
    cache_ok = True

    def encode(self, value: T) -> Any:
        raise NotImplementedError

    def decode(self, data: Any) -> T:
        raise NotImplementedError

    def process_bind_param(self, value: T | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return json.dumps(self.encode(value), ensure_ascii=False, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> T | None:
        return None if value is None else self.decode(json.loads(value))


class Boxes(_JsonText[tuple[Box, ...]]):
    """Boxes as ``[[page, x0, y0, x1, y1], ...]``."""

    cache_ok = True

    def encode(self, value: tuple[Box, ...]) -> Any:
        """Drop the field names."""
        return [[box.page, box.x0, box.y0, box.x1, box.y1] for box in value]

    def decode(self, data: Any) -> tuple[Box, ...]:
        """Put them back."""
        return tuple(Box(page=page, x0=x0, y0=y0, x1=x1, y1=y1) for page, x0, y0, x1, y1 in data)


class Authors(_JsonText[tuple[Author, ...]]):
    """Authors as ``[[family, given], ...]``, with a suffix as the third where there is one."""

    cache_ok = True

    def encode(self, value: tuple[Author, ...]) -> Any:
        """Drop the field names."""
        return [
            [storable(part) for part in (author.family, author.given, author.suffix)[: 3 if author.suffix else 2]]
            for author in value
        ]

    def decode(self, data: Any) -> tuple[Author, ...]:
        """Put them back."""
        return tuple(Author(**dict(zip(("family", "given", "suffix"), parts, strict=False))) for parts in data)


class FirstFamily(_JsonText[str]):
    """Reads of a column of ``Authors`` the first family name alone: of very many rows, whole authors are not made."""

    cache_ok = True

    def decode(self, data: Any) -> str:
        """The name, "" when nobody is named."""
        return str(data[0][0]) if data else ""


class Notices(_JsonText[tuple[Notice, ...]]):
    """Notices as ``[[code, message], ...]``."""

    cache_ok = True

    def encode(self, value: tuple[Notice, ...]) -> Any:
        """Drop the field names."""
        return [[storable(notice.code), storable(notice.message)] for notice in value]

    def decode(self, data: Any) -> tuple[Notice, ...]:
        """Put them back."""
        return tuple(Notice(code=code, message=message) for code, message in data)


class Strings(_JsonText[tuple[str, ...]]):
    """Strings in order."""

    cache_ok = True

    def encode(self, value: tuple[str, ...]) -> Any:
        """Make each storable."""
        return [storable(item) for item in value]

    def decode(self, data: Any) -> tuple[str, ...]:
        """As a tuple."""
        return tuple(data)


class Numbers(_JsonText[tuple[int, ...]]):
    """Whole numbers in order."""

    cache_ok = True

    def encode(self, value: tuple[int, ...]) -> Any:
        """As a list."""
        return list(value)

    def decode(self, data: Any) -> tuple[int, ...]:
        """As a tuple."""
        return tuple(data)


class Payload(_JsonText[dict[str, str]]):
    """Names and values of a job."""

    cache_ok = True

    def encode(self, value: dict[str, str]) -> Any:
        """Make names and values storable."""
        return {storable(name): storable(item) for name, item in value.items()}

    def decode(self, data: Any) -> dict[str, str]:
        """As it is."""
        return {str(name): str(item) for name, item in data.items()}


class HitSnapshot(TypeDecorator[Hit]):
    """A hit as it was shown, so that history stays readable when its paper is gone."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Hit | None, dialect: Dialect) -> str | None:
        """Spell it with its field names: the record may grow."""
        return None if value is None else to_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Hit | None:
        """Read it back, checked field by field."""
        return None if value is None else from_json(Hit, value)
