"""A key database with its owner's role file, and cheap passphrases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.keys import passphrase_lock
from ledger.keys.database import KeyDatabase
from tests.keys.practice import CHEAP


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passphrases that cost next to nothing."""
    monkeypatch.setattr(passphrase_lock, "NEW_FILES_COST", CHEAP)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the key database is."""
    return tmp_path / "engagements.keys"


@pytest.fixture
def role_path(tmp_path: Path) -> Path:
    """Where the owner's role file is."""
    return tmp_path / "owner.role"


@pytest.fixture
def keys(path: Path, role_path: Path) -> Iterator[KeyDatabase]:
    """The key database, opened by its owner."""
    with KeyDatabase.create(path, role_path) as database:
        yield database
