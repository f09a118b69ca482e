"""A key database with an owner, and the acts of the tests on it."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger.keys.database import DataKey, KeyDatabase
from ledger.keys.grant_store import Grant
from ledger.keys.granting import Act, grant
from ledger.keys.passphrase_lock import ScryptCost
from ledger.keys.roles import STANDARD
from ledger.values import Domain

CHEAP = ScryptCost(n=2**14, r=8, p=1)
ACT = Act("2026-03-02T12:00:00.000000Z", "owner-1")


def quiet(_done: int, _of: int) -> None:
    """Progress that nobody looks at."""


def stored_key(keys: KeyDatabase, subject: str = "client/C-1", domain: Domain = Domain.THERAPY) -> DataKey:
    """A data key, durable."""
    key = keys.data_key(subject, domain)
    keys.flush()
    return key


def role(keys: KeyDatabase, folder: Path, name: str, holder: str = "") -> Grant:
    """A role file `NAME.role` with the domains of the standard role."""
    return grant(keys, folder / f"{name}.role", name, STANDARD[name], ACT, holder=holder)


def give(
    keys: KeyDatabase, path: Path, name: str, domains: Iterable[Domain], passphrase: str | None = None
) -> Grant:
    """A role file at `path` that reads `domains`."""
    return grant(keys, path, name, domains, ACT, passphrase=passphrase)


@contextmanager
def rows_of(path: Path) -> Iterator[sqlite3.Connection]:
    """The file's rows, for somebody who has an editor for them; committed at the end."""
    rows = sqlite3.connect(path, isolation_level=None)
    try:
        yield rows
    finally:
        rows.close()
