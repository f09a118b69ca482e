"""Key files as they were once written, kept as they are: every version of them goes on to be read."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ledger.keys.database import KeyDatabase
from ledger.keys.overview import overview
from ledger.keys.role_file import VERSION as ROLE_VERSION
from ledger.keys.schema import APPLICATION_ID
from ledger.keys.tables import VERSION
from ledger.values import Domain

GOLDEN = Path(__file__).parent / "golden"
KEYS = {
    1: (3784313600968963178, "e7cd71772c77c2028068b426b03f1abd4620d4a9bcb3c554b01d14266277246d"),
    2: (2289144358999190306, "f56093231b60ca1f569b051a382e3e5a0169a2b94a624df0d14d4455f9e54c60"),
}
"""By version of the files: the therapy key of client/C-1, its number and what it is."""


def golden(version: int, folder: Path) -> Path:
    """The key database of a version, made of its rows."""
    path = folder / "golden.keys"
    with closing(sqlite3.connect(path)) as rows:
        rows.executescript((GOLDEN / f"keys-v{version}.sql").read_text())
        rows.executescript(f"PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version={version};")
    return path


def test_every_version_has_its_files() -> None:
    assert VERSION == ROLE_VERSION == max(KEYS)
    names = ("keys-v{}.sql", "role-v{}.json", "role-v{}-locked.json")
    assert {file.name for file in GOLDEN.iterdir()} == {name.format(one) for one in KEYS for name in names}


@pytest.mark.parametrize("lock", ["", "-locked"])
@pytest.mark.parametrize("version", KEYS)
def test_it_reads_what_it_read_then(tmp_path: Path, version: int, lock: str) -> None:
    role = tmp_path / "golden.role"
    shutil.copy(GOLDEN / f"role-v{version}{lock}.json", role)
    key_id, key = KEYS[version]
    with KeyDatabase.open(golden(version, tmp_path), role, passphrase="open sesame") as keys:
        assert keys.open_key(key_id).hex() == key
        written = keys.data_key("client/C-2", Domain.THERAPY)
        keys.flush()
        assert keys.open_key(written.key_id) == written.key


def test_what_signatures_and_tags_say_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Given therapy keys of a second generation, then the first stands behind them, and behind both grants."""
    role = tmp_path / "golden.role"
    shutil.copy(GOLDEN / "role-v2.json", role)
    with KeyDatabase.open(golden(2, tmp_path), role) as keys:
        seen = overview(keys)
        assert [(one.domain, one.generation, one.problem) for one in seen.domains if one.generation > 1] == [
            (Domain.THERAPY, 2, None)
        ]
        assert [(set(one.opens), list(one.unsigned)) for one in seen.grants] == [(set(Domain), [])] * 2
        assert keys.data_key("client/C-1", Domain.THERAPY).key_id == KEYS[2][0]
