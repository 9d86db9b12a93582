"""Records to JSON and back, checked field by field.

The reader accepts exactly what the record's types say, so bytes from an untrusted process cannot become anything else.
"""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def to_json(value: Any) -> str:
    """One line of JSON for a record, or a list or dictionary of records."""
    return _adapter(value.__class__).dump_json(value).decode()


def to_data(value: Any) -> Any:
    """The same as plain lists, dictionaries, strings and numbers."""
    return _adapter(value.__class__).dump_python(value, mode="json")


def from_json(kind: type[T], data: str | bytes) -> T:
    """Read a record back.

    Raises:
        ValueError: The data does not match the record's types.
    """
    reader: Any = kind
    value: T = _adapter(reader).validate_json(data)
    return value
