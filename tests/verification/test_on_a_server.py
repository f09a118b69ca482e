"""Verifying on PostgreSQL: what differs from a file, in the session, the damage, and what can go wrong on the way."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from ledger.application import Ledger
from ledger.errors import LockedError, NoLedgerError, NotALedgerError, StorageError, UnreachableError
from ledger.opening import Opening
from ledger.places import Places
from ledger.proving.index import seal
from ledger.verification import postgres_database
from ledger.verification.database import Stored, UnreadableError, Where, connect
from ledger.verification.faults import Kind
from ledger.verification.opening import connected
from ledger.verification.verification import Question, verify
from tests import desk
from tests.postgres.server import Server
from tests.tampering.server_hand import database, guarded, unguarded

ROOT = Path(__file__).resolve().parents[2]


def places_on(address: str, folder: Path) -> Places:
    """A ledger's places, its key files in a folder."""
    return Places.of(address, keys=str(folder / "practice.keys"), role=str(folder / "practice.role"))


def make(places: Places) -> None:
    """A therapy begun, a seal, two more intakes."""
    opening = Opening("Harbor Practice", "America/New_York", "director", "2024-01-01", desk.RECOMMENDED)
    with Ledger.create(places, opening) as ledger:
        desk.therapy_begun(ledger)
        seal(ledger.committing, ledger.sealer, "director")
        ledger.record([desk.intake(2, "coaching", source="old-1"), desk.intake(3)])


@pytest.fixture
def address(postgres_url: str) -> Iterator[str]:
    """A database of its own."""
    with database(postgres_url) as (_, address):
        yield address


@pytest.fixture
def places(address: str, tmp_path: Path) -> Places:
    """A small sealed ledger on a server."""
    made = places_on(address, tmp_path)
    make(made)
    return made


def run(address: str, *statements: str) -> None:
    """Statements as the superuser, with nothing in their way."""
    with psycopg.connect(address) as connection:
        unguarded(connection)
        for statement in statements:
            connection.execute(statement)
        guarded(connection)


def found(places: Places, **question: object) -> set[tuple[str, int | str | None, str]]:
    """The faults without their words."""
    report = verify(places, Question(**question))  # type: ignore[arg-type]
    return {(fault.table, fault.position, fault.kind.value) for fault in report.faults}


# -- what is seen -----------------------------------------------------------------------------------------


def test_two_processes_find_what_one_finds(places: Places) -> None:
    one, two = (verify(places, Question(jobs=jobs)) for jobs in (1, 2))

    assert one == two
    assert (one.sound, one.entries, one.texts_opened, one.seals, one.sources) == (True, 13, 7, 1, 1)


def test_sealed_texts_that_stay_closed_are_counted(places: Places) -> None:
    report = verify(places, Question(texts=False))

    assert (report.sound, report.texts_opened, report.texts_unopened) == (True, 0, 7)


def test_every_session_sees_the_state_of_the_first(places: Places) -> None:
    with closing(connected(places.place)) as first:
        with Ledger(places) as ledger:
            ledger.record([desk.intake(4)])
        counting = "SELECT count(*) FROM stored_events"
        with closing(connect(first.where)) as second, closing(connect(Where(places.place))) as new:
            assert [one.rows(counting) for one in (first, second, new)] == [[(13,)], [(13,)], [(14,)]]


def test_verifying_while_others_record_finds_nothing(places: Places) -> None:
    done = threading.Event()

    def recording() -> None:
        with Ledger(places) as ledger:
            number = 4
            while not done.is_set():
                ledger.record([desk.intake(number)])
                number += 1

    writer = threading.Thread(target=recording)
    writer.start()
    try:
        reports = [verify(places, Question(jobs=jobs)) for jobs in (1, 2, 1)]
    finally:
        done.set()
        writer.join()
    assert [report.faults for report in reports] == [(), (), ()]
    assert reports[-1].size > 13


def test_who_may_only_read_may_verify(places: Places, address: str) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        (role,) = connection.execute("SELECT value FROM meta WHERE name = 'reading_role'").fetchone() or ("",)
        login = f"auditor_{role.removesuffix('_reading')}"
        connection.execute(f'CREATE ROLE "{login}" LOGIN')
        try:
            connection.execute(f'GRANT "{role}" TO "{login}"')
            parts = urlsplit(address)
            theirs = parts._replace(netloc=f"{login}@{parts.netloc.rpartition('@')[2]}").geturl()

            report = verify(places_on(theirs, places.keys.parent), Question(jobs=2))
        finally:
            connection.execute(f'DROP ROLE "{login}"')

    assert report.faults == ()


# -- damage that only a server can have -------------------------------------------------------------------


def test_two_rows_of_one_position_are_found_once_the_key_is_gone(places: Places, address: str) -> None:
    run(
        address,
        "ALTER TABLE stored_events DROP CONSTRAINT stored_events_pkey",
        "INSERT INTO stored_events SELECT position, 'client/C-9', 1, topic, state, log_time FROM stored_events "
        "WHERE position = 12",
    )

    assert {("stored_events", 12, "extra"), ("stored_events", "stored_events_pkey", "schema")} <= found(
        places
    )


