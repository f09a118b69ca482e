"""What can be done on one SQLite connection: queries, and appending within a write transaction."""

import sqlite3
from collections.abc import Callable, Generator, Sequence
from typing import Any

from ledger.errors import StorageError
from ledger.storage.log import Writer
from ledger.storage.reading import Reading
from ledger.storage.rows import Batch, DisclosureRow, Entry, SourceRow
from ledger.storage.sqlite_faults import Faults


def fetch_all(
    connection: sqlite3.Connection, faults: Faults, sql: str, parameters: Sequence[Any]
) -> list[Any]:
    """The whole result of a query, as plain tuples."""
    with faults:
        cursor = connection.cursor()
        cursor.row_factory = None
        return cursor.execute(sql, parameters).fetchall()


def fetch_each(
    connection: sqlite3.Connection, faults: Faults, sql: str, parameters: Sequence[Any]
) -> Generator[Any, None, None]:
    """The result of a query row by row; the query is open until the iterator is exhausted or closed."""
    with faults:
        cursor = connection.cursor()
        cursor.row_factory = None
        yield from cursor.execute(sql, parameters)


class SQLiteReading(Reading):
    """Queries inside the transaction, if any, of one connection."""

    def __init__(self, connection: sqlite3.Connection, faults: Faults) -> None:
        self._connection, self._faults = connection, faults

    def _all(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        return fetch_all(self._connection, self._faults, sql, parameters)

    def _each(self, sql: str, parameters: Sequence[Any] = ()) -> Generator[Any, None, None]:
        return fetch_each(self._connection, self._faults, sql, parameters)


class SQLiteWriter(SQLiteReading, Writer):
    """The write transaction of `bulk`."""

    def __init__(
        self, connection: sqlite3.Connection, faults: Faults, append: Callable[[sqlite3.Cursor, Batch], int]
    ) -> None:
        super().__init__(connection, faults)
        self._append = append
        self._cursor = connection.cursor()
        self._broken = False

    def append(
        self,
        entries: Sequence[Entry],
        *,
        recorded_at: str | None = None,
        disclosures: Sequence[DisclosureRow] = (),
        sources: Sequence[SourceRow] = (),
    ) -> int:
        """As `Writer.append`."""
        self.refuse_if_broken()
        try:
            return self._append(self._cursor, Batch(entries, recorded_at, disclosures, sources))
        except BaseException:
            self._broken = True  # part of the batch may be in: it must never be committed
            raise

    def refuse_if_broken(self) -> None:
        """Raise StorageError if an append has failed, although the caller went on."""
        if self._broken:
            raise StorageError(self._faults.place, "an earlier batch of this import failed")
