"""INT-2: roles that were not explained."""

from collections.abc import Iterator

from ledger.events.engagements import EngagementOpened
from ledger.history import Fact
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken, shown


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """The intake says that the roles were explained."""
    intake = view.intake_of(act)
    if intake is None:
        return
    if intake.event.roles_explained:
        yield shown("the roles were explained at intake", intake)
    else:
        yield broken(
            Kind.GATE,
            f"{act.event.engagement}: expected intake {intake.event.intake} to say that the difference between "
            "therapy and coaching was explained, it says it was not",
            intake,
        )


RULE = Rule(
    id="INT-2",
    title="An engagement opens although the roles were not explained",
    kind=Kind.GATE,
    why="A client chooses between two services only when somebody has told them apart.",
    sources=("Guide, Be Explicit from the Outset",),
    judges=(EngagementOpened,),
    check=check,
    exceptions="Without an intake INT-1 speaks.",
    allowed=(
        Example(
            "The roles were explained",
            """
            2024-01-08 therapy E1
            """,
        ),
    ),
    denied=(
        Example(
            "The roles were not explained",
            """
            2024-01-08 therapy E1 intake.roles_explained=no
            """,
        ),
    ),
)
