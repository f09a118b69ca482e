"""A SQLite file as verification reads it."""

import sqlite3
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

from ledger.errors import DamagedLedgerError, LockedError, NoLedgerError, NotALedgerError, OlderLedgerError
from ledger.storage.sqlite import exists
from ledger.storage.sqlite_datastore import BUSY_SECONDS, uri_of
from ledger.storage.sqlite_faults import LOCKED, Faults
from ledger.storage.sqlite_schema import SCHEMA
from ledger.verification.database import Database, Stored, UnreadableError, Where, text
from ledger.verification.faults import Kind

CACHE_KIB = 16 * 1024


class SQLiteDatabase(Database):
    """A connection of the standard library, its errors told apart."""

    engine = "SQLite"
    damaged = Kind.SQLITE
    whole = "(file)"
    order_kept = True

    def __init__(self, where: Where) -> None:
        super().__init__(where)
        if not exists(where.place):
            raise NoLedgerError(f"sqlite:///{where.place}")
        with _opening(where.place):
            self._connection = sqlite3.connect(
                uri_of(where.place), uri=True, isolation_level=None, timeout=BUSY_SECONDS
            )
            try:
                self._connection.text_factory = bytearray
                self._connection.execute("PRAGMA query_only = ON")
                self._connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
            except BaseException:
                self._connection.close()
                raise

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """As `Database.rows`."""
        with self._reading():
            return self._connection.execute(sql, parameters).fetchall()

    def each(self, sql: str, parameters: Sequence[Any] = ()) -> Generator[Any, None, None]:
        """As `Database.each`."""
        with self._reading():
            yield from self._connection.execute(sql, parameters)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except UnicodeDecodeError as wrong:  # SQLite's own message quotes what is no text
            raise UnreadableError(wrong) from wrong
        except sqlite3.Error as wrong:
            if getattr(wrong, "sqlite_errorcode", 0) & 0xFF in LOCKED:
                raise LockedError(self.where.place, BUSY_SECONDS) from wrong
            raise UnreadableError(wrong) from wrong

    def hold(self) -> None:
        """As `Database.hold`."""
        place = self.where.place
        with _opening(place):
            self._connection.execute("BEGIN")
            names = {text(name) for (name,) in self._connection.execute("SELECT name FROM sqlite_master")}
        if "stored_events" not in names:
            raise NotALedgerError(place, "it is a database without a ledger's tables")
        if "tree" not in names and self._is_first_version():
            raise OlderLedgerError(place, "1")

    def _is_first_version(self) -> bool:
        try:
            return self.rows("SELECT value FROM meta WHERE name = 'storage_version'") == [(b"1",)]
        except UnreadableError:  # `check_schema` reports it
            return False

    def close(self) -> None:
        """As `Database.close`."""
        self._connection.close()

    @staticmethod
    def not_of(column: str, kind: str) -> str:
        """As `Database.not_of`."""
        return f"typeof({column}) <> '{kind}'"

    @staticmethod
    def is_whole(column: str) -> str:
        """As `Database.is_whole`; whether the pages are whole, `check_itself` says."""
        return f"typeof({column}) = 'blob'"

    def check_itself(self, stored: Stored) -> None:
        """Each line of SQLite's own check of the file."""
        with stored.damage(self.whole):
            for (line,) in self.each("PRAGMA integrity_check(1000)"):
                if line != b"ok":
                    stored.report(self.whole, None, Kind.SQLITE, text(line))

    def check_schema(self, stored: Stored) -> None:
        """Every table, index and trigger against the statements that made them."""
        with closing(sqlite3.connect(":memory:")) as made:
            for statement in SCHEMA:
                made.execute(statement)
            made.text_factory = bytearray
            expected = _objects(made.execute(OBJECTS).fetchall())
        with stored.damage("sqlite_master"):
            found = _objects(self.rows(OBJECTS))
            for name, (kind, table, sql) in expected.items():
                if name not in found:
                    stored.report(table, name, Kind.SCHEMA, f"the {kind} {name} is missing")
                elif found[name] != (kind, table, sql):
                    stored.report(table, name, Kind.SCHEMA, f"the {kind} {name} is not as it was made")
            tables = {table for _, table, _ in expected.values()}
            for name, (kind, table, _) in found.items():
                if name not in expected and table in tables:
                    stored.report(table, name, Kind.SCHEMA, f"the {kind} {name} was added")

    def check_end(self, stored: Stored, size: int) -> None:
        """By `sqlite_sequence`, which keeps the highest position ever given."""
        with stored.damage("sqlite_sequence"):
            given = stored.one("SELECT seq FROM sqlite_sequence WHERE name = 'stored_events'") or 0
            last = stored.one("SELECT max(position) FROM stored_events") or 0
            if type(given) is not int or given < size:
                said = f"the highest position ever given is said to be {given!r}, and entry {size} is there"
                stored.report("sqlite_sequence", None, Kind.EXTRA, said)
            elif given > last:
                said = f"{given} entries were recorded, the last one there is number {last}"
                stored.report("stored_events", last + 1, Kind.CUT_OFF, said)

    def check_references(self, stored: Stored) -> None:
        """By the foreign keys."""
        with stored.damage(self.whole):
            for table, rowid, parent, _ in self.rows("PRAGMA foreign_key_check"):
                said = f"row {rowid} refers to a row of {text(parent)} that is not there"
                stored.report(text(table), None, Kind.SQLITE, said)

    def remarks(self) -> Sequence[str]:
        """Nothing: a file is checked whole."""
        return ()


OBJECTS = "SELECT type, name, tbl_name, sql FROM sqlite_master"


def _objects(
    rows: Sequence[tuple[bytearray, bytearray, bytearray, bytearray | None]],
) -> dict[str, tuple[str, str, str]]:
    """Kind, table and normalised SQL of everything in a database, by name."""
    return {
        text(name): (text(kind), text(table), "" if sql is None else " ".join(text(sql).split()))
        for kind, name, table, sql in rows
    }


@contextmanager
def _opening(place: str) -> Iterator[None]:
    """What SQLite says while a file is opened, as an error for whoever asked."""
    try:
        yield
    except sqlite3.Error as wrong:
        raise Faults(place, BUSY_SECONDS, known_sql=True).meaning(wrong) from wrong
    except UnicodeDecodeError as wrong:
        raise DamagedLedgerError(place, "its list of tables is no text") from wrong
