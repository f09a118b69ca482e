"""SCOPE-1: coaching over an unaddressed clinical indication."""

from collections.abc import Iterator

from ledger.case import Case
from ledger.events.engagements import EngagementOpened, EngagementResumed
from ledger.history import Fact, Order, first_on_record, on_record_by
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken, shown
from ledger.values import ConcernBasis, Indication, Service, Stable

INDICATED = (Indication.SUSPECTED, Indication.ACTIVE)


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """Every indication, of an intake or a concern, is addressed before coaching begins or goes on."""
    engagement = view.case.engagements[act.event.engagement]
    if engagement.service is not Service.COACHING:
        return
    elsewhere = view.case.therapy_elsewhere(engagement.practitioner, act.order, view.day(act))
    open_ones: list[tuple[str, Fact]] = []
    addressed_by: list[Fact] = []
    for intake in _intakes(view, act):
        if intake.event.clinical_indication in INDICATED:
            by = _either(act, addressed(view.case, intake, act.order), elsewhere)
            if by is None:
                says = intake.event.clinical_indication
                open_ones.append((f"intake {intake.event.intake} says {says}", intake))
            else:
                addressed_by.append(by)
    for concern in view.case.concerns.values():
        if concern.serious and concern.raised.order < act.order:
            resolved = concern.resolved if not concern.unresolved_at(act.order) else None
            left = resolved is not None and resolved.event.basis is ConcernBasis.CLIENT_LEFT
            by = _either(act, None if left else resolved, elsewhere)
            if by is not None:
                addressed_by.append(by)
            else:
                state = "is unresolved" if resolved is None else "was resolved only because the client left"
                open_ones.append(
                    (f"the {concern.raised.event.severity} concern {concern.id} {state}", concern.raised)
                )
    if open_ones:
        yield broken(
            Kind.GATE,
            f"coaching {engagement.id}: expected every clinical indication addressed first; "
            + " and ".join(words for words, _ in open_ones),
            *(fact for _, fact in open_ones),
        )
    else:
        yield shown("no clinical indication is left unaddressed", *addressed_by)


def _intakes(view: View, act: Fact) -> list[Fact]:
    """The engagement's intake and the client's latest one; on a resumption only the latest."""
    named = view.intake_of(act) if isinstance(act.event, EngagementOpened) else None
    latest = view.case.latest_intake(act.order)
    return [intake for intake in dict.fromkeys((named, latest)) if intake is not None]


def addressed(case: Case, intake: Fact, before: Order) -> Fact | None:
    """What addresses an intake's indication after it and before a moment: the first on record."""
    found = [
        therapy.closed
        for therapy in case.engagements.values()
        if therapy.service is Service.THERAPY
        and therapy.closed is not None
        and therapy.closed.event.stable is Stable.YES
    ]
    found += [
        referral.concluded
        for referral in case.referrals.values()
        if referral.service is Service.THERAPY
        and referral.concluded is not None
        and referral.concluded.event.stable is Stable.YES
    ]
    found += [other for other in case.intakes if other.event.clinical_indication not in INDICATED]
    return first_on_record(fact for fact in found if intake.order < fact.order < before)


def _either(act: Fact, one: Fact | None, other: Fact | None) -> Fact | None:
    return on_record_by(act, (fact for fact in (one, other) if fact is not None))


RULE = Rule(
    id="SCOPE-1",
    title="Coaching begins or goes on over an unaddressed clinical indication",
    kind=Kind.GATE,
    why="Clinical concerns are worked on in therapy first; coaching is neither treatment nor a substitute.",
    sources=("Guide, Therapeutic Work First", "Guide, FAQ on two professionals"),
    judges=(EngagementOpened, EngagementResumed),
    check=check,
    exceptions="A client in therapy elsewhere may be coached meanwhile. A concern resolved because the client "
    "left addresses nothing.",
    allowed=(
        Example(
            "A managed condition is no indication that stands in the way",
            """
            2024-01-08 coaching E1 intake.clinical_indication=managed
            """,
        ),
        Example(
            "Therapy, closed with the client stable, addressed the indication",
            """
            2024-01-08 therapy E1 intake.clinical_indication=active
            2024-06-03 engagement-closed E1
            2024-06-10 coaching E2 with=P-2 intake=I1
            """,
        ),
        Example(
            "The client is in therapy with a colleague",
            """
            2024-01-08 therapy E1 intake.clinical_indication=active
            2024-02-05 coaching E2 with=P-2 intake.clinical_indication=active
            """,
        ),
        Example(
            "The concern was found not to be clinical",
            """
            2024-01-08 coaching E1
            2024-03-04 concern-raised E1 K1
            2024-03-04 engagement-paused E1
            2024-03-11 concern-resolved K1 assessed-not-clinical
            2024-03-18 engagement-resumed E1
            """,
        ),
    ),
    denied=(
        Example(
            "The intake suspects a clinical concern",
            """
            2024-01-08 coaching E1 intake.clinical_indication=suspected
            """,
        ),
        Example(
            "The intake chosen is clean, the latest one is not",
            """
            2024-01-05 intake-completed I7
            2024-01-06 intake-completed I8 clinical_indication=active
            2024-01-08 coaching E1 intake=I7
            """,
        ),
        Example(
            "Therapy addressed nothing: it was closed with the client not stable",
            """
            2024-01-08 therapy E1 intake.clinical_indication=active
            2024-06-03 engagement-closed E1 stable=no
            2024-06-10 coaching E2 with=P-2 intake=I1
            """,
        ),
        Example(
            "A concern that ended because the client left comes back with the client",
            """
            2024-01-08 coaching E1
            2024-03-04 concern-raised E1 K1
            2024-03-11 engagement-closed E1 client-withdrew
            2024-03-11 concern-resolved K1 client-left
            2024-09-09 coaching E2
            """,
        ),
    ),
)
