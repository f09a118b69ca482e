"""LIC: licensed where the client is."""

from collections.abc import Iterator
from datetime import date, timedelta

from tests.oracle.cover import covering, held_anywhere, is_covered, place_of, place_of_client, turning_days
from tests.oracle.obligations import Owed
from tests.oracle.policy import policy_at
from tests.oracle.terms import COACHING, THERAPY, closing_of, is_open, is_paused, opening_of, starts
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
    """No P who holds cover somewhere opens coaching for a place where P has none."""
    return [
        o
        for o in world.of("EngagementOpened")
        if o.get("service") == COACHING
        and held_anywhere(world, o.get("practitioner"), o.day)
        and not is_covered(world, o.get("practitioner"), place_of(world, o, o.moment), o.day)
    ]


# -- LIC-3: the obligation --------------------------------------------------------------------------------


def lic_3(world: World) -> list[Owed]:
    """Every therapy engagement that had cover and loses it while open is put right within
    `licence_gap_days` of the later of the first uncovered day and the day the cause was recorded (of an
    as-found entry: the day it happened).
    """
    owed = []
    for opening in world.of("EngagementOpened"):
        if opening.get("service") == THERAPY:
            for lost, cause in losses(world, opening):
                first_uncovered = world.day(lost[0])
                count_from = max(first_uncovered, day_known(world, cause))
                happened = lost if cause.client is None else cause.moment
                due = count_from + timedelta(days=policy_at(world, happened).days("licence_gap_days"))
                done = first_day_put_right(world, opening, lost)
                owed.append(Owed(cause, opening.client, happened, due, done))
    return owed


def day_known(world: World, cause: Fact) -> date:
    """The day the cause was recorded; of an as-found entry the day it happened."""
    return cause.day if cause.line.admitted == "as-found" else world.day(cause.line.recorded_at)


def losses(world: World, opening: Fact) -> Iterator[tuple[Moment, Fact]]:
    """Each moment at which an open engagement had cover and loses it, with the entry that takes it away.

    Cover goes by days, the place by moments: either the client moves to a place without cover, or a day
    begins without the cover that the day before had for the same place. The obligation's cause happened at
    that moment.
    """
    practitioner = opening.get("practitioner")
    if opening.get("jurisdiction") is None:
        for move in world.of("ClientRegistered", "ClientRelocated", client=opening.client):
            before, after = place_of_client(world, move.client, move.moment), move.get("jurisdiction")
            if (
                is_open(world, opening, move.moment)
                and is_covered(world, practitioner, before, move.day)
                and not is_covered(world, practitioner, after, move.day)
            ):
                yield move.just_after, move
    for day in turning_days(world, practitioner):
        if not opening.day < day <= world.today:
            continue
        dawn = world.dawn(day)
        place = place_of(world, opening, dawn)
        if (
            is_open(world, opening, dawn)
            and is_covered(world, practitioner, place, day - A_DAY)
            and not is_covered(world, practitioner, place, day)
        ):
            yield (dawn[0], END_OF_INSTANT), taken_away_by(world, practitioner, place, day)


END_OF_INSTANT = 2**62
"""Behind every log position: a policy adopted at the very start of the day counts."""


def taken_away_by(world: World, practitioner: str, place: str | None, day: date) -> Fact:
    """Reading of "the cause" where a licence ends: the change of status effective that day if there is one,
    else the licence whose last day was the day before; the last in effective order of several.
    """
    held = covering(world, practitioner, place, day - A_DAY)
    ids = {licence.get("licence") for licence in held}
    changes = [
        c
        for c in world.of("LicenceStatusChanged")
        if c.get("practitioner") == practitioner and c.get("licence") in ids and c.date("effective") == day
    ]
    return (changes or held)[-1]


def is_put_right(world: World, opening: Fact, moment: Moment) -> bool:
    """Cover restored; or paused, with a therapy referral made since the opening; or closed."""
    referred = [
        r
        for r in world.of("ReferralMade", client=opening.client)
        if r.get("service") == THERAPY and opening.moment < r.moment < moment
    ]
    place = place_of(world, opening, moment)
    return (
        closing_of(world, opening, moment) is not None
        or (is_paused(world, opening, moment) and bool(referred))
        or is_covered(world, opening.get("practitioner"), place, world.day(moment[0]))
    )


def first_day_put_right(world: World, opening: Fact, lost: Moment) -> date | None:
    """The first day it is put right, asked at the loss, after each fact of the client, and at each day on
    which cover can turn.
    """
    after_facts = [f.just_after for f in world.facts if f.client == opening.client and f.moment >= lost]
    turns = turning_days(world, opening.get("practitioner"))
    later = [world.dawn(day) for day in turns if world.day(lost[0]) < day <= world.today]
    days = [world.day(m[0]) for m in [lost, *after_facts, *later] if is_put_right(world, opening, m)]
    return min(days, default=None)
