"""Making a ledger in a PostgreSQL schema, with its roles, and taking it back. Nowhere else are tables made.

Two roles without a login of their own: one may read and append, one may only read; neither may change or remove what
is recorded. Their names come from database and schema, and stand in `meta`.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
from psycopg import Connection, sql
from psycopg.rows import DictRow

from ledger.errors import LedgerExistsError, NoLedgerError, StorageError, UnreachableError
from ledger.storage.postgres_connections import Connections
from ledger.storage.postgres_datastore import (
    LOCK_SECONDS,
    READING_ROLE,
    RECORDING_ROLE,
    TABLES_THERE,
    refuse_forbidden,
    refuse_unfit,
)
from ledger.storage.postgres_faults import ConnectionCut, Faults
from ledger.storage.postgres_functions import append_function
from ledger.storage.postgres_schema import CHANGING, SCHEMA, TABLES

OURS = "engagement ledger: made by init"
"""The comment on a schema and on roles that `create` made, so that `remove` takes back no others."""

VIEWS = "engagement ledger: read models, which may be dropped at any time"
"""The comment on the schema beside a ledger's in which its read models stand."""

LONGEST_NAME = 63
WHERE = """
SELECT current_database() AS database, current_schema() AS schema, split_part(current_setting('search_path'), ',', 1)
    AS wanted, current_user AS login, (SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user)
    AS makes_roles
"""
ONE_MAKER = "SELECT pg_advisory_xact_lock(hashtext('engagement ledger'), hashtext(%s))"
FUNCTIONS = ("append_entries", "refuse_change")
FUNCTIONS_THERE = """
SELECT proname AS relname FROM pg_proc
WHERE pronamespace = to_regnamespace(quote_ident(%s)) AND proname = ANY(%s)
"""


def exists(place: str) -> bool:
    """Whether anything with the name of a ledger's table stands in the schema."""
    with _session(place) as (connection, faults):
        where = _where(connection)
        if where["schema"] is None:
            refuse_forbidden(connection, where["wanted"], faults.place)
        return bool(connection.execute(TABLES_THERE, [where["schema"], list(TABLES)]).fetchone())


def create(place: str) -> list[str]:
    """Make an empty ledger in the current schema, all or nothing; what was done, in sentences.

    Raises LedgerExistsError if a table of a ledger's names is there; StorageError or UnreachableError if it cannot be
    made.
    """
    with _session(place) as (connection, faults), connection.transaction():
        done: list[str] = []
        where = _where(connection)
        connection.execute(ONE_MAKER, [str(where["schema"] or where["wanted"])])
        schema = where["schema"] or _new_schema(connection, where["wanted"], faults.place, done)
        _refuse_taken(connection, schema, faults.place)
        for statement in (*SCHEMA, append_function(schema)):
            connection.execute(statement)
        done.insert(0, f"Made the tables of the ledger in schema {schema} of database {where['database']}.")
        _close_to_others(connection, schema)
        if where["makes_roles"]:
            _make_roles(connection, where["database"], schema, where["login"], done)
        else:
            done.append(
                f"The login {where['login']} may not make roles, so there are none: only it can use this ledger, and "
                "triggers alone keep it from changing what is recorded. For several logins, let one that has "
                "CREATEROLE make the ledger."
            )
        return done


def remove(place: str) -> None:
    """Take away what `create` made, and everything recorded in it. For a ledger whose making failed."""
    with _session(place) as (connection, faults), connection.transaction():
        schema = _where(connection)["schema"]
        if schema is None:
            raise NoLedgerError(faults.place)
        roles = _roles(connection)
        if is_views(connection, views_schema(schema)):
            _run(connection, "DROP SCHEMA {} CASCADE", views_schema(schema))
        for name in reversed(TABLES):
            connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(schema, name)))
        for name in FUNCTIONS:
            connection.execute(sql.SQL("DROP FUNCTION IF EXISTS {}").format(sql.Identifier(schema, name)))
        for role in roles:
            _drop_role(connection, role, schema)
        if connection.execute(
            "SELECT 1 FROM pg_namespace WHERE nspname = %s AND obj_description(oid, 'pg_namespace') = %s",
            [schema, OURS],
        ).fetchone():
            with suppress(psycopg.errors.DependentObjectsStillExist), connection.transaction():
                connection.execute(sql.SQL("DROP SCHEMA {}").format(sql.Identifier(schema)))


