"""The fillers: for each event type and field, what the record says it must be. One explicit table at the end."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ledger.case import KIND_NEEDED, Agreement, Engagement, Release
from ledger.errors import ChoiceNeededError
from ledger.events import agreements, clients, concerns, engagements, intakes, practice, practitioners
from ledger.events import referrals, releases
from ledger.events.base import Event
from ledger.filling import Filler, Found, Known, Nothing
from ledger.history import Fact
from ledger.values import AgreementKind, RecordKind, Service, SessionPurpose, Signer

Given = Mapping[str, Any]


def _only(field: str, fitting: Sequence[tuple[str, str]], why: str, none: str) -> Found | Nothing:
    if len(fitting) > 1:
        raise ChoiceNeededError(field, fitting)
    return Found(fitting[0][0], why) if fitting else Nothing(none)


# -- engagements ------------------------------------------------------------------------------------------


def _described(known: Known, found: Iterable[Engagement]) -> list[tuple[str, str]]:
    return [
        (one.id, f"{one.service} with {one.practitioner}, {one.state_at(known.order)}") for one in found
    ]


def _the_engagement(*preferred: tuple[str, ...]) -> Filler:
    """The only engagement in the first of these sets of states that any is in."""

    def filler(known: Known, _given: Given) -> Found | Nothing:
        for states in preferred:
            found = known.engagements(*states)
            if found:
                words = " or ".join(states) if len(states) < 3 else "recorded"
                return _only("engagement", _described(known, found), f"the only engagement that is {words}", "")
        return Nothing(f"no engagement of the client is {' or '.join(preferred[-1])}")

    return filler


OPEN = ("running", "paused")
ANY = ("running", "paused", "closed")


def _engagement_of_session(known: Known, given: Given) -> Found | Nothing | None:
    if given.get("purpose") in (SessionPurpose.REFERRAL, SessionPurpose.CRISIS):
        return _the_engagement(OPEN)(known, given)
    return _the_engagement(("running",))(known, given)


def _engagement_of_record(known: Known, given: Given) -> Found | Nothing | None:
    if known.case is not None:
        for session in known.case.sessions:
            if session.event.session == given.get("session"):
                return Found(session.event.engagement, "the session's engagement")
    if given.get("kind") == RecordKind.DISCHARGE_SUMMARY:
        return _the_engagement(("closed",), OPEN)(known, given)
    return _the_engagement(OPEN, ANY)(known, given)


def _engagement_of_referral(known: Known, given: Given) -> Found | None:
    by = given.get("from_practitioner")
    found = [one for one in known.engagements(*OPEN) if by is None or one.practitioner == by]
    return Found(found[0].id, "the only open engagement with who refers") if len(found) == 1 else None


# -- practitioners ----------------------------------------------------------------------------------------


def _only_internal(field: str) -> Filler:
    def filler(known: Known, _given: Given) -> Found | Nothing:
        found = [(one, known.practice.practitioner(one).name()) for one in known.internal()]
        return _only(field, found, "the practice's only practitioner", "the practice has no practitioner yet")

    return filler


def _practitioner_of_opening(known: Known, given: Given) -> Found | Nothing | None:
    case = known.case
    if case is None:
        return None
    agreement = case.agreements.get(given.get("agreement") or "")
    if agreement is not None and agreement.practitioner is not None:
        return Found(agreement.practitioner, f"who agreement {agreement.id} is with")
    name = given.get("intake")
    intake = case.intake.get(name) if name is not None else _latest(_unused_intakes(known, given))
    if intake is not None:
        return Found(intake.event.practitioner, f"who took intake {intake.event.intake}")
    return _only_internal("practitioner")(known, given)


def _practitioner_of_engagement(known: Known, given: Given) -> Found | Nothing | None:
    case = known.case
    named = case.engagements.get(given.get("engagement") or "") if case is not None else None
    if named is not None:
        return Found(named.practitioner, f"the practitioner of {named.id}")
    found = {one.practitioner: f"{one.service} {one.id}" for one in known.engagements(*OPEN)}
    if not found:
        return _only_internal("from_practitioner")(known, given)
    return _only(
        "from_practitioner", list(found.items()), "the practitioner of the client's open engagements", ""
    )


# -- intakes and agreements -------------------------------------------------------------------------------


def _latest(facts: Sequence[Fact]) -> Fact | None:
    return max(facts, key=lambda fact: fact.order, default=None)


def _unused_intakes(known: Known, given: Given) -> list[Fact]:
    """The intakes that no engagement rests on; those of the practitioner in question, where there are any."""
    case = known.case
    if case is None:
        return []
    used = {
        start.event.intake
        for one in case.engagements.values()
        for start in one.starts()
        if start.event.intake is not None
    }
    unused = [fact for fact in case.intakes if fact.event.intake not in used]
    own = [fact for fact in unused if fact.event.practitioner == given.get("practitioner")]
    return own or unused


def _intake(known: Known, given: Given) -> Found | Nothing | None:
    found = _latest(_unused_intakes(known, given))
    return Found(found.event.intake, "the latest unused intake") if found is not None else None


def _intake_since_pause(known: Known, given: Given) -> Found | None:
    paused = _paused_since(known, given)
    if paused is None:
        return None
    one, pause = paused
    found = _latest(
        [
            fact
            for fact in _unused_intakes(known, {"practitioner": one.practitioner})
            if fact.order > pause.order
        ]
    )
    return Found(found.event.intake, "the latest intake since the pause") if found is not None else None


def _paused_since(known: Known, given: Given) -> tuple[Engagement, Fact] | None:
    case = known.case
    one = case.engagements.get(given.get("engagement") or "") if case is not None else None
    pause = one.pause_at(known.order) if one is not None else None
    return (one, pause[0]) if one is not None and pause is not None else None


def usable_agreements(known: Known, kind: AgreementKind, practitioner: str | None) -> list[Agreement]:
    """Agreements of a kind that are live at this moment, cover the practitioner and serve no engagement yet."""
    case = known.case
    if case is None:
        return []
    return [
        one
        for one in case.agreements.values()
        if one.kind is kind
        and (practitioner is None or one.covers(practitioner))
        and one.signed_by(known.at) is not None
        and one.ended_before(known.order) is None
        and (one.valid_until is None or known.day <= one.valid_until)
        and not one.uses
    ]


def _latest_agreement(found: Sequence[Agreement], why: str) -> Found | None:
    latest = max(found, key=lambda one: one.issued.order, default=None)
    return Found(latest.id, why) if latest is not None else None


def _agreement_of_opening(known: Known, given: Given) -> Found | None:
    service = given.get("service")
    if service not in (Service.THERAPY, Service.COACHING):
        return None
    kind = KIND_NEEDED[Service(service)]
    found = usable_agreements(known, kind, given.get("practitioner"))
    return _latest_agreement(found, f"the latest unused {kind} in force")


def _agreement_of_renewal(known: Known, given: Given) -> Found | Nothing | None:
    case = known.case
    one = case.engagements.get(given.get("engagement") or "") if case is not None else None
    if one is None:
        return None
    kind = KIND_NEEDED[one.service]
    found = usable_agreements(known, kind, one.practitioner)
    return _latest_agreement(found, f"the latest unused {kind} in force") or Nothing(
        f"no unused {kind} is in force"
    )


def _agreement_since_pause(known: Known, given: Given) -> Found | None:
    paused = _paused_since(known, given)
    if paused is None:
        return None
    one, pause = paused
    kind = KIND_NEEDED[one.service]
    found = [
        each for each in usable_agreements(known, kind, one.practitioner) if each.issued.order > pause.order
    ]
    return _latest_agreement(found, f"the {kind} issued since the pause")


def _pending_agreements(known: Known, signer: str | None) -> list[Agreement]:
    case = known.case
    return [
        one
        for one in (case.agreements.values() if case is not None else ())
        if one.declined is None
        and one.revoked is None
        and not any(signer is None or fact.event.signer == signer for fact in one.signatures)
    ]


def _agreement_to_sign(known: Known, given: Given) -> Found | Nothing:
    found = _pending_agreements(known, given.get("signer"))
    return _latest_agreement(found, "the latest issued agreement without this signature") or Nothing(
        "no issued agreement waits for a signature"
    )


def _agreement_to_decline(known: Known, _given: Given) -> Found | Nothing:
    found = _pending_agreements(known, None)
    return _latest_agreement(found, "the latest issued agreement without a signature") or Nothing(
        "no issued agreement waits for an answer"
    )


def _agreement_to_revoke(known: Known, _given: Given) -> Found | Nothing:
    case = known.case
    standing = [
        (one.id, str(one.kind))
        for one in (case.agreements.values() if case is not None else ())
        if one.declined is None and one.revoked is None
    ]
    return _only("agreement", standing, "the only agreement that stands", "no agreement stands")


def _service_of_opening(known: Known, given: Given) -> Found | None:
    agreement = known.case.agreements.get(given.get("agreement") or "") if known.case is not None else None
    if agreement is not None:
        for service, kind in KIND_NEEDED.items():
            if agreement.kind is kind:
                return Found(service.value, f"what agreement {agreement.id} is for")
    return None


def _kind_of_agreement(known: Known, given: Given) -> Found | None:
    named = given.get("template")
    template = known.practice.template(named, known.order) if isinstance(named, str) else None
    return Found(template.event.kind.value, "the template's kind") if template is not None else None


def client_name(known: Known) -> str | None:
    """The client's latest name, where the role in use may read it."""
    case = known.case
    for fact in reversed(case.facts if case is not None else []):
        if isinstance(fact.event, clients.ClientRegistered | clients.ClientDetailsChanged):
            sealed = fact.event.name
            if sealed is not None:
                return known.read(sealed)
    return None


