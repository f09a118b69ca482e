"""The log in a PostgreSQL database: the contract, and what only a server has - schemas, refusals, damage, processes."""

import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest
from eventsourcing.persistence import IntegrityError as EntryTaken

from ledger.address import shown
from ledger.errors import (
    DamagedLedgerError,
    LedgerExistsError,
    NewerLedgerError,
    NoLedgerError,
    NotALedgerError,
    StorageError,
    UnreachableError,
    UsageError,
)
from ledger.integrity.compact_range import extend
from ledger.integrity.merkle import Frontier, leaf_hash, root, root_from_nodes
from ledger.storage import sqlite
from ledger.storage.log import Log
from ledger.storage.postgres import LedgerRecorder, create, exists, open_log, remove, upgrade
from ledger.storage.rows import SourceRow
from tests.postgres.place import fresh_place
from tests.postgres.server import free_port
from tests.storage.contract import NOON, LogContract, entry, event, everything, sealed

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def opened() -> Iterator[list[LedgerRecorder]]:
    """The logs a test has opened; closed when it is over."""
    logs: list[LedgerRecorder] = []
    yield logs
    for log in logs:
        log.close()


@pytest.fixture
def place(postgres_place: str) -> str:
    """An empty ledger."""
    create(postgres_place)
    return postgres_place


@pytest.fixture
def log(place: str, opened: list[LedgerRecorder]) -> LedgerRecorder:
    opened.append(open_log(place))
    return opened[-1]


def changed(place: str, *statements: str) -> None:
    """Change the database behind the ledger's back, as its owner without triggers."""
    with psycopg.connect(place, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


class TestPostgresLog(LogContract):
    @pytest.fixture
    def places(self) -> dict[int, str]:
        return {}

    @pytest.fixture
    def fresh(
        self, postgres_url: str, opened: list[LedgerRecorder], places: dict[int, str]
    ) -> Iterator[Callable[[], Log]]:
        with ExitStack() as stack:

            def make() -> Log:
                place = stack.enter_context(fresh_place(postgres_url))
                create(place)
                log = open_log(place)
                places[id(log)] = place
                opened.append(log)
                return log

            yield make
            for log in opened:
                log.close()

    @pytest.fixture
    def another(self, log: Log, opened: list[LedgerRecorder], places: dict[int, str]) -> Callable[[], Log]:
        def open_again() -> Log:
            opened.append(open_log(places[id(log)], lock_timeout=1))
            return opened[-1]

        return open_again


# -- making and opening -----------------------------------------------------------------------------------


def relations(place: str) -> list[Any]:
    with psycopg.connect(place) as connection:
        return connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace(%s)",
            [place.rpartition("%3D")[2]],
        ).fetchall()


def test_opening_makes_nothing(postgres_place: str) -> None:
    assert not exists(postgres_place)
    for ask in (open_log, upgrade):
        with pytest.raises(NoLedgerError, match="Make one with `engagement-ledger"):
            ask(postgres_place)

    assert relations(postgres_place) == []


def test_a_ledger_is_made_once(place: str, log: LedgerRecorder) -> None:
    log.insert_events([event("ledger", 1)])

    with pytest.raises(LedgerExistsError, match="exists already; nothing was written"):
        create(place)

    assert exists(place)
    assert not upgrade(place)
    assert log.count() == 1


def test_two_ledgers_stand_side_by_side_in_one_database(
    postgres_url: str, opened: list[LedgerRecorder]
) -> None:
    with fresh_place(postgres_url) as one, fresh_place(postgres_url) as other:
        for place in (one, other):
            create(place)
            opened.append(open_log(place))

        opened[0].insert_events([event("ledger", 1)])

        assert [log.count() for log in opened] == [1, 0]
        for log in opened:
            log.close()


