"""Read models in an SQLite file of their own, beside the ledger's, or in memory for one question.

The file is never needed for the truth: a commit does not wait for the disk, and a damaged file is made anew.
"""

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from eventsourcing import sqlite as library
from eventsourcing.persistence import IntegrityError as Taken
from eventsourcing.persistence import Tracking

from ledger.errors import DamagedLedgerError, DamagedViewsError, StorageError
from ledger.storage.sqlite_datastore import (
    BESIDE,
    BUSY_SECONDS,
    MEMORY,
    LedgerConnectionPool,
    LedgerDatastore,
)
from ledger.storage.sqlite_faults import Faults
from projections.models.base import Table
from projections.models.filling import Fetch, Query, RunMany
from projections.models.lock import locked
from projections.models.sql import GENERATION, Dialect
from projections.models.store import Store

META = "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID"


class ViewsFaults(Faults):
    """As for a ledger's file, but damage is no loss."""

    def meaning(self, error: sqlite3.Error) -> Any:
        """The error to raise for `error`."""
        meaning = super().meaning(error)
        if isinstance(meaning, DamagedLedgerError):
            return DamagedViewsError(self.place, str(error))
        return meaning


class ViewsConnectionPool(LedgerConnectionPool):
    """Connections that do not wait for the disk: WAL keeps the file whole, and what is lost is worked out again."""

    def _create_connection(self) -> library.SQLiteConnection:
        connection = super()._create_connection()
        connection._sqlite_conn.execute("PRAGMA synchronous = NORMAL")  # noqa: SLF001  # the library has no name for it
        return connection


class ViewsDatastore(LedgerDatastore):
    """One file of read models (or `:memory:`)."""

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.pool = ViewsConnectionPool(
            db_name=self.pool.db_name, lock_timeout=BUSY_SECONDS, pool_timeout=BUSY_SECONDS
        )
        self.faults = ViewsFaults(place, BUSY_SECONDS, known_sql=True)
        self._library_faults = ViewsFaults(place, BUSY_SECONDS, known_sql=False)


class SQLiteViews(library.SQLiteTrackingRecorder, Store):
    """eventsourcing's tracking recorder, with the tables that are tracked."""

    datastore: ViewsDatastore
    dialect = Dialect(text="TEXT", number="INTEGER", table_end=" WITHOUT ROWID")

    def __init__(self, place: str | Path, tables: Sequence[Table]) -> None:
        """Opens the file at `place` and makes it where there is none; `:memory:` is for one question.

        StorageError where it cannot be written, DamagedViewsError where it is something else.
        """
        self.tables = tables
        self.place = str(place)
        if self.place != MEMORY:
            _make(Path(place))
        super().__init__(ViewsDatastore(self.place))
        try:
            self._make_tables()
        except BaseException:
            self.close()
            raise

    def _make_tables(self) -> None:
        known = {name for (name,) in self._look("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if {"meta", "tracking"} <= known:
            return
        if known and "meta" not in known:
            raise DamagedViewsError(self.place, "it is a database of something else")
        self.datastore.keep_write_ahead_log()
        self._statements([META])
        with suppress(Taken):  # another process has just made them
            self.create_table()

    def _look(self, query: str) -> list[Any]:
        with self.datastore.reading() as connection, self.datastore.faults:
            return _fetch(connection, query, [])[1]

    # -- transactions -------------------------------------------------------------------------------------

    @contextmanager
    def _reading(self) -> Iterator[Fetch]:
        with self.datastore.snapshot() as connection:
            yield self._fetching(connection)

    @contextmanager
    def _writing(self) -> Iterator[tuple[Fetch, RunMany, Callable[[Tracking], None]]]:
        with self.datastore.writing() as connection:

            def run(statement: str, rows: Sequence[Sequence[Any]]) -> None:
                with self.datastore.faults:
                    if rows[0]:
                        connection.executemany(statement, rows)
                    else:
                        connection.execute(statement)

            def track(tracking: Tracking) -> None:
                with self.datastore.faults:
                    self._insert_tracking(library.SQLiteCursor(connection.cursor()), tracking)

            yield self._fetching(connection), run, track

    def _fetching(self, connection: sqlite3.Connection) -> Fetch:
        def fetch(queries: Sequence[Query]) -> list[tuple[Sequence[str], list[Any]]]:
            with self.datastore.faults:
                return [_fetch(connection, query, parameters) for query, parameters in queries]

        return fetch

    def _hold(self, fetch: Fetch, names: Iterable[str]) -> None:
        """As `Store._hold`: nothing to do, a transaction goes on seeing what was there when it began."""

    def _drop_all_but(self, generations: set[int]) -> None:
        tables = [name for (name,) in self._look("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            found = GENERATION.search(table)
            if found is not None and int(found.group(1)) not in generations:
                self._statements([f"DROP TABLE {table}"])

    # -- the file -----------------------------------------------------------------------------------------

    @contextmanager
    def alone(self) -> Iterator[None]:
        """As `Store.alone`: a lock of the operating system, which ends with the process that holds it."""
        if self.datastore.in_memory:
            yield
            return
        with locked(Path(f"{self.place}.lock")):
            yield

    def size(self) -> int:
        """As `Store.size`, what SQLite keeps beside the file included."""
        files = [Path(f"{self.place}{end}") for end in ("", *BESIDE)]
        return sum(file.stat().st_size for file in files if file.exists())

    def close(self) -> None:
        """As `Store.close`."""
        self.datastore.close()


def _fetch(
    connection: sqlite3.Connection, query: str, parameters: Sequence[Any]
) -> tuple[Sequence[str], list[Any]]:
    cursor = connection.cursor()
    cursor.row_factory = None
    cursor.execute(query, parameters)
    return [column[0] for column in cursor.description or ()], cursor.fetchall()


def _make(path: Path) -> None:
    """An empty file that only its owner can read, unless there is one. StorageError where that cannot be."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise StorageError(path, error.strerror or str(error)) from error


def remove(place: Path) -> None:
    """Takes the file away, whatever it is. StorageError where that cannot be."""
    try:
        for file in (place, *(Path(f"{place}{end}") for end in BESIDE)):
            file.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(place, error.strerror or str(error)) from error
