"""An address on a test server that no other test uses."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg

from ledger.errors import LedgerError
from ledger.storage.postgres import remove


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
