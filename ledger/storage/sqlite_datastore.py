"""Connections to one SQLite file, as the ledger needs them.

Every write transaction is BEGIN IMMEDIATE: a deferred one that reads before it writes is refused as soon as
another process wrote in between (650 of 900 writes of three processes, DESIGN section 9).
"""

import itertools
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Literal

from eventsourcing import sqlite as library
from eventsourcing.persistence import ConnectionPoolClosedError

from ledger.errors import LedgerExistsError, NewerLedgerError, NoLedgerError, NotALedgerError, StorageError
from ledger.storage.sqlite_faults import Faults
from ledger.storage.sqlite_schema import STORAGE_VERSION

MEMORY = ":memory:"
BUSY_SECONDS = 10
# recursive_triggers: without it, INSERT OR REPLACE removes rows past the triggers that refuse it.
PRAGMAS = ("foreign_keys = ON", "recursive_triggers = ON", "synchronous = FULL")
READ_ONLY = "?mode=ro&immutable=1"
BESIDE = ("-wal", "-shm", "-journal")  # what SQLite keeps beside a database file
_memories = itertools.count()


def uri_of(place: str) -> str:
    """The URI that opens `place` and never creates it; a private shared memory for `:memory:`.

    Where neither the file nor its folder can be written and nobody has it open, it is a copy on a read-only
    medium: SQLite reads a WAL database there only when told that it cannot change.
    """
    if place == MEMORY:
        return f"file:/ledger-{os.getpid()}-{next(_memories)}?mode=memory&cache=shared"
    path = Path(place).absolute()
    writable = os.access(path, os.W_OK) or os.access(path.parent, os.W_OK)
    if not writable and not any(os.path.lexists(f"{path}{end}") for end in BESIDE):
        return path.as_uri() + READ_ONLY
    return f"{path.as_uri()}?mode=rw"


class LedgerConnectionPool(library.SQLiteConnectionPool):
    """Connections that wait for locks, check foreign keys and wait for the disk."""

    def _create_connection(self) -> library.SQLiteConnection:
        connection = sqlite3.connect(
            self.db_name,
            uri=True,
            check_same_thread=False,  # the pool hands it to one thread at a time
            isolation_level=None,  # BEGIN is said openly
            timeout=self.lock_timeout or BUSY_SECONDS,
        )
        try:
            for pragma in PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")
        except BaseException:
            connection.close()
            raise
        connection.row_factory = sqlite3.Row  # the library's own queries name their columns
        return library.SQLiteConnection(connection, max_age=self.max_age)

    def close(self) -> None:
        """Close what is idle. What is lent out is closed when it comes back.

        The library closes that too; under another thread's running query that crashes the interpreter.
        """
        with self._put_condition:
            self._in_use.clear()
        super().close()


