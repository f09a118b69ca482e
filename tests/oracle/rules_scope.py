"""SCOPE: clinical concerns, competence, coaching."""

from datetime import date

from tests.oracle.care import (
    CLINICAL,
    clinical_concerns,
    elsewhere,
    is_live_release,
    is_unresolved,
    resolutions,
)
from tests.oracle.indications import INDICATED, addressing, intake_of
from tests.oracle.obligations import Owed, owed_from, policy_for
from tests.oracle.terms import (
    COACHING,
    THERAPY,
    acts_on,
    between,
    closing_of,
    is_paused,
    opening_of,
    prior,
    starts,
)
from tests.oracle.world import Fact, Moment, World


def in_therapy_elsewhere(world: World, act: Fact) -> bool:
    """C is in therapy elsewhere, not with the practitioner of the act's engagement, when the act happens."""
    opening = opening_of(world, act)
    practitioner = opening.get("practitioner") if opening else None
    return bool(elsewhere(world, act.client, practitioner, act.moment))


def indications(world: World, act: Fact) -> list[Fact]:
    """The intakes that say suspected or active: on an opening its own and the client's latest, on a
    resumption the client's latest.
    """
    own = [intake_of(world, act)] if act.type == "EngagementOpened" else []
    latest = prior(world.of("IntakeCompleted", client=act.client), act.moment)[-1:]
    return [i for i in own + latest if i is not None and i.get("clinical_indication") in INDICATED]


def is_unaddressed(world: World, concern: Fact, moment: Moment) -> bool:
    """A clinical or urgent concern that is unresolved; resolved as client-left it is addressed by nothing."""
    resolved = prior(resolutions(world, concern), moment)
    left = any(r.get("basis") == "client-left" for r in resolved)
    return (
        concern.get("severity") in CLINICAL
        and concern.moment < moment
        and (left or is_unresolved(world, concern, moment))
    )


def has_unaddressed_indication(world: World, act: Fact) -> bool:
    """Some intake's indication that nothing addressed since, or some concern unaddressed."""
    by_intake = any(not addressing(world, i, act.moment) for i in indications(world, act))
    by_concern = any(
        is_unaddressed(world, k, act.moment) for k in world.of("ConcernRaised", client=act.client)
    )
    return by_intake or by_concern


def scope_1(world: World) -> list[Fact]:
    """For no opening or resumption of coaching has the client an unaddressed clinical indication, unless C
    is in therapy elsewhere.
    """
    return [
        s
        for s in starts(world, COACHING)
        if has_unaddressed_indication(world, s) and not in_therapy_elsewhere(world, s)
    ]


# -- SCOPE-2: the obligation ------------------------------------------------------------------------------


def coaching_concerns(world: World) -> list[tuple[Fact, Fact]]:
    """Every clinical or urgent concern raised in a coaching engagement, with that engagement's opening."""
    coaching = [o for o in world.of("EngagementOpened") if o.get("service") == COACHING]
    return [(k, o) for o in coaching for k in clinical_concerns(world, o)]


def is_acted_on(world: World, concern: Fact, opening: Fact, moment: Moment) -> bool:
    """By the moment the concern is resolved as assessed-not-clinical or client-left; or the engagement is
    then paused or closed and, since the concern, a therapy referral was made (whatever the client answers)
    or a therapy engagement opened, or C is then in therapy elsewhere.
    """
    resolved = prior(resolutions(world, concern), moment)
    if any(r.get("basis") in {"assessed-not-clinical", "client-left"} for r in resolved):
        return True
    stopped = is_paused(world, opening, moment) or closing_of(world, opening, moment) is not None
    towards_therapy = [
        f
        for f in world.of("ReferralMade", "EngagementOpened", client=concern.client)
        if f.get("service") == THERAPY and concern.moment < f.moment < moment
    ]
    away = elsewhere(world, concern.client, opening.get("practitioner"), moment)
    return stopped and bool(towards_therapy or away)


def first_day_acted_on(world: World, concern: Fact, opening: Fact) -> date | None:
    """The first day on which the concern is acted on: asked after each fact of the client since, and on each
    morning on which outside care begins.
    """
    after_facts = [
        f.just_after for f in world.facts if f.client == concern.client and f.moment >= concern.moment
    ]
    begins = [c.date("since") for c in world.of("OutsideCareNoted", client=concern.client)]
    mornings = [world.dawn(day) for day in begins if day and concern.day < day <= world.today]
    days = [world.day(m[0]) for m in after_facts + mornings if is_acted_on(world, concern, opening, m)]
    return min(days, default=None)


