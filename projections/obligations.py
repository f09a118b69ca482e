"""What is due, by whom, by when: the obligations of every client at one moment, soonest first."""

from collections.abc import Iterator
from typing import Any

from ledger.application import Ledger
from ledger.perspective import Judged, Moment
from projections.findings import obligation_document, obligation_order

STANDING = ("open", "overdue")


def obligations(
    ledger: Ledger, when: Moment, *, client: str | None = None, everything: bool = False
) -> list[dict[str, Any]]:
    """The obligations of one client or of all; only what is open or overdue, unless everything is asked for.

    Each is as in the audit, with `practitioner` (whose it is) and `title` (of the rule) beside it.
    """
    perspective = ledger.at(when)
    judged = [perspective.judged(client)] if client is not None else perspective.clients()
    found = [one for each in judged for one in _of(each, everything=everything)]
    return sorted(found, key=obligation_order)


def _of(judged: Judged, *, everything: bool) -> Iterator[dict[str, Any]]:
    for one in judged.judgement.obligations:
        if everything or one.status in STANDING:
            yield titled(obligation_document(one), practitioner=one.due.practitioner, met_on=one.due.met_on)


def titled(obligation: dict[str, Any], *, practitioner: str | None, met_on: str | None) -> dict[str, Any]:
    """An obligation as in the audit with whose it is, when it was met and the rule's title."""
    from ledger.rules.catalogue import BY_ID

    return obligation | {
        "practitioner": practitioner,
        "met_on": met_on,
        "title": BY_ID[obligation["rule"]].title,
    }
