"""REC-4: therapy closed without its summary."""

from collections.abc import Iterator

from ledger.case import Engagement
from ledger.history import Fact
from ledger.policy import Parameter
from ledger.rules.rule import Due, Example, Kind, Rule, View
from ledger.values import RecordKind, Service, later


def due(view: View) -> Iterator[Due]:
    """Each closed therapy has a discharge summary."""
    for engagement in view.case.engagements.values():
        if engagement.service is Service.THERAPY and engagement.closed is not None:
            yield _due(view, engagement, engagement.closed)


def _due(view: View, engagement: Engagement, closed: Fact) -> Due:
    day = view.day(closed)
    found = [(day, closed)] if closed.event.summary_sha256 is not None else []
    found += [
        (max(day, view.day(record)), record)
        for record in view.case.records
        if record.event.engagement == engagement.id and record.event.kind is RecordKind.DISCHARGE_SUMMARY
    ]
    met = min(found, key=lambda one: one[0], default=None)
    return Due(
        cause=closed,
        due=later(day, view.number("closing_summary_days", closed.order)),
        message=f"therapy {engagement.id} was closed: expected a discharge summary",
        engagement=engagement.id,
        practitioner=engagement.practitioner,
        met_on=met[0] if met is not None else None,
        met_by=(met[1],) if met is not None else (),
    )


RULE = Rule(
    id="REC-4",
    title="A therapy is closed without a discharge summary",
    kind=Kind.OBLIGATION,
    adopted=True,
    pending=True,
    why="The summary is what shows later that therapy had ended, and how.",
    sources=("Guide, Transition to Coaching",),
    due=due,
    parameters=(Parameter("closing_summary_days", 14, "Days within which a discharge summary is there."),),
    exceptions="The closing's own `summary_sha256` serves, and a summary filed before the closing.",
    allowed=(
        Example(
            "The summary is filed on the fourteenth day",
            """
            2024-01-08 therapy E1
            2024-06-03 engagement-closed E1
            2024-06-17 record-filed E1 clinical discharge-summary
            2024-06-30 today
            """,
        ),
        Example(
            "The closing names its summary",
            """
            2024-01-08 therapy E1
            2024-06-03 engagement-closed E1 summary_sha256=summary
            2024-06-30 today
            """,
        ),
        Example(
            "The fourteenth day is not over",
            """
            2024-01-08 therapy E1
            2024-06-03 engagement-closed E1
            2024-06-17 today
            """,
        ),
    ),
    denied=(
        Example(
            "The fourteenth day went by",
            """
            2024-01-08 therapy E1
            2024-06-03 engagement-closed E1
            2024-06-18 today
            """,
        ),
        Example(
            "The summary comes a day late",
            """
            2024-01-08 therapy E1
            2024-06-03 engagement-closed E1
            2024-06-18 record-filed E1 clinical discharge-summary
            """,
        ),
    ),
)
