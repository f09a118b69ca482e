"""What is recorded stays: triggers stop the owner, rights stop everybody else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import sql

from ledger.errors import LedgerExistsError, StorageError
from ledger.storage.postgres import create, exists, open_log, remove
from ledger.storage.postgres_making import role_name
from ledger.storage.postgres_schema import CHANGING, TABLES
from ledger.storage.rows import SourceRow
from tests.postgres.place import fresh_place
from tests.storage.contract import event, sealed

SECRET = "correct horse"


def schema_of(place: str) -> str:
    return place.rpartition("%3D")[2]


def as_login(place: str, login: str) -> str:
    """The same address for another login."""
    return f"postgresql://{login}@{place.rpartition('@')[2]}"


@pytest.fixture
def place(postgres_place: str) -> str:
    """A ledger with one of everything that is recorded."""
    create(postgres_place)
    log = open_log(postgres_place)
    log.insert_events(
        [event("ledger", 1)],
        disclosures=[sealed("ledger", 1)],
        sources=[SourceRow("s", "ledger", 1, b"f")],
        checkpoint=(1, "note"),
    )
    with log.bulk() as writer:
        writer.keep_seal(1, 1)
        writer.keep_anchor(1, "timestamp", b"token")
    log.close()
    return postgres_place


@pytest.fixture
def make_login(place: str) -> Iterator[Callable[[str], str]]:
    """Makes a plain login that has one of the ledger's roles, and gives the address for it."""
    made: list[str] = []
    with psycopg.connect(place, autocommit=True) as connection:

        def make(does: str) -> str:
            login = f"{schema_of(place)}_{len(made)}"
            connection.execute(f"CREATE ROLE {login} LOGIN")
            made.append(login)
            if does:
                granted = role_name("postgres", schema_of(place), does)
                connection.execute(f"GRANT {granted} TO {login}")
            return as_login(place, login)

        yield make
        for login in made:
            connection.execute(f"DROP OWNED BY {login}")
            connection.execute(f"DROP ROLE {login}")


@contextmanager
def connected(place: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(place, autocommit=True) as connection:
        yield connection


COLUMNS = ("value", "state", "ciphertext", "fingerprint", "hash", "count", "hash", "top", "note", "body")
CHANGES: list[LiteralString] = [
    *(
        f"UPDATE {table} SET {column} = {column}"
        for table, column in zip(TABLES, COLUMNS, strict=True)
        if table not in CHANGING
    ),
    *(f"DELETE FROM {table}" for table in TABLES),
    *(f"TRUNCATE {table} CASCADE" for table in TABLES),
    "INSERT INTO tree VALUES (0, '') ON CONFLICT (number) DO UPDATE SET hash = ''",
    "WITH gone AS (DELETE FROM stored_events RETURNING 1) SELECT * FROM gone",
    "MERGE INTO seals USING (SELECT 1) AS x ON true WHEN MATCHED THEN DELETE",
]


@pytest.mark.parametrize("statement", CHANGES)
def test_the_owner_is_stopped_by_triggers(place: str, statement: str) -> None:
    with connected(place) as connection:
        for replicating in ("origin", "replica"):  # as whom a superuser may pose, to silence triggers
            connection.execute(f"SET session_replication_role = {replicating}")
            with pytest.raises(psycopg.IntegrityError, match="what is recorded is never changed or removed"):
                connection.execute(statement)


@pytest.mark.parametrize("statement", CHANGES)
def test_the_programs_own_sessions_are_stopped_by_rights(place: str, statement: str) -> None:
    log = open_log(place)

    with log.datastore.connections.lent() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)

    log.close()


