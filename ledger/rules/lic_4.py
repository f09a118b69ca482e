"""LIC-4: a licensed therapist coaches where no licence reaches."""

from collections.abc import Iterator

from ledger.events.engagements import EngagementOpened
from ledger.history import Fact
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken
from ledger.values import Service


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """P holds cover somewhere that day, and none for the place where coaching is opened."""
    if act.event.service is not Service.COACHING:
        return
    place = view.case.place_of(view.case.engagements[act.event.engagement], act.order)
    practitioner, day = view.practice.practitioner(act.event.practitioner), view.day(act)
    somewhere = practitioner.cover("", day)
    if place is not None and somewhere is not None and practitioner.cover(place[0], day) is None:
        yield broken(
            Kind.ADVICE,
            f"coaching {act.event.engagement} for {place[0]}, where {act.event.practitioner}, licensed as a "
            "therapist elsewhere, holds no licence: a licensing board may still ask about it; keep what is "
            "coaching clearly coaching",
            somewhere,
            place[1],
        )


RULE = Rule(
    id="LIC-4",
    title="A licensed therapist coaches where no licence of theirs reaches",
    kind=Kind.ADVICE,
    why="A board may look at what a licensee does under another name, wherever the client is.",
    sources=("Guide, Ethical and Legal Risks",),
    judges=(EngagementOpened,),
    check=check,
    exceptions="A practitioner without any licence holds none that could be looked at.",
    allowed=(
        Example(
            "The client lives where the licence reaches",
            """
            2024-01-08 coaching E1
            """,
        ),
        Example(
            "A coach who holds no licence anywhere",
            """
            2021-01-04 practitioner-registered P-3 services=coaching
            2024-01-08 coaching E1 with=P-3
            """,
        ),
    ),
    denied=(
        Example(
            "A licensed therapist coaches a client in another state",
            """
            2024-01-08 coaching E1 jurisdiction=US-SC
            """,
        ),
    ),
)