@pytest.mark.parametrize("schema", ["a b", "Großes", 'qu"ote', "apo'strophe"])
def test_a_schema_may_have_any_name(postgres_url: str, schema: str, opened: list[LedgerRecorder]) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        quoted = psycopg.sql.Identifier(schema).as_string()
        connection.execute(f"CREATE SCHEMA {quoted}")
        try:
            path = psycopg.sql.Identifier(schema).as_string().replace(" ", "\\ ")
            place = f"{postgres_url}?options={_escaped(f'-csearch_path={path}')}"
            create(place)
            opened.append(open_log(place))
            assert opened[0].insert_events([event("ledger", 1)]) == [1]
            opened[0].close()
            remove(place)
        finally:
            connection.execute(f"DROP SCHEMA {quoted} CASCADE")


def _escaped(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe="")


def test_what_was_made_is_taken_back(postgres_place: str) -> None:
    create(postgres_place)

    remove(postgres_place)

    assert not exists(postgres_place)
    with psycopg.connect(postgres_place) as connection:
        schema = postgres_place.rpartition("%3D")[2]
        assert (
            connection.execute(
                "SELECT rolname FROM pg_roles WHERE rolname LIKE %s", [f"%{schema}%"]
            ).fetchall()
            == []
        )
        assert connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [schema]).fetchall() == []


def test_making_is_all_or_nothing(postgres_place: str) -> None:
    schema = postgres_place.rpartition("%3D")[2]
    changed(
        postgres_place, f"CREATE SCHEMA {schema}", "CREATE FUNCTION append_entries() RETURNS int RETURN 1"
    )

    with pytest.raises(LedgerExistsError, match="append_entries"):
        create(postgres_place)

    assert relations(postgres_place) == []


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("CREATE TABLE stored_events (originator_id uuid)", "without a ledger's tables"),
        (
            "CREATE TABLE meta (a int); CREATE TABLE stored_events (b int); CREATE TABLE tree (c int)",
            "something else",
        ),
    ],
)
def test_somebody_elses_tables_are_left_alone(postgres_place: str, statement: str, why: str) -> None:
    schema = postgres_place.rpartition("%3D")[2]
    changed(postgres_place, f"CREATE SCHEMA {schema}", statement)

    with pytest.raises(NotALedgerError, match=why):
        open_log(postgres_place)
    with pytest.raises(LedgerExistsError):
        create(postgres_place)


@pytest.mark.parametrize("version", ["3", "0", "x"])
def test_a_ledger_of_another_storage_version_is_left_alone(place: str, version: str) -> None:
    changed(
        place,
        "ALTER TABLE meta DISABLE TRIGGER ALL",
        f"UPDATE meta SET value = '{version}' WHERE name = 'storage_version'",
    )

    for ask in (open_log, upgrade):
        with pytest.raises(
            NewerLedgerError, match=f"storage version {version}, this program reads version 2"
        ):
            ask(place)


def other_database(url: str, name: str) -> str:
    account, _, rest = url.rpartition("@")
    return f"{account}@{rest.partition('/')[0]}/{name}"


def test_a_database_that_does_not_keep_utf8_is_refused(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(
            "CREATE DATABASE latin ENCODING LATIN1 LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
        )
        try:
            with pytest.raises(StorageError, match="keeps text as LATIN1, expected UTF8"):
                create(other_database(postgres_url, "latin"))
        finally:
            connection.execute("DROP DATABASE latin")


def test_a_server_that_is_not_there_is_said() -> None:
    nowhere = f"postgresql://somebody:verysecret@127.0.0.1:{free_port()}/practice"

    for ask in (open_log, create, exists, upgrade, remove):
        with pytest.raises(UnreachableError, match=r"refused.*Nothing was recorded") as told:
            ask(nowhere)
        assert "verysecret" not in str(told.value)


def test_a_database_that_is_not_there_is_said(postgres_url: str) -> None:
    with pytest.raises(StorageError, match=r"does not exist.*createdb --encoding=UTF8"):
        open_log(other_database(postgres_url, "nowhere"))


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("postgresql://u:secret@h/d", "postgresql://u:***@h/d"),
        ("postgresql://u:se@cret@h/d", "postgresql://u:***@h/d"),
        (
            "postgresql://h1:1,h2:2/d?user=u&password=secret&x=y",
            "postgresql://h1:1,h2:2/d?user=u&password=***&x=y",
        ),
        ("postgresql://u@h/d?sslpassword=secret", "postgresql://u@h/d?sslpassword=***"),
        ("postgresql://h/d", "postgresql://h/d"),
    ],
)
def test_an_address_is_shown_without_its_password(place: str, expected: str) -> None:
    assert shown(place) == expected