@contextmanager
def _session(place: str) -> Iterator[tuple[Connection[DictRow], Faults]]:
    """A connection as the login itself, in no role; closed afterwards."""
    faults = Faults(place, LOCK_SECONDS, known_sql=True)
    connections = Connections(place, faults, lambda connection: refuse_unfit(connection, faults.place))
    try:
        with faults, connections.lent() as connection:
            yield connection, faults
    except ConnectionCut as cut:
        raise UnreachableError(faults.place, cut.why) from cut
    finally:
        connections.close()


def _where(connection: Connection[DictRow]) -> DictRow:
    return connection.execute(WHERE).fetchone() or {}


def _new_schema(connection: Connection[DictRow], wanted: str, place: str, done: list[str]) -> str:
    """Make the schema that the address names and that is not there."""
    refuse_forbidden(connection, wanted, place)
    name = wanted.strip().strip('"').replace('""', '"')
    if not name or name == "$user":
        raise StorageError(
            place,
            "the search path names no schema that is there",
            "Name one: postgresql://.../DATABASE?options=-csearch_path%3DNAME",
        )
    connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name)))
    connection.execute(sql.SQL("COMMENT ON SCHEMA {} IS {}").format(sql.Identifier(name), OURS))
    done.append(f"Made the schema {name}.")
    return name


def _refuse_taken(connection: Connection[DictRow], schema: str, place: str) -> None:
    there = connection.execute(TABLES_THERE, [schema, list(TABLES)]).fetchall()
    there += connection.execute(FUNCTIONS_THERE, [schema, list(FUNCTIONS)]).fetchall()
    if there:
        names = ", ".join(sorted(row["relname"] for row in there))
        raise LedgerExistsError(f"{place} (in schema {schema}: {names})")


def _close_to_others(connection: Connection[DictRow], schema: str) -> None:
    """Take from everybody what PostgreSQL gives everybody."""
    function = sql.Identifier(schema, "append_entries")
    connection.execute(sql.SQL("REVOKE ALL ON FUNCTION {} FROM PUBLIC").format(function))
    for table in TABLES:
        connection.execute(sql.SQL("REVOKE ALL ON {} FROM PUBLIC").format(sql.Identifier(schema, table)))


# -- roles ------------------------------------------------------------------------------------------------


def role_name(database: str, schema: str, does: str) -> str:
    """The name of a role of the ledger in a schema of a database; roles belong to the whole server."""
    name = f"{database}_{does}" if schema == "public" else f"{database}_{schema}_{does}"
    if len(name.encode()) <= LONGEST_NAME:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:12]
    return f"{name.encode()[:30].decode(errors='ignore')}_{digest}_{does}"


def views_schema(schema: str) -> str:
    """The name of the schema beside a ledger's in which its read models stand; they may be dropped at any time."""
    name = f"{schema}_views"
    if len(name.encode()) <= LONGEST_NAME:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:12]
    return f"{schema.encode()[:40].decode(errors='ignore')}_{digest}_views"


