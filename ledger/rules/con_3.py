"""CON-3: an engagement that is never looked at again."""

from collections.abc import Iterator

from ledger.case import Engagement
from ledger.history import Fact
from ledger.policy import Parameter
from ledger.rules.rule import Due, Example, Kind, Rule, View
from ledger.values import later


def due(view: View) -> Iterator[Due]:
    """A running engagement is reassessed, counted from opening, resumption or last reassessment."""
    held: dict[str, list[Fact]] = {}
    for fact in view.case.reassessments:
        held.setdefault(fact.event.engagement, []).append(fact)
    for engagement in view.case.engagements.values():
        yield from _of_engagement(view, engagement, held.get(engagement.id, []))


def _of_engagement(view: View, engagement: Engagement, held: list[Fact]) -> Iterator[Due]:
    starts = [*engagement.starts(), None]
    for (start, end), resumed in zip(engagement.stints(), starts[1:], strict=True):
        within = [
            fact for fact in held if start.order < fact.order and (end is None or fact.order < end.order)
        ]
        since = [
            fact
            for fact in held
            if end is not None and fact.order > end.order and (resumed is None or fact.order < resumed.order)
        ]
        following = [*within, *since[:1]]
        for index, cause in enumerate([start, *within]):
            met = following[index] if index < len(following) else None
            last_day = later(view.day(cause), view.number("reassessment_days", cause.order))
            if index == len(within) and end is not None and view.day(end) <= last_day:
                continue
            yield Due(
                cause=cause,
                due=last_day,
                message=f"{engagement.service} {engagement.id}: expected a reassessment whether it is still "
                "the right service",
                engagement=engagement.id,
                practitioner=engagement.practitioner,
                met_on=view.day(met) if met is not None else None,
                met_by=(met,) if met is not None else (),
            )


RULE = Rule(
    id="CON-3",
    title="A running engagement is not reassessed",
    kind=Kind.OBLIGATION,
    adopted=True,
    why="Whether this is still the right service is asked again and again, and the answer kept.",
    sources=("Guide, Transparent Communication",),
    due=due,
    parameters=(Parameter("reassessment_days", 90, "Days from one reassessment to the next."),),
    exceptions="Not listed where the engagement is paused or closed by then. Counts once overdue.",
    allowed=(
        Example(
            "Reassessed on the ninetieth day",
            """
            2024-01-08 coaching E1
            2024-04-07 reassessment-held E1
            2024-05-31 today
            """,
        ),
        Example(
            "Paused on the ninetieth day",
            """
            2024-01-08 coaching E1
            2024-04-07 engagement-paused E1
            2024-05-31 today
            """,
        ),
        Example(
            "Counted anew from the resumption",
            """
            2024-01-08 coaching E1
            2024-04-01 engagement-paused E1
            2024-05-06 engagement-resumed E1
            2024-08-04 today
            """,
        ),
    ),
    denied=(
        Example(
            "The ninetieth day went by",
            """
            2024-01-08 coaching E1
            2024-04-08 today
            """,
        ),
        Example(
            "Reassessed a day late",
            """
            2024-01-08 coaching E1
            2024-04-08 reassessment-held E1
            """,
        ),
        Example(
            "Closed on the ninety-first day",
            """
            2024-01-08 coaching E1
            2024-04-08 engagement-closed E1
            """,
        ),
    ),
)
