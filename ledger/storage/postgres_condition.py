"""In what condition a PostgreSQL server is that keeps a ledger: asked of it, as the ledger's own sessions see it."""

from contextlib import closing
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.rows import DictRow

from ledger.storage.condition import Condition
from ledger.storage.postgres_datastore import LedgerDatastore
from ledger.storage.postgres_schema import CHANGING, TABLES

LEFT_OPEN_SECONDS = 60
"""A transaction in which nothing has happened for so long is told: it keeps the server from tidying up."""

SETTINGS = (
    "fsync",
    "full_page_writes",
    "synchronous_commit",
    "synchronous_standby_names",
    "max_connections",
    "data_checksums",
    "ssl",
)
SETTING = "SELECT name, setting FROM pg_settings WHERE name = ANY (%s)"
SIZE = "SELECT sum(pg_total_relation_size(to_regclass(name)))::bigint AS size FROM unnest(%s::text[]) name"
TRIGGERS = r"""
SELECT tgrelid::regclass::text AS name, tgenabled::text AS enabled FROM pg_trigger
WHERE tgname LIKE '%%\_refuse\_change' AND tgrelid = ANY (SELECT to_regclass(name) FROM unnest(%s::text[]) name)
"""
RIGHTS = """
SELECT name FROM unnest(%s::text[]) name
WHERE has_table_privilege(current_user, to_regclass(name), 'DELETE')
    OR has_table_privilege(current_user, to_regclass(name), 'TRUNCATE')
    OR has_table_privilege(current_user, to_regclass(name), 'UPDATE') AND NOT name = ANY (%s)
"""
SERVER = """
SELECT pg_is_in_recovery() AS standby, current_setting('is_superuser') = 'on' AS superuser,
    session_user AS login, current_database() AS database, current_schema() AS schema,
    extract(epoch FROM clock_timestamp())::float8 AS clock,
    (SELECT count(*) FROM pg_stat_replication)::int AS followers,
    (SELECT count(*) FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum'))::int AS synchronous_followers,
    (SELECT count(*) FROM pg_stat_activity WHERE datid IS NOT NULL)::int AS sessions,
    (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%%'
        AND state_change < now() - %s * interval '1 second')::int AS left_open,
    inet_server_addr() IS NULL OR host(inet_server_addr()) IN ('127.0.0.1', '::1') AS local,
    coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false) AS encrypted
"""


def condition(place: str) -> Condition:
    """The condition of the ledger at an address, and of its server. Raises what `open_log` raises."""
    datastore = LedgerDatastore(place)
    with closing(datastore):
        datastore.check()
        with datastore.uncut(), datastore.reading() as connection:
            tables = list(TABLES)
            settings: dict[str, Any] = {
                row["name"]: row["setting"] for row in connection.execute(SETTING, [list(SETTINGS)])
            }
            settings["role"] = datastore.session.role
            settings["missing_triggers"] = _silent(connection, tables)
            settings["may_change"] = [
                row["name"] for row in connection.execute(RIGHTS, [tables, list(CHANGING)])
            ]
            connection.execute("RESET ROLE")  # the login may see more of other sessions
            settings |= connection.execute(SERVER, [LEFT_OPEN_SECONDS]).fetchone() or {}
            size = connection.execute(SIZE, [tables]).fetchone() or {"size": 0}
            return Condition("PostgreSQL", _version(connection), size["size"], settings)


def _silent(connection: Connection[DictRow], tables: list[str]) -> list[str]:
    """The tables whose trigger that refuses changes is missing, or does not always fire."""
    firing = {
        row["name"].rpartition(".")[2].strip('"')
        for row in connection.execute(TRIGGERS, [tables])
        if row["enabled"] == "A"
    }
    return [table for table in tables if table not in firing]


def _version(connection: psycopg.Connection[Any]) -> str:
    major, minor = divmod(connection.info.server_version, 10_000)
    return f"{major}.{minor}"
