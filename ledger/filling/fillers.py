"""The fillers: for each event type and field, what the record says it must be. One explicit table at the end."""

from collections.abc import Mapping
from typing import Any

from ledger.events import (
    agreements,
    clients,
    concerns,
    engagements,
    intakes,
    practice,
    practitioners,
    referrals,
    releases,
)
from ledger.events.base import Event
from ledger.filling import agreements as papers
from ledger.filling import engagements as running
from ledger.filling import releases as consents
from ledger.filling.filling import Filler, Found, Known, Nothing, only
from ledger.values import RecordKind

Given = Mapping[str, Any]


def _referral_to_answer(known: Known, _given: Given) -> Found | Nothing:
    case = known.case
    fitting = [
        (one.id, f"{one.service} with {one.to_practitioner}")
        for one in (case.referrals.values() if case is not None else ())
        if one.answered is None and one.client_accepted
    ]
    return only("referral", fitting, "the only referral without an answer", "no referral waits for an answer")


def _referral_to_conclude(known: Known, _given: Given) -> Found | Nothing:
    case = known.case
    fitting = [
        (one.id, f"{one.service} with {one.to_practitioner}")
        for one in (case.referrals.values() if case is not None else ())
        if one.under_way_at(known.order)
    ]
    return only("referral", fitting, "the only referral under way", "no referral is under way")


def _concern(known: Known, _given: Given) -> Found | Nothing:
    case = known.case
    fitting = [
        (one.id, f"{one.raised.event.severity}, in {one.engagement}")
        for one in (case.concerns.values() if case is not None else ())
        if one.resolved is None
    ]
    return only("concern", fitting, "the only unresolved concern", "no concern is unresolved")


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
    return only("licence", list(fitting.items()), "the practitioner's only licence", "no licence is recorded")


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
    (intakes.IntakeCompleted, "practitioner"): running.only_internal("practitioner"),
    (referrals.ReferralMade, "from_practitioner"): running.practitioner_of_engagement,
    (referrals.ReferralMade, "engagement"): running.engagement_of_referral,
    (referrals.ReferralReceived, "to_practitioner"): running.only_internal("to_practitioner"),
    (referrals.ReferralAnswered, "referral"): _referral_to_answer,
    (referrals.ReferralConcluded, "referral"): _referral_to_conclude,
    (agreements.AgreementIssued, "kind"): papers.kind_of_agreement,
    (agreements.AgreementSigned, "agreement"): papers.agreement_to_sign,
    (agreements.AgreementSigned, "signer_name"): papers.signer_name_of,
    (agreements.AgreementDeclined, "agreement"): papers.agreement_to_decline,
    (agreements.AgreementRevoked, "agreement"): papers.agreement_to_revoke,
    (engagements.EngagementOpened, "practitioner"): running.practitioner_of_opening,
    (engagements.EngagementOpened, "service"): papers.service_of_opening,
    (engagements.EngagementOpened, "intake"): papers.latest_intake,
    (engagements.EngagementOpened, "agreement"): papers.agreement_of_opening,
    (engagements.EngagementRenewed, "engagement"): running.the_engagement(running.OPEN),
    (engagements.EngagementRenewed, "agreement"): papers.agreement_of_renewal,
    (engagements.EngagementPaused, "engagement"): running.the_engagement(("running",)),
    (engagements.EngagementResumed, "engagement"): running.the_engagement(("paused",)),
    (engagements.EngagementResumed, "intake"): papers.intake_since_pause,
    (engagements.EngagementResumed, "agreement"): papers.agreement_since_pause,
    (engagements.EngagementClosed, "engagement"): running.the_engagement(running.OPEN),
    (engagements.SessionHeld, "engagement"): running.engagement_of_session,
    (engagements.RecordFiled, "engagement"): running.engagement_of_record,
    (engagements.RecordFiled, "session"): _session_to_note,
    (engagements.ReassessmentHeld, "engagement"): running.the_engagement(running.OPEN),
    (concerns.ConcernRaised, "engagement"): running.the_engagement(("running",), running.OPEN),
    (concerns.ConcernResolved, "concern"): _concern,
    (releases.ReleaseGranted, "from_practitioner"): running.practitioner_of_engagement,
    (releases.ReleaseRevoked, "release"): consents.to_revoke,
    **{(releases.DisclosureMade, name): consents.as_released(name) for name in consents.TAKEN_OVER},
    (releases.DisclosureMade, "release"): consents.used,
}
"""What is filled in beside the next free ids. Where practice-wide or "the client's own place" is what an absent
field says, it stays absent."""
