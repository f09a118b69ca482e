"""ROLE-1: one practitioner in both roles at once."""

from collections.abc import Iterator

from ledger.events.engagements import EngagementOpened, EngagementResumed
from ledger.history import Fact
from ledger.rules.rule import Kind, Rule, Ruling, View, broken, shown
from ledger.values import Service


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """Coaching needs the pair's therapy closed; therapy needs the pair's coaching paused or closed."""
    engagement = view.case.engagements[act.event.engagement]
    pair = view.case.pair(engagement.practitioner)
    if engagement.service is Service.COACHING:
        others = [one for one in pair if one.service is Service.THERAPY]
        clash = next((one for one in others if one.open_at(act.order)), None)
        wanted, came = "closed", "still open"
    else:
        others = [one for one in pair if one.service is Service.COACHING]
        clash = next((one for one in others if one.running_at(act.order)), None)
        wanted, came = "paused or closed", "still running"
    if clash is not None:
        yield broken(
            Kind.GATE,
            f"{engagement.service} {engagement.id} with {engagement.practitioner}: expected "
            f"{clash.service} {clash.id} with the same practitioner to be {wanted}, it is {came}",
            clash.opened,
        )
    else:
        ends = [one.closed for one in others if one.closed is not None and one.closed.order < act.order]
        yield shown("no other role of the pair was in force", *ends[-1:])


RULE = Rule(
    id="ROLE-1",
    title="One practitioner is therapist and coach of a client at once",
    kind=Kind.GATE,
    why="With both roles in one pair of hands neither client nor practitioner can tell which one speaks; "
    "confidentiality, records and licence differ between the two.",
    sources=("Guide, Keep Services Separate", "APA Ethics Code 3.05", "AAMFT Code 1.3", "ACA Code A.6.d"),
    judges=(EngagementOpened, EngagementResumed),
    check=check,
    exceptions="Therapy may be opened while the pair's coaching is paused.",
)