def test_nothing_where_something_was_stored_is_found(places: Places, address: str) -> None:
    run(
        address,
        "ALTER TABLE stream_heads ALTER COLUMN frontier DROP NOT NULL",
        "ALTER TABLE disclosures ALTER COLUMN ciphertext DROP NOT NULL",
        "UPDATE stream_heads SET frontier = NULL WHERE stream = 'practice'",
        "UPDATE disclosures SET ciphertext = NULL WHERE stream = 'client/C-1' AND seq = 1 AND field = 'name'",
    )

    for texts in (True, False):
        assert {
            ("stream_heads", "practice", "bad-type"),
            ("stream_heads", "practice", "stream-head"),
            ("stream_heads", "frontier", "schema"),
            ("disclosures", "client/C-1/1/name", "bad-type"),
            ("disclosures", "ciphertext", "schema"),
        } <= found(places, texts=texts)


def test_bytes_stored_as_text_are_found(places: Places, address: str) -> None:
    run(address, "ALTER TABLE stored_events ALTER COLUMN state TYPE text USING convert_from(state, 'UTF8')")

    told = found(places)

    assert ("stored_events", "state", "schema") in told
    assert {("stored_events", position, "bad-type") for position in range(1, 14)} <= told


def test_a_table_taken_away_is_told_and_the_others_are_still_read(places: Places, address: str) -> None:
    run(address, "UPDATE stored_events SET topic = 'ConsultationHeld' WHERE position = 9")
    with psycopg.connect(address) as connection:
        connection.execute("DROP TABLE anchors")

    told = found(places)

    assert {("anchors", "anchors", "schema"), ("anchors", None, "postgresql")} <= told
    assert ("stored_events", 9, "column-mismatch") in told


def test_damaged_pages_and_indexes_are_found(own_postgres: Server, tmp_path: Path) -> None:
    """Given bytes of the server's own files changed while it stood still; PostgreSQL is asked by `amcheck`."""
    with database(own_postgres.url()) as (name, address):
        places = places_on(address, tmp_path)
        make(places)
        own_postgres.run("CREATE EXTENSION amcheck", database=name)
        assert found(places) == set()
        assert postgres_database.NO_AMCHECK not in verify(places, Question()).remarks
        (files,) = own_postgres.run(
            "CHECKPOINT",
            "SELECT pg_relation_filepath('tree_pkey'), pg_relation_filepath('checkpoints')",
            database=name,
        )
        own_postgres.stop()
        index, heap = (own_postgres.data / file for file in files)
        with index.open("r+b") as pages:  # the items of the root, out of order
            pages.seek(8192 + 24)
            items = pages.read(16)
            pages.seek(8192 + 24)
            pages.write(items[8:] + items[:8])
        with heap.open("r+b") as pages:
            pages.write(b"\xff" * 64)
        own_postgres.start()

        told = found(places)

        assert {("(database)", None, "postgresql"), ("checkpoints", None, "postgresql")} <= told
        own_postgres.run("DROP TABLE checkpoints", database=name)


def test_what_cannot_be_read_does_not_end_the_session(places: Places) -> None:
    with closing(connected(places.place)) as held:
        with pytest.raises(UnreadableError, match="nowhere"):
            held.rows("SELECT * FROM nowhere")

        assert Stored(held, []).one("SELECT count(*) FROM stored_events WHERE position > ?", [0]) == 13


# -- what can go wrong on the way -------------------------------------------------------------------------


def test_an_empty_database_has_no_ledger_and_another_is_none(address: str, tmp_path: Path) -> None:
    with pytest.raises(NoLedgerError):
        verify(places_on(address, tmp_path), Question())
    with psycopg.connect(address) as connection:
        connection.execute("CREATE TABLE meta (name text)")

    with pytest.raises(NotALedgerError):
        verify(places_on(address, tmp_path), Question())


def test_a_locked_table_is_said_to_be_locked(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_database, "LOCK_SECONDS", 1)
    with psycopg.connect(places.place) as connection:
        connection.execute("LOCK TABLE tree IN ACCESS EXCLUSIVE MODE")

        with pytest.raises(LockedError):
            verify(places, Question())


def test_a_session_that_is_ended_is_no_damage(places: Places) -> None:
    with closing(connected(places.place)) as held:
        (pid,) = held.rows("SELECT pg_backend_pid()")[0]
        with psycopg.connect(places.place, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

        with pytest.raises(UnreachableError):
            held.rows("SELECT 1")


def test_a_login_without_rights_is_no_damage(places: Places, address: str) -> None:
    login = f"nobody_{urlsplit(address).path[1:]}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {login} LOGIN")
        try:
            parts = urlsplit(address)
            netloc = f"{login}:s3cret-word@{parts.netloc.rpartition('@')[2]}"
            with pytest.raises(StorageError, match="may not do that") as refused:
                verify(places_on(parts._replace(netloc=netloc).geturl(), places.keys.parent), Question())
        finally:
            connection.execute(f"DROP ROLE {login}")
    assert "s3cret" not in str(refused.value)


def test_a_program_without_the_extra_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "psycopg").mkdir()
    (tmp_path / "psycopg" / "__init__.py").write_text("raise ImportError('no psycopg here')\n")
    for command in ("verify", "audit", "status"):
        done = subprocess.run(
            [
                sys.executable,
                str(ROOT / "cli.py"),
                "--ledger",
                "postgresql://me@127.0.0.1:1/practice",
                command,
            ],
            env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

        assert done.returncode == 2, done.stderr
        assert "pip install 'engagement-ledger[postgres]'" in done.stderr
        assert "Traceback" not in done.stderr


def test_the_kind_of_damage_is_the_engines_own() -> None:
    assert postgres_database.PostgresDatabase.damaged is Kind.POSTGRESQL
