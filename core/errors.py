"""The one error tree of the project.

The message states the fact (what, where, which value); ``hint`` names the next step. Only the entry points (the
command line and the page wrapper of the app) catch ``GalaciteError``: everything else is a bug and keeps its traceback.
"""

from __future__ import annotations

from typing import ClassVar


class GalaciteError(Exception):
    """Root of all errors that a user can do something about.

    Args:
        message: The fact, in one sentence, naming the file or value concerned.
        hint: What to do next; may be empty.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    @property
    def in_full(self) -> str:
        """Fact and way out, in one line for reading."""
        return f"{self.message}. {self.hint}" if self.hint else self.message


class SettingsError(GalaciteError):
    """A setting is unknown, malformed or contradicts another."""

    exit_code = 2


class InputError(GalaciteError):
    """The user gave something that cannot be used as it is."""

    exit_code = 2


class UnreadableFile(InputError):
    """A file is nothing that can be parsed.

    Args:
        reason: Stable code: ``missing``, ``permission``, ``empty``, ``not_pdf``, ``damaged``, ``encrypted``,
            ``too_large``, ``too_many_pages``, ``timeout``, ``memory`` or ``crashed``.
    """

    def __init__(self, message: str, *, reason: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.reason = reason

    @property
    def may_pass_later(self) -> bool:
        """True when the same file may be read with other limits or at a quieter time."""
        return self.reason in ("timeout", "memory", "crashed")


class UnreadablePdf(UnreadableFile):
    """A file is not a PDF that can be parsed."""


class NotFound(InputError):
    """Something named by the user is not in the library."""


class StorageError(GalaciteError):
    """The database, the data folder or the disk refused."""

    exit_code = 3


class SearchIndexError(GalaciteError):
    """A search index is damaged or cannot be written."""

    exit_code = 3


class ModelError(GalaciteError):
    """A model is missing, damaged or does not fit."""

    exit_code = 4


class JobError(GalaciteError):
    """A background job failed, or no worker could be started."""

    exit_code = 5


class JobCancelled(GalaciteError):
    """The user cancelled the job that is running."""

    exit_code = 5
