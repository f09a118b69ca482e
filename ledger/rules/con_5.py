"""CON-5: clinical records on a bare subpoena."""

from collections.abc import Iterator

from ledger.events.releases import DisclosureMade
from ledger.history import Fact
from ledger.rules.con_1 import live_releases, uncovered
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken
from ledger.values import DisclosureBasis, RecordSet

CLINICAL = {RecordSet.CLINICAL, RecordSet.PSYCHOTHERAPY_NOTES}


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """A subpoena alone, with neither a release nor a court order, does not open clinical records."""
    disclosed = CLINICAL & set(act.event.scope)
    if act.event.basis is not DisclosureBasis.SUBPOENA or not disclosed:
        return
    if uncovered(act, live_releases(view, act)):
        yield broken(
            Kind.WARNING,
            f"disclosure {act.event.disclosure}: {', '.join(sorted(disclosed))} on a bare subpoena; expected a "
            "release or a court order",
        )


RULE = Rule(
    id="CON-5",
    title="Clinical records are disclosed on a bare subpoena",
    kind=Kind.WARNING,
    why="A subpoena is not an order of a court; take advice before clinical records leave the practice.",
    sources=("45 CFR 164.512(e)",),
    judges=(DisclosureMade,),
    check=check,
    exceptions="A release that covers what is disclosed, or a disclosure on the basis of a court order.",
    allowed=(
        Example(
            "On a subpoena and the client's release",
            """
            2024-02-05 release-granted X1 recipient_kind=court
            2024-03-04 disclosure-made D1 recipient_kind=court basis=subpoena
            """,
        ),
        Example(
            "Only administrative records",
            """
            2024-03-04 disclosure-made D1 recipient_kind=court basis=subpoena scope=administrative
            """,
        ),
        Example(
            "By order of the court",
            """
            2024-03-04 disclosure-made D1 recipient_kind=court basis=court-order
            """,
        ),
    ),
    denied=(
        Example(
            "Clinical records on a subpoena alone",
            """
            2024-03-04 disclosure-made D1 recipient_kind=court basis=subpoena
            """,
        ),
    ),
)