class LedgerDatastore(library.SQLiteDatastore):
    """One ledger file (or `:memory:`, for tests), opened, never created."""

    def __init__(
        self,
        place: str,
        *,
        lock_timeout: int | None = None,
        single_row_tracking: bool = True,
        originator_id_type: Literal["uuid", "text"] = "text",
    ) -> None:
        uri, wait = uri_of(place), lock_timeout or BUSY_SECONDS
        super().__init__(uri, single_row_tracking=single_row_tracking, originator_id_type=originator_id_type)
        self.pool = LedgerConnectionPool(db_name=uri, lock_timeout=lock_timeout, pool_timeout=wait)
        self.place = place
        self.faults = Faults(place, wait, known_sql=True)
        self._library_faults = Faults(place, wait, known_sql=False)

    @property
    def in_memory(self) -> bool:
        """Whether there is no file: the content ends with the last connection."""
        return self.pool.is_sqlite_memory_mode

    @property
    def is_read_only(self) -> bool:
        """Whether the file stands where nothing can be written, and is read as one that cannot change."""
        return self.pool.db_name.endswith(READ_ONLY)

    def check(self) -> None:
        """Make sure that this is a ledger of this storage version.

        Raises NoLedgerError, NotALedgerError, NewerLedgerError, DamagedLedgerError or StorageError.
        """
        if not self.in_memory and not Path(self.place).exists():
            raise NoLedgerError(f"sqlite:///{self.place}")
        with self.reading() as connection, self.faults:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
            if not {"meta", "stored_events"} <= tables:
                raise NotALedgerError(self.place, "it is a database without a ledger's tables")
            found = connection.execute("SELECT value FROM meta WHERE name = 'storage_version'").fetchone()
        version = found["value"] if found else "none"
        if version != str(STORAGE_VERSION):
            raise NewerLedgerError(self.place, STORAGE_VERSION, version)
        self.keep_write_ahead_log()

    def keep_write_ahead_log(self) -> None:
        """Put the file in WAL mode, which lasts: readers and the writer then do not wait for one another.

        Not done while connecting, for that would change a file that turns out to be something else.
        """
        if self.in_memory or self.is_read_only:
            return
        with self.reading() as connection, self.faults:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                connection.execute("PRAGMA journal_mode = WAL")

    # -- one connection -----------------------------------------------------------------------------------

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection outside any transaction. The caller's own errors pass unchanged."""
        with self._connection(is_writer=False) as connection:
            yield connection._sqlite_conn  # noqa: SLF001  # the library has no name for it

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one and the same state from now on."""
        with self.reading() as connection:
            with self.faults:
                connection.execute("BEGIN")
                connection.execute("SELECT 1 FROM meta LIMIT 1").fetchone()  # BEGIN alone takes no state yet
            try:
                yield connection
            finally:
                _roll_back(connection)

    @contextmanager
    def writing(self, *, cache_kib: int | None = None) -> Iterator[sqlite3.Connection]:
        """A write transaction, committed at the end of the block, rolled back by any exception in it.

        The caller's own errors pass unchanged; LockedError if another process held the lock too long. With
        `cache_kib` the transaction is a long one: it gets so much page cache, and its connection is closed
        afterwards.
        """
        with self._connection(is_writer=True) as pooled:
            connection = pooled._sqlite_conn  # noqa: SLF001  # as above
            with self.faults:
                if cache_kib is not None:
                    connection.execute(f"PRAGMA cache_size = -{cache_kib}")
                connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                if not connection.in_transaction:  # SQLite rolls back by itself after some errors
                    raise StorageError(self.place, "SQLite gave up the transaction after an error")
                with self.faults:
                    connection.commit()
            finally:
                _roll_back(connection)
                if cache_kib is not None and not self.in_memory:
                    pooled.close()

    @contextmanager
    def transaction(self, *, commit: bool) -> Iterator[library.SQLiteCursor]:
        """The library's way in, used by the recorders it brings."""
        within = self.writing() if commit else self.snapshot()
        with self._library_faults, within as connection, closing(connection.cursor()) as cursor:
            yield library.SQLiteCursor(cursor)

    @contextmanager
    def _connection(self, *, is_writer: bool) -> Iterator[library.SQLiteConnection]:
        with self.faults:
            connection = self.pool.get_connection(is_writer=is_writer)
        try:
            yield connection
        finally:
            try:
                self.pool.put_connection(connection)
            except ConnectionPoolClosedError:
                connection.close()


def _roll_back(connection: sqlite3.Connection) -> None:
    """End what is still open. Silent, because it runs after the error that counts, or after a mere read."""
    with suppress(sqlite3.Error):
        connection.rollback()


def make_file(path: Path) -> None:
    """An empty file that only its owner can read, where nothing stood before.

    Raises LedgerExistsError if the file, or what SQLite would keep beside it, is there: a write-ahead log
    left behind may hold the last entries of another ledger.
    """
    for taken in (path, *(Path(f"{path}{end}") for end in BESIDE)):
        if os.path.lexists(taken):
            raise LedgerExistsError(taken)
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        raise LedgerExistsError(path) from None
    except OSError as error:
        raise StorageError(path, error.strerror or str(error)) from error


def remove_file(path: Path) -> None:
    """Take away what `make_file` made and what SQLite put beside it."""
    for made in (path, *(Path(f"{path}{end}") for end in BESIDE)):
        made.unlink(missing_ok=True)
