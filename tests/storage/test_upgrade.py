"""A ledger of storage version 1 becomes one of today on opening: nothing lost, nothing half done."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from ledger.application import Ledger
from ledger.errors import DamagedLedgerError, NotALedgerError
from ledger.integrity.merkle import leaf_hash, root
from ledger.storage.checksums import source_checksum
from ledger.storage.sqlite import open_log
from ledger.storage.sqlite_schema import SCHEMA, UNCHANGING
from ledger.storage.sqlite_upgrade import upgrade
from tests import desk

ROOT = Path(__file__).resolve().parents[2]
OLD_SOURCES = """
CREATE TABLE sources (
    source TEXT PRIMARY KEY,
    stream TEXT NOT NULL,
    seq INTEGER NOT NULL,
    fingerprint BLOB NOT NULL,
    FOREIGN KEY (stream, seq) REFERENCES stored_events (originator_id, originator_version)
) WITHOUT ROWID
"""
SCHEMA_NOW = (
    "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name"
)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A ledger of 8 entries as version 1 stored it."""
    with desk.new_ledger(tmp_path) as ledger:
        ledger.record(desk.staff())
        ledger.record([desk.client(), desk.intake()])
        ledger.record([desk.fact("ActorRegistered", actor="d", role="system", may_authorise=False)])
    place = tmp_path / "practice.db"
    with closing(sqlite3.connect(place)) as connection:
        for table in UNCHANGING[3:]:
            connection.execute(f"DROP TABLE {table}")
        connection.execute("DROP TABLE stream_heads")
        connection.execute("DROP TABLE sources")
        connection.execute(OLD_SOURCES)
        for act in ("update", "delete"):
            connection.execute(
                f"CREATE TRIGGER sources_refuse_{act} BEFORE {act} ON sources "
                "BEGIN SELECT RAISE(ABORT, 'sources: what is recorded is never changed or removed'); END"
            )
        connection.execute("INSERT INTO sources VALUES ('row 7', 'client/C-1', 1, x'0102')")
        connection.execute("UPDATE meta SET value = '1'")
        connection.commit()
    with closing(sqlite3.connect(tmp_path / "practice.keys")) as connection:  # and it was never signed
        connection.execute("DELETE FROM setting WHERE name IN ('signing-key', 'high-water-mark')")
        connection.commit()
    return place


def states(place: Path) -> list[bytes]:
    with closing(sqlite3.connect(place)) as connection:
        return [row[0] for row in connection.execute("SELECT state FROM stored_events ORDER BY position")]


def test_an_old_ledger_gets_its_tree_its_heads_and_its_first_checkpoint(old: Path) -> None:
    before, told = states(old), []

    with Ledger(desk.places(old.parent), None, lambda done, of: told.append((done, of))) as ledger:
        last = ledger.recorder.last_checkpoint()
        assert last is not None
        assert last.size == 8
        assert ledger.committing.signer.mark() is not None
        assert ledger.recorder.stream_head("client/C-1") is not None
        ledger.record([desk.fact("ActorRegistered", actor="e", role="system", may_authorise=False)])
        mark = ledger.committing.signer.mark()

    assert told == [(8, 8)]
    assert states(old)[:8] == before
    assert mark is not None
    assert mark.root == root([leaf_hash(state) for state in states(old)])


def test_its_tables_are_those_of_a_new_one(old: Path) -> None:
    assert upgrade(old)

    with closing(sqlite3.connect(old)) as upgraded, closing(sqlite3.connect(":memory:")) as new:
        for statement in SCHEMA:
            new.execute(statement)
        assert upgraded.execute(SCHEMA_NOW).fetchall() == new.execute(SCHEMA_NOW).fetchall()
        assert upgraded.execute("SELECT * FROM sources").fetchall() == [
            ("row 7", "client/C-1", 1, b"\x01\x02", source_checksum("row 7", "client/C-1", 1, b"\x01\x02"))
        ]
    assert not upgrade(old)


def test_a_process_killed_in_the_middle_leaves_it_as_it_was(old: Path) -> None:
    before = old.read_bytes()
    child = (
        "import os, signal, sys; from ledger.storage.sqlite_upgrade import upgrade; "
        "upgrade(sys.argv[1], lambda *_: os.kill(os.getpid(), signal.SIGKILL))"
    )

    died = subprocess.run(
        [sys.executable, "-c", child, str(old)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )

    assert died.returncode == -signal.SIGKILL
    assert old.read_bytes() == before
    assert upgrade(old)


def test_a_log_with_a_gap_is_left_as_it_is(old: Path) -> None:
    with closing(sqlite3.connect(old)) as connection:
        connection.execute("DROP TRIGGER stored_events_refuse_delete")
        connection.execute("DELETE FROM stored_events WHERE position = 4")
        connection.commit()

    with pytest.raises(DamagedLedgerError, match="missing"):
        upgrade(old)
    with closing(sqlite3.connect(old)) as connection:
        assert connection.execute("SELECT value FROM meta").fetchone() == ("1",)


def test_what_is_no_ledger_is_left_to_whoever_opens_it(tmp_path: Path) -> None:
    place = tmp_path / "other.db"
    with closing(sqlite3.connect(place)) as connection:
        connection.execute("CREATE TABLE letters (a)")

    assert not upgrade(place)
    with pytest.raises(NotALedgerError):
        open_log(place)
