"""The address of a ledger on a PostgreSQL server: handed to libpq as it is, and shown without its password.

`postgresql://user:password@host1:port1,host2:port2/database?...`: libpq tries the hosts in turn, and what the address
leaves out comes from its environment (PGHOST, PGPASSWORD, ~/.pgpass ...).
"""

import re
from typing import Any
from urllib.parse import unquote

import psycopg
from psycopg.conninfo import conninfo_to_dict

from ledger.address import HIDDEN, shown
from ledger.errors import UsageError

SHORTEST_HIDDEN = 3
"""A password of fewer characters is not looked for in messages: it would be found in every word."""

DEFAULTS = {
    "target_session_attrs": "read-write",  # after a failover, the host that takes writes
    "connect_timeout": "10",
    "application_name": "engagement-ledger",
    # A host that vanishes without a word is noticed within a minute, not after two hours.
    "keepalives_idle": "20",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
"""What is asked of libpq where the address does not say otherwise."""


def parameters(place: str, **defaults: str) -> dict[str, Any]:
    """What libpq is told to connect. UsageError for an address that it cannot read."""
    try:
        given = conninfo_to_dict(place)
    except psycopg.ProgrammingError as wrong:
        raise UsageError(
            f"{shown(place)} is no address of a PostgreSQL database: {without_passwords(str(wrong), place)}. "
            "Expected postgresql://USER:PASSWORD@HOST:PORT/DATABASE, other characters than letters and digits "
            "in a part of it written as %XX."
        ) from None
    return {**DEFAULTS, **defaults, **given, "client_encoding": "UTF8"}


def without_passwords(message: str, place: str) -> str:
    """A message of libpq or of the server in one line, and with no password of the address in it."""
    for secret in _secrets(place):
        message = message.replace(secret, HIDDEN)
    return " ".join(message.split())


def _secrets(place: str) -> list[str]:
    """Every part of the address that may be a password, as it stands there and as it is meant."""
    found = re.findall(r"://[^:@/?]*:(.*)@", place)
    found += [
        value.partition("=")[2] for value in re.findall(r"[?&]\w*password\w*=[^&]*", place, re.IGNORECASE)
    ]
    written = {form for one in found for form in (one, unquote(one)) if len(form) >= SHORTEST_HIDDEN}
    return sorted(written, key=len, reverse=True)
