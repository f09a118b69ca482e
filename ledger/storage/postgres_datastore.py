"""Sessions on one PostgreSQL ledger, as the ledger needs them.

Each session reads and writes the schema that was its current one, in the application role where its login may take
it on, waits for locks only so long, and is told of a commit only when it is as durable as the server can make it.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Literal, NamedTuple, Self

import psycopg
from eventsourcing import postgres as library
from psycopg import Connection, sql
from psycopg.rows import DictRow
from psycopg.types.composite import CompositeInfo, register_composite

from ledger.errors import (
    NewerLedgerError,
    NoLedgerError,
    NotALedgerError,
    StorageError,
    UnconfirmedError,
    UnreachableError,
    UsageError,
)
from ledger.storage.postgres_connections import Connections
from ledger.storage.postgres_faults import GRANT_IT, CommitCut, ConnectionCut, Faults, is_cut
from ledger.storage.postgres_schema import STORAGE_VERSION, TABLES

LOCK_SECONDS = 10
OLDEST_SERVER = 15
RECORDING_ROLE, READING_ROLE = "recording_role", "reading_role"
"""The names under which `meta` keeps the names of the ledger's roles."""

READ_WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED"
"""What is written must see everything that was committed before it got the lock."""

SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT 1"
"""BEGIN alone takes no state yet."""

# One round trip. A weaker synchronous_commit acknowledges what a crash, or a failover, may take away again; WARNING is
# how the server says that a standby has not confirmed. A session that vanished gives its lock back within a minute.
SETTINGS = """
SELECT current_schema() AS schema, current_setting('search_path') AS wanted, current_database() AS database,
    to_regclass(quote_ident(current_schema()) || '.meta') AS meta,
    set_config('search_path', coalesce(quote_ident(current_schema()) || ', pg_temp', ''), false),
    set_config('lock_timeout', %s, false),
    set_config('default_transaction_isolation', 'read committed', false),
    set_config('synchronous_commit',
        CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false),
    set_config('client_min_messages', 'warning', false),
    set_config('tcp_keepalives_idle', '20', false),
    set_config('tcp_keepalives_interval', '10', false),
    set_config('tcp_keepalives_count', '3', false),
    set_config('jit', 'off', false)
"""
ROLE = """
SELECT rolname FROM pg_roles JOIN meta ON value = rolname
WHERE name = 'recording_role' AND pg_has_role(session_user, oid, 'MEMBER')
"""
TABLES_THERE = (
    "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace(quote_ident(%s)) AND relname = ANY(%s)"
)


class Session(NamedTuple):
    """Where a connection reads and writes, and as whom (None: as the login itself)."""

    database: str
    schema: str | None
    wanted: str
    """The search path that gave the schema."""
    role: str | None


def prepare(connection: Connection[DictRow], place: str, lock_seconds: float) -> Session:
    """Ready a new connection for the ledger in its current schema.

    Raises StorageError for a server that is too old or a database that is not UTF8, and psycopg's own errors.
    """
    refuse_unfit(connection, place)
    found = connection.execute(SETTINGS, [f"{int(lock_seconds * 1000)}ms"]).fetchone() or {}
    role = None if found["meta"] is None else _take_role(connection)
    return Session(found["database"], found["schema"], found["wanted"], role)


def refuse_unfit(connection: Connection[Any], place: str) -> None:
    """Raise StorageError for a server that is too old, or a database that does not keep text as UTF-8."""
    if connection.info.server_version < OLDEST_SERVER * 10_000:
        raise StorageError(
            place,
            f"the server is PostgreSQL {connection.info.server_version // 10_000}, expected {OLDEST_SERVER} or newer",
            "Upgrade the server, or name another.",
        )
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise StorageError(
            place,
            f"the database keeps text as {encoding}, expected UTF8",
            "Make another with `createdb --encoding=UTF8 --template=template0 NAME`.",
        )


def refuse_forbidden(connection: Connection[Any], wanted: str, place: str) -> None:
    """Raise StorageError where the first schema of a search path is there, and this login may not look into it."""
    name = wanted.partition(",")[0].strip().strip('"').replace('""', '"')
    if connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [name]).fetchone():
        raise StorageError(place, f"this login may not use the schema {name}", GRANT_IT)


def _take_role(connection: Connection[DictRow]) -> str | None:
    """Act in the ledger's application role from now on, which may append and not change, if the login may."""
    with suppress(
        psycopg.ProgrammingError
    ):  # another `meta`, or one that this login may not read: `check` says so
        for found in connection.execute(ROLE):
            connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(found["rolname"])))
            return str(found["rolname"])
    return None


