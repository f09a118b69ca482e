"""ROLE-2: coaching after therapy without therapy closed and stability shown."""

from collections.abc import Iterator

from ledger.case import Case, Engagement
from ledger.events.engagements import EngagementOpened, EngagementResumed
from ledger.history import Fact, first_on_record
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken, shown
from ledger.values import ConcernBasis, Service, Stable

_SHOWN_STABLE = (ConcernBasis.OUTSIDE_THERAPIST_REPORT, ConcernBasis.THERAPY_CLOSED_STABLE)


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """The pair's latest therapy is closed, and stability is shown from its closing to this act."""
    change = view.change(act)
    if change is None or not change.to_coaching or change.mark is None:
        return
    therapy = latest_therapy(view.case, change.engagement.practitioner, act)
    if therapy is None:
        return
    closed = therapy.closed if therapy.closed_before(act.order) else None
    if closed is None:
        yield broken(
            Kind.GATE,
            f"coaching {change.engagement.id} follows therapy {therapy.id}: expected it to be closed",
            therapy.opened,
        )
        return
    evidence = _stability(view.case, closed, act)
    if evidence is None:
        yield broken(
            Kind.GATE,
            f"coaching {change.engagement.id} follows therapy {therapy.id}: expected stability shown at or "
            f"after its closing, the closing says stable = {closed.event.stable} and nothing since shows it",
            closed,
        )
    else:
        yield shown(f"therapy {therapy.id} was closed and stability is shown", closed, evidence)
    if not closed.event.goals_met:
        yield broken(
            Kind.WARNING,
            f"coaching {change.engagement.id} follows therapy {therapy.id}, which was closed with its goals not met",
            closed,
        )


def latest_therapy(case: Case, practitioner: str, act: Fact) -> Engagement | None:
    """The pair's therapy most recently opened or resumed before an act."""
    starts = [
        (start.order, one)
        for one in case.pair(practitioner, Service.THERAPY)
        if (start := one.last_start(act.order)) is not None
    ]
    return max(starts, key=lambda start: start[0], default=(None, None))[1]


def _stability(case: Case, closed: Fact, act: Fact) -> Fact | None:
    """What shows stability at or after the closing and not after the act; the first on record."""
    found = [closed] if closed.event.stable is Stable.YES else []
    found += [fact for fact in case.intakes if fact.event.stable is Stable.YES]
    found += [
        referral.concluded
        for referral in case.referrals.values()
        if referral.service is Service.THERAPY
        and referral.concluded is not None
        and referral.concluded.event.stable is Stable.YES
    ]
    found += [
        concern.resolved
        for concern in case.concerns.values()
        if concern.serious and concern.resolved is not None and concern.resolved.event.basis in _SHOWN_STABLE
    ]
    return first_on_record(fact for fact in found if closed.at <= fact.at <= act.at)


RULE = Rule(
    id="ROLE-2",
    title="Coaching follows therapy that is not closed, or without stability shown",
    kind=Kind.GATE,
    why="Coaching is for clients whose clinical work is done: the therapy ends formally, and somebody says "
    "that the client is stable, before the same practitioner becomes the coach.",
    sources=("Guide, Transition to Coaching", "APA Ethics Code 10.10", "ACA Code"),
    judges=(EngagementOpened, EngagementResumed),
    check=check,
    exceptions="Therapy closed with its goals not met is a warning. Without a mark ROLE-1 speaks.",
    allowed=(
        Example(
            "Therapy was closed with the client stable",
            """
            2024-01-08 therapy E1
            2024-06-03 engagement-closed E1 stable=yes
            2024-06-10 coaching E2
            """,
        ),
        Example(
            "A later intake found the client stable",
            """
            2024-01-08 therapy E1
            2024-06-03 engagement-closed E1 stable=no
            2024-06-10 coaching E2 intake.stable=yes
            """,
        ),
        Example(
            "An outside therapist reported on the concern after the closing",
            """
            2024-01-08 therapy E1
            2024-05-06 concern-raised E1 K1
            2024-06-03 engagement-closed E1 stable=not-assessed
            2024-06-07 concern-resolved K1 outside-therapist-report
            2024-06-10 coaching E2
            """,
        ),
    ),
    denied=(
        Example(
            "Therapy was closed without stability, and nothing shows it since",
            """
            2024-01-08 therapy E1
            2024-06-03 engagement-closed E1 stable=not-assessed
            2024-06-10 coaching E2
            """,
        ),
        Example(
            "What shows stability is older than the closing",
            """
            2024-01-08 therapy E1 intake.stable=yes
            2024-06-03 engagement-closed E1 stable=no
            2024-06-10 coaching E2
            """,
        ),
        Example(
            "Coaching is resumed after therapy that ended without stability",
            """
            2024-01-08 coaching E1
            2024-03-04 engagement-paused E1
            2024-03-11 therapy E2
            2024-06-03 engagement-closed E2 stable=no
            2024-06-10 engagement-resumed E1
            """,
        ),
        Example(
            "Therapy was closed with its goals not met: a warning",
            """
            2024-01-08 therapy E1
            2024-06-03 engagement-closed E1 goals_met=no
            2024-06-10 coaching E2
            """,
        ),
    ),
)
