"""A ledger's tables as raw rows, for comparing what was copied byte by byte."""

import sqlite3
from contextlib import closing
from pathlib import Path

from ledger.storage.tables import BESIDE_THE_ENTRIES, STORED_EVENTS, TREE

TABLES = (STORED_EVENTS, TREE, *BESIDE_THE_ENTRIES)


def everything(file: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table of a ledger in a file, read without any code of the ledger's own."""
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as database:
        names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {name: database.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall() for (name,) in names}
