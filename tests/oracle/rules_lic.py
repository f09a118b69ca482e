"""LIC: licensed where the client is."""

from collections.abc import Iterator
from datetime import date, timedelta

from tests.oracle.cover import covering, held_anywhere, is_covered, place_of, turning_days
from tests.oracle.obligations import Owed
from tests.oracle.policy import policy_at
from tests.oracle.terms import COACHING, THERAPY, closing_of, is_paused, opening_of, starts
from tests.oracle.world import Fact, Moment, World

A_DAY = timedelta(days=1)


def lic_1(world: World) -> list[Fact]:
    """Every opening and resumption of therapy is under cover for its place that day."""
    return [
        s
        for s in starts(world, THERAPY)
        if (o := opening_of(world, s))
        and not is_covered(world, o.get("practitioner"), place_of(world, o, s.moment), s.day)
    ]


def lic_2(world: World) -> list[Fact]:
    """Every therapy session is held under cover for the session's place on that day."""
    return [
        s
        for s in world.of("SessionHeld")
        if (o := opening_of(world, s))
        and o.get("service") == THERAPY
        and not is_covered(
            world,
            o.get("practitioner"),
            s.get("jurisdiction") or place_of(world, o, s.moment),
            s.day,
        )
    ]


def lic_4(world: World) -> list[Fact]:
    """No P who holds cover somewhere opens coaching for a place where P has none.

    Reading: a place that is not on record is no place where P has none.
    """
    return [
        o
        for o in world.of("EngagementOpened")
        if o.get("service") == COACHING
        and held_anywhere(world, o.get("practitioner"), o.day)
        and (place := place_of(world, o, o.moment)) is not None
        and not is_covered(world, o.get("practitioner"), place, o.day)
    ]


# -- LIC-3: the obligation --------------------------------------------------------------------------------
#
# Reading: cover goes by days, and so does LIC-3: the place that counts on a day is the latest of that day (or
# the latest when the engagement closed), so that a client who moves away and back on one day lost nothing.


def lic_3(world: World) -> list[Owed]:
    """Every therapy engagement that had cover and loses it while open is put right within
    `licence_gap_days` of the later of the first uncovered day and the day the cause was recorded (of an
    as-found entry: the day it happened).
    """
    owed = []
    for opening in world.of("EngagementOpened"):
        if opening.get("service") == THERAPY:
            for day in lost_days(world, opening):
                cause = cause_of_the_loss(world, opening, day)
                happened = (world.dawn(day)[0], END_OF_INSTANT) if cause.client is None else cause.moment
                count_from = max(day, day_known(world, cause))
                due = count_from + timedelta(days=policy_at(world, happened).days("licence_gap_days"))
                done = first_day_put_right(world, opening, day)
                owed.append(Owed(cause, opening.client, happened, due, done, opening.get("engagement")))
    return owed


END_OF_INSTANT = 2**62
"""Behind every log position: where a licence ends the cause happens as the day begins, and a policy adopted at
that very instant counts.
"""


def day_known(world: World, cause: Fact) -> date:
    """The day the cause was recorded; of an as-found entry the day it happened."""
    return cause.day if cause.line.admitted == "as-found" else world.day(cause.line.recorded_at)


def last_moment(world: World, opening: Fact, day: date) -> Moment:
    """The end of a day, or the closing if the engagement is closed by then."""
    end = world.dawn(day + A_DAY)
    closing = closing_of(world, opening, end)
    return end if closing is None else closing.moment


def covered_on(world: World, opening: Fact, day: date) -> bool:
    """Whether the engagement's latest place of a day has cover that day."""
    place = place_of(world, opening, last_moment(world, opening, day))
    return is_covered(world, opening.get("practitioner"), place, day)


def days_that_may_tell(world: World, opening: Fact) -> list[date]:
    """The days, from the opening to the closing or today, on which cover or place can turn."""
    turns = turning_days(world, opening.get("practitioner"))
    told = world.of("ClientRegistered", "ClientRelocated", client=opening.client)
    closing = closing_of(world, opening, world.dawn(world.today + A_DAY))
    last = world.today if closing is None else closing.day
    return sorted(day for day in {*turns, *(f.day for f in told)} if opening.day <= day <= last)


def lost_days(world: World, opening: Fact) -> Iterator[date]:
    """Each first uncovered day: the day before, or on the first day the opening, had cover."""
    for day in days_that_may_tell(world, opening):
        if day > opening.day:
            before = covered_on(world, opening, day - A_DAY)
        else:
            place = place_of(world, opening, opening.moment)
            before = is_covered(world, opening.get("practitioner"), place, day)
        if before and not covered_on(world, opening, day):
            yield day


def cause_of_the_loss(world: World, opening: Fact, day: date) -> Fact:
    """Reading of "the cause": the client's latest move that day; else the change of status, effective that day,
    of a licence that gave cover the day before; else the licence whose last day that was. The last in
    effective order of several.
    """
    moves = [
        f
        for f in world.of("ClientRegistered", "ClientRelocated", client=opening.client)
        if f.day == day and f.moment < last_moment(world, opening, day)
    ]
    if moves and opening.get("jurisdiction") is None:
        return moves[-1]
    practitioner = opening.get("practitioner")
    place = place_of(world, opening, last_moment(world, opening, day))
    held = covering(world, practitioner, place, day - A_DAY)
    ids = {licence.get("licence") for licence in held}
    changes = [
        c
        for c in world.of("LicenceStatusChanged")
        if c.get("practitioner") == practitioner and c.get("licence") in ids and c.date("effective") == day
    ]
    return (changes or held)[-1]


def first_day_put_right(world: World, opening: Fact, lost: date) -> date | None:
    """The first day, from the loss on, on which the engagement is closed, or is at some time paused with a
    therapy referral made since its opening; or the first later one with cover again.
    """
    closing = closing_of(world, opening, world.dawn(world.today + A_DAY))
    days = [closing.day] if closing is not None else []
    days += [d for d in days_that_may_tell(world, opening) if d > lost and covered_on(world, opening, d)]
    moments = [world.dawn(lost)]
    moments += [f.just_after for f in world.facts if f.client == opening.client and f.day >= lost]
    days += [world.day(m[0]) for m in moments if is_paused_and_referred(world, opening, m)]
    return min(days, default=None)


def is_paused_and_referred(world: World, opening: Fact, moment: Moment) -> bool:
    """Paused, with a therapy referral made since the opening."""
    referred = [
        r
        for r in world.of("ReferralMade", client=opening.client)
        if r.get("service") == THERAPY and opening.moment < r.moment < moment
    ]
    return is_paused(world, opening, moment) and bool(referred)
