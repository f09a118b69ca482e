"""The log in a SQLite file: the contract, and what only a file has - modes, locks, damage, `kill -9`."""

import os
import random
import sqlite3
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from eventsourcing.persistence import IntegrityError as EntryTaken

from ledger.errors import (
    DamagedLedgerError,
    LedgerExistsError,
    LockedError,
    NewerLedgerError,
    NoLedgerError,
    NotALedgerError,
    StorageError,
)
from ledger.integrity.compact_range import extend
from ledger.integrity.merkle import Frontier, leaf_hash, root, root_from_nodes
from ledger.storage.log import Log
from ledger.storage.rows import SourceRow
from ledger.storage.sqlite import LedgerRecorder, create, open_log
from ledger.storage.sqlite_datastore import LedgerDatastore
from ledger.storage.sqlite_transaction import SQLiteReading
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
def place(tmp_path: Path) -> Path:
    """An empty ledger file."""
    create(tmp_path / "practice.db")
    return tmp_path / "practice.db"


@pytest.fixture
def log(place: Path, opened: list[LedgerRecorder]) -> LedgerRecorder:
    opened.append(open_log(place))
    return opened[-1]


def changed(place: Path, *statements: str) -> None:
    """Change the database behind the ledger's back."""
    with closing(sqlite3.connect(place, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


class TestSQLiteLog(LogContract):
    @pytest.fixture
    def fresh(self, tmp_path: Path, opened: list[LedgerRecorder]) -> Callable[[], Log]:
        def make() -> Log:
            path = tmp_path / f"{len(opened)}.db"
            create(path)
            opened.append(open_log(path))
            return opened[-1]

        return make

    @pytest.fixture
    def another(self, log: Log, opened: list[LedgerRecorder]) -> Callable[[], Log]:
        def open_again() -> Log:
            assert isinstance(log, LedgerRecorder)
            opened.append(open_log(log.datastore.place, lock_timeout=1))
            return opened[-1]

        return open_again


# -- making and opening -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a b.db", "what?.db", "a#b.db", "100%41.db", "Überweisung.db", "ledger"])
def test_a_ledger_lives_under_any_name(tmp_path: Path, name: str, opened: list[LedgerRecorder]) -> None:
    folder = tmp_path / name / "x"
    folder.mkdir(parents=True)

    create(folder / name)
    opened.append(open_log(folder / name))
    opened[0].insert_events([event("ledger", 1)])
    opened[0].close()

    assert [path.name for path in folder.iterdir()] == [name]
    opened.append(open_log(str(folder / name)))
    assert opened[1].last_position() == 1


def test_a_relative_path_is_meant_where_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: list[LedgerRecorder]
) -> None:
    monkeypatch.chdir(tmp_path)
    create("practice.db")
    opened.append(open_log("practice.db"))
    monkeypatch.chdir("/")

    assert opened[0].insert_events([event("ledger", 1)]) == [1]


def test_only_the_owner_can_read_the_files(place: Path, log: LedgerRecorder) -> None:
    before = os.umask(0)
    try:
        log.insert_events([event("ledger", 1)])
    finally:
        os.umask(before)

    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in place.parent.iterdir()}
    assert modes == dict.fromkeys(["practice.db", "practice.db-wal", "practice.db-shm"], "0o600")


@pytest.mark.parametrize("beside", ["", "-wal", "-shm", "-journal"])
def test_nothing_that_stands_there_is_written_over(tmp_path: Path, beside: str) -> None:
    there = tmp_path / f"practice.db{beside}"
    there.write_bytes(b"somebody else's")

    with pytest.raises(LedgerExistsError, match="exists already; nothing was written"):
        create(tmp_path / "practice.db")

    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [
        (there.name, b"somebody else's")
    ]


def test_a_ledger_that_cannot_be_made_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: LedgerRecorder) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(LedgerRecorder, "create_table", fail)

    with pytest.raises(KeyboardInterrupt):
        create(tmp_path / "practice.db")
    with pytest.raises(StorageError, match="No such file or directory"):
        create(tmp_path / "nowhere" / "practice.db")

    assert list(tmp_path.iterdir()) == []


def test_opening_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(NoLedgerError, match=r"no ledger at sqlite:///.*practice\.db"):
        open_log(tmp_path / "practice.db")

    assert list(tmp_path.iterdir()) == []


