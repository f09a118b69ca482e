"""Servers for tests, and addresses on them that no other test uses."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
import pytest

from ledger.errors import LedgerError
from ledger.storage.postgres import remove
from tests.postgres.server import Server, programs


@contextmanager
def fresh_place(url: str) -> Iterator[str]:
    """The server's address with a schema that is not there yet; whatever a test makes in it is taken back."""
    schema = f"ledger_{secrets.token_hex(6)}"
    place = f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3D{schema}"
    try:
        yield place
    finally:
        with suppress(LedgerError):
            remove(place)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")


@contextmanager
def private_server() -> Iterator[Server]:
    """A started server that is gone afterwards; for tests that stop, kill or fill it.

    Skips where PostgreSQL is not installed; with EL_REQUIRE_POSTGRES=1 fails instead.
    """
    require_postgres()
    server = Server()
    try:
        yield server.init().start()
    finally:
        server.remove()


def require_postgres() -> None:
    """Skips where PostgreSQL is not installed; with EL_REQUIRE_POSTGRES=1 fails instead."""
    if programs() is None:
        missing = "PostgreSQL 15 or newer is not installed (Debian: apt-get install postgresql-15)"
        if os.environ.get("EL_REQUIRE_POSTGRES") == "1":
            pytest.fail(missing, pytrace=False)
        pytest.skip(missing)