def resolved_otherwise(world: World, concern: Fact) -> date | None:
    """Reading of "its ground ends": the day the concern is resolved as outside-therapist-report or
    therapy-closed-stable, which acts on nothing but leaves nothing to act on.
    """
    days = [
        r.day
        for r in resolutions(world, concern)
        if r.get("basis") in {"outside-therapist-report", "therapy-closed-stable"}
    ]
    return min(days, default=None)


def scope_2(world: World) -> list[Owed]:
    """Every clinical or urgent concern raised in coaching is acted on within `concern_action_days`."""
    owed = []
    for concern, opening in coaching_concerns(world):
        done = first_day_acted_on(world, concern, opening)
        debt = owed_from(concern, policy_for(world, concern), "concern_action_days", done)
        ended = resolved_otherwise(world, concern)
        if ended is None or ended > debt.due or (done is not None and done <= ended):
            owed.append(debt)
    return owed


def stopped_and_taken_up_since(world: World, concern: Fact, session: Fact, opening: Fact) -> bool:
    """Reading of "paused and resumed since": a resumption since the concern; the pause it ends may be
    older.
    """
    resumed = acts_on(world, opening, "EngagementResumed")
    return bool(between(resumed, concern.moment, session.moment))


def scope_3(world: World) -> list[Fact]:
    """No service session of a coaching engagement starts after such a concern and before it is resolved,
    unless C is then in therapy elsewhere and the engagement was paused and resumed since.
    """
    return [
        s
        for s in world.of("SessionHeld")
        if s.get("purpose") == "service"
        and any(
            s.client == k.client
            and s.get("engagement") == o.get("engagement")
            and is_unresolved(world, k, s.moment)
            and not (in_therapy_elsewhere(world, s) and stopped_and_taken_up_since(world, k, s, o))
            for k, o in coaching_concerns(world)
        )
    ]


def scope_4(world: World) -> list[Fact]:
    """No coaching is resumed while a clinical or urgent concern raised in it is unresolved and C is not in
    therapy elsewhere, whatever the pause's reason.
    """
    return [
        s
        for s in starts(world, COACHING)
        if s.type == "EngagementResumed"
        and any(
            is_unresolved(world, k, s.moment)
            for k, o in coaching_concerns(world)
            if o is opening_of(world, s)
        )
        and not in_therapy_elsewhere(world, s)
    ]


# -- competence, focus, staying in touch ------------------------------------------------------------------


def services_then(world: World, practitioner: str | None, moment: Moment) -> frozenset[str]:
    """P's services by the latest registration or change before the moment that names them."""
    told = [
        f
        for f in prior(world.of("PractitionerRegistered", "PractitionerChanged"), moment)
        if f.get("practitioner") == practitioner and f.get("services") is not None
    ]
    return told[-1].codes("services") if told else frozenset()


def scope_5(world: World) -> list[Fact]:
    """No P opens a service that is not among P's services then."""
    return [
        o
        for o in world.of("EngagementOpened")
        if o.get("service") not in services_then(world, o.get("practitioner"), o.moment)
    ]


def scope_6(world: World) -> list[Fact]:
    """No coaching is opened with focus symptom-relief, trauma or mood-anxiety, or on an intake that wants
    trauma work.
    """
    return [
        o
        for o in world.of("EngagementOpened")
        if o.get("service") == COACHING
        and (
            o.codes("focus") & {"symptom-relief", "trauma", "mood-anxiety"}
            or ((intake := intake_of(world, o)) and intake.get("wants_trauma_work") is True)
        )
    ]


def is_with_another_professional(release: Fact, practitioner: str) -> bool:
    """Reading of "between P and another professional": from P to a named practitioner or to a recipient of
    kind practitioner or physician; or from another practitioner to P.
    """
    sender, recipient = release.get("from_practitioner"), release.get("to_practitioner")
    if sender == practitioner:
        professional = release.get("recipient_kind") in {"practitioner", "physician"}
        return professional if recipient is None else recipient != practitioner
    return bool(recipient == practitioner)


def scope_7(world: World) -> list[Fact]:
    """Coaching opened on an intake saying managed has a live release between P and another professional."""
    return [
        o
        for o in world.of("EngagementOpened")
        if o.get("service") == COACHING
        and (intake := intake_of(world, o))
        and intake.get("clinical_indication") == "managed"
        and not any(
            is_with_another_professional(r, o.get("practitioner")) and is_live_release(world, r, o.moment)
            for r in world.of("ReleaseGranted", client=o.client)
        )
    ]
