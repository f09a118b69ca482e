"""Connections to the server, lent to one thread at a time and made when they are needed.

The library's own pool connects in the background and gives no reason when it cannot; here whoever needs a connection
is told at once why there is none. In the middle of the work, while a server restarts or a standby takes over, it is
tried again for a while.
"""

import select
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import DictRow, dict_row

from ledger.errors import LockedError, UnreachableError
from ledger.storage.postgres_columns import ADAPTERS
from ledger.storage.postgres_faults import ConnectionCut, Faults
from ledger.storage.postgres_place import parameters

Connection = psycopg.Connection[DictRow]

MOST = 15
"""How many connections one process opens at most."""

OLDEST = 3600.0
"""After how many seconds a connection is closed instead of kept."""

PATIENCE = 30.0
"""For how many seconds a lost server is tried again, in the middle of the work."""

PAUSE = 0.2
"""Seconds between two tries."""


class Connections:
    """The connections of one process to one ledger. `prepare` readies each new one."""

    def __init__(self, place: str, faults: Faults, prepare: Callable[[Connection], None]) -> None:
        self._parameters = parameters(place)
        self._faults = faults
        self._prepare = prepare
        self._idle: list[Connection] = []
        self._room = threading.BoundedSemaphore(MOST)
        self._closed = False
        self._reached = False
        self.patience = PATIENCE
        """For how many seconds to go on trying where no server answers, once one has answered."""

    def connect(self) -> Connection:
        """A new connection, not lent and not counted. UnreachableError or StorageError."""
        until = time.monotonic() + (self.patience if self._reached else 0)
        while True:
            try:
                connection = self._connect()
            except (ConnectionCut, UnreachableError) as error:
                if time.monotonic() >= until:
                    if isinstance(error, ConnectionCut):
                        raise UnreachableError(self._faults.place, error.why) from error
                    raise
                time.sleep(PAUSE)
            else:
                self._reached = True
                return connection

    def _connect(self) -> Connection:
        try:
            connection: Connection = psycopg.connect(
                **self._parameters,
                autocommit=True,
                row_factory=dict_row,
                prepare_threshold=2,
                context=ADAPTERS,
            )
        except psycopg.Error as error:
            raise self._faults.unreachable(error) from None  # its traceback may quote the address
        try:
            with self._faults:
                self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        connection._created_at = time.monotonic()  # noqa: SLF001  # psycopg keeps a place for it
        return connection

    @contextmanager
    def lent(self) -> Iterator[Connection]:
        """A connection outside any transaction, for the block. What is broken afterwards is not lent again.

        LockedError where all are in use for as long as a lock is waited for.
        """
        if not self._room.acquire(timeout=self._faults.waited):
            raise LockedError(self._faults.place, self._faults.waited)
        try:
            connection = self._taken() or self.connect()
            try:
                yield connection
            finally:
                self._give_back(connection)
        finally:
            self._room.release()

    def _taken(self) -> Connection | None:
        while self._idle:
            with suppress(IndexError):  # another thread took the last
                connection = self._idle.pop()
                if _is_alive(connection):
                    return connection
                connection.close()
        return None

    def _give_back(self, connection: Connection) -> None:
        with suppress(psycopg.Error):
            if connection.info.transaction_status != TransactionStatus.IDLE:
                connection.rollback()
        old = time.monotonic() - connection._created_at > OLDEST  # noqa: SLF001  # as above
        if self._closed or old or connection.info.transaction_status != TransactionStatus.IDLE:
            connection.close()
        else:
            self._idle.append(connection)

    def close(self) -> None:
        """Close what is idle. What is lent out is closed when it comes back."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()


def _is_alive(connection: Connection) -> bool:
    """Whether an idle connection still stands: where there is something to read unasked, it is mostly the end."""
    if connection.closed:
        return False
    waiting = select.poll()
    waiting.register(connection.pgconn.socket, select.POLLIN)
    return not waiting.poll(0)
