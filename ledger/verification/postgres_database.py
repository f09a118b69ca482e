"""A PostgreSQL database as verification reads it.

Every process sees the state that the first one exported: verifying takes no lock for which a writer would wait, and
what is recorded meanwhile is not seen. A query that fails leaves the transaction usable, by its savepoint.
"""

import itertools
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg import errors
from psycopg.adapt import Loader
from psycopg.pq import Format, TransactionStatus
from psycopg.sql import SQL, Literal

from ledger.errors import (
    LedgerError,
    LockedError,
    NoLedgerError,
    NotALedgerError,
    StorageError,
    UnreachableError,
)
from ledger.storage.postgres_datastore import LOCK_SECONDS, TABLES_THERE, refuse_unfit
from ledger.storage.postgres_faults import Faults, is_cut
from ledger.storage.postgres_place import parameters
from ledger.storage.postgres_schema import TABLES
from ledger.storage.postgres_transaction import translated
from ledger.verification.database import Database, Stored, UnreadableError, Where, text
from ledger.verification.faults import Kind
from ledger.verification.postgres_catalog import WHOLE, check_catalog, check_rights
from ledger.verification.tree import leaves_of

FETCHED = 2_000
"""How many rows of a long result are held at a time."""

# The ledger's schema and nothing before it; no limit that would break off a long check; a policy that hides rows is an
# error, not an answer.
SETTINGS = """
SELECT set_config('search_path', coalesce(quote_ident(current_schema()) || ', pg_temp', ''), false),
    set_config('lock_timeout', %s, false), set_config('statement_timeout', '0', false),
    set_config('idle_in_transaction_session_timeout', '0', false), set_config('row_security', 'off', false),
    set_config('jit', 'off', false)
"""
BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
GOOD, BACK = "SAVEPOINT good", "ROLLBACK TO SAVEPOINT good"

AMCHECK = """
SELECT schema FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace, quote_ident(nspname) AS schema
WHERE extname = 'amcheck'
    AND has_function_privilege(to_regprocedure(schema || '.bt_index_check(regclass, boolean)'), 'EXECUTE')
    AND has_function_privilege(
        to_regprocedure(schema || '.verify_heapam(regclass, boolean, boolean, text, bigint, bigint)'), 'EXECUTE')
"""
INDEXES = """
SELECT i.oid::bigint FROM pg_index JOIN pg_class i ON i.oid = indexrelid JOIN pg_class t ON t.oid = indrelid
WHERE t.relnamespace = to_regnamespace(quote_ident(current_schema())) AND t.relname = ANY (?) ORDER BY i.relname
"""
HEAPS = """
SELECT oid::bigint, relname FROM pg_class
WHERE relnamespace = to_regnamespace(quote_ident(current_schema())) AND relname = ANY (?) ORDER BY relname
"""
DANGLING = """
SELECT stream, seq FROM {} b
WHERE NOT EXISTS (SELECT FROM stored_events e WHERE e.originator_id = b.stream AND e.originator_version = b.seq)
"""
NO_AMCHECK = (
    "the server's extension amcheck is not there for this login: whether its tables and indexes are damaged was not "
    "asked of PostgreSQL, only what was read of them was checked"
)
NO_CHECKSUMS = "the server keeps no checksums of its pages: what a disk changed it does not notice by itself"
STANDBY = "this server is a standby: what has not reached it yet was not checked"

_cursors = itertools.count()


class _Text(Loader):
    """The bytes of a text, not decoded, told by their type from those of a BYTEA."""

    format = Format.BINARY

    def load(self, data: Any) -> bytearray:
        """The bytes as they came."""
        return bytearray(data)