def _signer_name(known: Known, given: Given) -> Found | None:
    if given.get("signer") != Signer.CLIENT:
        return None
    name = client_name(known)
    return Found(name, "the client's name") if name is not None else None


# -- referrals, concerns, releases, sessions, licences ----------------------------------------------------


def _referral_to_answer(known: Known, _given: Given) -> Found | Nothing:
    case = known.case
    fitting = [
        (one.id, f"{one.service} with {one.to_practitioner}")
        for one in (case.referrals.values() if case is not None else ())
        if one.answered is None and one.client_accepted
    ]
    return _only("referral", fitting, "the only referral without an answer", "no referral waits for an answer")


def _referral_to_conclude(known: Known, _given: Given) -> Found | Nothing:
    case = known.case
    fitting = [
        (one.id, f"{one.service} with {one.to_practitioner}")
        for one in (case.referrals.values() if case is not None else ())
        if one.under_way_at(known.order)
    ]
    return _only("referral", fitting, "the only referral under way", "no referral is under way")


def _concern(known: Known, _given: Given) -> Found | Nothing:
    case = known.case
    fitting = [
        (one.id, f"{one.raised.event.severity}, in {one.engagement}")
        for one in (case.concerns.values() if case is not None else ())
        if one.resolved is None
    ]
    return _only("concern", fitting, "the only unresolved concern", "no concern is unresolved")


