"""TIME and OVR: timeliness and overrides."""

from tests.oracle.care import CLINICAL, acts_on_referral, elsewhere, resolutions
from tests.oracle.cover import covering, place_of
from tests.oracle.indications import addressing, intake_of
from tests.oracle.policy import policy_at
from tests.oracle.rules_agr import agr_1, agreement_of, consents, is_minor
from tests.oracle.rules_intake import int_1, int_2
from tests.oracle.rules_role import (
    acknowledgements,
    changes_to_coaching,
    role_1,
    role_5,
    role_8,
    signed_since_the_mark,
    stability_shown,
    therapy_closing,
)
from tests.oracle.rules_scope import indications, scope_1, scope_4
from tests.oracle.rules_seq import entries
from tests.oracle.terms import (
    COACHING,
    THERAPY,
    closing_of,
    engagements_of_pair,
    is_service_change,
    mark,
    opening_of,
    pause_of,
    practitioner_of,
    prior,
    service_of,
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


Broken = dict[str, list[Fact]]
"""By rule, the acts that break it: what breaks a requirement rests on nothing for it."""


def grounds(world: World, act: Fact, broken: Broken) -> list[list[Fact]]:
    """What the gate requirements of an opening or resumption rest on: a list per requirement, each entry of
    which would do alone; closing, pause, intake, signature, stability, licence, referral.

    Reading: what settles a concern, and what else shows therapy elsewhere, is asked like a referral.
    """
    opening = opening_of(world, act)
    if opening is None:
        return []
    shown = []
    if act.type == "EngagementOpened":
        intake, issue = intake_of(world, act), agreement_of(world, act)
        kept = [rule for rule in ("INT-1", "INT-2", "ROLE-5") if act not in broken[rule]]
        kept = kept if is_service_change(world, act) else [rule for rule in kept if rule != "ROLE-5"]
        shown.append([intake] if intake and kept else [])
        shown.append(signed_not_after(world, issue, act.at) if issue and act not in broken["AGR-1"] else [])
        shown.append(consents(world, act) if is_minor(world, act) else [])
    if is_service_change(world, act) and (marked := mark(world, act)):
        signed = signed_since_the_mark(world, act, agreement_of(world, act))
        if act.type == "EngagementOpened" and signed:
            shown += [[marked], signed]
        if "ROLE-4" in policy_at(world, act.moment).adopted and acknowledgements(world, act):
            shown += [[marked], acknowledgements(world, act)]
        if act in changes_to_coaching(world) and (closing := therapy_closing(world, act)):
            shown += [[closing], stability_shown(world, act)] if stability_shown(world, act) else []
            kept_gap = "ROLE-8" in policy_at(world, act.moment).adopted and act not in broken["ROLE-8"]
            shown += [[closing]] if kept_gap else []
    practitioner = opening.get("practitioner")
    if opening.get("service") == THERAPY:
        shown.append(covering(world, practitioner, place_of(world, opening, act.moment), act.day))
    if opening.get("service") == COACHING:
        away = elsewhere_shown_by(world, act)
        if act not in broken["SCOPE-1"]:
            shown += [addressing(world, i, act.moment) + away for i in indications(world, act)]
            shown += [
                [r for r in resolved if r.get("basis") != "client-left"] + away
                for _, resolved in concerns_before(world, act)
            ]
        if act.type == "EngagementResumed" and act not in broken["SCOPE-4"]:
            shown += [
                resolved + away
                for k, resolved in concerns_before(world, act)
                if k.get("engagement") == act.get("engagement")
            ]
    return shown + ([] if act in broken["ROLE-1"] else ends_of_the_other_role(world, act))


def concerns_before(world: World, act: Fact) -> list[tuple[Fact, list[Fact]]]:
    """Each clinical or urgent concern raised before the act, with its resolution before it."""
    raised = [k for k in world.of("ConcernRaised", client=act.client) if k.get("severity") in CLINICAL]
    return [(k, prior(resolutions(world, k), act.moment)) for k in prior(raised, act.moment)]


def ends_of_the_other_role(world: World, act: Fact) -> list[list[Fact]]:
    """Per earlier engagement of the pair in the other service, what ended it or paused coaching (ROLE-1)."""
    coaching = service_of(world, act) == COACHING
    ends = []
    for other in engagements_of_pair(world, act, THERAPY if coaching else COACHING):
        closing, pause = closing_of(world, other, act.moment), pause_of(world, other, act.moment)
        ends.append([f for f in (closing, None if coaching else pause) if f is not None])
    return ends


def elsewhere_shown_by(world: World, act: Fact) -> list[Fact]:
    """What shows therapy elsewhere; of a referral it is the answer that makes it accepted."""
    found = elsewhere(world, act.client, practitioner_of(world, act), act.moment)
    referred = [f for f in found if f.type in {"ReferralMade", "ReferralReceived"}]
    answers = [a for r in referred for a in acts_on_referral(world, r, "ReferralAnswered")]
    return [f for f in found if f not in referred] + answers


def came_after(evidence: Fact, act: Fact) -> bool:
    """Recorded after the act, by its entry or by a correction of it; what came as-found is not asked.

    Reading: what was recorded at the same time (in one file, in one visit) was not recorded after it.
    """
    arrivals = [evidence.line, *evidence.corrected_by]
    return any(
        a.admitted != "as-found" and a.position > act.line.position and a.recorded_at != act.line.recorded_at
        for a in arrivals
    )


def time_2(world: World) -> list[Fact]:
    """No gate requirement of an act rests only on entries that were recorded, or corrected, after the act
    was.

    Reading: the finding belongs to the act; SEQ-1's own grounds are not asked; as-found acts are not
    judged; an act that breaks a requirement does not rest on what it lacks the rest of.
    """
    broken: Broken = {
        "INT-1": int_1(world),
        "INT-2": int_2(world),
        "ROLE-1": role_1(world),
        "ROLE-5": role_5(world),
        "ROLE-8": role_8(world),
        "AGR-1": agr_1(world),
        "SCOPE-1": scope_1(world),
        "SCOPE-4": scope_4(world),
    }
    return [
        act
        for act in starts(world)
        if act.line.admitted != "as-found"
        and any(shown and all(came_after(e, act) for e in shown) for shown in grounds(world, act, broken))
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
    """In a solo practice an override authorised by its recorder is worth a warning.

    Reading: beside a violation of the same override it adds nothing.
    """
    broken = ovr_1(world)
    return [
        f
        for f, authority, _ in overridden(world)
        if authority == f.get("by") and is_solo(world, f) and f not in broken
    ]