def test_a_ledger_that_vanishes_is_not_made_anew(tmp_path: Path) -> None:
    recorder = LedgerRecorder(LedgerDatastore(str(tmp_path / "practice.db")))

    with pytest.raises(StorageError, match="cannot be opened"):
        recorder.insert_events([event("ledger", 1)])

    assert list(tmp_path.iterdir()) == []


def test_a_restored_copy_is_put_back_into_wal_mode(place: Path, opened: list[LedgerRecorder]) -> None:
    changed(place, "PRAGMA journal_mode = DELETE")

    opened.append(open_log(place))

    with opened[0].datastore.reading() as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_opening_writes_nothing(place: Path, opened: list[LedgerRecorder]) -> None:
    before = place.read_bytes()

    opened.append(open_log(place))
    opened[0].close()

    assert place.read_bytes() == before


def test_another_database_is_no_ledger(tmp_path: Path) -> None:
    changed(tmp_path / "other.db", "CREATE TABLE meta (name, value)")
    before = (tmp_path / "other.db").read_bytes()

    with pytest.raises(NotALedgerError, match=r"without a ledger's tables. Nothing in it was changed"):
        open_log(tmp_path / "other.db")

    assert (tmp_path / "other.db").read_bytes() == before


def test_an_empty_file_is_no_ledger(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()

    with pytest.raises(NotALedgerError):
        open_log(tmp_path / "empty.db")


def test_a_folder_is_no_ledger(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be opened"):
        open_log(tmp_path)


@pytest.mark.parametrize("version", ["3", "0", "x"])
def test_a_ledger_of_another_storage_version_is_left_alone(place: Path, version: str) -> None:
    changed(place, f"UPDATE meta SET value = '{version}'")

    with pytest.raises(
        NewerLedgerError, match=f"has storage version {version}, this program reads version 2"
    ):
        open_log(place)


def test_a_ledger_in_memory_lasts_as_long_as_it_is_open(opened: list[LedgerRecorder]) -> None:
    opened += [open_log(":memory:"), open_log(":memory:")]

    opened[0].insert_events([event("ledger", 1)])
    with opened[0].bulk() as writer:
        writer.append([entry("ledger", 2)])

    assert [log.last_position() for log in opened] == [2, 0]


def test_every_connection_waits_for_the_disk_and_checks_references(log: LedgerRecorder) -> None:
    with log.datastore.reading() as connection, log.snapshot():
        settings = {
            pragma: connection.execute(f"PRAGMA {pragma}").fetchone()[0]
            for pragma in (
                "journal_mode",
                "synchronous",
                "foreign_keys",
                "recursive_triggers",
                "busy_timeout",
            )
        }

    assert settings == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "busy_timeout": 10_000,
    }


# -- what is recorded stays -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE stored_events SET state = x'00'",
        "DELETE FROM stored_events",
        "INSERT OR REPLACE INTO stored_events VALUES (1, 'ledger', 1, 'T', x'00', 'now')",
        "UPDATE disclosures SET ciphertext = x'00'",
        "DELETE FROM disclosures",
        "UPDATE sources SET fingerprint = x'00'",
        "DELETE FROM sources",
    ],
)
def test_what_is_recorded_is_never_changed_or_removed(log: LedgerRecorder, statement: str) -> None:
    log.insert_events(
        [event("ledger", 1)],
        disclosures=[sealed("ledger", 1)],
        sources=[SourceRow("s", "ledger", 1, b"f")],
    )

    with (
        log.datastore.reading() as connection,
        pytest.raises(sqlite3.IntegrityError, match="never changed or removed"),
    ):
        connection.execute(statement)

    assert log.entry("ledger", 1) == everything(log)[0]
    assert log.disclosures_of("ledger") == [sealed("ledger", 1)]


def test_a_log_whose_end_was_cut_off_takes_no_more(place: Path, log: LedgerRecorder) -> None:
    log.insert_events([event("ledger", 1), event("ledger", 2)])
    changed(place, "DROP TRIGGER stored_events_refuse_delete", "DELETE FROM stored_events WHERE position = 2")

    with pytest.raises(DamagedLedgerError, match="2 entries were recorded, the last one there is number 1"):
        log.insert_events([event("ledger", 2)])

    assert log.last_position() == 1


def test_positions_survive_vacuum(place: Path, log: LedgerRecorder) -> None:
    log.insert_events([event("ledger", 1), event("practice", 1)])
    before = everything(log)

    changed(place, "VACUUM")

    assert everything(log) == before


# -- the seam ---------------------------------------------------------------------------------------------


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


