"""In what condition a ledger file is: asked of SQLite, through a connection such as the ledger uses."""

import sqlite3
from contextlib import closing
from pathlib import Path

from ledger.storage.condition import Condition
from ledger.storage.sqlite_datastore import BESIDE, LedgerDatastore
from ledger.storage.sqlite_schema import TRIGGERS
from ledger.storage.sqlite_transaction import HIGHEST_GIVEN

PRAGMAS = ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers", "page_size", "freelist_count")
NAMES = "SELECT name FROM sqlite_master WHERE type = 'trigger'"


def condition(place: str | Path) -> Condition:
    """The condition of the ledger file at a place. Raises what `open_log` raises."""
    datastore = LedgerDatastore(str(place))
    with closing(datastore):
        datastore.check()
        with datastore.faults, datastore.reading() as connection:
            settings = {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in PRAGMAS}
            there = {name for (name,) in connection.execute(NAMES)}
            settings["missing_triggers"] = sorted(_named() - there)
            settings["highest_given"] = connection.execute(HIGHEST_GIVEN).fetchone()[0]
            found = connection.execute("SELECT coalesce(max(position), 0) FROM stored_events").fetchone()
            settings["last_position"] = found[0]
        settings["read_only"] = datastore.is_read_only
        settings["wal_bytes"] = _size(Path(f"{place}-wal"))
        return Condition("SQLite", sqlite3.sqlite_version, _size(Path(place)) + _beside(place), settings)


def left_beside(place: str | Path) -> list[Path]:
    """What SQLite keeps beside a ledger file, as far as it is there and holds something."""
    files = [Path(f"{place}{end}") for end in BESIDE]
    return [file for file in files if not file.name.endswith("-shm") and _size(file)]


def _named() -> set[str]:
    """The names of the triggers that refuse changes."""
    return {trigger.split()[5] for trigger in TRIGGERS}


def _beside(place: str | Path) -> int:
    return sum(_size(Path(f"{place}{end}")) for end in BESIDE)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
