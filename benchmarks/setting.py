"""What every benchmark shares: a ledger in a folder, a generated history in a file, what a database says of itself."""

import json
import sqlite3
from pathlib import Path

from benchmarks.histories import generate
from ledger.application import Ledger
from ledger.opening import Opening
from ledger.places import Places

POLICY = {"adopts": ["recommended"], "drops": [], "parameters": {}, "reason": "benchmark"}
EVENTS_TABLE = (
    "CREATE TABLE stored_events (originator_id TEXT, originator_version INTEGER, topic TEXT, state BLOB, "
    "PRIMARY KEY (originator_id, originator_version))"
)


def places(folder: Path) -> Places:
    """Where a benchmark's ledger lives."""
    return Places.of(f"sqlite:///{folder}/bench.db")


def new_ledger(folder: Path, go_live: str | None = None) -> Ledger:
    """An empty ledger with the recommended policy."""
    folder.mkdir(parents=True, exist_ok=True)
    return Ledger.create(places(folder), Opening("Benchmark", "America/New_York", "bench", go_live, POLICY))


def history(folder: Path, entries: int) -> Path:
    """A generated history as an import file."""
    path = folder / f"history-{entries}.ndjson"
    if not path.exists():
        with path.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(line) + "\n" for line in generate(entries))
    return path


def raw_database(path: Path) -> sqlite3.Connection:
    """Plain sqlite3 with the same settings as the ledger: WAL, synchronous=FULL."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def described(path: Path) -> str:
    """Journal mode, synchronous mode and rows of every table of a database."""
    connection = sqlite3.connect(path)
    mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    counted = {
        table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        for table in tables
        if not table.startswith("sqlite_")
    }
    connection.close()
    rows = ", ".join(f"{table} {count:,}" for table, count in counted.items() if count)
    return f"journal {mode}, synchronous FULL; rows counted afterwards: {rows}"
