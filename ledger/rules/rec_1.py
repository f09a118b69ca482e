"""REC-1: a record in the other service's file."""

from collections.abc import Iterator

from ledger.events.engagements import RecordFiled
from ledger.history import Fact
from ledger.rules.rule import Kind, Rule, Ruling, View, broken
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
)