@pytest.mark.parametrize(
    "place",
    ["postgresql://u:se%zzcret@h/d", "postgresql://u:secret@h/d?no=no"],
)
def test_an_address_that_cannot_be_read_is_a_usage_error_without_its_password(place: str) -> None:
    with pytest.raises(UsageError, match="no address of a PostgreSQL database") as told:
        open_log(place)

    assert "cret" not in str(told.value)


# -- the seam ---------------------------------------------------------------------------------------------


def frontier_of(*leaves: bytes) -> tuple[bytes, ...]:
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.hashes


def test_the_tree_grows_with_the_entries_in_their_transaction(log: LedgerRecorder) -> None:
    states = [b"1", b"2", b"3", b"4", b"5"]

    log.insert_events([event("ledger", 1, b"1"), event("client/C-1", 1, b"2")])
    with log.bulk() as writer:
        writer.append([entry("ledger", 2, b"3")])
        writer.append([entry("client/C-1", 2, b"4"), entry("ledger", 3, b"5")])
    with pytest.raises(EntryTaken), log.bulk() as writer:
        writer.append([entry("ledger", 4, b"6"), entry("ledger", 1, b"1")])

    leaves = [leaf_hash(state) for state in states]
    assert log.tree_nodes(0, 100) == extend([], 0, leaves)
    assert log.from_nodes(lambda node: root_from_nodes(5, node)) == root(leaves)
    assert {head.stream: (head.entries, head.frontier) for head in log.stream_heads()} == {
        "ledger": (3, b"".join(frontier_of(leaves[0], leaves[2], leaves[4]))),
        "client/C-1": (2, root([leaves[1], leaves[3]])),
    }


@pytest.mark.parametrize("sizes", [[1] * 40, [3, 1, 60, 5, 100, 2], [7, 64, 64, 1]])
def test_both_engines_grow_the_same_tree(log: LedgerRecorder, sizes: list[int]) -> None:
    # Given the same entries in the same transactions, some by the server's function and some by COPY
    file = sqlite.open_log(":memory:")
    heads: dict[str, int] = {}
    gained: list[list[object]] = [[], []]
    for number, size in enumerate(sizes):
        entries = []
        for at in range(size):
            stream = f"client/C-{(number * 7 + at) % 5}"
            heads[stream] = heads.get(stream, 0) + 1
            entries.append(entry(stream, heads[stream], f"{stream} {heads[stream]}".encode()))

        # When both append them
        for told, one in zip(gained, (log, file), strict=True):
            if number % 2:
                with one.bulk(before_commit=lambda _, growth, told=told: told.append(growth)) as writer:  # type: ignore[misc]
                    writer.append(entries, recorded_at=NOON)
            else:
                one.insert_events(
                    [event(*row[:2], row[3]) for row in entries],
                    recorded_at=NOON,
                    before_commit=lambda _, growth, told=told: told.append(growth),  # type: ignore[misc]
                )

    # Then what each gained, and every stored node and head, is the same
    assert gained[0] == gained[1]
    assert log.tree_nodes(0, 2000) == file.tree_nodes(0, 2000)
    assert list(log.stream_heads()) == list(file.stream_heads())
    file.close()


def test_a_tree_that_misses_a_node_is_not_grown(place: str, log: LedgerRecorder) -> None:
    log.insert_events([event("ledger", 1), event("ledger", 2)])
    changed(place, "ALTER TABLE tree DISABLE TRIGGER ALL", "DELETE FROM tree WHERE number = 2")

    with pytest.raises(DamagedLedgerError, match="over 2 entries has 3 nodes, 2 are there"):
        log.insert_events([event("ledger", 3)])
    with (
        pytest.raises(DamagedLedgerError, match="over 2 entries has 3 nodes, 2 are there"),
        log.bulk() as writer,
    ):
        writer.append([entry("ledger", 3)])


