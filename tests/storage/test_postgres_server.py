"""A server that restarts, refuses, only reads, or whose standby does not confirm: what a log on it says and does."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from ledger.errors import LedgerError, StorageError, UnconfirmedError, UnreachableError
from ledger.storage.postgres import LedgerRecorder, create, open_log
from ledger.storage.reading import Reading
from ledger.storage.rows import Growth
from tests.postgres.place import fresh_place, private_server
from tests.postgres.server import Server
from tests.storage.contract import entry, event, everything

PASSWORD = "correct-horse"


def nothing_more(_: Reading, __: Growth | None) -> None:
    """What is to be done before a commit; with it, BEGIN and COMMIT are said openly."""


@contextmanager
def removed(server: Server) -> Iterator[Server]:
    """A server that is gone after the block."""
    try:
        yield server
    finally:
        server.remove()


@pytest.fixture
def place(own_postgres: Server) -> Iterator[str]:
    """An empty ledger on a server of its own."""
    with fresh_place(own_postgres.url()) as place:
        create(place)
        yield place


@pytest.fixture
def log(place: str) -> Iterator[LedgerRecorder]:
    log = open_log(place)
    yield log
    log.close()


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_log_goes_on_after_a_restart(own_postgres: Server, log: LedgerRecorder, mode: str) -> None:
    log.insert_events([event("ledger", 1)])

    own_postgres.restart(mode)

    assert log.count() == 1
    assert log.insert_events([event("ledger", 2)]) == [2]


def test_a_log_waits_for_a_server_that_comes_back(own_postgres: Server, log: LedgerRecorder) -> None:
    log.insert_events([event("ledger", 1)])
    own_postgres.kill()
    coming = threading.Timer(1, own_postgres.start)
    coming.start()

    assert log.insert_events([event("ledger", 2)]) == [2]

    coming.join()


def test_a_server_that_stays_away_is_said(own_postgres: Server, log: LedgerRecorder) -> None:
    log.datastore.connections.patience = 0.3
    own_postgres.stop()
    try:
        for act in (
            log.count,
            lambda: log.insert_events([event("ledger", 1)]),
            lambda: list(log.rows_by_stream()),
        ):
            with pytest.raises(UnreachableError, match=r"refused.*Nothing was recorded"):
                act()
    finally:
        own_postgres.start()

    assert log.insert_events([event("ledger", 1)]) == [1]


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_an_import_in_which_the_server_restarts_leaves_nothing(
    own_postgres: Server, log: LedgerRecorder, mode: str
) -> None:
    def import_through_a_restart() -> None:
        with log.bulk() as writer:
            writer.append([entry("ledger", seq) for seq in range(1, 500)])
            own_postgres.restart(mode)
            writer.append([entry("ledger", 500)])

    with pytest.raises(UnreachableError, match="Nothing was recorded"):
        import_through_a_restart()

    assert log.count() == 0
    assert log.insert_events([event("ledger", 1)]) == [1]


def test_a_login_is_refused_without_its_password_being_shown(own_postgres: Server, place: str) -> None:
    hba = own_postgres.data / "pg_hba.conf"
    trust = hba.read_text()
    hba.write_text("host all careful 127.0.0.1/32 scram-sha-256\n" + trust)
    own_postgres.run(f"CREATE ROLE careful LOGIN SUPERUSER PASSWORD '{PASSWORD}'", "SELECT pg_reload_conf()")
    rest = place.partition("@")[2]
    try:
        log = open_log(f"postgresql://careful:{PASSWORD}@{rest}")
        assert log.insert_events([event("ledger", 1)]) == [1]
        log.close()

        for account in (f"careful:{PASSWORD}-not", "careful"):
            with pytest.raises(StorageError, match="Give a user and password that the server knows") as told:
                open_log(f"postgresql://{account}@{rest}")
            assert PASSWORD not in str(told.value)
    finally:
        hba.write_text(trust)
        own_postgres.run("SELECT pg_reload_conf()", "DROP ROLE careful")


def test_a_server_with_too_many_connections_is_said(own_postgres: Server, place: str) -> None:
    own_postgres.run("CREATE ROLE crowded LOGIN CONNECTION LIMIT 0")
    try:
        with pytest.raises(UnreachableError, match=r"too many connections.*Try again"):
            open_log(f"postgresql://crowded@{place.partition('@')[2]}")
    finally:
        own_postgres.run("DROP ROLE crowded")


def test_a_commit_is_durable_whatever_the_server_is_set_to(own_postgres: Server, place: str) -> None:
    own_postgres.run(
        "ALTER ROLE postgres SET synchronous_commit = off",
        "ALTER ROLE postgres SET client_min_messages = error",
        "ALTER ROLE postgres SET default_transaction_isolation = serializable",
    )
    try:
        log = open_log(place)
        with log.datastore.reading() as connection:
            told = [
                connection.execute(f"SHOW {name}").fetchone()
                for name in ("synchronous_commit", "client_min_messages", "default_transaction_isolation")
            ]
        log.close()
    finally:
        own_postgres.run("ALTER ROLE postgres RESET ALL")

    assert [list(row.values()) for row in told if row] == [["on"], ["warning"], ["read committed"]]


def test_a_server_that_only_reads_says_so(own_postgres: Server, log: LedgerRecorder, place: str) -> None:
    log.insert_events([event("ledger", 1)])
    own_postgres.run("ALTER ROLE postgres SET default_transaction_read_only = on")
    try:
        with pytest.raises(StorageError, match=r"takes no writes.*target_session_attrs=any"):
            open_log(place)
        reading = open_log(f"{place}&target_session_attrs=any")
        assert reading.count() == 1
        for before_commit in (None, nothing_more):
            with pytest.raises(StorageError, match=r"takes no writes.*Name the primary"):
                reading.insert_events([event("ledger", 2)], before_commit=before_commit)
        reading.close()
    finally:
        with psycopg.connect(own_postgres.url(), autocommit=True) as connection:
            connection.execute("SET default_transaction_read_only = off")
            connection.execute("ALTER ROLE postgres RESET ALL")


@pytest.mark.parametrize("way", ["one statement", "COMMIT", "import"])
def test_what_no_standby_confirmed_is_not_acknowledged(
    own_postgres: Server, log: LedgerRecorder, way: str
) -> None:
    # Given a server that waits for a standby which is not there
    own_postgres.run("ALTER SYSTEM SET synchronous_standby_names = 'nobody'", "SELECT pg_reload_conf()")
    until = time.monotonic() + 20
    while own_postgres.run("SHOW synchronous_standby_names")[0][0] != "nobody" and time.monotonic() < until:
        time.sleep(0.02)
    own_postgres.run("CHECKPOINT")  # its process is the one that has the others wait, once it has heard of it
    told: list[LedgerError] = []

    def write() -> None:
        try:
            if way == "import":
                with log.bulk() as writer:
                    writer.append([entry("ledger", 1)])
            else:
                before = None if way == "one statement" else nothing_more
                log.insert_events([event("ledger", 1)], before_commit=before)
        except LedgerError as error:
            told.append(error)

    try:
        writer = threading.Thread(target=write)
        writer.start()

        # When somebody makes its waiting session give up the wait
        waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
        until = time.monotonic() + 20
        while not (found := own_postgres.run(waiting)) and time.monotonic() < until:
            time.sleep(0.02)
        own_postgres.run(f"SELECT pg_cancel_backend({found[0][0]})")
        writer.join(20)
    finally:
        own_postgres.run("ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()")

    # Then the writer is told that it is not known, although the entry is there
    assert len(told) == 1
    assert isinstance(told[0], UnconfirmedError)
    assert "no standby has confirmed it (canceling wait for synchronous replication" in str(told[0])
    assert log.count() == 1


def test_a_log_goes_on_with_the_standby_when_the_primary_dies() -> None:
    # Given a primary whose commits wait for its standby, and a log on both hosts
    with private_server() as primary, removed(primary.standby()) as standby:
        standby.start()
        primary.require_standby()
        hosts = f"127.0.0.1:{primary.port},127.0.0.1:{standby.port}"
        place = f"postgresql://postgres@{hosts}/postgres"
        create(place)
        log = open_log(place)
        log.insert_events([event("ledger", seq) for seq in range(1, 4)])

        # When the primary dies, and the standby becomes one
        primary.kill()
        threading.Thread(target=standby.promote).start()

        # Then what was acknowledged is there, and it goes on
        assert log.insert_events([event("ledger", 4)]) == [4]
        assert [row.seq for row in everything(log)] == [1, 2, 3, 4]
        with log.datastore.reading() as connection, pytest.raises(InsufficientPrivilege):
            connection.execute("DELETE FROM stored_events")
        log.close()
