"""ROLE-1: one practitioner in both roles at once."""

from collections.abc import Iterator

from ledger.case import Engagement
from ledger.events.engagements import EngagementOpened, EngagementResumed
from ledger.history import Fact, first_on_record
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken, shown
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
        ends = (_end(one, act) for one in others if one.opened.order < act.order)
        yield shown("no other role of the pair was in force", *ends)


def _end(other: Engagement, act: Fact) -> Fact | None:
    """What ended the other role before the act, or paused coaching: the first on record."""
    ends = [other.closed] if other.closed is not None and other.closed_before(act.order) else []
    pause = other.pause_at(act.order)
    if pause is not None and other.service is Service.COACHING:
        ends.append(pause[0])
    return first_on_record(ends)


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
    allowed=(
        Example(
            "Coaching begins once therapy is closed; at one instant what was recorded first comes first",
            """
            2024-01-08 therapy E1
            2024-06-10 12:00 engagement-closed E1
            2024-06-10 12:00 coaching E2
            """,
        ),
        Example(
            "Therapy begins while the pair's coaching is paused",
            """
            2024-01-08 coaching E1
            2024-03-04 engagement-paused E1
            2024-03-11 therapy E2
            """,
        ),
        Example(
            "Two professionals, one for each service",
            """
            2024-01-08 therapy E1
            2024-02-05 coaching E2 with=P-2
            """,
        ),
    ),
    denied=(
        Example(
            "The therapist opens coaching while therapy is open",
            """
            2024-01-08 therapy E1
            2024-06-10 coaching E2
            """,
        ),
        Example(
            "Paused therapy is still open",
            """
            2024-01-08 therapy E1
            2024-05-06 engagement-paused E1 leave
            2024-06-10 coaching E2
            """,
        ),
        Example(
            "The coach opens therapy while coaching runs",
            """
            2024-01-08 coaching E1
            2024-03-11 therapy E2
            """,
        ),
        Example(
            "Coaching is resumed while the therapy begun in its pause is open",
            """
            2024-01-08 coaching E1
            2024-03-04 engagement-paused E1
            2024-03-11 therapy E2
            2024-06-10 engagement-resumed E1
            """,
        ),
    ),
)
