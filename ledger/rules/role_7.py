"""ROLE-7: going back and forth between the roles."""

from collections.abc import Iterator

from ledger.events.engagements import EngagementOpened, EngagementResumed
from ledger.history import Fact
from ledger.policy import Parameter
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken
from ledger.values import days_between


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """Not more than `alternation_limit` service changes of one pair within the window ending here."""
    change = view.change(act)
    if change is None:
        return
    limit = view.number("alternation_limit", act.order)
    window = view.number("alternation_window_days", act.order)
    practitioner = change.engagement.practitioner
    today = view.day(act)
    changes = [
        fact
        for fact in view.case.facts
        if fact.order <= act.order
        and isinstance(fact.event, EngagementOpened | EngagementResumed)
        and days_between(view.day(fact), today) <= window
        and (found := view.change(fact)) is not None
        and found.engagement.practitioner == practitioner
    ]
    if len(changes) > limit:
        yield broken(
            Kind.ADVICE,
            f"{practitioner} and the client changed service {len(changes)} times within {window} days: "
            f"more than {limit} may speak of dependency; consider another professional for one of the roles",
            *changes[:-1],
        )


RULE = Rule(
    id="ROLE-7",
    title="A pair goes back and forth between therapy and coaching",
    kind=Kind.ADVICE,
    adopted=True,
    why="A client who leans on one person for everything may lose more independence than either service gives.",
    sources=("Guide, Client Dependency",),
    judges=(EngagementOpened, EngagementResumed),
    check=check,
    parameters=(
        Parameter("alternation_limit", 3, "Service changes of one pair that need no remark."),
        Parameter("alternation_window_days", 365, "Days, ending with a change, in which they are counted."),
    ),
    exceptions="Changes before the window are not counted. It is advice: some journeys have good reasons.",
    allowed=(
        Example(
            "As many changes as the practice allows",
            """
            2021-01-04 policy-adopted recommended parameters.alternation_limit=2
            2024-01-08 therapy E1
            2024-03-04 engagement-closed E1
            2024-03-11 coaching E2
            2024-05-06 engagement-closed E2
            2024-05-13 therapy E3
            """,
        ),
        Example(
            "The first change is no longer within the window",
            """
            2021-01-04 policy-adopted recommended parameters.alternation_limit=1 parameters.alternation_window_days=62
            2024-01-08 therapy E1
            2024-03-04 engagement-closed E1
            2024-03-11 coaching E2
            2024-05-06 engagement-closed E2
            2024-05-13 therapy E3
            """,
        ),
    ),
    denied=(
        Example(
            "One change more than the practice allows",
            """
            2021-01-04 policy-adopted recommended parameters.alternation_limit=1
            2024-01-08 therapy E1
            2024-03-04 engagement-closed E1
            2024-03-11 coaching E2
            2024-05-06 engagement-closed E2
            2024-05-13 therapy E3
            """,
        ),
        Example(
            "The first change falls on the first day of the window",
            """
            2021-01-04 policy-adopted recommended parameters.alternation_limit=1 parameters.alternation_window_days=63
            2024-01-08 therapy E1
            2024-03-04 engagement-closed E1
            2024-03-11 coaching E2
            2024-05-06 engagement-closed E2
            2024-05-13 therapy E3
            """,
        ),
    ),
)
