"""After an import: whom the clients that came in are like."""

from ledger.application import Ledger
from ledger.directory.directory import CLIENTS_AT_ONCE, Alike
from ledger.errors import LedgerError

COMPARED = 10_000
"""So many clients are compared with all others right after an import."""


def compared(ledger: Ledger) -> tuple[tuple[Alike, ...], bool, LedgerError | None]:
    """Whom the clients are like; whether more are to be compared than is done at once; why they could not be."""
    found: list[Alike] = []
    try:
        for _ in range(COMPARED // CLIENTS_AT_ONCE):
            step = ledger.directory.follow()
            found += step.alike
            if not step.behind:
                break
    except LedgerError as error:  # it is imported: somebody else compares them
        return tuple(found), True, error
    return tuple(found), step.behind > 0, None
