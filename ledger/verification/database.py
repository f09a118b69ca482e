"""Reading a database that may be damaged: nothing in it is trusted to be of the type or form it was stored in."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, NamedTuple

from ledger.errors import LockedError
from ledger.storage.sqlite_datastore import BUSY_SECONDS, uri_of
from ledger.storage.sqlite_faults import LOCKED
from ledger.verification.faults import Fault, Kind

CACHE_KIB = 16 * 1024
FAILURES = (sqlite3.Error, UnicodeDecodeError)
"""What a query on a damaged file may raise: the second where SQLite's own message quotes what is no text."""


def connect(place: str) -> sqlite3.Connection:
    """A connection that only reads. TEXT comes as bytearray, BLOB as bytes: neither is decoded, each is told apart."""
    connection = sqlite3.connect(uri_of(place), uri=True, isolation_level=None, timeout=BUSY_SECONDS)
    try:
        connection.text_factory = bytearray
        connection.execute("PRAGMA query_only = ON")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def damage(faults: list[Fault], place: str, table: str, position: int | str | None = None) -> Iterator[None]:
    """Makes a fault of what SQLite cannot read in this block. LockedError where it is merely locked."""
    try:
        yield
    except FAILURES as wrong:
        if getattr(wrong, "sqlite_errorcode", 0) & 0xFF in LOCKED:
            raise LockedError(place, BUSY_SECONDS) from wrong
        kind = Kind.SQLITE if position is None else Kind.UNREADABLE
        faults.append(Fault(table, position, kind, f"SQLite cannot read this: {wrong}"))


class Stored(NamedTuple):
    """A database that is read, and the faults found in it so far."""

    place: str
    connection: sqlite3.Connection
    faults: list[Fault]

    def damage(self, table: str, position: int | str | None = None) -> AbstractContextManager[None]:
        """As `damage`, for this database."""
        return damage(self.faults, self.place, table, position)

    def report(self, table: str, position: int | str | None, kind: Kind, message: str) -> None:
        """Adds a fault."""
        self.faults.append(Fault(table, position, kind, message))

    def one(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """The first column of the first row; None where there is no row."""
        found = self.connection.execute(sql, parameters).fetchone()
        return None if found is None else found[0]

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """All rows."""
        return self.connection.execute(sql, parameters).fetchall()


def text(value: object) -> str:
    """What stands in a TEXT column, for messages and names, whatever it is."""
    if isinstance(value, bytes | bytearray):
        return value.decode(errors="backslashreplace")
    return repr(value)
