"""SCOPE-2: a clinical concern in coaching that nobody acts on."""

from collections.abc import Iterator

from ledger.case import Case, Concern, Engagement
from ledger.history import Fact
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
    arranged = _arranged(view, concern, engagement)
    if arranged is not None:
        since, by = arranged
        for stopped, resumed in _stops(concern, engagement):
            day = max(view.day(concern.raised), view.day(stopped), since)
            if resumed is None or (by.order < resumed.order and day <= view.day(resumed)):
                ways.append((day, (stopped, by)))
    if concern.resolved is not None and concern.resolved.event.basis in _SETTLED:
        ways.append((view.day(concern.resolved), (concern.resolved,)))
    return min(ways, key=lambda way: way[0], default=(None, ()))


def _stops(concern: Concern, engagement: Engagement) -> Iterator[tuple[Fact, Fact | None]]:
    """Each pause in force at the concern or after it, with its end, and the closing."""
    for paused, resumed in engagement.pauses:
        if resumed is None or resumed.order > concern.raised.order:
            yield paused, resumed
    if engagement.closed is not None:
        yield engagement.closed, None


def _arranged(view: View, concern: Concern, engagement: Engagement) -> tuple[str, Fact] | None:
    """The first day, from the concern on, on which therapy is under way or sought, and what shows it."""
    case, raised = view.case, concern.raised
    elsewhere = case.therapy_elsewhere(engagement.practitioner, raised.order, view.day(raised))
    if elsewhere is not None:
        return view.day(raised), elsewhere
    steps = [(view.day(fact), fact) for fact in _steps(case, concern, engagement.practitioner)]
    steps += [
        (max(care.event.since, view.day(raised)), care)
        for care in case.outside_care
        if care.event.service is Service.THERAPY
        and care.event.practitioner != engagement.practitioner
        and (care.event.until is None or care.event.until >= view.day(raised))
        and care.event.since <= view.today
    ]
    return min(steps, key=lambda step: (step[0], step[1].order), default=None)


def _steps(case: Case, concern: Concern, practitioner: str) -> Iterator[Fact]:
    """Since the concern: therapy referrals made, older ones accepted by somebody else, therapy opened."""
    for referral in case.referrals.values():
        if referral.service is not Service.THERAPY:
            continue
        if referral.made.order > concern.raised.order:
            yield referral.made
        elif (
            referral.answered is not None
            and referral.answered.order > concern.raised.order
            and referral.to_practitioner != practitioner
            and referral.accepted
            and referral.client_accepted
        ):
            yield referral.answered
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
