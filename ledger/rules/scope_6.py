"""SCOPE-6: coaching for what therapy is for."""

from collections.abc import Iterator

from ledger.events.engagements import EngagementOpened
from ledger.history import Fact
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken
from ledger.values import Focus, Service

CLINICAL_FOCUS = (Focus.SYMPTOM_RELIEF, Focus.TRAUMA, Focus.MOOD_ANXIETY)


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """Coaching is not opened on a clinical focus, nor on an intake with the wish for trauma work."""
    if act.event.service is not Service.COACHING:
        return
    clinical = [focus.value for focus in act.event.focus if focus in CLINICAL_FOCUS]
    intake = view.intake_of(act)
    wishes = intake is not None and intake.event.wants_trauma_work
    if clinical or wishes:
        reasons = [f"its focus is {', '.join(clinical)}"] if clinical else []
        if wishes and intake is not None:
            reasons.append(f"intake {intake.event.intake} says the client wants trauma work")
        yield broken(
            Kind.WARNING,
            f"coaching {act.event.engagement}: {' and '.join(reasons)}; expected goals, not treatment",
            intake if wishes else None,
        )


RULE = Rule(
    id="SCOPE-6",
    title="Coaching is opened for what therapy is for",
    kind=Kind.WARNING,
    why="Symptoms and trauma are for therapy; a coaching contract that names them invites the wrong work.",
    sources=("Guide, Understanding the Difference Between Therapy and Coaching",),
    judges=(EngagementOpened,),
    check=check,
    exceptions="The focuses relationships, grief, life-transition and the like say nothing by themselves.",
    allowed=(
        Example(
            "Coaching on goals and career",
            """
            2024-01-08 coaching E1 focus=goals,career
            """,
        ),
        Example(
            "Trauma is a focus of therapy",
            """
            2024-01-08 therapy E1 focus=trauma intake.wants_trauma_work=yes
            """,
        ),
    ),
    denied=(
        Example(
            "Coaching on a clinical focus",
            """
            2024-01-08 coaching E1 focus=career,mood-anxiety
            """,
        ),
        Example(
            "Coaching for a client who wants to work on trauma",
            """
            2024-01-08 coaching E1 intake.wants_trauma_work=yes
            """,
        ),
    ),
)
