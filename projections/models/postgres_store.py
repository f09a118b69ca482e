"""Read models in a PostgreSQL schema of their own, beside the ledger's.

The schema belongs to the ledger's recording role, in which every session of the program acts, so whoever records may
keep the tables. A commit does not wait for the disk: what a crash takes away is worked out again.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import psycopg
from eventsourcing import postgres as library
from eventsourcing.persistence import Tracking
from psycopg import Connection, Cursor, Pipeline, sql
from psycopg.rows import DictRow, tuple_row

from ledger.errors import DamagedLedgerError, DamagedViewsError, LockedError, StorageError
from ledger.storage.postgres_datastore import LOCK_SECONDS, LedgerDatastore, Session
from ledger.storage.postgres_faults import Faults
from ledger.storage.postgres_making import is_views, make_views_schema, views_schema
from ledger.storage.postgres_transaction import translated
from projections.models.base import Table
from projections.models.filling import Fetch, Query, RunMany
from projections.models.sql import GENERATION, Dialect
from projections.models.store import GoneError, Store

READ_ONLY = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
META = "CREATE TABLE IF NOT EXISTS meta (name text PRIMARY KEY, value text NOT NULL)"
THERE = "SELECT count(*) = 2 FROM pg_tables WHERE schemaname = %s AND tablename IN ('meta', 'tracking')"
TABLES_THERE = "SELECT tablename FROM pg_tables WHERE schemaname = %s"
TABLES_OF = "SELECT tablename FROM pg_tables WHERE schemaname = ?"
ONE_WRITER = "SELECT pg_advisory_xact_lock(hashtext('engagement ledger views'), hashtext(%s))"
ONE_REBUILD = "SELECT pg_advisory_lock(hashtext('engagement ledger rebuild'), hashtext(%s))"
REBUILD_DONE = "SELECT pg_advisory_unlock(hashtext('engagement ledger rebuild'), hashtext(%s))"
SIZE = """
SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relkind = 'r'
"""


class ViewsFaults(Faults):
    """As for a ledger, but damage is no loss."""

    def meaning(self, error: psycopg.Error) -> Exception:
        """The error to raise for `error`."""
        meaning = super().meaning(error)
        if isinstance(meaning, DamagedLedgerError):
            return DamagedViewsError(self.place, self.said(error))
        return meaning


class ViewsDatastore(LedgerDatastore):
    """Sessions on the schema of a ledger's read models, which is made where it is not there."""

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.faults = ViewsFaults(place, LOCK_SECONDS, known_sql=True)

    def _prepare(self, connection: Connection[DictRow]) -> None:
        super()._prepare(connection)
        ledger = self.session
        name = views_schema(ledger.schema or "public")
        ours = is_views(connection, name)
        if ours is None:
            _make_schema(connection, ledger)
        elif not ours:
            raise StorageError(self.place, f"the schema {name} is something else", "Name another database.")
        connection.execute(sql.SQL("SET search_path TO {}, pg_temp").format(sql.Identifier(name)))
        connection.execute("SET synchronous_commit TO off")
        self.session = ledger._replace(schema=name)


def _make_schema(connection: Connection[DictRow], ledger: Session) -> None:
    """Makes the schema as the login itself, unless another session has just made it."""
    if ledger.role is not None:
        connection.execute("RESET ROLE")
    with suppress(psycopg.errors.DuplicateSchema), connection.transaction():
        make_views_schema(connection, ledger.schema or "public", ledger.role)
    if ledger.role is not None:
        connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(ledger.role)))