def frontier_of(*leaves: bytes) -> tuple[bytes, ...]:
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.hashes


def test_a_tree_that_misses_a_node_is_not_grown(place: Path, opened: list[LedgerRecorder]) -> None:
    opened.append(log := open_log(place))
    log.insert_events([event("ledger", 1), event("ledger", 2)])
    changed(place, "DROP TRIGGER tree_refuse_delete")
    changed(place, "DELETE FROM tree WHERE number = 2")

    with pytest.raises(DamagedLedgerError, match="over 2 entries has 3 nodes, 2 are there"):
        log.insert_events([event("ledger", 3)])


# -- a place that fails -----------------------------------------------------------------------------------


def test_a_file_of_something_else_is_called_so(tmp_path: Path) -> None:
    (tmp_path / "letter.db").write_text("Dear colleague, " * 100)

    with pytest.raises(DamagedLedgerError, match=r"is damaged or no database.*restore the newest backup"):
        open_log(tmp_path / "letter.db")


def pages_of(place: Path, *tables: str) -> set[int]:
    """The numbers, from 1, of the pages that hold some tables."""
    with closing(sqlite3.connect(place)) as connection:
        return {
            page
            for (page,) in connection.execute(
                f"SELECT pageno FROM dbstat WHERE name IN ({','.join('?' * len(tables))})", tables
            )
        }