class LedgerDatastore(library.PostgresDatastore):
    """One ledger on a server. Making it connects: UnreachableError or StorageError, UsageError for a bad address."""

    def __init__(
        self,
        place: str,
        *,
        lock_timeout: float | None = None,
        single_row_tracking: bool = True,
        originator_id_type: Literal["uuid", "text"] = "text",
        enable_db_functions: bool = False,
    ) -> None:
        if enable_db_functions:
            raise UsageError(
                "POSTGRES_ENABLE_DB_FUNCTIONS is on: eventsourcing's own insert function takes no lock, and readers "
                "that follow the log would lose entries. Nothing was done. Take it out of the environment."
            )
        wait = lock_timeout or LOCK_SECONDS
        self.faults = Faults(place, wait, known_sql=True)
        self._library_faults = Faults(place, wait, known_sql=False)
        self.place = self.faults.place
        self.connections = Connections(place, self.faults, self._prepare)
        self.session = Session("", None, "", None)
        with self.uncut(), self.connections.lent():
            pass
        super().__init__(
            self.session.database,
            "",
            "",
            "",
            "",
            schema=self.session.schema or "",
            lock_timeout=int(wait),
            single_row_tracking=single_row_tracking,
            originator_id_type=originator_id_type,
        )

    def _prepare(self, connection: Connection[DictRow]) -> None:
        self.session = prepare(connection, self.place, self.faults.waited)

    def check(self) -> None:
        """Make sure that this is a ledger of this storage version.

        Raises NoLedgerError, NotALedgerError, NewerLedgerError, DamagedLedgerError, StorageError or UnreachableError.
        """
        with self.uncut(), self.reading() as connection:
            if self.session.schema is None:
                refuse_forbidden(connection, self.session.wanted, self.place)
            rows = connection.execute(TABLES_THERE, [self.session.schema, list(TABLES)]).fetchall()
            there = {row["relname"] for row in rows}
            if not there:
                raise NoLedgerError(self.place)
            if not {"meta", "stored_events", "tree"} <= there:
                raise NotALedgerError(self.place, "it is a database without a ledger's tables")
            try:
                found = connection.execute("SELECT value FROM meta WHERE name = 'storage_version'").fetchone()
            except psycopg.errors.UndefinedColumn:
                raise NotALedgerError(self.place, "its table meta is something else") from None
        version = found["value"] if found else "none"
        if version != str(STORAGE_VERSION):
            raise NewerLedgerError(self.place, STORAGE_VERSION, version)

    # -- one connection -----------------------------------------------------------------------------------

    @contextmanager
    def reading(self) -> Iterator[Connection[DictRow]]:
        """A connection outside any transaction. ConnectionCut where it breaks, else the errors of `Faults`."""
        with self.faults, self.connections.lent() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection[DictRow]]:
        """A connection that sees one and the same state from now on. Errors as for `reading`."""
        with self.reading() as connection:
            connection.execute(SNAPSHOT, prepare=False)
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection[DictRow]]:
        """A write transaction, committed at the end of the block, rolled back by any exception in it.

        ConnectionCut where it broke before the commit, CommitCut where that is not known, UnconfirmedError where
        the server says that a standby has not confirmed it.
        """
        with self.reading() as connection:
            connection.execute(READ_WRITE, prepare=False)
            yield connection
            with self.committing(connection):
                done = connection.execute("COMMIT", prepare=False)
            if done.statusmessage != "COMMIT":
                raise StorageError(self.place, "the server gave up the transaction after an error")

    @contextmanager
    def committing(self, connection: Connection[DictRow]) -> Iterator[None]:
        """Around the statement that commits: what came of it. Errors as for `writing`."""
        warnings: list[str] = []

        def note(notice: psycopg.errors.Diagnostic) -> None:
            if notice.severity_nonlocalized == "WARNING":
                warnings.append(notice.message_primary or "")

        connection.add_notice_handler(note)
        try:
            yield
        except psycopg.Error as error:
            if is_cut(error):
                raise CommitCut(self.faults.said(error)) from error
            raise
        finally:
            connection.remove_notice_handler(note)
        if warnings:
            why = f"the server committed it, but no standby has confirmed it ({'; '.join(warnings)})"
            raise UnconfirmedError(self.place, why)

    @contextmanager
    def uncut(self) -> Iterator[None]:
        """Makes an UnreachableError of a cut, where nobody tries again."""
        try:
            yield
        except ConnectionCut as cut:
            raise self.unreachable(cut) from cut

    def unreachable(self, cut: ConnectionCut) -> UnreachableError:
        """The error to raise for a cut before any commit."""
        return UnreachableError(self.place, cut.why)

    # -- the library's way in -----------------------------------------------------------------------------

    def register_type_adapters(self) -> None:
        """Not yet: the log itself needs none, and `get_connection` does it for whoever does."""

    @contextmanager
    def get_connection(self) -> Iterator[Connection[DictRow]]:
        """A connection for the recorders that the library brings."""
        with self._library_faults, self.connections.lent() as connection:
            for name in self.db_type_names - self.psycopg_type_adapters.keys():
                found = CompositeInfo.fetch(connection, sql.Identifier(self.schema, name))
                if found is not None:
                    register_composite(found, connection)
                    self.psycopg_type_adapters[name] = found
                    self.psycopg_python_types[name] = found.python_type
            for info in self.psycopg_type_adapters.values():
                if not connection.adapters.types.get(info.oid):
                    register_composite(info, connection)
            yield connection

    def close(self) -> None:
        """Close every connection."""
        self.connections.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        with suppress(AttributeError):  # making it failed before there were any
            self.close()