def _make_roles(
    connection: Connection[DictRow], database: str, schema: str, login: str, done: list[str]
) -> None:
    recording, reading = (role_name(database, schema, does) for does in ("recording", "reading"))
    for kind, role in ((RECORDING_ROLE, recording), (READING_ROLE, reading)):
        _make_role(connection, role)
        connection.execute("INSERT INTO meta VALUES (%s, %s)", [kind, role])
        _run(connection, "GRANT USAGE ON SCHEMA {} TO {}", schema, role)
        for table in TABLES:
            _run(connection, "GRANT SELECT ON {} TO {}", table, role)
    for table in TABLES:
        if table != "meta":
            rights = "INSERT, UPDATE" if table in CHANGING else "INSERT"
            _run(connection, f"GRANT {rights} ON {{}} TO {{}}", table, recording)
    _run(connection, "GRANT EXECUTE ON FUNCTION {} TO {}", "append_entries", recording)
    _run(connection, "GRANT {} TO {}", recording, login)
    views = (psycopg.errors.InsufficientPrivilege, psycopg.errors.DuplicateSchema)
    with suppress(*views), connection.transaction():  # the read models do without
        make_views_schema(connection, schema, recording)
    done.append(
        f"Made the role {recording}: it may read and append, and may change or remove nothing that is recorded. Every "
        f"session of the program takes it on. For a login that records: GRANT {_quoted(recording)} TO its name."
    )
    done.append(f"Made the role {reading}: it may only read. GRANT {_quoted(reading)} TO whoever audits.")


def make_views_schema(connection: Connection[DictRow], schema: str, recording: str | None) -> None:
    """Make the schema of the read models beside a ledger's, for the role to keep that records, if there is one."""
    name = views_schema(schema)
    _run(connection, "CREATE SCHEMA {}", name)
    connection.execute(sql.SQL("COMMENT ON SCHEMA {} IS {}").format(sql.Identifier(name), VIEWS))
    if recording is not None:
        _run(connection, "ALTER SCHEMA {} OWNER TO {}", name, recording)


def is_views(connection: Connection[DictRow], name: str) -> bool | None:
    """Whether a schema is one of read models; None where there is no schema of that name."""
    found = connection.execute(
        "SELECT obj_description(oid, 'pg_namespace') AS said FROM pg_namespace WHERE nspname = %s", [name]
    ).fetchone()
    return None if found is None else found["said"] == VIEWS


def _make_role(connection: Connection[DictRow], role: str) -> None:
    """Make the role, or take the one that a ledger of the same database and schema left behind."""
    there = connection.execute(
        "SELECT rolcanlogin OR rolsuper AS other, shobj_description(oid, 'pg_authid') AS said FROM pg_roles "
        "WHERE rolname = %s",
        [role],
    ).fetchone()
    if there is None:
        _run(connection, "CREATE ROLE {} NOLOGIN", role)
        connection.execute(sql.SQL("COMMENT ON ROLE {} IS {}").format(sql.Identifier(role), OURS))
    elif there["other"] or there["said"] != OURS:
        raise LedgerExistsError(f"the role {role} of this server")


def _roles(connection: Connection[DictRow]) -> list[str]:
    """The roles that `create` made for this ledger."""
    with suppress(psycopg.ProgrammingError), connection.transaction():
        found = connection.execute(
            "SELECT rolname FROM pg_roles JOIN meta ON value = rolname WHERE name = ANY (%s) "
            "AND shobj_description(oid, 'pg_authid') = %s",
            [[RECORDING_ROLE, READING_ROLE], OURS],
        )
        return [row["rolname"] for row in found]
    return []


def _drop_role(connection: Connection[DictRow], role: str, schema: str) -> None:
    """Take back a role, unless something else has come to depend on it."""
    kept = (psycopg.errors.DependentObjectsStillExist, psycopg.errors.InsufficientPrivilege)
    with suppress(*kept), connection.transaction():
        _run(connection, "REVOKE ALL ON SCHEMA {} FROM {}", schema, role)
        _run(connection, "DROP ROLE {}", role)


def _run(connection: Connection[DictRow], statement: str, *names: str) -> None:
    connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _quoted(name: str) -> str:
    return sql.Identifier(name).as_string()
