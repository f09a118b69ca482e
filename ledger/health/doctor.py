"""`doctor`: every check, each for itself; what cannot be looked at is said and does not stop the others."""

import os
import platform
import time
from collections.abc import Iterator
from contextlib import closing
from importlib.metadata import version
from typing import NamedTuple

from ledger import clock
from ledger.errors import ConflictError, IntegrityError, LedgerError, NoLedgerError
from ledger.health.checks import Check, broken, fine, warning
from ledger.health.doubles import check_doubles
from ledger.health.files import check_files, missing
from ledger.health.keys import check_keys
from ledger.health.postgres import check_postgres
from ledger.health.proofs import check_proofs
from ledger.health.sqlite import check_sqlite
from ledger.places import Places, program_version
from ledger.storage.engines import engine_of
from ledger.verification.keys import at_hand

LIBRARY = "9.5."
"""The version of eventsourcing whose recorders are extended."""


class Examined(NamedTuple):
    """Every check, and how many entries there are; None where they could not be looked at."""

    checks: list[Check]
    entries: int | None


def examine(places: Places) -> Examined:
    """Every check of a ledger.

    Raises NoLedgerError where none is; UnreachableError, LockedError; UsageError for a bad address.
    """
    found = missing(places)
    engine = engine_of(places.place)
    if not found and not engine.exists(places.place):
        raise NoLedgerError(places.url)
    keys = at_hand(places)
    checks = [_program(), *_environment(), *found, *check_files(places), *check_keys(places, keys)]
    entries = None
    if found:
        return Examined(checks, entries)
    try:
        checks += _settings(places)
        with closing(engine.open_log(places.place)) as log, log.snapshot() as reading:
            checks += check_proofs(reading, keys, clock.now())
            checks += check_doubles(places, reading) if keys.verifier is not None else ()
            entries = reading.last_position()
    except IntegrityError as wrong:
        checks.append(broken("ledger", str(wrong), "Restore the newest backup to another place."))
    except ConflictError:
        raise
    except LedgerError as wrong:
        checks.append(warning("ledger", str(wrong), "Put that right and look again."))
    return Examined(checks, entries)


def _settings(places: Places) -> Iterator[Check]:
    condition = engine_of(places.place).condition(places.place)
    if places.is_file:
        yield from check_sqlite(condition)
    else:
        yield from check_postgres(condition, time.time())


def _program() -> Check:
    library = version("eventsourcing")
    said = (
        f"engagement-ledger {program_version()}, Python {platform.python_version()}, eventsourcing {library}"
    )
    if not library.startswith(LIBRARY):
        return warning("program", said, f"Install eventsourcing {LIBRARY}x, which this program was made for.")
    return fine("program", said)


def _environment() -> Iterator[Check]:
    if os.environ.get("POSTGRES_ENABLE_DB_FUNCTIONS", "").lower() in ("y", "yes", "t", "true", "on", "1"):
        yield warning(
            "environment",
            "POSTGRES_ENABLE_DB_FUNCTIONS is on: with eventsourcing's own insert function readers lose entries",
            "Take it out of the environment; with it nothing is recorded on a server.",
        )