def test_who_has_the_recording_role_records_and_changes_nothing(make_login: Callable[[str], str]) -> None:
    address = make_login("recording")
    log = open_log(address)

    assert log.insert_events([event("ledger", 2)], disclosures=[sealed("ledger", 2)]) == [2]
    with log.bulk() as writer:
        writer.append([("client/C-1", 1, "T", b"x")], disclosures=[sealed("client/C-1", 1)])
        writer.keep_checkpoint(3, "note")
        writer.keep_anchor(3, "timestamp", b"token")
    log.close()

    with connected(address) as connection:
        for statement in (
            *CHANGES,
            "UPDATE meta SET value = '9'",
            "DROP TABLE seals",
            "CREATE TABLE mine (a int)",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_who_has_the_reading_role_only_reads(make_login: Callable[[str], str]) -> None:
    address = make_login("reading")
    log = open_log(address)

    assert (log.count(), log.disclosures_of("ledger")) == (1, [sealed("ledger", 1)])
    assert [head.stream for head in log.stream_heads()] == ["ledger"]
    with log.snapshot() as reading:
        assert reading.last_checkpoint() is not None
    with pytest.raises(StorageError, match=r"this login may not do that.*Grant it one of the roles"):
        log.insert_events([event("ledger", 2)])
    with (
        pytest.raises(StorageError, match=r"this login may not do that.*Grant it one of the roles"),
        log.bulk() as writer,
    ):
        writer.append([("ledger", 2, "T", b"x")])
    log.close()

    with connected(address) as connection:
        for statement in (*CHANGES, "INSERT INTO seals VALUES (1, 1)"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_who_has_no_role_reads_nothing(make_login: Callable[[str], str]) -> None:
    stranger = make_login("")

    for ask in (open_log, exists, create):
        with pytest.raises(
            StorageError, match=r"this login may not use the schema ledger_.*Grant it one of the roles"
        ):
            ask(stranger)


def test_what_was_done_is_told(postgres_place: str) -> None:
    told = create(postgres_place)

    schema = schema_of(postgres_place)
    assert told[:2] == [
        f"Made the tables of the ledger in schema {schema} of database postgres.",
        f"Made the schema {schema}.",
    ]
    assert f"Made the role postgres_{schema}_recording: it may read and append" in told[2]
    assert f'GRANT "postgres_{schema}_reading" TO' in told[3]


def test_a_login_that_may_make_roles_and_is_no_superuser_takes_the_role_on(
    postgres_url: str, place: str, make_login: Callable[[str], str]
) -> None:
    login = make_login("").partition("//")[2].partition("@")[0]
    with connected(place) as connection, fresh_place(postgres_url) as other:
        connection.execute(f"ALTER ROLE {login} CREATEROLE")
        connection.execute(f"CREATE SCHEMA {schema_of(other)} AUTHORIZATION {login}")
        mine = as_login(other, login)

        create(mine)
        log = open_log(mine)

        assert log.insert_events([event("ledger", 1)]) == [1]
        with log.datastore.connections.lent() as lent, pytest.raises(psycopg.errors.InsufficientPrivilege):
            lent.execute("DELETE FROM stored_events")
        log.close()
        remove(mine)
        assert not exists(mine)


def test_without_the_right_to_make_roles_it_goes_without(
    postgres_url: str, place: str, make_login: Callable[[str], str]
) -> None:
    login = make_login("").partition("//")[2].partition("@")[0]
    with connected(place) as connection, fresh_place(postgres_url) as other:
        connection.execute(f"CREATE SCHEMA {schema_of(other)} AUTHORIZATION {login}")
        mine = as_login(other, login)

        told = create(mine)
        log = open_log(mine)

        assert "may not make roles, so there are none" in told[1]
        assert log.insert_events([event("ledger", 1)]) == [1]
        with (
            log.datastore.connections.lent() as lent,
            pytest.raises(psycopg.IntegrityError, match="never changed"),
        ):
            lent.execute("DELETE FROM stored_events")
        log.close()
        remove(mine)
        assert not exists(mine)


def test_a_role_of_the_same_name_that_is_somebodys_is_left_alone(postgres_place: str) -> None:
    role = role_name("postgres", schema_of(postgres_place), "reading")
    with connected(postgres_place) as connection:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        try:
            with pytest.raises(LedgerExistsError, match=f"the role {role}"):
                create(postgres_place)
            assert not exists(postgres_place)
        finally:
            connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


def test_a_name_that_is_too_long_for_a_role_is_shortened_and_stays_one_of_a_kind() -> None:
    one, other = (role_name("p" * 60, schema, "recording") for schema in ("a", "b"))

    assert one != other
    assert max(len(one), len(other)) <= 63
    assert role_name("practice", "public", "recording") == "practice_recording"


def test_a_wrong_password_is_said_and_not_shown(make_login: Callable[[str], str]) -> None:
    # Given a login that needs its password (the private server trusts everybody, so it is only asked for here)
    address = make_login("recording").replace("@", f":{SECRET.replace(' ', '%20')}@", 1)
    log = open_log(address)

    # Then no error, nor what it came from, shows it
    with pytest.raises(StorageError) as told:
        log.insert_events([event("client/\0", 1)])
    log.close()

    error: BaseException | None = told.value
    while error is not None:
        assert SECRET.split()[1] not in str(error)
        error = error.__cause__
    assert ":***@" in str(told.value)
