"""SCOPE-5: a service the practitioner does not offer."""

from collections.abc import Iterator

from ledger.events.engagements import EngagementOpened
from ledger.history import Fact
from ledger.rules.rule import Kind, Rule, Ruling, View, broken, shown


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
)
