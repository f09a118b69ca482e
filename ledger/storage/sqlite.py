"""The ledger's log in one SQLite file: eventsourcing's recorder, extended.

`PERSISTENCE_MODULE="ledger.storage.sqlite"` makes an eventsourcing application keep its events here: the one
factory in this module is found by that name. Tables are made by `create` and nowhere else.
"""

import sqlite3
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from eventsourcing import sqlite as library
from eventsourcing.persistence import ApplicationRecorder, StoredEvent
from eventsourcing.utils import Environment, EnvType, strtobool

from ledger.errors import StorageError
from ledger.storage import sqlite_upgrade
from ledger.storage.log import ApplicationLog, BeforeCommit, Progress, entries_of
from ledger.storage.reading import Reading
from ledger.storage.rows import Batch, DisclosureRow, Growth, SourceRow
from ledger.storage.sqlite_append import append
from ledger.storage.sqlite_condition import condition
from ledger.storage.sqlite_datastore import BUSY_SECONDS, LedgerDatastore, make_file, remove_file
from ledger.storage.sqlite_schema import SCHEMA
from ledger.storage.sqlite_transaction import (
    HIGHEST_GIVEN,
    KEEP_CHECKPOINT,
    SQLiteReading,
    SQLiteWriter,
    fetch_all,
    fetch_each,
)
from ledger.storage.sqlite_tree import grow

__all__ = [
    "LedgerFactory",
    "LedgerRecorder",
    "condition",
    "create",
    "environment",
    "exists",
    "open_log",
    "remove",
    "upgrade",
]

BULK_CACHE_KIB = 32 * 1024  # an import that outgrows the page cache writes pages of its indexes many times


def exists(place: str | Path) -> bool:
    """Whether there is a file. StorageError where that cannot be known."""
    try:
        return Path(place).exists()
    except OSError as error:
        raise StorageError(place, error.strerror or str(error)) from error


def create(place: str | Path) -> Sequence[str]:
    """Make an empty ledger file at `place`, readable by its owner only.

    Raises LedgerExistsError if something stands there; StorageError if it cannot be written.
    """
    path = Path(place)
    make_file(path)
    try:
        recorder = LedgerRecorder(LedgerDatastore(str(path)))
        try:
            recorder.datastore.keep_write_ahead_log()
            recorder.create_table()
        finally:
            recorder.close()
    except BaseException:
        remove_file(path)
        raise
    return ()


def remove(place: str | Path) -> None:
    """Take away what `create` made."""
    remove_file(Path(place))


def upgrade(place: str | Path, progress: Progress = lambda _done, _of: None) -> bool:
    """As `sqlite_upgrade.upgrade`."""
    return sqlite_upgrade.upgrade(place, progress)


def environment(place: str | Path) -> dict[str, str]:
    """What makes an eventsourcing application keep its events in the file."""
    return {"PERSISTENCE_MODULE": __name__, "SQLITE_DBNAME": str(place)}


def open_log(place: str | Path, *, lock_timeout: int = BUSY_SECONDS) -> "LedgerRecorder":
    """The log in the ledger file at `place`; `:memory:` gives an empty one, for tests.

    `lock_timeout` is how many seconds to wait for another process's lock. A process opens its own: a recorder
    is not to be carried across a fork. Raises NoLedgerError, NotALedgerError, NewerLedgerError,
    DamagedLedgerError or StorageError.
    """
    recorder = LedgerRecorder(LedgerDatastore(str(place), lock_timeout=lock_timeout))
    try:
        if recorder.datastore.in_memory:
            recorder.create_table()
        else:
            recorder.datastore.check()
    except BaseException:
        recorder.close()
        raise
    return recorder


