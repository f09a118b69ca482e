"""TIME and OVR: timeliness and overrides."""

from tests.oracle.care import elsewhere
from tests.oracle.cover import covering, place_of
from tests.oracle.indications import addressing, intake_of
from tests.oracle.policy import policy_at
from tests.oracle.rules_agr import agreement_of, consents, is_minor
from tests.oracle.rules_role import (
    acknowledgements,
    changes_to_coaching,
    signed_since_the_mark,
    stability_shown,
)
from tests.oracle.rules_scope import indications
from tests.oracle.rules_seq import entries
from tests.oracle.terms import (
    COACHING,
    THERAPY,
    is_service_change,
    mark,
    opening_of,
    signed_not_after,
    starts,
)
from tests.oracle.world import Fact, World


def time_1(world: World) -> list[Fact]:
    """Nothing but as-found entries is recorded more than `late_entry_days` after the day it happened."""
    return [
        f
        for f in entries(world)
        if f.line.admitted != "as-found"
        and (world.day(f.line.recorded_at) - f.day).days > policy_at(world, f.moment).days("late_entry_days")
    ]


# -- TIME-2: evidence after the act -----------------------------------------------------------------------


def grounds(world: World, act: Fact) -> list[list[Fact]]:
    """What the gate requirements of an opening or resumption rest on: a list per requirement, each entry of
    which would do alone; closing, pause, intake, signature, stability, licence, referral.
    """
    opening = opening_of(world, act)
    if opening is None:
        return []
    shown = []
    if act.type == "EngagementOpened":
        intake, issue = intake_of(world, act), agreement_of(world, act)
        shown.append([intake] if intake else [])
        shown.append(signed_not_after(world, issue, act.at) if issue else [])
        shown.append(consents(world, act) if is_minor(world, act) else [])
    if is_service_change(world, act) and (marked := mark(world, act)):
        shown.append([marked])
        if act.type == "EngagementOpened":
            shown.append(signed_since_the_mark(world, act, agreement_of(world, act)))
        if "ROLE-4" in policy_at(world, act.moment).adopted:
            shown.append(acknowledgements(world, act))
        if act in changes_to_coaching(world):
            shown.append(stability_shown(world, act))
    practitioner = opening.get("practitioner")
    if opening.get("service") == THERAPY:
        shown.append(covering(world, practitioner, place_of(world, opening, act.moment), act.day))
    if opening.get("service") == COACHING:
        away = elsewhere(world, act.client, practitioner, act.moment)
        shown += [addressing(world, i, act.moment) + away for i in indications(world, act)]
    return shown


def came_after(evidence: Fact, act: Fact) -> bool:
    """Recorded after the act, by its entry or by a correction of it; what came as-found is not asked."""
    arrivals = [evidence.line, *evidence.corrected_by]
    return any(a.admitted != "as-found" and a.position > act.line.position for a in arrivals)


def time_2(world: World) -> list[Fact]:
    """No gate requirement of an act rests only on entries that were recorded, or corrected, after the act
    was.

    Reading: the finding belongs to the act; SEQ-1's own grounds are not asked; as-found acts are not
    judged.
    """
    return [
        act
        for act in starts(world)
        if act.line.admitted != "as-found"
        and any(shown and all(came_after(e, act) for e in shown) for shown in grounds(world, act))
    ]


# -- OVR-1 ------------------------------------------------------------------------------------------------


def overridden(world: World) -> list[tuple[Fact, str | None, str | None]]:
    """Every overridden entry with who authorised it and why."""
    return [
        (f, (f.line.override or {}).get("authorised_by"), (f.line.override or {}).get("reason"))
        for f in entries(world)
        if f.line.admitted == "override"
    ]


def may_authorise(world: World, actor: str | None, entry: Fact) -> bool:
    """By the actor's latest registration before the entry."""
    told = [f for f in world.of("ActorRegistered") if f.get("actor") == actor and f.moment < entry.moment]
    return bool(told) and told[-1].get("may_authorise") is True


def is_solo(world: World, entry: Fact) -> bool:
    """The practice had declared itself a solo practice."""
    return policy_at(world, entry.moment).parameters["solo_practice"] is True


def ovr_1(world: World) -> list[Fact]:
    """No override is without a reason, authorised by its recorder (a solo practice excepted), or by an
    actor without `may_authorise`.
    """
    return [
        f
        for f, authority, reason in overridden(world)
        if not reason
        or (authority == f.get("by") and not is_solo(world, f))
        or not may_authorise(world, authority, f)
    ]


def ovr_1_solo(world: World) -> list[Fact]:
    """In a solo practice an override authorised by its recorder is worth a warning."""
    return [f for f, authority, _ in overridden(world) if authority == f.get("by") and is_solo(world, f)]
