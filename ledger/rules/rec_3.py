"""REC-3: a diagnosis in a coaching record."""

from collections.abc import Iterator

from ledger.events.engagements import RecordFiled
from ledger.history import Fact
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken
from ledger.values import Service


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """No record of a coaching engagement contains a diagnosis."""
    if not act.event.contains_diagnosis:
        return
    engagement = view.case.engagements.get(act.event.engagement)
    if engagement is not None and engagement.service is Service.COACHING:
        yield broken(
            Kind.VIOLATION,
            f"a record of coaching {engagement.id} contains a diagnosis: expected none in coaching",
        )


RULE = Rule(
    id="REC-3",
    title="A coaching record contains a diagnosis",
    kind=Kind.VIOLATION,
    why="Coaching neither diagnoses nor treats, and its records show it.",
    sources=("Guide, Document Separately",),
    judges=(RecordFiled,),
    check=check,
    exceptions="A therapy record may contain one.",
    allowed=(
        Example(
            "A diagnosis in a therapy record",
            """
            2024-01-08 therapy E1
            2024-01-15 record-filed E1 clinical contains_diagnosis=yes
            """,
        ),
        Example(
            "A coaching record without one",
            """
            2024-01-08 coaching E1
            2024-01-15 record-filed E1 coaching
            """,
        ),
    ),
    denied=(
        Example(
            "A diagnosis in a coaching record",
            """
            2024-01-08 coaching E1
            2024-01-15 record-filed E1 coaching contains_diagnosis=yes
            """,
        ),
    ),
)
