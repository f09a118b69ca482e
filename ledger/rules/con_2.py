"""CON-2: two professionals who may not talk."""

from collections.abc import Iterator

from ledger.case import Engagement
from ledger.events.engagements import EngagementOpened, EngagementResumed
from ledger.history import Fact
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """Where therapy and coaching begin to run at once with two practitioners, a release was granted."""
    for other in begun_beside(act, view):
        own = view.case.engagements[act.event.engagement].practitioner
        pair = {own, other.practitioner}
        if not any(
            release.granted.order < act.order
            and {release.granted.event.from_practitioner, release.granted.event.to_practitioner} == pair
            for release in view.case.releases.values()
        ):
            yield broken(
                Kind.ADVICE,
                f"{act.event.engagement} with {own} runs beside {other.service} {other.id} with "
                f"{other.practitioner}: ask the client for a release so that the two may talk; none was ever granted",
                other.opened,
            )
            return


def begun_beside(act: Fact, view: View) -> Iterator[Engagement]:
    """Engagements of the other service, with another practitioner, that begin to run beside this one here.

    Once per pair of engagements: not where the two ran at once before.
    """
    engagement = view.case.engagements[act.event.engagement]
    for other in view.case.engagements.values():
        if (
            other.service is not engagement.service
            and other.practitioner != engagement.practitioner
            and other.running_at(act.order)
            and not _ran_at_once_before(engagement, other, act)
        ):
            yield other


def _ran_at_once_before(one: Engagement, other: Engagement, act: Fact) -> bool:
    return any(start.order < act.order and other.running_at(start.order) for start in one.starts()) or any(
        start.order < act.order and one.running_at(start.order) for start in other.starts()
    )


RULE = Rule(
    id="CON-2",
    title="Two professionals work with a client at once and may not talk",
    kind=Kind.ADVICE,
    why="Without the client's permission to talk each may undo what the other does.",
    sources=("Guide, FAQ on two professionals",),
    judges=(EngagementOpened, EngagementResumed),
    check=check,
    exceptions="A release once granted and revoked shows that the client was asked.",
    allowed=(
        Example(
            "The client allowed the coach to talk to the therapist",
            """
            2024-01-08 therapy E1
            2024-02-05 release-granted X1 P-2 to_practitioner=P-1
            2024-02-05 coaching E2 with=P-2
            """,
        ),
        Example(
            "A release once granted, and revoked since",
            """
            2024-01-08 therapy E1
            2024-01-15 release-granted X1 P-1 to_practitioner=P-2
            2024-01-22 release-revoked X1
            2024-02-05 coaching E2 with=P-2
            """,
        ),
        Example(
            "Therapy is paused when coaching begins",
            """
            2024-01-08 therapy E1
            2024-02-05 engagement-paused E1
            2024-02-05 coaching E2 with=P-2
            """,
        ),
    ),
    denied=(
        Example(
            "Nobody asked the client for a release",
            """
            2024-01-08 therapy E1
            2024-02-05 coaching E2 with=P-2
            """,
        ),
        Example(
            "The two begin to run at once when therapy is resumed",
            """
            2024-01-08 therapy E1
            2024-02-05 engagement-paused E1
            2024-02-05 coaching E2 with=P-2
            2024-03-04 engagement-resumed E1
            """,
        ),
    ),
)
