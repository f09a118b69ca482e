"""ROLE-8: coaching too soon after therapy."""

from collections.abc import Iterator

from ledger.events.engagements import EngagementOpened, EngagementResumed
from ledger.history import Fact
from ledger.policy import Parameter
from ledger.rules.role_2 import latest_therapy
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken, shown
from ledger.values import days_between


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """At least `min_gap_days` lie between the therapy's closing day and this day."""
    change = view.change(act)
    if change is None or not change.to_coaching or change.mark is None:
        return
    therapy = latest_therapy(view.case, change.engagement.practitioner, act)
    if therapy is None or therapy.closed is None or not therapy.closed_before(act.order):
        return
    wanted = view.number("min_gap_days", act.order)
    gap = days_between(view.day(therapy.closed), view.day(act))
    if gap < wanted:
        yield broken(
            Kind.GATE,
            f"coaching {change.engagement.id} comes {gap} days after therapy {therapy.id} closed: "
            f"expected at least {wanted}",
            therapy.closed,
        )
    else:
        yield shown(f"{gap} days lie between therapy and coaching, {wanted} are asked for", therapy.closed)


RULE = Rule(
    id="ROLE-8",
    title="Coaching comes sooner after therapy than the practice allows",
    kind=Kind.GATE,
    adopted=True,
    why="Some practices want time to pass before the therapist becomes the coach; the number is theirs.",
    sources=("Practice policy",),
    judges=(EngagementOpened, EngagementResumed),
    check=check,
    parameters=(
        Parameter("min_gap_days", 0, "Days that must lie between a therapy's closing day and coaching."),
    ),
    exceptions="With the default of 0 days coaching may begin on the day therapy closes. Without a mark "
    "ROLE-1 speaks.",
    allowed=(
        Example(
            "Thirty days asked for, thirty days later",
            """
            2021-01-04 policy-adopted recommended parameters.min_gap_days=30
            2024-01-08 therapy E1
            2024-05-06 engagement-closed E1
            2024-06-05 coaching E2
            """,
        ),
        Example(
            "No gap unless the practice sets one",
            """
            2024-01-08 therapy E1
            2024-05-06 engagement-closed E1
            2024-05-06 coaching E2
            """,
        ),
    ),
    denied=(
        Example(
            "Thirty days asked for, twenty-nine days later",
            """
            2021-01-04 policy-adopted recommended parameters.min_gap_days=30
            2024-01-08 therapy E1
            2024-05-06 engagement-closed E1
            2024-06-04 coaching E2
            """,
        ),
        Example(
            "Resumed coaching waits as well",
            """
            2021-01-04 policy-adopted recommended parameters.min_gap_days=30
            2024-01-08 coaching E1
            2024-02-05 engagement-paused E1
            2024-02-06 therapy E2
            2024-05-06 engagement-closed E2
            2024-06-04 engagement-resumed E1
            """,
        ),
    ),
)
