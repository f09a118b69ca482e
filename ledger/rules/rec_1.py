"""REC-1: a record in the other service's file."""

from collections.abc import Iterator

from ledger.events.engagements import RecordFiled
from ledger.history import Fact
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken
from ledger.values import RecordSet, Service

FITTING = {
    Service.THERAPY: (RecordSet.CLINICAL, RecordSet.PSYCHOTHERAPY_NOTES, RecordSet.ADMINISTRATIVE),
    Service.COACHING: (RecordSet.COACHING, RecordSet.ADMINISTRATIVE),
}


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """The record set fits the engagement's service."""
    engagement = view.case.engagements.get(act.event.engagement)
    if engagement is not None and act.event.record_set not in FITTING[engagement.service]:
        yield broken(
            Kind.VIOLATION,
            f"record of {engagement.service} {engagement.id}: expected it in "
            f"{' or '.join(FITTING[engagement.service])}, it is in {act.event.record_set}",
        )


RULE = Rule(
    id="REC-1",
    title="A record is filed in the other service's record set",
    kind=Kind.VIOLATION,
    why="Mixed files cannot be produced, released or protected by the rules of either service.",
    sources=("Guide, Document Separately", "45 CFR 164.501"),
    judges=(RecordFiled,),
    check=check,
    exceptions="Administrative records fit both services.",
    allowed=(
        Example(
            "Each service in its own record set",
            """
            2024-01-08 therapy E1
            2024-01-08 coaching E2 with=P-2
            2024-01-15 record-filed E1 psychotherapy-notes
            2024-01-15 record-filed E2 coaching
            """,
        ),
        Example(
            "An invoice fits both",
            """
            2024-01-08 coaching E1
            2024-01-15 record-filed E1 administrative
            """,
        ),
    ),
    denied=(
        Example(
            "A coaching note in the clinical record",
            """
            2024-01-08 coaching E1
            2024-01-15 record-filed E1 clinical
            """,
        ),
        Example(
            "A therapy note in the coaching record",
            """
            2024-01-08 therapy E1
            2024-01-15 record-filed E1 coaching
            """,
        ),
    ),
)