def test_a_damaged_page_is_said_by_every_way_of_reading(place: Path, opened: list[LedgerRecorder]) -> None:
    # Given a ledger of many pages, all overwritten but those of the schema and the version
    opened.append(open_log(place))
    opened[0].insert_events([event(f"client/C-{n}", 1, b"x" * 900) for n in range(200)])
    opened[0].close()
    kept = pages_of(place, "sqlite_schema", "meta")
    with place.open("r+b") as file:
        for page in set(range(1, place.stat().st_size // 4096 + 1)) - kept:
            file.seek((page - 1) * 4096)
            file.write(b"\xee" * 4096)

    # Then each reading and writing says so, and none lets SQLite's own error out
    broken = open_log(place)
    opened.append(broken)
    for act in (
        broken.count,
        broken.last_position,
        lambda: everything(broken),
        lambda: list(broken.rows_by_stream()),
        lambda: broken.find_source("s"),
        lambda: broken.select_notifications(1, 10),
        lambda: broken.select_events("client/C-1"),
        lambda: broken.insert_events([event("ledger", 1)]),
    ):
        with pytest.raises(DamagedLedgerError, match="malformed"):
            act()


def test_a_damaged_version_page_is_said_on_opening(place: Path) -> None:
    (page,) = pages_of(place, "meta")
    with place.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xee" * 4096)

    with pytest.raises(DamagedLedgerError, match="malformed"):
        open_log(place)


def test_a_missing_table_is_damage(place: Path, log: LedgerRecorder) -> None:
    changed(place, "DROP TABLE sources")

    with pytest.raises(DamagedLedgerError, match="no such table: sources"):
        log.find_source("s")
    with pytest.raises(DamagedLedgerError, match="sources"):
        log.insert_events([event("ledger", 1)], sources=[SourceRow("s", "ledger", 1, b"f")])

    assert log.count() == 0


@pytest.mark.parametrize("how", ["insert_events", "bulk"])
def test_a_full_disk_records_nothing(log: LedgerRecorder, how: str) -> None:
    with log.datastore.reading() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 5}")
    many = [(f"client/C-{n}", 1) for n in range(500)]

    def write() -> None:
        if how == "insert_events":
            log.insert_events([event(*one, b"x" * 500) for one in many])
        with log.bulk() as writer:
            writer.append([entry("ledger", 1)])
            writer.append([entry(*one, b"x" * 500) for one in many])

    with pytest.raises(StorageError, match=r"the disk is full.*Nothing was recorded"):
        write()

    assert log.count() == 0
    assert log.insert_events([event("ledger", 1)]) == [1]


def test_a_copy_on_a_read_only_medium_is_read(
    place: Path, opened: list[LedgerRecorder], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened.append(open_log(place))
    opened[0].insert_events([event("ledger", 1)])
    opened[0].close()
    monkeypatch.setattr(os, "access", lambda *_: False)

    opened.append(open_log(place))

    assert opened[1].count() == 1
    with pytest.raises(StorageError, match="it is read-only"):
        opened[1].insert_events([event("ledger", 2)])
    assert [path.name for path in place.parent.iterdir()] == [place.name]


def test_a_transaction_that_sqlite_gave_up_is_not_taken_for_committed(log: LedgerRecorder) -> None:
    with (
        pytest.raises(StorageError, match="gave up the transaction"),
        log.datastore.writing() as connection,
    ):
        connection.execute("ROLLBACK")


def test_a_commit_that_fails_says_so_and_leaves_the_connection_clean(log: LedgerRecorder) -> None:
    def commit_a_stray() -> None:
        with log.datastore.writing() as connection:
            connection.execute("PRAGMA defer_foreign_keys = ON")
            connection.execute("INSERT INTO disclosures VALUES ('ledger', 1, 'name', 'd', '7', x'00')")

    with pytest.raises(StorageError, match="do not fit together"):
        commit_a_stray()

    assert log.insert_events([event("ledger", 1)]) == [1]
    assert log.disclosures_of("ledger") == []


def test_an_import_gives_its_page_cache_back(log: LedgerRecorder) -> None:
    with log.bulk() as writer:
        writer.append([entry("ledger", 1)])

    with log.datastore.reading() as connection:
        assert connection.execute("PRAGMA cache_size").fetchone()[0] == -2000


def test_a_thread_that_waits_too_long_is_told_the_same(place: Path, opened: list[LedgerRecorder]) -> None:
    opened.append(open_log(place, lock_timeout=1))

    with opened[0].bulk(), pytest.raises(LockedError, match="another thread of this one"):
        opened[0].insert_events([event("ledger", 1)])


def test_a_read_that_was_begun_outlives_the_closing(place: Path, log: LedgerRecorder) -> None:
    log.insert_events([event("client/C-1", 1), event("client/C-2", 1)])
    read = log.rows_by_stream()
    next(read)

    log.close()

    assert [stream for stream, _ in read] == ["client/C-2"]
    assert [path.name for path in place.parent.iterdir()] == [place.name]  # the last connection is closed


# -- how it reads -----------------------------------------------------------------------------------------


class Explaining(SQLiteReading):
    """Keeps SQLite's plan of each query it runs."""

    plan = ""

    def _all(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        rows = self._connection.execute("EXPLAIN QUERY PLAN " + sql, parameters).fetchall()
        self.plan = "; ".join(row["detail"] for row in rows)
        return super()._all(sql, parameters)

    def _each(self, sql: str, parameters: Sequence[Any] = ()) -> Generator[Any, None, None]:
        self._all(sql, parameters)
        return super()._each(sql, parameters)


BY_STREAM = "USING INDEX stored_events_by_stream"
COVERED = "USING COVERING INDEX stored_events_by"
BY_POSITION = "USING INTEGER PRIMARY KEY"
PLANS: dict[str, tuple[Callable[[Explaining], object], str]] = {
    "pages": (lambda log: list(log.pages(1, 2)), BY_POSITION),
    "at": (lambda log: log.at(1), BY_POSITION),
    "count": (lambda log: log.count(1), BY_POSITION),
    "last_position": (Explaining.last_position, "SEARCH stored_events"),
    "log_time": (Explaining.log_time, "SCAN stored_events"),  # backwards from the end, one row
    "log_times": (lambda log: list(log.log_times(1, 1)), BY_POSITION),
    "position_at": (lambda log: log.position_at(NOON), COVERED),
    "entry": (lambda log: log.entry("ledger", 1), BY_STREAM),
    "head": (lambda log: log.head("ledger"), BY_STREAM),
    "stream_rows": (lambda log: log.stream_rows("ledger", 3), BY_STREAM),
    "rows_by_stream": (lambda log: list(log.rows_by_stream("client/", 3)), BY_STREAM),
    "rows_by_stream, all": (lambda log: list(log.rows_by_stream()), BY_STREAM),
    "streams": (lambda log: list(log.streams("client/", 3)), COVERED),
    "streams_split": (lambda log: log.streams_split("", 2), BY_POSITION),
    "disclosures_of": (
        lambda log: log.disclosures_of("ledger", 1, 3),
        "USING INDEX sqlite_autoindex_disclosures",
    ),
    "disclosures_by_stream": (lambda log: list(log.disclosures_by_stream()), "USING INDEX sqlite_autoindex"),
    "find_source": (lambda log: log.find_source("s"), "USING PRIMARY KEY"),
    "sources_known": (lambda log: log.sources_known(["s", "t"]), "USING PRIMARY KEY"),
}


@pytest.mark.parametrize("query", PLANS)
def test_every_read_goes_along_an_index_and_sorts_nothing(log: LedgerRecorder, query: str) -> None:
    log.insert_events([event(f"client/C-{n}", 1) for n in range(20)])
    ask, expected = PLANS[query]

    with log.datastore.reading() as connection:
        explaining = Explaining(connection, log.datastore.faults)
        ask(explaining)

    assert expected in explaining.plan
    assert "TEMP B-TREE" not in explaining.plan


def test_reading_all_streams_holds_one_at_a_time(log: LedgerRecorder) -> None:
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
    assert peak < 1_000_000  # the states alone are ten million bytes


# -- several processes ------------------------------------------------------------------------------------

IMPORT = """
import sys
from ledger.storage.sqlite import open_log

def say(word):
    print(word, flush=True)

log = open_log(sys.argv[1])
with log.bulk(before_commit=lambda reading, growth: say("committing")) as writer:
    for batch in range(20):
        writer.append([(f"client/C-{batch}", seq, "T", b"x" * 500) for seq in range(1, 201)])
        say("batch")
say("done")
"""

APPEND = """
import sys
from eventsourcing.persistence import IntegrityError, StoredEvent
from ledger.storage.sqlite import open_log

log = open_log(sys.argv[1])
for seq in range(1, 51):
    log.insert_events([StoredEvent("client/" + sys.argv[2], seq, "T", b"x")])
    while True:
        head = log.head("ledger")
        try:
            log.insert_events([StoredEvent("ledger", (head[0] if head else 0) + 1, "T", sys.argv[2].encode())])
        except IntegrityError:
            continue
        break
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


@pytest.mark.parametrize("moment", ["after 1", "after 7", "after 19", "after 20", "at random", "after 21"])
def test_an_import_that_is_killed_is_there_as_a_whole_or_not_at_all(
    place: Path, log: LedgerRecorder, moment: str
) -> None:
    # Given a ledger with two entries, and an import of 4,000 going on
    log.insert_events([event("ledger", 1), event("ledger", 2)])
    words = random.Random(place.parent.name).randrange(1, 21) if moment == "at random" else int(moment[6:])
    with python(IMPORT, place) as process:
        assert process.stdout is not None

        # When it is killed after so many batches (the 21st word is the commit's)
        heard = [process.stdout.readline() for _ in range(words)]
        process.kill()
        heard += process.stdout.readlines()  # what it still said before it was hit

    # Then all of it is there, which after its last word it must be, or none of it
    imported = log.count() - 2
    expected = {4000} if "done\n" in heard else {0, 4000} if "committing\n" in heard else {0}
    assert heard[0] == "batch\n"
    assert imported in expected
    assert [row.position for row in everything(log)] == list(range(1, imported + 3))

    # And the ledger works on
    assert log.insert_events([event("ledger", 3)]) == [imported + 3]
    with log.datastore.reading() as connection:
        assert [tuple(row) for row in connection.execute("PRAGMA integrity_check")] == [("ok",)]


def test_processes_append_side_by_side_and_nothing_is_lost_or_doubled(
    place: Path, log: LedgerRecorder
) -> None:
    processes = [python(APPEND, place, name) for name in ("A", "B", "C")]
    for process in processes:
        said, _ = process.communicate(timeout=60)
        assert (process.returncode, said) == (0, "")

    rows = everything(log)
    assert [row.position for row in rows] == list(range(1, 301))
    assert {stream: [row.seq for row in mine] for stream, mine in log.rows_by_stream()} == {
        "client/A": list(range(1, 51)),
        "client/B": list(range(1, 51)),
        "client/C": list(range(1, 51)),
        "ledger": list(range(1, 151)),
    }
    assert sorted(row.state for row in log.stream_rows("ledger")) == [b"A"] * 50 + [b"B"] * 50 + [b"C"] * 50


def test_a_text_that_is_none_any_more_is_damage(place: Path, opened: list[LedgerRecorder]) -> None:
    opened.append(log := open_log(place))
    with log.bulk() as writer:
        writer.keep_checkpoint(1, "note")
    changed(place, "DROP TRIGGER checkpoints_refuse_update")
    changed(place, "UPDATE checkpoints SET note = CAST(x'ff6e' AS TEXT)")

    for act in (lambda: list(log.checkpoints()), log.last_checkpoint):
        with pytest.raises(DamagedLedgerError, match="stored as text is none"):
            act()
