"""Checks of the directory: clients who seem to be one person, and clients not compared with the others yet."""

from collections.abc import Iterator

from ledger.decoded import Decoded
from ledger.directory.doubles import PAIRS_AT_ONCE, WAITING_AT_ONCE, pairs, waiting
from ledger.errors import LedgerError
from ledger.health.checks import Check, fine, warning
from ledger.keys.database import KeyDatabase
from ledger.places import Places
from ledger.storage.mapper import EntryMapper
from ledger.storage.reading import Reading
from ledger.values import Calendar

SHOWN = 5
_NAME = "double files"


def check_doubles(places: Places, reading: Reading) -> Iterator[Check]:
    """What the index of clients shows, without any key."""
    opened = reading.entry("ledger", 1)
    if opened is None:
        return
    entries = Decoded(reading, EntryMapper())
    calendar = Calendar(entries.entry(opened)[1].event.time_zone)
    try:
        with KeyDatabase.open(places.keys, None) as keys:
            found = pairs(keys.client_tokens, reading, entries, calendar)
            left = waiting(keys.client_tokens, reading)
    except LedgerError:  # `check_keys` has said so
        return
    suspected = [(one.client, one.other) for one in found if one.compared is None]
    if suspected:
        shown = "; ".join(f"{client} and {other}" for client, other in suspected[:SHOWN])
        more = f" and {len(suspected) - SHOWN} more" if len(suspected) > SHOWN else ""
        least = "at least " if len(found) == PAIRS_AT_ONCE else ""
        yield warning(
            _NAME,
            f"{least}{len(suspected)} {'pair' if len(suspected) == 1 else 'pairs'} of clients may be one person each: "
            f"{shown}{more}",
            "Look at both files, then say what was found: `engagement-ledger record clients-compared`.",
        )
    else:
        yield fine(_NAME, "no two clients compared so far seem to be one person")
    if left:
        least = "at least " if left == WAITING_AT_ONCE else ""
        yield warning(
            "not compared",
            f"{least}{left} {'entry that says' if left == 1 else 'entries that say'} who a client is, not compared "
            "with other clients' yet",
            "`engagement-ledger doubles`, with a role file that reads identity.",
        )