class LedgerRecorder(library.SQLiteApplicationRecorder, ApplicationLog):
    """eventsourcing's application recorder with gapless positions, log time, disclosures, sources and a Merkle tree."""

    datastore: LedgerDatastore

    def __init__(self, datastore: LedgerDatastore) -> None:
        super().__init__(datastore)
        self.select_events_statement = (
            "SELECT originator_id, originator_version, topic, state FROM stored_events WHERE originator_id=? "
        )

    def construct_create_table_statements(self) -> list[str]:
        """The whole schema."""
        return list(SCHEMA)

    def close(self) -> None:
        """Close the connections; the last process to do so also clears away the write-ahead log."""
        self.datastore.close()

    # -- writing ------------------------------------------------------------------------------------------

    def insert_events(
        self,
        stored_events: Sequence[StoredEvent],
        *,
        recorded_at: str | None = None,
        disclosures: Sequence[DisclosureRow] = (),
        sources: Sequence[SourceRow] = (),
        checkpoint: tuple[int, str] | None = None,
        before_commit: BeforeCommit | None = None,
        **_: Any,
    ) -> Sequence[int]:
        """As `Log.insert_events`."""
        if not (stored_events or disclosures or sources):
            return []
        with self.datastore.writing() as connection:
            first, growth = self._append(
                connection.cursor(), Batch(entries_of(stored_events), recorded_at, disclosures, sources)
            )
            if checkpoint is not None:
                size, note = checkpoint
                with self.datastore.faults:
                    connection.execute(KEEP_CHECKPOINT, [size, note])
            if before_commit is not None:
                before_commit(SQLiteReading(connection, self.datastore.faults), growth)
        return list(range(first, first + len(stored_events)))

    def _insert_events(
        self, c: library.SQLiteCursor, stored_events: Sequence[StoredEvent], **_: Any
    ) -> Sequence[int]:
        """The library's way in, for the recorders that it derives from this one."""
        first, _growth = self._append(c.sqlite_cursor, Batch(entries_of(stored_events)))
        return list(range(first, first + len(stored_events)))

    def _append(self, cursor: sqlite3.Cursor, batch: Batch) -> tuple[int, Growth | None]:
        with self.datastore.faults:
            cursor.row_factory = None
            first = append(cursor, batch, self.datastore.place)
            growth = grow(cursor, first, batch.entries, self.datastore.place) if batch.entries else None
        return first, growth

    @contextmanager
    def bulk(self, *, before_commit: BeforeCommit | None = None) -> Iterator[SQLiteWriter]:
        """As `Log.bulk`."""
        with self.datastore.writing(cache_kib=BULK_CACHE_KIB) as connection:
            writer = SQLiteWriter(connection, self.datastore.faults, self._append)
            yield writer
            writer.refuse_if_broken()
            if before_commit is not None:
                before_commit(writer, writer.growth)

    # -- reading ------------------------------------------------------------------------------------------

    @contextmanager
    def snapshot(self) -> Iterator[Reading]:
        """As `Log.snapshot`."""
        with self.datastore.snapshot() as connection:
            yield SQLiteReading(connection, self.datastore.faults)

    def highest_given(self) -> int:
        """As `TreeReading.highest_given`."""
        return int(self._all(HIGHEST_GIVEN)[0][0])

    def _all(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        with self.datastore.reading() as connection:
            return fetch_all(connection, self.datastore.faults, sql, parameters)

    def _each(self, sql: str, parameters: Sequence[Any] = ()) -> Generator[Any, None, None]:
        with self.datastore.reading() as connection:
            yield from fetch_each(connection, self.datastore.faults, sql, parameters)

    select_notifications = ApplicationLog.select_notifications


class LedgerFactory(library.SQLiteFactory):
    """Makes the recorder from an application's environment.

    `SQLITE_DBNAME` is a plain path or `:memory:`, `SQLITE_LOCK_TIMEOUT` whole seconds. Opening never makes
    tables in a file: CREATE_TABLE counts as "no" unless it is set, except in memory.
    """

    application_recorder_class: type[library.SQLiteApplicationRecorder] = LedgerRecorder
    datastore: LedgerDatastore

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env)
        read = self.datastore  # the library has read the environment; it has opened nothing yet
        self.datastore = LedgerDatastore(
            read.pool.db_name,
            lock_timeout=read.pool.lock_timeout,
            single_row_tracking=read.single_row_tracking,
            originator_id_type=read.originator_id_type,
        )

    def env_create_table(self) -> bool:
        """Whether making a recorder makes its tables."""
        default = "yes" if self.datastore.in_memory else "no"
        return strtobool(self.env.get(self.CREATE_TABLE, default) or default)

    def application_recorder(self) -> ApplicationRecorder:
        """The log. Raises what `open_log` raises."""
        recorder = cast(LedgerRecorder, super().application_recorder())
        recorder.datastore.check()
        return recorder