class PostgresViews(library.PostgresTrackingRecorder, Store):
    """eventsourcing's tracking recorder, with the tables that are tracked."""

    datastore: ViewsDatastore
    dialect = Dialect(text='text COLLATE "C"', number="bigint", by_statistics=True)
    _lockable: tuple[tuple[str, ...], list[str]] = (), []
    """The tables last asked for, and those of them that are there."""

    def __init__(self, place: str, tables: Sequence[Table]) -> None:
        """Opens the schema beside the ledger's, and makes it where there is none.

        StorageError where this login may not, UnreachableError where there is no server.
        """
        self.tables = tables
        super().__init__(ViewsDatastore(place), tracking_table_name="tracking")
        self.schema = self.datastore.session.schema or ""
        self.place = self.datastore.place
        try:
            self._make_tables()
        except BaseException:
            self.close()
            raise

    def _make_tables(self) -> None:
        with self.datastore.uncut(), self.datastore.reading() as connection:
            if _first(connection, THERE, [self.schema]):
                return
        with self.datastore.uncut(), self._locked() as connection:
            if not _first(connection, THERE, [self.schema]):
                self.create_table()
                connection.execute(META)

    # -- transactions -------------------------------------------------------------------------------------

    @contextmanager
    def _locked(self) -> Iterator[Connection[DictRow]]:
        """A write transaction that is the only one."""
        with self.datastore.writing() as connection:
            connection.execute(ONE_WRITER, [self.schema])
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[Fetch]:
        with (
            self.datastore.uncut(),
            self.datastore.reading() as connection,
            connection.pipeline() as pipeline,
        ):
            connection.execute(READ_ONLY, prepare=False)
            yield self._fetching(connection, pipeline)

    @contextmanager
    def _writing(self) -> Iterator[tuple[Fetch, RunMany, Callable[[Tracking], None]]]:
        """What is run is sent with the next query, or at the end: the server is asked few times."""
        with (
            self.datastore.uncut(),
            self.datastore.writing() as connection,
            self.datastore.faults,
            connection.pipeline() as pipeline,
        ):
            connection.execute(ONE_WRITER, [self.schema])

            def run(statement: str, rows: Sequence[Sequence[Any]]) -> None:
                with self.datastore.faults, connection.cursor() as cursor:
                    if len(rows) > 1:
                        cursor.executemany(translated(statement), rows)
                    else:
                        cursor.execute(translated(statement), rows[0] or None)

            def track(tracking: Tracking) -> None:
                with self.datastore.faults, connection.cursor() as cursor:
                    self._insert_tracking(cursor, tracking)

            yield self._fetching(connection, pipeline), run, track

    def _fetching(self, connection: Connection[DictRow], pipeline: Pipeline) -> Fetch:
        def fetch(queries: Sequence[Query]) -> list[tuple[Sequence[str], list[Any]]]:
            with self.datastore.faults, ExitStack() as cursors:
                asked = [
                    cursors.enter_context(connection.cursor(binary=True, row_factory=tuple_row))
                    for _ in queries
                ]
                for cursor, (query, parameters) in zip(asked, queries, strict=True):
                    cursor.execute(translated(query), parameters or None)
                pipeline.sync()
                return [_answer(cursor) for cursor in asked]

        return fetch

    def _hold(self, fetch: Fetch, names: Iterable[str]) -> None:
        """As `Store._hold`: a rebuild that would drop the tables waits for whoever reads them."""
        wanted = tuple(names)
        if self._lockable[0] != wanted:
            ((_, rows),) = fetch([(TABLES_OF, [self.schema])])
            there = {name for (name,) in rows}
            # another version of the program made others
            self._lockable = wanted, [name for name in wanted if name in there]
        held = self._lockable[1]
        if held:
            try:
                fetch([(f"LOCK TABLE {', '.join(held)} IN ACCESS SHARE MODE", [])])
            except DamagedViewsError as error:
                self._lockable = (), []
                raise GoneError from error

    def _drop_all_but(self, generations: set[int]) -> None:
        with self.datastore.uncut(), self.datastore.reading() as connection:
            rows = connection.execute(TABLES_THERE, [self.schema]).fetchall()
        for name in (row["tablename"] for row in rows):
            found = GENERATION.search(name)
            if found is not None and int(found.group(1)) not in generations:
                with suppress(LockedError):  # still being read: the next rebuild takes it away
                    self._statements([f"DROP TABLE IF EXISTS {name}"])

    # -- the place ----------------------------------------------------------------------------------------

    @contextmanager
    def alone(self) -> Iterator[None]:
        """As `Store.alone`: a lock of the session, which ends with it."""
        with self.datastore.uncut(), self.datastore.reading() as connection:
            connection.execute("SET lock_timeout TO 0")
            connection.execute(ONE_REBUILD, [self.schema])
            try:
                yield
            finally:
                with suppress(psycopg.Error):
                    connection.execute(REBUILD_DONE, [self.schema])
                    connection.execute(f"SET lock_timeout TO '{LOCK_SECONDS}s'")

    def size(self) -> int:
        """As `Store.size`, indexes included."""
        with self.datastore.uncut(), self.datastore.reading() as connection:
            return int(_first(connection, SIZE, [self.schema]))

    def close(self) -> None:
        """As `Store.close`."""
        self.datastore.close()


def _answer(cursor: Cursor[Any]) -> tuple[Sequence[str], list[Any]]:
    """The columns' names, without psycopg's account of each column, and the rows."""
    result = cursor.pgresult
    if result is None or not result.nfields:
        return (), []
    return [(result.fname(n) or b"").decode() for n in range(result.nfields)], cursor.fetchall()


def _first(connection: Connection[DictRow], query: str, parameters: Sequence[Any]) -> Any:
    row = connection.execute(query, parameters).fetchone() or {}
    return next(iter(row.values()), None)


def remove(place: str) -> None:
    """Takes the tables away, whatever they are. Raises what opening raises."""
    datastore = ViewsDatastore(place)
    try:
        with datastore.uncut(), datastore.writing() as connection:
            for row in connection.execute(TABLES_THERE, [datastore.session.schema]).fetchall():
                statement = sql.SQL("DROP TABLE IF EXISTS {} CASCADE")
                connection.execute(statement.format(sql.Identifier(row["tablename"])))
    finally:
        datastore.close()