_RELEASE_FIELDS = ("from_practitioner", "to_practitioner", "recipient_kind", "purpose")


def _live_releases(known: Known, given: Given) -> list[Release]:
    case = known.case
    return [
        one
        for one in (case.releases.values() if case is not None else ())
        if one.live_at(known.order, known.day)
        and all(given.get(name) in (None, getattr(one.granted.event, name)) for name in _RELEASE_FIELDS)
    ]


def _release_to_revoke(known: Known, _given: Given) -> Found | Nothing:
    fitting = [(one.id, _release_words(one)) for one in _live_releases(known, {})]
    return _only("release", fitting, "the only release in force", "no release is in force")


def _release_words(release: Release) -> str:
    event = release.granted.event
    return f"{event.from_practitioner} to {event.to_practitioner or event.recipient_kind}"


def _release_of(known: Known, given: Given) -> Release | None:
    case = known.case
    if case is None:
        return None
    named = case.releases.get(given.get("release") or "")
    if named is not None or given.get("basis") != "release":
        return named
    found = _live_releases(known, given)
    return found[0] if len(found) == 1 else None


def _as_released(name: str) -> Filler:
    def filler(known: Known, given: Given) -> Found | Nothing | None:
        release = _release_of(known, given)
        value = getattr(release.granted.event, name) if release is not None else None
        if release is not None and value is not None:
            return Found(str(value), f"as release {release.id} says")
        return _practitioner_of_engagement(known, given) if name == "from_practitioner" else None

    return filler


def _release_used(known: Known, given: Given) -> Found | None:
    release = _release_of(known, given)
    return Found(release.id, "the only release in force that fits") if release is not None else None


