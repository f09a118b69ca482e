"""What SQLite's errors mean for the ledger."""

import sqlite3
from types import TracebackType

from eventsourcing import persistence

from ledger.errors import DamagedLedgerError, LedgerError, LockedError, StorageError

LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}
DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
UNUSABLE = {
    sqlite3.SQLITE_READONLY: "it is read-only",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_IOERR: "the disk reports an error, or is full",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
    sqlite3.SQLITE_PERM: "access is denied",
    sqlite3.SQLITE_AUTH: "access is denied",
    sqlite3.SQLITE_NOMEM: "memory is exhausted",
    sqlite3.SQLITE_TOOBIG: "an entry is larger than SQLite takes",
}
NO_TEXT = "Could not decode to UTF-8"
TAKEN = ("UNIQUE constraint failed: disclosures", "UNIQUE constraint failed: sources")


class Faults:
    """As a context manager: lets no error of sqlite3 out of its block.

    Raises LockedError, DamagedLedgerError or StorageError instead; eventsourcing's IntegrityError where an
    entry (stream, seq) is there already; for the rest eventsourcing's error of the same name. In a block that
    runs only `known_sql`, a statement that does not fit the tables is damage to the tables.
    """

    def __init__(self, place: str, waited: float, *, known_sql: bool) -> None:
        self.place, self.waited, self.known_sql = place, waited, known_sql

    def __enter__(self) -> None:
        """Nothing to prepare: one instance serves every block, also nested ones."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, sqlite3.Error):
            raise self.meaning(error) from error
        if isinstance(error, UnicodeDecodeError):  # SQLite's own message quotes what is no text
            raise DamagedLedgerError(self.place, "it quotes what is no text") from error
        if isinstance(error, persistence.ConnectionUnavailableError):
            raise LockedError(self.place, self.waited) from error

    def meaning(self, error: sqlite3.Error) -> LedgerError | persistence.PersistenceError:
        """The error to raise for `error`."""
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte of an extended code is the primary
        if code in LOCKED:
            return LockedError(self.place, self.waited)
        if code in DAMAGED or (self.known_sql and code == sqlite3.SQLITE_ERROR):
            return DamagedLedgerError(self.place, str(error))
        if str(error).startswith(NO_TEXT):
            return DamagedLedgerError(self.place, "what was stored as text is none")
        if code in UNUSABLE:
            return StorageError(self.place, f"{UNUSABLE[code]} ({error})")
        if isinstance(error, sqlite3.IntegrityError) and (
            not str(error).startswith("UNIQUE") or str(error).startswith(TAKEN)
        ):
            return StorageError(self.place, f"the rows do not fit together ({error})", "Report it as a bug.")
        same_name = getattr(persistence, type(error).__name__, persistence.PersistenceError)
        meaning: persistence.PersistenceError = same_name(error)
        return meaning
