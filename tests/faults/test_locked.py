"""Somebody else holds the ledger for longer than is waited: nothing is lost, and it is said that it is locked."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import psycopg

from ledger.storage.postgres_functions import LOCK
from tests.faults.examining import examine
from tests.faults.saying import DONE, LOCKED, NEW_CONTACT, next_command_works, require
from tests.faults.sites import Site
from tests.faults.table import Tally

SHORT = {"SQLITE_LOCK_TIMEOUT": "1", "POSTGRES_LOCK_TIMEOUT": "1"}


@contextmanager
def held(site: Site) -> Iterator[None]:
    """Another session holds the lock that writers take."""
    if site.engine == "sqlite":
        with closing(sqlite3.connect(site.places.database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
    else:
        with psycopg.connect(site.url) as session:
            session.execute(LOCK)
            yield


def test_a_locked_ledger(site: Site, tallies: Callable[[str, str], Tally]) -> None:
    site.environment |= SHORT
    child = site.child("child", "one-client")
    child.wait_for("acknowledged", 3)
    with held(site):
        child.wait_for("failed")
        require(site.program(*NEW_CONTACT), LOCKED, "locked", "Nothing was recorded", "Try again")
        require(site.program("timeline", "C-1"), DONE)
    child.wait_for("acknowledged", 6)
    child.kill()
    next_command_works(site)
    found = examine(site)
    found.require_clean()
    assert set(found.errors) == {"LockedError 6"}
    tally = tallies(site.engine, "locked")
    tally.rounds += 1
    tally.add(found)
