"""LIC-3: a licence lost under an open therapy, and nothing done about it."""

from collections.abc import Iterator

from ledger.case import Engagement
from ledger.entry import client_of
from ledger.events.referrals import ReferralMade
from ledger.history import Fact, Order
from ledger.policy import Parameter
from ledger.rules.rule import Due, Example, Kind, Rule, View
from ledger.values import Admission, Service, later


def due(view: View) -> Iterator[Due]:
    """Each loss of cover while a therapy engagement is open: put right, paused and referred, or closed."""
    for engagement in view.case.engagements.values():
        if engagement.service is Service.THERAPY:
            yield from _losses(view, engagement)


def _losses(view: View, engagement: Engagement) -> Iterator[Due]:
    covered_before = _covered(view, engagement, view.day(engagement.opened), engagement.opened.order)
    days = _days(view, engagement)
    for index, day in enumerate(days):
        covered = _covered(view, engagement, day)
        if covered_before and not covered:
            yield _due(view, engagement, day, days[index + 1 :])
        covered_before = covered


def _days(view: View, engagement: Engagement) -> list[str]:
    """The days on which cover may change, from opening to closing or today; the opening's first."""
    first = view.day(engagement.opened)
    last = view.day(engagement.closed) if engagement.closed is not None else view.today
    practitioner = view.practice.practitioner(engagement.practitioner)
    days = {first}
    days.update(licence.event.valid_from for licence in practitioner.licences)
    days.update(
        later(licence.event.valid_until, 1)
        for licence in practitioner.licences
        if licence.event.valid_until is not None
    )
    days.update(status.event.effective for status in practitioner.statuses)
    days.update(view.day(move) for move in _moves(view))
    return sorted(day for day in days if first <= day <= last)


def _moves(view: View) -> list[Fact]:
    """What says where the client lives: the registration, and each move."""
    registered = view.case.registered
    return [*([registered] if registered is not None else []), *view.case.moves]


def _covered(view: View, engagement: Engagement, day: str, order: Order | None = None) -> bool:
    """Cover for the engagement's place at a moment of a day: its end, or the closing if that is earlier."""
    place = view.case.place_of(engagement, order or _end_of(view, engagement, day))
    return place is not None and (
        view.practice.practitioner(engagement.practitioner).cover(place[0], day) is not None
    )


def _end_of(view: View, engagement: Engagement, day: str) -> Order:
    """The end of a day, or the closing if that is earlier."""
    end = (view.calendar.end_of(day), 2**63)
    return end if engagement.closed is None else min(end, engagement.closed.order)


def _due(view: View, engagement: Engagement, lost: str, rest: list[str]) -> Due:
    cause, recorded = _cause(view, engagement, lost)
    start = max(lost, recorded)
    restored = next((day for day in rest if _covered(view, engagement, day)), None)
    ways: list[tuple[str, tuple[Fact, ...]]] = []
    if restored is not None:
        ways.append((restored, ()))
    if engagement.closed is not None:
        ways.append((view.day(engagement.closed), (engagement.closed,)))
    ways += _paused_and_referred(view, engagement, lost)
    met_on, met_by = min(ways, key=lambda way: way[0], default=(None, ()))
    moment = cause.order if client_of(cause.stream) else (view.calendar.start_of(lost), 2**63)
    return Due(
        cause=cause,
        due=later(start, view.number("licence_gap_days", moment)),
        message=f"therapy {engagement.id} with {engagement.practitioner} is without a licence where it is received "
        f"since {lost}: expected cover restored, or paused with a therapy referral, or closed",
        engagement=engagement.id,
        practitioner=engagement.practitioner,
        met_on=met_on,
        met_by=met_by,
        since=moment,
    )


def _paused_and_referred(
    view: View, engagement: Engagement, lost: str
) -> Iterator[tuple[str, tuple[Fact, ...]]]:
    """Each pause not ended before the loss, once a therapy referral made since the opening stands beside it."""
    made = [
        referral.made
        for referral in view.case.referrals.values()
        if isinstance(referral.made.event, ReferralMade)
        and referral.service is Service.THERAPY
        and referral.made.order > engagement.opened.order
    ]
    for paused, resumed in engagement.pauses:
        for referral in made:
            both = max(paused.order, referral.order)
            if resumed is not None and (resumed.order < both or view.day(resumed) < lost):
                continue
            yield max(view.day(paused), view.day(referral), lost), (paused, referral)


def _cause(view: View, engagement: Engagement, lost: str) -> tuple[Fact, str]:
    """What took the cover away, and the day it was recorded (of an as-found entry: the day it happened)."""
    practitioner = view.practice.practitioner(engagement.practitioner)
    end = _end_of(view, engagement, lost)
    moves = sorted(
        (move for move in _moves(view) if view.day(move) == lost and move.order < end),
        key=lambda move: move.order,
    )
    place = view.case.place_of(engagement, end)
    held = practitioner.covering(place[0], later(lost, -1)) if place is not None else []
    ids = {licence.event.licence for licence in held}
    statuses = [
        status
        for status in practitioner.statuses
        if status.event.effective == lost and status.event.licence in ids
    ]
    own_place = engagement.opened.event.jurisdiction is not None
    causes = ([] if own_place else moves[-1:]) + statuses[-1:] + held[-1:]
    cause = causes[0] if causes else engagement.opened
    if cause.entry.admitted is Admission.AS_FOUND:
        return cause, view.day(cause)
    return cause, view.calendar.day_of(cause.entry.recorded_at)


RULE = Rule(
    id="LIC-3",
    title="A therapy goes on without the licence it had",
    kind=Kind.OBLIGATION,
    adopted=True,
    pending=True,
    late=Kind.VIOLATION,
    why="Clients move and licences end; the practice then has some days to restore cover, hand over, or close.",
    sources=("Guide, Stay Within Your Scope",),
    due=due,
    parameters=(Parameter("licence_gap_days", 14, "Days within which a lost licence is put right."),),
    exceptions="Never had cover is LIC-1; closed on the last covered day is no loss.",
    allowed=(
        Example(
            "Closed on the fourteenth day after the client moved",
            """
            2024-01-08 therapy E1
            2024-03-04 client-relocated US-SC
            2024-03-18 engagement-closed E1
            2024-04-30 today
            """,
        ),
        Example(
            "Renewed without a gap",
            """
            2021-01-04 licence-recorded P-1 L1 valid_until=2024-03-04
            2024-01-08 therapy E1
            2024-03-01 licence-recorded P-1 L1 valid_from=2024-03-05
            2024-04-30 today
            """,
        ),
        Example(
            "Paused, and referred for therapy",
            """
            2024-01-08 therapy E1
            2024-03-04 client-relocated US-SC
            2024-03-11 engagement-paused E1
            2024-03-11 referral-made R1
            2024-04-30 today
            """,
        ),
    ),
    denied=(
        Example(
            "Closed on the fifteenth day",
            """
            2024-01-08 therapy E1
            2024-03-04 client-relocated US-SC
            2024-03-19 engagement-closed E1
            2024-04-30 today
            """,
        ),
        Example(
            "The licence ran out, and nothing was done",
            """
            2021-01-04 licence-recorded P-1 L1 valid_until=2024-03-03
            2024-01-08 therapy E1
            2024-04-30 today
            """,
        ),
        Example(
            "Paused, and nobody led the client on",
            """
            2024-01-08 therapy E1
            2024-03-04 client-relocated US-SC
            2024-03-11 engagement-paused E1
            2024-04-30 today
            """,
        ),
    ),
)
