"""A whole log copied: every row as it was, the tree recomputed, and no damage passed on."""

from contextlib import closing
from pathlib import Path

import pytest

from ledger.copying.copying import Copied, copy_log
from ledger.errors import UnsoundCopyError
from ledger.integrity.checkpoint import Checkpoint
from ledger.storage import sqlite
from tests.copying.tables import TABLES, everything
from tests.verification.edited import change


def copied(source: Path, target: Path, told: list[tuple[int, int]] | None = None) -> Copied:
    sqlite.create(target)
    with (
        closing(sqlite.open_log(source)) as log,
        log.snapshot() as reading,
        closing(sqlite.open_log(target)) as other,
        other.bulk() as writer,
    ):
        return copy_log(
            reading, str(source), writer, lambda *done: (told if told is not None else []).append(done)
        )


def test_every_table_is_the_same_byte_by_byte(home: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []

    done = copied(home / "practice.db", tmp_path / "copy.db", told)

    before, after = everything(home / "practice.db"), everything(tmp_path / "copy.db")
    assert {name: len(rows) for name, rows in after.items()} == {
        name: len(rows) for name, rows in before.items()
    }
    assert after == before
    assert all(before[table.name] for table in TABLES), "a table without a row shows nothing"
    assert told[-1] == (done.size, done.size) == (len(before["stored_events"]),) * 2


def test_the_root_is_the_one_that_was_signed(home: Path, tmp_path: Path) -> None:
    with closing(sqlite.open_log(home / "practice.db")) as log:
        signed = log.last_checkpoint()
    assert signed is not None

    done = copied(home / "practice.db", tmp_path / "copy.db")

    assert (done.size, done.root) == (signed.size, Checkpoint.of_note(signed.note).root)


DAMAGE = {
    "an entry's bytes": (
        "UPDATE stored_events SET state = CAST(state || 'x' AS BLOB) WHERE position = 700",
        "node",
    ),
    "an entry that is text": (
        "UPDATE stored_events SET state = 'x' WHERE position = 700",
        "entry 700 does not",
    ),
    "an entry missing": ("DELETE FROM stored_events WHERE position = 700", "entry 700 is missing"),
    "the end cut off": ("DELETE FROM stored_events WHERE position > 1570", "the end is missing"),
    "the end cut off, and forgotten": (
        "DELETE FROM stored_events WHERE position > 1570; UPDATE sqlite_sequence SET seq = 1570",
        "tree: ",
    ),
    "a node of the tree": (
        "UPDATE tree SET hash = zeroblob(32) WHERE number = 800",
        "node 800 of the tree is not",
    ),
    "a node missing": ("DELETE FROM tree WHERE number = 3100", "node "),
    "a node too many": ("INSERT INTO tree VALUES (99999, zeroblob(32))", "tree: "),
    "a source twice": (
        (
            "CREATE TABLE s AS SELECT * FROM sources; DROP TABLE sources; ALTER TABLE s RENAME TO sources; "
            "INSERT INTO sources SELECT * FROM sources WHERE source = 'desk-1'"
        ),
        "sources: its rows do not fit together (UNIQUE",
    ),
    "a text of no entry": (
        "INSERT INTO disclosures VALUES ('client/C-none', 1, 'name', 'x', '1', x'00')",
        "disclosures: its rows do not fit together (FOREIGN KEY",
    ),
    "an entry before the first": (
        "INSERT INTO stored_events SELECT -1, 'x', 1, topic, state, log_time FROM stored_events WHERE position = 1",
        "entry 1 is missing: the next one there is -1",
    ),
}


@pytest.mark.parametrize(("statements", "finding"), DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_log_is_not_copied(home: Path, tmp_path: Path, statements: str, finding: str) -> None:
    change(home, *statements.split("; "))

    with pytest.raises(UnsoundCopyError) as refused:
        copied(home / "practice.db", tmp_path / "copy.db")

    assert finding in refused.value.findings[0]
    with closing(sqlite.open_log(tmp_path / "copy.db")) as log:
        assert log.last_position() == 0
