"""Key files as version 1 of their formats had them."""

import json
import sqlite3
from pathlib import Path

from ledger.keys.schema import APPLICATION_ID
from ledger.keys.tables import UPGRADES


def make_older(path: Path, role_path: Path) -> None:
    """Puts a key database and an unlocked role file in their places anew, as an older program made them."""
    draft = path.with_name(f"{path.name}.older")
    rows = sqlite3.connect(draft)
    rows.executescript(
        f"PRAGMA journal_mode=WAL; PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version=1; {UPGRADES[1]}"
    )
    rows.execute("ATTACH ? AS newer", (str(path),))
    for table in ("key_database", "domain_key", "data_key", "setting"):
        columns = ", ".join(row[1] for row in rows.execute(f"PRAGMA main.table_info({table})"))
        rows.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM newer.{table}")
    rows.commit()
    rows.close()
    draft.replace(path)
    content = json.loads(role_path.read_text())
    for name in ("grant", "holder", "known", "own_key"):
        del content[name]
    role_path.write_text(json.dumps({**content, "version": 1}))
