"""A disk that is full, or cannot be written: nothing that was acknowledged is lost, and it is said what to do."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.examining import examine
from tests.faults.mounts import filled, small
from tests.faults.saying import KEYS, NEW_CONTACT, STORAGE, next_command_works, require
from tests.faults.sites import Site
from tests.faults.table import Tally

FULL = 200
"""How many KiB are left: enough for some acts."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own."""
    with small(tmp_path / "disk", 8 * 1024) as disk:
        yield disk


MOST_THAT_STILL_FIT = 30
"""How many commands may still find room in pages that are used again, before one is refused."""


@pytest.mark.parametrize("deed", ["record", "import", "seal"])
def test_a_full_disk(disk: Path, file_site: Site, tallies: Callable[[str, str], Tally], deed: str) -> None:
    site = file_site
    site.url = f"sqlite:///{disk}/practice.db"
    site.create()
    with filled(disk, FULL):
        child = site.child("child", deed)
        child.wait_for("failed")
        child.kill()
        for _ in range(MOST_THAT_STILL_FIT):
            with filled(disk):  # anew: a command that closes the ledger gives its write-ahead log's room back
                refused = site.program(*NEW_CONTACT)
            if refused.code:
                break
    require(refused, STORAGE if "practice.db" in refused.told else KEYS, "full", "try again")

    next_command_works(site)
    found = examine(site)
    found.require_clean()
    assert found.acknowledged
    tally = tallies("sqlite", f"full disk, {deed}")
    tally.rounds += 1
    tally.add(found)
    tally.ended[f"exit {refused.code}"] += 1
