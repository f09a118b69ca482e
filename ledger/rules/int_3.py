"""INT-3: another service than the one recommended."""

from collections.abc import Iterator

from ledger.events.engagements import EngagementOpened
from ledger.history import Fact
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """The service opened is the one the intake recommended."""
    intake = view.intake_of(act)
    if intake is not None and intake.event.recommended.value != act.event.service.value:
        yield broken(
            Kind.WARNING,
            f"{act.event.service} {act.event.engagement} was opened, though intake {intake.event.intake} "
            f"recommended {intake.event.recommended}",
            intake,
        )


RULE = Rule(
    id="INT-3",
    title="Another service is opened than the intake recommended",
    kind=Kind.WARNING,
    why="To depart from a recommendation may be right; whoever reads the record later asks why it was done.",
    sources=("Guide, FAQ on deciding between therapy and coaching",),
    judges=(EngagementOpened,),
    check=check,
    exceptions="It is the recommendation that counts, not the service the client asked for.",
    allowed=(
        Example(
            "Therapy as recommended, though coaching was asked for",
            """
            2024-01-08 therapy E1 intake.service_sought=coaching
            """,
        ),
    ),
    denied=(
        Example(
            "Coaching, though therapy was recommended",
            """
            2024-01-08 coaching E1 intake.recommended=therapy
            """,
        ),
        Example(
            "Therapy, though the advice was to refer out",
            """
            2024-01-08 therapy E1 intake.recommended=refer-out
            """,
        ),
    ),
)
