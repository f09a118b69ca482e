"""A disk that is full, or cannot be written: nothing that was acknowledged is lost, and it is said what to do."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.examining import examine
from tests.faults.mounts import filled, small
from tests.faults.sites import BY_ITSELF, Said, Site
from tests.faults.table import Tally

NEW_CONTACT = ("record", "client-details-changed", "--client", "C-1", "--contact", "new@mail.example")
STORAGE, KEYS = 5, 7
"""Exit codes: the ledger's file cannot be used, the key database cannot."""

FULL = 200
"""How many KiB are left: enough for some acts."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own."""
    with small(tmp_path / "disk", 8 * 1024) as disk:
        yield disk


def told(said: Said, code: int, *words: str) -> None:
    assert said.code == code, said
    assert "Traceback" not in said.told
    for word in words:
        assert word in said.told, said.told


@pytest.mark.parametrize("deed", ["record", "import", "seal"])
def test_a_full_disk(disk: Path, tmp_path: Path, tallies: Callable[[str, str], Tally], deed: str) -> None:
    site = Site("sqlite", tmp_path, f"sqlite:///{disk}/practice.db", before=BY_ITSELF)
    site.create()
    with filled(disk, FULL):
        child = site.child("child", deed)
        child.wait_for("failed")
        child.kill()
        with filled(disk):
            refused = site.program("--as", "frontdesk", *NEW_CONTACT)
    told(refused, STORAGE if "practice.db" in refused.told else KEYS, "full", "try again")

    told(site.program("--as", "frontdesk", *NEW_CONTACT), 0, "under checkpoint")
    found = examine(site)
    found.require_clean()
    assert found.acknowledged
    tally = tallies("sqlite", f"full disk, {deed}")
    tally.rounds += 1
    tally.add(found)
    tally.ended[f"exit {refused.code}"] += 1
