"""The key database fails while the ledger does not: nothing is lost, and what was not signed is signed later."""

import sqlite3
from contextlib import closing

import pytest

from tests.faults.examining import examine
from tests.faults.journal import lines
from tests.faults.mounts import filled, small
from tests.faults.saying import DONE, KEYS, LOCKED, NEW_CONTACT, SESSION, next_command_works, require
from tests.faults.sites import Site


def test_a_missing_key_database(site: Site) -> None:
    keys = site.places.keys
    away = keys.rename(keys.with_suffix(".away"))
    for act in (NEW_CONTACT, SESSION):
        require(site.program(*act), KEYS, "restore it from the backup of the keys")
    require(site.program("timeline", "C-1"), DONE)
    away.rename(keys)
    next_command_works(site)
    examine(site).require_clean()


def test_a_disk_of_the_keys_that_is_full(file_site: Site) -> None:
    site = file_site
    with small(site.folder / "disk", 4096) as disk:
        site.environment["ENGAGEMENT_LEDGER_KEYS"] = f"{disk}/practice.keys"
        site.create()
        child = site.child("child", "one-client")
        child.wait_for("acknowledged", 2)
        with filled(disk):
            child.wait_for("unsigned", 4)  # the ledger is not full: it is recorded
            said = site.program(*NEW_CONTACT)
            require(said, DONE if "not signed yet" in said.told else KEYS, "full")
        child.kill()
        next_command_works(site)
        found = examine(site)
        found.require_clean()
        unsigned = [line for line in lines(child.journal) if line.get("unsigned")]
        assert all("full" in line["unsigned"] for line in unsigned)


@pytest.mark.campaign
def test_a_locked_key_database(site: Site) -> None:
    with closing(sqlite3.connect(site.places.keys, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        require(site.program(*NEW_CONTACT), LOCKED, "in use by another program", "try again")
        require(site.program(*SESSION), DONE, "recorded, but not signed yet")
    next_command_works(site)
    examine(site).require_clean()
