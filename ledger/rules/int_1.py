"""INT-1: an engagement without an intake."""

from collections.abc import Iterator

from ledger.events.engagements import EngagementOpened
from ledger.history import Fact
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken, shown


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """The opening names an intake of the client, taken in the practice, not after the opening."""
    event = act.event
    what = f"{event.service} {event.engagement}: expected an intake taken in the practice before it"
    intake = view.case.intake.get(event.intake or "")
    if intake is None:
        came = f"{event.intake} is no longer on record" if event.intake else "it names none"
        yield broken(Kind.GATE, f"{what}, {came}")
        return
    taken_by = intake.event.practitioner
    if intake.at > act.at:
        yield broken(Kind.GATE, f"{what}, {intake.event.intake} was completed after the opening", intake)
    elif taken_by != event.practitioner and not view.practice.practitioner(taken_by).internal(intake.order):
        yield broken(
            Kind.GATE, f"{what}, {intake.event.intake} was taken by {taken_by}, who is not of it", intake
        )
    else:
        yield shown(f"intake {intake.event.intake} was completed before", intake)


RULE = Rule(
    id="INT-1",
    title="An engagement opens without an intake",
    kind=Kind.GATE,
    why="Whether therapy or coaching is right is asked first, by somebody of the practice.",
    sources=("Guide, Be Explicit from the Outset",),
    judges=(EngagementOpened,),
    check=check,
    exceptions="A colleague of the practice may have taken the intake.",
    allowed=(
        Example(
            "The intake ends at the instant of the opening",
            """
            2024-01-08 12:00 therapy E1 intake@12:00
            """,
        ),
        Example(
            "A colleague of the practice took it",
            """
            2024-01-08 therapy E1 intake.practitioner=P-2
            """,
        ),
    ),
    denied=(
        Example(
            "No intake",
            """
            2024-01-08 therapy E1 no-intake
            """,
        ),
        Example(
            "The intake was completed a minute after the opening",
            """
            2024-01-08 12:00 therapy E1 intake@12:01
            """,
        ),
        Example(
            "Somebody outside the practice took it",
            """
            2024-01-08 therapy E1 intake.practitioner=P-9
            """,
        ),
    ),
)
