"""Which engine keeps a log: a path is an SQLite file, an address a database on a PostgreSQL server.

Each engine is a module with the functions of `Engine`; it is imported when it is first asked for.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from ledger.errors import UsageError
from ledger.storage.condition import Condition
from ledger.storage.log import ApplicationLog, Progress

SERVER = ("postgresql://", "postgres://")


class Engine(Protocol):
    """What a module that keeps logs offers. `place` is a file's path or a server's address."""

    def exists(self, place: str) -> bool:
        """Whether something stands at the place that could be a ledger."""

    def create(self, place: str) -> Sequence[str]:
        """Make an empty log; what was done that its owner should know, in sentences.

        All or nothing. LedgerExistsError if a ledger is there already; StorageError if it cannot be written.
        """

    def remove(self, place: str) -> None:
        """Take away what `create` has just made."""

    def open_log(self, place: str) -> ApplicationLog:
        """The log at a place. NoLedgerError, NotALedgerError, NewerLedgerError, DamagedLedgerError, StorageError."""

    def upgrade(self, place: str, progress: Progress) -> bool:
        """Bring a log of an older program to today's storage version; whether there was anything to do."""

    def condition(self, place: str) -> Condition:
        """In what condition the database is that keeps the log. Raises as `open_log`."""

    def environment(self, place: str) -> dict[str, str]:
        """What makes an eventsourcing application keep its events there."""


def engine_of(place: str) -> Engine:
    """The engine for a place. UsageError where what it needs is not installed."""
    if not place.startswith(SERVER):
        from ledger.storage import sqlite

        return sqlite
    with the_extra():
        from ledger.storage import postgres
    return postgres


@contextmanager
def the_extra() -> Iterator[None]:
    """Around the import of what speaks to a server. UsageError where the extra for it is not installed."""
    try:
        yield
    except ImportError as missing:
        raise UsageError(
            f"a ledger on a PostgreSQL server needs the extra `postgres` ({missing}). "
            "Install it: pip install 'engagement-ledger[postgres]'"
        ) from None
