"""Reading a database that may be damaged: nothing in it is trusted to be of the type or form it was stored in.

What is the same for every engine stands here and in the modules that use it; what differs, in `sqlite_database` and
`postgres_database`.
"""

from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, NamedTuple

from ledger.storage.engines import SERVER, the_extra
from ledger.verification.faults import Fault, Kind


class UnreadableError(Exception):
    """What an engine says where it cannot read something that is there. It never leaves the verification."""


class Where(NamedTuple):
    """What any process needs to open the database and see what the others see.

    `place` is what the storage opens; `snapshot` names the state that all are to see, where the engine has such names.
    """

    place: str
    snapshot: str | None = None


class Database(ABC):
    """A connection that only reads.

    TEXT comes as bytearray, BLOB or BYTEA as bytes, a number as int: nothing is decoded, each is told apart. Queries
    are written with `?`. They raise UnreadableError for what is damaged; LockedError, StorageError.
    """

    engine: ClassVar[str]
    """The engine's name in messages."""
    damaged: ClassVar[Kind]
    """The kind of fault that the engine itself reports."""
    whole: ClassVar[str]
    """What reports call the database as a whole, in place of a table."""
    order_kept: ClassVar[bool]
    """Whether sealed texts are found fast by `rowid`, the order in which they were stored."""

    def __init__(self, where: Where) -> None:
        self.where = where

    @abstractmethod
    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """All rows of a query."""

    @abstractmethod
    def each(self, sql: str, parameters: Sequence[Any] = ()) -> Generator[Any, None, None]:
        """The rows of a query one by one, never held as a whole."""

    @abstractmethod
    def hold(self) -> None:
        """See one state from now on.

        Raises NotALedgerError, OlderLedgerError, DamagedLedgerError, LockedError, StorageError.
        """

    @abstractmethod
    def close(self) -> None:
        """Ends the connection."""

    # -- what differs -------------------------------------------------------------------------------------

    @staticmethod
    @abstractmethod
    def not_of(column: str, kind: str) -> str:
        """SQL that is true where a value is not a text, an integer or a blob as it was stored."""

    @staticmethod
    @abstractmethod
    def is_whole(column: str) -> str:
        """SQL that gives 1 where a blob is one and can be read as a whole, without handing it over."""

    @abstractmethod
    def check_itself(self, stored: "Stored") -> None:
        """Reports what the engine itself finds damaged."""

    @abstractmethod
    def check_schema(self, stored: "Stored") -> None:
        """Reports what of the tables, and of all that belongs to them, is not as it was made."""

    @abstractmethod
    def check_end(self, stored: "Stored", size: int) -> None:
        """Reports a log of that size whose end was cut off, as far as the database remembers what it gave."""

    @abstractmethod
    def check_references(self, stored: "Stored") -> None:
        """Reports rows that refer to an entry that is not there."""

    @abstractmethod
    def remarks(self) -> Sequence[str]:
        """What could not be checked here, in sentences."""


class Stored(NamedTuple):
    """A database that is read, and the faults found in it so far."""

    database: Database
    faults: list[Fault]

    @property
    def where(self) -> Where:
        """How another process opens it."""
        return self.database.where

    @contextmanager
    def damage(self, table: str, position: int | str | None = None) -> Iterator[None]:
        """Makes a fault of what the engine cannot read in this block."""
        try:
            yield
        except UnreadableError as wrong:
            kind = self.database.damaged if position is None else Kind.UNREADABLE
            self.report(table, position, kind, f"{self.database.engine} cannot read this: {wrong}")

    def report(self, table: str, position: int | str | None, kind: Kind, message: str) -> None:
        """Adds a fault."""
        self.faults.append(Fault(table, position, kind, message))

    def one(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """The first column of the first row; None where there is no row."""
        found = self.database.rows(sql, parameters)
        return found[0][0] if found else None

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """All rows."""
        return self.database.rows(sql, parameters)

    def each(self, sql: str, parameters: Sequence[Any] = ()) -> Generator[Any, None, None]:
        """The rows one by one."""
        return self.database.each(sql, parameters)


def connect(where: Where) -> Database:
    """A connection to the database, by the engine that keeps it. NoLedgerError, LockedError, StorageError.

    UsageError where what the engine needs is not installed.
    """
    if where.place.startswith(SERVER):
        with the_extra():
            from ledger.verification.postgres_database import PostgresDatabase
        return PostgresDatabase(where)
    from ledger.verification.sqlite_database import SQLiteDatabase

    return SQLiteDatabase(where)


def text(value: object) -> str:
    """What stands in a TEXT column, for messages and names, whatever it is."""
    if isinstance(value, bytes | bytearray):
        return value.decode(errors="backslashreplace")
    return repr(value)
