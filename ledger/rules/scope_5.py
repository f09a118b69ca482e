"""SCOPE-5: a service the practitioner does not offer."""

from collections.abc import Iterator

from ledger.events.engagements import EngagementOpened
from ledger.history import Fact
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken, shown


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """The service is among the practitioner's services then."""
    practitioner = view.practice.practitioner(act.event.practitioner)
    services = practitioner.services(act.order)
    says = [fact for fact in practitioner.particulars if fact.order <= act.order and fact.event.services]
    if act.event.service in services:
        yield shown(f"{act.event.practitioner} offers {act.event.service}", *says[-1:])
    else:
        offered = ", ".join(sorted(services)) or "none on record by then"
        yield broken(
            Kind.GATE,
            f"{act.event.service} {act.event.engagement}: expected it among the services of "
            f"{act.event.practitioner}, which are {offered}",
            *says[-1:],
        )


RULE = Rule(
    id="SCOPE-5",
    title="A practitioner opens a service that is not among theirs",
    kind=Kind.GATE,
    why="Each service needs its own competence, and the practice says who has it.",
    sources=("Guide, Stay Within Your Scope",),
    judges=(EngagementOpened,),
    check=check,
    exceptions="What counts are the services on record when the engagement opens, as last changed.",
    allowed=(
        Example(
            "A practitioner who offers both opens coaching",
            """
            2024-01-08 coaching E1
            """,
        ),
        Example(
            "The service was added on the same day, before",
            """
            2021-01-04 practitioner-registered P-2 services=coaching
            2024-01-08 practitioner-changed P-2 services=therapy,coaching
            2024-01-08 therapy E1 with=P-2
            """,
        ),
    ),
    denied=(
        Example(
            "A coach opens therapy",
            """
            2021-01-04 practitioner-registered P-2 services=coaching
            2024-01-08 therapy E1 with=P-2
            """,
        ),
        Example(
            "The service was given up before",
            """
            2024-01-05 practitioner-changed P-1 services=coaching
            2024-01-08 therapy E1
            """,
        ),
    ),
)
