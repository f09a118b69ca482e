"""ROLE-5: a new role without an intake of its own."""

from collections.abc import Iterator

from ledger.events.engagements import EngagementOpened
from ledger.history import Fact
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken, shown


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """The opening rests on an intake completed after the previous opening and not used before."""
    change = view.change(act)
    if change is None:
        return
    what = f"{change.engagement.service} {change.engagement.id}"
    intake = view.intake_of(act)
    if intake is None:
        yield broken(Kind.GATE, f"{what}: expected an intake of its own, it rests on none on record")
        return
    if intake.order < change.previous.opened.order:
        yield broken(
            Kind.GATE,
            f"{what}: expected an intake completed after {change.previous.id} was opened, "
            f"{intake.event.intake} is older",
            intake,
            change.previous.opened,
        )
        return
    used = next((fact for fact in _users(view, act) if fact.event.intake == intake.event.intake), None)
    if used is not None:
        yield broken(
            Kind.GATE,
            f"{what}: expected an intake of its own, {intake.event.intake} was used by {used.event.engagement}",
            intake,
            used,
        )
    else:
        yield shown("the opening rests on an intake of its own", intake)


def _users(view: View, act: Fact) -> Iterator[Fact]:
    """Earlier openings: each may rest on an intake."""
    for fact in view.case.facts:
        if fact.order >= act.order:
            return
        if isinstance(fact.event, EngagementOpened):
            yield fact


RULE = Rule(
    id="ROLE-5",
    title="A new role rests on an intake made for another",
    kind=Kind.GATE,
    why="What the client needs is asked anew for each service; the old answers were given to another question.",
    sources=("Guide, Stay Within Your Scope",),
    judges=(EngagementOpened,),
    check=check,
    exceptions="A further engagement of the same service may rest on the earlier intake. Without an "
    "intake INT-1 speaks too.",
    allowed=(
        Example(
            "Coaching after therapy rests on a new intake",
            """
            2024-01-08 therapy E1
            2024-06-03 engagement-closed E1
            2024-06-10 coaching E2
            """,
        ),
        Example(
            "A second therapy may rest on the intake of the first",
            """
            2024-01-08 therapy E1
            2024-06-03 engagement-closed E1
            2024-06-10 therapy E2 intake=I1
            """,
        ),
    ),
    denied=(
        Example(
            "Coaching rests on the intake that therapy was opened on",
            """
            2024-01-08 therapy E1
            2024-06-03 engagement-closed E1
            2024-06-10 coaching E2 intake=I1
            """,
        ),
        Example(
            "Coaching rests on an intake older than the therapy",
            """
            2024-01-05 intake-completed I7
            2024-01-08 therapy E1
            2024-06-03 engagement-closed E1
            2024-06-10 coaching E2 intake=I7
            """,
        ),
        Example(
            "Coaching after therapy rests on no intake",
            """
            2024-01-08 therapy E1
            2024-06-03 engagement-closed E1
            2024-06-10 coaching E2 no-intake
            """,
        ),
    ),
)
