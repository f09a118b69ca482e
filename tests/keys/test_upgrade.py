"""A key database of an older program: brought up to date in place, read as it is where it cannot be written."""

import shutil
import sqlite3
import threading
from pathlib import Path

import pytest

from ledger.errors import ConflictError, KeyDatabaseError
from ledger.keys import schema
from ledger.keys.database import DataKey, KeyDatabase
from ledger.keys.tables import UPGRADES, VERSION
from ledger.values import Domain
from tests.keys.older import make_older
from tests.keys.practice import rows_of


@pytest.fixture
def older(tmp_path: Path) -> tuple[Path, DataKey]:
    """A key database of version 1 with one key, as an older program made it."""
    path = tmp_path / "engagements.keys"
    with KeyDatabase.create(path, tmp_path / "owner.role") as keys:
        key = keys.data_key("C-1", Domain.THERAPY)
        keys.flush()
    make_older(path, tmp_path / "owner.role")
    return path, key


def shape(path: Path) -> tuple[int, set[tuple[str, str]]]:
    """The version and every table and index."""
    rows = sqlite3.connect(path)
    try:
        (version,) = rows.execute("PRAGMA user_version").fetchone()
        return version, set(rows.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL"))
    finally:
        rows.close()


def test_an_older_file_becomes_what_a_new_one_is(older: tuple[Path, DataKey], tmp_path: Path) -> None:
    path, key = older
    assert shape(path)[0] == 1
    with KeyDatabase.open(path, tmp_path / "owner.role") as keys:
        assert keys.open_key(key.key_id) == key.key
        assert keys.data_key("C-1", Domain.THERAPY) != key  # nobody can tell who else has seen the old one
    KeyDatabase.create(tmp_path / "new.keys", tmp_path / "new.role").close()

    assert shape(path) == shape(tmp_path / "new.keys")
    assert shape(path)[0] == VERSION


def test_several_who_open_an_older_file_at_once_upgrade_it_once(older: tuple[Path, DataKey]) -> None:
    path, key = older
    opened: list[bytes] = []

    def opens() -> None:
        with KeyDatabase.open(path, path.with_name("owner.role")) as keys:
            opened.append(keys.open_key(key.key_id))

    threads = [threading.Thread(target=opens) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert opened == [key.key] * 6
    assert shape(path)[0] == VERSION


def test_an_upgrade_that_fails_half_way_leaves_the_file_as_it_was(
    older: tuple[Path, DataKey], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, key = older
    before = shape(path)
    with monkeypatch.context() as patched:
        patched.setattr(
            schema, "UPGRADES", {**UPGRADES, VERSION: UPGRADES[VERSION] + "CREATE TABLE setting (a);\n"}
        )
        with pytest.raises(KeyDatabaseError, match="already exists"):
            KeyDatabase.open(path, None)
    assert shape(path) == before
    with KeyDatabase.open(path, path.with_name("owner.role")) as keys:
        assert keys.open_key(key.key_id) == key.key


def test_an_older_file_that_is_locked_is_not_taken_for_one_that_cannot_be_written(
    older: tuple[Path, DataKey], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, _ = older
    monkeypatch.setattr(schema, "BUSY_SECONDS", 0.05)
    with rows_of(path) as rows:
        rows.execute("BEGIN IMMEDIATE")
        with pytest.raises(ConflictError, match="in use by another program"):
            KeyDatabase.open(path, None)
    with KeyDatabase.open(path, None):
        assert shape(path)[0] == VERSION


def test_where_it_cannot_be_written_an_older_file_is_read_as_it_is(
    older: tuple[Path, DataKey], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a copy on a read-only medium, then what version 2 added is there and empty."""
    path, key = older
    monkeypatch.setattr(schema, "_uri_of", lambda file: f"{file.as_uri()}?mode=ro&immutable=1")
    with KeyDatabase.open(path, path.with_name("owner.role")) as keys:
        assert keys.open_key(key.key_id) == key.key
        assert keys._store._rows("SELECT token, client FROM client_index WHERE token = ?", b"") == []
        assert keys._store._rows("SELECT file FROM backup_taken") == []
        with pytest.raises(KeyDatabaseError), keys._store.writing():
            keys._store._rows("INSERT INTO client_index VALUES (x'00', 'C-1')")
    assert shape(path)[0] == 1
    assert not path.with_name(f"{path.name}-wal").exists()


def test_a_copy_of_an_older_file_upgrades_by_itself(older: tuple[Path, DataKey], tmp_path: Path) -> None:
    path, key = older
    shutil.copy2(path, tmp_path / "copy.keys")
    with KeyDatabase.open(tmp_path / "copy.keys", tmp_path / "owner.role") as keys:
        assert keys.open_key(key.key_id) == key.key
    assert (shape(path)[0], shape(tmp_path / "copy.keys")[0]) == (1, VERSION)
