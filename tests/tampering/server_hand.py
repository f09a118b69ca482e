"""The practice on a PostgreSQL server, and a hand there: the server's superuser, who can do everything.

A hand on SQLite writes SQL that both databases understand, but for a few words; those are translated here.
"""

import re
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from ledger.places import Places
from ledger.storage.postgres_making import create, remove
from ledger.storage.postgres_schema import TABLES
from tests.tampering.hand import Hand
from tests.tampering.practice import BACKUP, LEDGER, Practice

TEXT = "stream, seq, field, digest, key_id, ciphertext"
ELSEWHERE: Sequence[tuple[str, str]] = (
    (r"\bx'([0-9a-f]*)'", r"'\\x\1'::bytea"),
    (r"CAST\(state AS TEXT\)", "convert_from(state, 'UTF8')"),
    (r"CAST\((replace\(.*\)) AS BLOB\)", r"convert_to(\1, 'UTF8')"),
    (r"CAST\((substr\(.*\)) AS BLOB\)", r"\1"),
    (r"\bchar\(10\)", "chr(10)"),
    (r"\b(random|zero)blob\(", r"pg_temp.\1blob("),
    (r"\bleft\b", '"left"'),
    (r"SELECT \* FROM disclosures", f"SELECT {TEXT} FROM disclosures"),
    (r"INSERT INTO disclosures", f"INSERT INTO disclosures ({TEXT})"),
    (r"%", "%%"),
    (r"\?", "%s"),
)
"""What SQLite says otherwise than PostgreSQL."""

HELPING = """
CREATE FUNCTION pg_temp.zeroblob(bytes integer) RETURNS bytea LANGUAGE sql AS
    $$SELECT decode(repeat('00', bytes), 'hex')$$;
CREATE FUNCTION pg_temp.randomblob(bytes integer) RETURNS bytea LANGUAGE sql VOLATILE AS
    $$SELECT substr(decode(string_agg(md5(random()::text), ''), 'hex'), 1, bytes)
    FROM generate_series(0, bytes / 16)$$;
"""


def translated(sql: str) -> str:
    """SQL written for SQLite, for PostgreSQL."""
    for sqlite, postgres in ELSEWHERE:
        sql = re.sub(sqlite, postgres, sql, flags=re.DOTALL)
    return sql


class Session:
    """A connection that is spoken to as one to SQLite is."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> psycopg.Cursor[Any]:
        """One statement. No counter stands beside the log: what concerns it is passed over."""
        said = "SELECT 1" if "sqlite_sequence" in sql else translated(sql)
        return self._connection.execute(said, () if said == "SELECT 1" else parameters)

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """An INSERT for many rows, as a COPY."""
        table = re.match(r"INSERT INTO (\w+) VALUES", sql)
        assert table is not None, sql
        copy_in(self._connection, table[1], rows)


def copy_in(connection: psycopg.Connection[Any], table: str, rows: Iterable[Sequence[Any]]) -> None:
    """Adds rows."""
    columns = f" ({TEXT})" if table == "disclosures" else ""
    with connection.cursor().copy(f"COPY {table}{columns} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


@dataclass(frozen=True)
class ServerHand(Hand):
    """A hand on a database of its own, with the key files in a folder."""

    address: str

    @property
    def places(self) -> Places:
        """Where the ledger lives."""
        keys, role = (str(self.folder / f"practice.{end}") for end in ("keys", "role"))
        return Places.of(self.address, keys=keys, role=role)

    def roll_back(self) -> None:
        """Puts the rows of the backup in place."""
        with self.session() as connection:
            unguarded(connection)
            connection.execute(f"TRUNCATE {', '.join(TABLES)}")
            load(connection, self.folder / BACKUP / LEDGER)
            guarded(connection)

    @contextmanager
    def session(self) -> Iterator[psycopg.Connection[Any]]:
        """A transaction as the superuser."""
        with psycopg.connect(self.address) as connection:
            yield connection

    @contextmanager
    def database(self) -> Iterator[Session]:
        """The ledger's database, triggers and foreign keys out of the way."""
        with self.session() as connection:
            unguarded(connection)
            connection.execute(HELPING)
            yield Session(connection)
            guarded(connection)

    def shell(self, script: str, triggers_of: str = "") -> None:
        """What somebody types into `psql`, the triggers out of the way (those of one table for good)."""
        changed = 0
        with self.database() as database:
            for statement in filter(str.strip, re.split(r";\s*(?:\n|$)", script)):
                changed += max(0, database.execute(statement).rowcount)
        if triggers_of:
            self.typed(f"DROP TRIGGER {triggers_of}_refuse_change ON {triggers_of}")
        assert changed > 0, f"nothing was changed: {script}"

    def typed(self, script: str) -> None:
        """Typed into `psql` with the triggers in place."""
        with self.session() as connection:
            connection.execute(script)

    def ask(self, sql: str, *parameters: Any) -> list[Any]:
        """The rows a query gives."""
        with self.session() as connection:
            return Session(connection).execute(sql, parameters).fetchall()


def unguarded(connection: psycopg.Connection[Any]) -> None:
    """Nothing fires and no reference is checked any more, in this transaction."""
    connection.execute("SET LOCAL session_replication_role = replica")
    for table in TABLES:
        connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")


def guarded(connection: psycopg.Connection[Any]) -> None:
    """The triggers as they were."""
    for table in TABLES:
        connection.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_refuse_change")


@contextmanager
def template(url: str, practice: Practice) -> Iterator[str]:
    """A database with the practice's ledger in it; its name. It is copied for each tampering."""
    with database(url) as (name, address):
        create(address)
        with psycopg.connect(address) as connection:
            unguarded(connection)
            connection.execute("DELETE FROM meta WHERE name = 'storage_version'")
            load(connection, practice.folder / LEDGER)
            guarded(connection)
        try:
            yield name
        finally:
            remove(address)  # its roles, too, which belong to the whole server


def load(connection: psycopg.Connection[Any], file: Path) -> None:
    """Every row of a ledger file, table by table."""
    with closing(sqlite3.connect(file)) as source:
        for table in TABLES:
            copy_in(connection, table, source.execute(f"SELECT * FROM {table}"))


@contextmanager
def database(url: str, template: str = "template0") -> Iterator[tuple[str, str]]:
    """A new database on the server, a copy of another: its name and address. Gone afterwards."""
    name = f"tampered_{secrets.token_hex(6)}"
    _as_superuser(url, f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8'")
    try:
        yield name, urlsplit(url)._replace(path=f"/{name}").geturl()
    finally:
        _as_superuser(url, f"DROP DATABASE {name} WITH (FORCE)")


def _as_superuser(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)