def _session_to_note(known: Known, given: Given) -> Found | None:
    if given.get("kind") not in (RecordKind.PROGRESS_NOTE, RecordKind.SESSION_NOTE) or known.case is None:
        return None
    noted = {fact.event.session for fact in known.case.records}
    found = [
        fact.event.session
        for fact in known.case.sessions
        if fact.event.engagement == given.get("engagement") and fact.event.session not in noted
    ]
    return Found(found[0], "the only session without a note") if len(found) == 1 else None


def _licence(known: Known, given: Given) -> Found | Nothing:
    held = known.practice.practitioner(str(given.get("practitioner"))).licences
    fitting = {fact.event.licence: ", ".join(fact.event.jurisdictions) for fact in held}
    return _only("licence", list(fitting.items()), "the practitioner's only licence", "no licence is recorded")


# -- the practice's own, and the client's id --------------------------------------------------------------


def _empty(value: object, words: str) -> Filler:
    return lambda _known, _given: Found(value, words)


def _new_client(known: Known, _given: Given) -> Found:
    return Found(known.fresh_client(), "random, so that it tells nothing of the client")


FILLERS: dict[tuple[type[Event], str], Filler] = {
    (practice.PolicyAdopted, "adopts"): _empty([], "nothing is adopted"),
    (practice.PolicyAdopted, "drops"): _empty([], "nothing is dropped"),
    (practice.PolicyAdopted, "parameters"): _empty({}, "no parameter is set"),
    (practitioners.LicenceStatusChanged, "licence"): _licence,
    (clients.ClientRegistered, "client"): _new_client,
    (intakes.IntakeCompleted, "practitioner"): _only_internal("practitioner"),
    (referrals.ReferralMade, "from_practitioner"): _practitioner_of_engagement,
    (referrals.ReferralMade, "engagement"): _engagement_of_referral,
    (referrals.ReferralReceived, "to_practitioner"): _only_internal("to_practitioner"),
    (referrals.ReferralAnswered, "referral"): _referral_to_answer,
    (referrals.ReferralConcluded, "referral"): _referral_to_conclude,
    (agreements.AgreementIssued, "kind"): _kind_of_agreement,
    (agreements.AgreementSigned, "agreement"): _agreement_to_sign,
    (agreements.AgreementSigned, "signer_name"): _signer_name,
    (agreements.AgreementDeclined, "agreement"): _agreement_to_decline,
    (agreements.AgreementRevoked, "agreement"): _agreement_to_revoke,
    (engagements.EngagementOpened, "practitioner"): _practitioner_of_opening,
    (engagements.EngagementOpened, "service"): _service_of_opening,
    (engagements.EngagementOpened, "intake"): _intake,
    (engagements.EngagementOpened, "agreement"): _agreement_of_opening,
    (engagements.EngagementRenewed, "engagement"): _the_engagement(OPEN),
    (engagements.EngagementRenewed, "agreement"): _agreement_of_renewal,
    (engagements.EngagementPaused, "engagement"): _the_engagement(("running",)),
    (engagements.EngagementResumed, "engagement"): _the_engagement(("paused",)),
    (engagements.EngagementResumed, "intake"): _intake_since_pause,
    (engagements.EngagementResumed, "agreement"): _agreement_since_pause,
    (engagements.EngagementClosed, "engagement"): _the_engagement(OPEN),
    (engagements.SessionHeld, "engagement"): _engagement_of_session,
    (engagements.RecordFiled, "engagement"): _engagement_of_record,
    (engagements.RecordFiled, "session"): _session_to_note,
    (engagements.ReassessmentHeld, "engagement"): _the_engagement(OPEN),
    (concerns.ConcernRaised, "engagement"): _the_engagement(("running",), OPEN),
    (concerns.ConcernResolved, "concern"): _concern,
    (releases.ReleaseGranted, "from_practitioner"): _practitioner_of_engagement,
    (releases.ReleaseRevoked, "release"): _release_to_revoke,
    **{(releases.DisclosureMade, name): _as_released(name) for name in _RELEASE_FIELDS},
    (releases.DisclosureMade, "release"): _release_used,
}
"""What is filled in beside the next free ids. Where practice-wide or "the client's own place" is what an absent
field says, it stays absent."""