def test_a_log_whose_end_was_cut_off_takes_no_more(place: str, log: LedgerRecorder) -> None:
    log.insert_events([event("ledger", 1), event("ledger", 2)])
    changed(
        place,
        "ALTER TABLE stored_events DISABLE TRIGGER ALL",
        "DELETE FROM stored_events WHERE position = 2",
    )

    with pytest.raises(DamagedLedgerError, match="over 1 entries has 1 nodes, 3 are there"):
        log.insert_events([event("ledger", 2)])


@pytest.mark.parametrize("table", ["sources", "disclosures"])
def test_a_missing_table_is_damage(place: str, log: LedgerRecorder, table: str) -> None:
    changed(place, f"DROP TABLE {table}")
    source = [SourceRow("s", "ledger", 1, b"f")]

    with pytest.raises(DamagedLedgerError, match=f"{table}. does not exist"):
        log.insert_events([event("ledger", 1)], sources=source, disclosures=[sealed("ledger", 1)])
    with pytest.raises(DamagedLedgerError, match=f"{table}. does not exist"):
        log.find_source("s") if table == "sources" else log.disclosures_of("ledger")


def test_a_text_that_postgresql_cannot_keep_is_refused(log: LedgerRecorder) -> None:
    with pytest.raises(StorageError, match="NUL"):
        log.insert_events([event("client/\0", 1)])

    assert log.count() == 0


# -- reading ----------------------------------------------------------------------------------------------


def test_reading_all_streams_holds_few_at_a_time(log: LedgerRecorder) -> None:
    with log.bulk() as writer:
        for client in range(200):
            writer.append([entry(f"client/C-{client}", seq, b"x" * 1000) for seq in range(1, 51)])

    tracemalloc.start()
    try:
        read = sum(len(rows) for _, rows in log.rows_by_stream())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert read == 10_000
    assert peak < 2_500_000  # the states alone are ten million bytes


# -- several processes ------------------------------------------------------------------------------------

APPEND = """
import sys
from eventsourcing.persistence import IntegrityError, StoredEvent
from ledger.storage.postgres import open_log

log = open_log(sys.argv[1])
for seq in range(1, 51):
    log.insert_events([StoredEvent("client/" + sys.argv[2], seq, "T", b"x")])
    while True:
        head = log.head("ledger")
        event = StoredEvent("ledger", (head[0] if head else 0) + 1, "T", sys.argv[2].encode())
        try:
            log.insert_events([event], before_commit=lambda reading, growth: None)
        except IntegrityError:
            continue
        break
log.close()
"""

FOLLOW = """
import sys
from ledger.storage.postgres import open_log

log, last = open_log(sys.argv[1]), 0
print("ready", flush=True)
while last < int(sys.argv[2]):
    for notification in log.select_notifications(last, 100, inclusive_of_start=False):
        print(notification.id, flush=True)
        last = notification.id
log.close()
"""


def python(code: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_processes_append_side_by_side_nothing_is_lost_or_doubled_and_a_reader_misses_none(
    place: str, log: LedgerRecorder
) -> None:
    # Given a process that follows the log, and three that append to streams of their own and to a common one
    follower = python(FOLLOW, place, 300)
    assert follower.stdout is not None
    assert follower.stdout.readline() == "ready\n"
    writers = [python(APPEND, place, name) for name in ("A", "B", "C")]

    # When all are done
    for process in writers:
        said, _ = process.communicate(timeout=120)
        assert (process.returncode, said) == (0, "")
    followed, _ = follower.communicate(timeout=120)

    # Then every entry is there once, the tree is theirs, and the follower has met each in its order
    rows = everything(log)
    assert [row.position for row in rows] == list(range(1, 301))
    assert {stream: [row.seq for row in mine] for stream, mine in log.rows_by_stream()} == {
        "client/A": list(range(1, 51)),
        "client/B": list(range(1, 51)),
        "client/C": list(range(1, 51)),
        "ledger": list(range(1, 151)),
    }
    assert sorted(row.state for row in log.stream_rows("ledger")) == [b"A"] * 50 + [b"B"] * 50 + [b"C"] * 50
    assert log.tree_nodes(0, 1000) == extend([], 0, [leaf_hash(row.state) for row in rows])
    assert [int(line) for line in followed.split()] == list(range(1, 301))
