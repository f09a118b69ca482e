"""SCOPE-2: a clinical concern in coaching that nobody acts on."""

from collections.abc import Iterator

from ledger.case import Case, Concern, Engagement
from ledger.events.referrals import ReferralMade
from ledger.history import Fact, Order
from ledger.policy import Parameter
from ledger.rules.rule import Due, Example, Kind, Rule, View
from ledger.values import ConcernBasis, Service, later

_SETTLED = (ConcernBasis.ASSESSED_NOT_CLINICAL, ConcernBasis.CLIENT_LEFT)


def due(view: View) -> Iterator[Due]:
    """Each serious concern of a coaching engagement: paused or closed and led to therapy, or settled."""
    for concern in view.case.concerns.values():
        engagement = view.case.engagements.get(concern.engagement)
        if engagement is None or engagement.service is not Service.COACHING or not concern.serious:
            continue
        last_day = later(view.day(concern.raised), view.number("concern_action_days", concern.raised.order))
        met_on, met_by = _acted_on(view, concern, engagement)
        ended = view.day(concern.resolved) if concern.resolved is not None else None
        if ended is not None and ended <= last_day and (met_on is None or ended < met_on):
            continue
        yield Due(
            cause=concern.raised,
            due=last_day,
            message=f"{concern.raised.event.severity} concern {concern.id} in coaching {engagement.id}: "
            "expected coaching paused or closed and therapy arranged, or the concern settled",
            engagement=engagement.id,
            practitioner=engagement.practitioner,
            met_on=met_on,
            met_by=met_by,
        )


def _acted_on(view: View, concern: Concern, engagement: Engagement) -> tuple[str | None, tuple[Fact, ...]]:
    """The first day on which it is paused or closed while therapy is arranged, or on which it is settled."""
    ways: list[tuple[str, tuple[Fact, ...]]] = []
    if concern.resolved is not None and concern.resolved.event.basis in _SETTLED:
        ways.append((view.day(concern.resolved), (concern.resolved,)))
    for moment in sorted(_turns(view, concern, engagement)):
        day = view.calendar.day_of(moment[0])
        stopped = _stopped(engagement, moment)
        by = _arranged(view.case, concern, engagement, moment, day) if stopped is not None else None
        if stopped is not None and by is not None:
            ways.append((day, (stopped, by)))
            break
    return min(ways, key=lambda way: way[0], default=(None, ()))


def _turns(view: View, concern: Concern, engagement: Engagement) -> Iterator[Order]:
    """The moments, from the concern on, at which it may come to be acted on: just after an act, or a morning."""
    case = view.case
    acts = [concern.raised, *(paused for paused, _ in engagement.pauses), *_steps(case, concern)]
    acts += [engagement.closed] if engagement.closed is not None else []
    acts += [one.answered for one in case.referrals.values() if one.answered is not None]
    yield from ((act.at, act.position + 1) for act in acts if act.order >= concern.raised.order)
    for care in case.outside_care:
        if view.day(concern.raised) < care.event.since <= view.today:
            yield (view.calendar.start_of(care.event.since), -1)


def _stopped(engagement: Engagement, moment: Order) -> Fact | None:
    """What had paused or closed the engagement."""
    if engagement.closed_before(moment):
        return engagement.closed
    pause = engagement.pause_at(moment) if engagement.open_at(moment) else None
    return pause[0] if pause is not None else None


def _arranged(case: Case, concern: Concern, engagement: Engagement, moment: Order, day: str) -> Fact | None:
    """What leads the client to therapy: a step since the concern, or therapy elsewhere at the moment."""
    steps = (step for step in _steps(case, concern) if step.order < moment)
    return next(steps, None) or case.therapy_elsewhere(engagement.practitioner, moment, day)


def _steps(case: Case, concern: Concern) -> Iterator[Fact]:
    """Therapy referrals made, and therapy engagements opened, since the concern."""
    for referral in case.referrals.values():
        made = referral.made
        if (
            isinstance(made.event, ReferralMade)
            and referral.service is Service.THERAPY
            and made.order > concern.raised.order
        ):
            yield made
    for one in case.engagements.values():
        if one.service is Service.THERAPY and one.opened.order > concern.raised.order:
            yield one.opened


RULE = Rule(
    id="SCOPE-2",
    title="A clinical concern in coaching is not acted on in time",
    kind=Kind.OBLIGATION,
    adopted=True,
    pending=True,
    late=Kind.VIOLATION,
    why="When something clinical surfaces, coaching stops and the client is led to therapy, soon.",
    sources=(
        "Guide, FAQ on issues that develop mid-process",
        "ICF Code 2020, standard 8",
        "ICF, Referring a Client to Therapy",
    ),
    due=due,
    parameters=(Parameter("concern_action_days", 7, "Days within which a clinical concern is acted on."),),
    exceptions="A referral counts whatever the client answers. A concern resolved as assessed-not-clinical or "
    "client-left needs no more.",
    allowed=(
        Example(
            "On the seventh day coaching is paused and a referral offered, though the client declines it",
            """
            2024-01-08 coaching E1
            2024-03-04 concern-raised E1 K1
            2024-03-11 engagement-paused E1
            2024-03-11 referral-made R1 client_answer=declined
            2024-03-31 today
            """,
        ),
        Example(
            "It was found not to be clinical",
            """
            2024-01-08 coaching E1
            2024-03-04 concern-raised E1 K1
            2024-03-08 concern-resolved K1 assessed-not-clinical
            2024-03-31 today
            """,
        ),
        Example(
            "The seventh day is not over",
            """
            2024-01-08 coaching E1
            2024-03-04 concern-raised E1 K1
            2024-03-11 today
            """,
        ),
    ),
    denied=(
        Example(
            "The seventh day went by",
            """
            2024-01-08 coaching E1
            2024-03-04 concern-raised E1 K1
            2024-03-12 today
            """,
        ),
        Example(
            "Coaching was paused, and nobody led the client to therapy",
            """
            2024-01-08 coaching E1
            2024-03-04 concern-raised E1 K1
            2024-03-05 engagement-paused E1
            2024-03-31 today
            """,
        ),
        Example(
            "A referral was made, and coaching went on until the eighth day",
            """
            2024-01-08 coaching E1
            2024-03-04 concern-raised E1 K1
            2024-03-05 referral-made R1
            2024-03-12 engagement-paused E1
            2024-03-31 today
            """,
        ),
    ),
)
