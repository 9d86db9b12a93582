"""What a database's refusals mean for the user."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, IntegrityError

from core.errors import StorageError

_NOT_MIGRATED = "Create or update the tables: galacite migrate (galacite doctor checks them)."
_FULL = "Free some space, or move the data folder: GALACITE_HOME."
_READ_ONLY = "Give the user who runs Galacite the right to write there; galacite doctor checks it."
_LOCKED = "Another process holds the database: wait and try again, or stop it."
_UNREACHABLE = "Check that the server runs and that the address and password are right; galacite doctor checks it."
_DAMAGED = "Restore it from a backup; galacite doctor checks it."

_SQLITE: tuple[tuple[str, str, str], ...] = (
    ("no such table", "the database is not migrated", _NOT_MIGRATED),
    ("no such column", "the database is not migrated", _NOT_MIGRATED),
    ("has no column named", "the database is not migrated", _NOT_MIGRATED),
    ("disk is full", "the disk is full", _FULL),
    ("readonly database", "the database is read-only", _READ_ONLY),
    ("unable to open database file", "the database file cannot be opened", _READ_ONLY),
    ("is locked", "the database is locked", _LOCKED),
    ("disk i/o error", "the disk failed", "Check the disk, and that it is not full; galacite doctor checks it."),
    ("not a database", "the file is no database", _DAMAGED),
    ("malformed", "the database is damaged", _DAMAGED),
)
_POSTGRES: dict[str, tuple[str, str]] = {
    "42P01": ("the database is not migrated", _NOT_MIGRATED),
    "42703": ("the database is not migrated", _NOT_MIGRATED),
    "53100": ("the disk is full", _FULL),
    "53300": ("the server has no connection left", _LOCKED),
    "25006": ("the database is read-only", _READ_ONLY),
    "42501": ("the database refuses this user", _READ_ONLY),
    "55P03": ("the database is locked", _LOCKED),
    "40P01": ("the database is locked", _LOCKED),
    "40001": ("the database is locked", _LOCKED),
    "3D000": ("the database does not exist", "Create it: createdb NAME, then galacite migrate."),
}


def storage_error(error: DBAPIError, *, place: str) -> StorageError | None:
    """The error to raise for a driver's; None when it is a bug of ours, whose traceback has to stay."""
    fault = _explain(error)
    if fault is None:
        return None
    fact, hint = fault
    return StorageError(f"{place}: {fact}", hint=hint)


def is_readonly_fault(error: DBAPIError) -> bool:
    """True when something was written where nothing may be."""
    return getattr(error.orig, "sqlstate", None) == "25006" or "readonly database" in str(error.orig)


def _explain(error: DBAPIError) -> tuple[str, str] | None:
    if isinstance(error, IntegrityError):
        return None
    origin = error.orig
    if type(origin).__module__.startswith("sqlite3"):
        message = str(origin).lower()
        return next(((fact, hint) for part, fact, hint in _SQLITE if part in message), None)
    sqlstate = getattr(origin, "sqlstate", None)
    if sqlstate in _POSTGRES:
        return _POSTGRES[sqlstate]
    lost = sqlstate is None or sqlstate.startswith(("08", "28", "57P"))
    if sqlstate is None and 'database "' in str(origin) and "does not exist" in str(origin):
        return _POSTGRES["3D000"]  # a refused connection carries no state
    if lost and type(origin).__name__ != "ProgrammingError" and _is_operational(error):
        return "the database server cannot be reached", _UNREACHABLE
    return None


def _is_operational(error: DBAPIError) -> bool:
    return error.connection_invalidated or type(error).__name__ in ("OperationalError", "InterfaceError")