class PostgresDatabase(Database):
    """A session of its own, which takes on no role and writes nothing."""

    engine = "PostgreSQL"
    damaged = Kind.POSTGRESQL
    whole = WHOLE
    order_kept = False

    def __init__(self, where: Where) -> None:
        super().__init__(where)
        self._faults = Faults(where.place, LOCK_SECONDS, known_sql=True)
        try:
            self._connection = psycopg.connect(
                **parameters(where.place), autocommit=True, prepare_threshold=None
            )
        except psycopg.Error as error:
            raise self._faults.unreachable(error) from None  # its traceback may quote the address
        try:
            with self._opening():
                self._ready()
        except BaseException:
            self._connection.close()
            raise

    def _ready(self) -> None:
        refuse_unfit(self._connection, self._faults.place)
        self._connection.execute(SETTINGS, [f"{LOCK_SECONDS}s"])
        for name in ("text", "varchar", "bpchar", "name", '"char"'):
            self._connection.adapters.register_loader(name, _Text)
        if self.where.snapshot is not None:
            self._connection.execute(BEGIN)
            self._connection.execute(SQL("SET TRANSACTION SNAPSHOT {}").format(Literal(self.where.snapshot)))
            self._connection.execute(GOOD)

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """As `Database.rows`."""
        with self._reading():
            cursor = self._connection.cursor(binary=True)
            return cursor.execute(translated(sql), parameters).fetchall()

    def each(self, sql: str, parameters: Sequence[Any] = ()) -> Generator[Any, None, None]:
        """As `Database.each`: the server holds what was not fetched yet."""
        with self._reading(), self._connection.cursor(f"each_{next(_cursors)}", binary=True) as cursor:
            cursor.itersize = FETCHED
            yield from cursor.execute(translated(sql), parameters)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            raise self._meaning(error) from error

    def _meaning(self, error: psycopg.Error) -> Exception:
        """The error to raise: UnreadableError, if it is about what is stored."""
        said = self._faults.said(error)[:500]
        if is_cut(error):
            return UnreachableError(self._faults.place, said)
        if self._connection.info.transaction_status == TransactionStatus.INERROR:
            self._connection.execute(BACK)
        meaning = self._faults.meaning(error)
        about_data = isinstance(error, psycopg.DataError | errors.IoError)
        if isinstance(meaning, LockedError | UnreachableError | StorageError) and not about_data:
            return meaning
        return UnreadableError(said)

    @contextmanager
    def _opening(self) -> Iterator[None]:
        """Around what is asked while a session is begun: nothing of it is about what is stored."""
        try:
            yield
        except psycopg.Error as error:
            said = self._faults.said(error)
            meaning = None if is_cut(error) else self._faults.meaning(error)
            if isinstance(meaning, LedgerError):
                raise meaning from error
            raise UnreachableError(self._faults.place, said) from error

    def hold(self) -> None:
        """As `Database.hold`: a transaction whose state other processes can take over."""
        with self._opening():
            self._connection.execute(BEGIN)
            found = self._connection.execute("SELECT pg_export_snapshot()", binary=True).fetchone()
            self._connection.execute(GOOD)
            schema = self._connection.execute("SELECT current_schema()::text").fetchone()
            rows = self._connection.execute(TABLES_THERE, [schema and schema[0], list(TABLES)]).fetchall()
        there = {name for (name,) in rows}
        if not there:
            raise NoLedgerError(self._faults.place)
        if "stored_events" not in there:
            raise NotALedgerError(self._faults.place, "it is a database without a ledger's tables")
        self.where = self.where._replace(snapshot=text(found[0]) if found else None)

    def close(self) -> None:
        """As `Database.close`."""
        self._connection.close()

    # -- what differs -------------------------------------------------------------------------------------

    @staticmethod
    def not_of(column: str, kind: str) -> str:  # noqa: ARG004  # every engine's is asked alike
        """As `Database.not_of`: the column's type is the schema's, so what is left to be found is nothing at all."""
        return f"{column} IS NULL"

    @staticmethod
    def is_whole(column: str) -> str:
        """As `Database.is_whole`: all of it is fetched, also what is stored out of line."""
        return f"(md5({column}) IS NOT NULL)::integer"

    def check_itself(self, stored: Stored) -> None:
        """By the extension amcheck: each table's pages, and each index against its table."""
        schema = self._amcheck()
        if schema is None:
            return
        for table, name in self.rows(HEAPS, [list(TABLES)]):
            with stored.damage(self.whole):
                heap = f"SELECT blkno, offnum, msg FROM {schema}.verify_heapam(?::oid::regclass)"  # noqa: S608
                for page, place, said in self.rows(heap, [table]):
                    where = f"page {page}, row {place}" if place is not None else f"page {page}"
                    stored.report(self.whole, None, self.damaged, f"{text(name)}, {where}: {text(said)}")
        for (index,) in self.rows(INDEXES, [list(TABLES)]):
            with stored.damage(self.whole):
                self.rows(f"SELECT {schema}.bt_index_check(?::oid::regclass, true)", [index])

    def _amcheck(self) -> str | None:
        """The schema in which the extension stands, quoted; None where this login cannot use it."""
        found = self.rows(AMCHECK)
        return text(found[0][0]) if found else None

    def check_schema(self, stored: Stored) -> None:
        """Everything that belongs to the tables, and who has which right to them, by the catalogs."""
        with stored.damage("pg_catalog"):
            check_catalog(stored)
        with stored.damage("pg_catalog"):
            check_rights(stored)

    def check_end(self, stored: Stored, size: int) -> None:
        """By what both the tree and the streams' heads remember: no counter stands beside the log."""
        with stored.damage("tree"):
            nodes = stored.one("SELECT coalesce(max(number) + 1, 0) FROM tree")
            counted = stored.one("SELECT coalesce(sum(count), 0)::bigint FROM stream_heads")
            given = min(leaves_of(nodes), counted)
            if given > size:
                said = f"{given} entries were recorded, the last one there is number {size}"
                stored.report("stored_events", size + 1, Kind.CUT_OFF, said)

    def check_references(self, stored: Stored) -> None:
        """By the foreign keys' own question: a key that is disabled lets anything in."""
        for table in ("disclosures", "sources"):
            with stored.damage(table):
                for stream, seq in self.rows(DANGLING.format(table)):
                    said = f"a row refers to entry {seq} of {text(stream)[:80]}, which is not there"
                    stored.report(table, None, self.damaged, said)

    def remarks(self) -> Sequence[str]:
        """What PostgreSQL could not be asked, and whether this is the server that records."""
        found: list[str] = []
        with suppress(UnreadableError):
            if self._amcheck() is None:
                found.append(NO_AMCHECK)
            if self.rows("SELECT 1 WHERE current_setting('data_checksums') = 'off'"):
                found.append(NO_CHECKSUMS)
            if self.rows("SELECT 1 WHERE pg_is_in_recovery()"):
                found.append(STANDBY)
        return found
