"""What each type of entry about a client says, as a clause: "P-1 closed therapy E1: goals met, stable".

One function per event type. Nothing sealed is told.
"""

from collections.abc import Callable
from typing import Any

from ledger.events import agreements, clients, concerns, engagements, intakes, referrals, releases
from projections.context import Context, listed, words
from projections.dates import day_words

STABLE = {"yes": "stable", "no": "not stable", "not-assessed": "stability not assessed"}
RECIPIENTS = {
    "attorney": "an attorney",
    "insurer": "an insurer",
    "family": "family",
    "other": "somebody else",
}
PAYERS = {"private": "paid privately", "insurance": "paid by insurance", "none": "free of charge"}


def _until(day: str | None) -> str:
    return f" until {day_words(day)}" if day is not None else ""


def _recipient(event: Any) -> str:
    if event.to_practitioner is not None:
        return str(event.to_practitioner)
    kind = str(event.recipient_kind)
    return RECIPIENTS.get(kind, f"a {words(kind)}")


def client_registered(event: Any, _context: Context) -> str:
    """Registration."""
    minor = f", a minor until {day_words(event.minor_until)}" if event.minor_until is not None else ""
    return f"the client was registered, living in {event.jurisdiction}{minor}"


def client_details_changed(event: Any, _context: Context) -> str:
    """Other particulars."""
    named = [name for name in ("name", "contact") if getattr(event, name) is not None]
    return f"the client's {' and '.join(named) or 'particulars'} changed"


def client_relocated(event: Any, _context: Context) -> str:
    """A move."""
    return f"the client moved to {event.jurisdiction}"


def outside_care_noted(event: Any, _context: Context) -> str:
    """Care elsewhere."""
    who = f" with {event.practitioner}" if event.practitioner is not None else ""
    told = {"client": "the client", "provider": "the provider", "referral": "a referral"}[str(event.told_by)]
    return (
        f"{event.service} elsewhere{who} was noted, since {day_words(event.since)}{_until(event.until)}, "
        f"known from {told}"
    )


def clients_compared(event: Any, _context: Context) -> str:
    """Two files compared."""
    found = {"same-person": "the same person", "different-persons": "somebody else"}[str(event.found)]
    basis = {
        "client-told": "as the client told",
        "identity-document": "by an identity document",
        "particulars": "by the particulars in both",
        "other": "on other grounds",
    }[str(event.basis)]
    return f"the file of {event.other} was found to be of {found}, {basis}"


def hold_placed(_event: Any, _context: Context) -> str:
    """A legal hold."""
    return "a legal hold was placed"


def hold_released(_event: Any, _context: Context) -> str:
    """The end of one."""
    return "a legal hold was released"


def keys_destroyed(event: Any, _context: Context) -> str:
    """Erasure."""
    return f"the client's data keys were destroyed ({words(event.ground)}): sealed texts are gone, coded facts stay"


def intake_completed(event: Any, _context: Context) -> str:
    """An intake."""
    said = [
        f"sought {words(event.service_sought)}",
        f"clinical indication {event.clinical_indication}",
        *([STABLE[event.stable]] if event.stable is not None else []),
        *(["wants trauma work"] if event.wants_trauma_work else []),
        *(["focused on goals"] if event.goal_focused else []),
        "roles explained" if event.roles_explained else "roles not explained",
        f"recommended {words(event.recommended)}",
    ]
    return f"{event.practitioner} completed intake {event.intake}: {', '.join(said)}"


def referral_made(event: Any, context: Context) -> str:
    """A referral to somebody else."""
    out_of = f" out of {context.engagement(event.engagement)}" if event.engagement is not None else ""
    return (
        f"{event.from_practitioner} referred the client{out_of} to {event.to_practitioner} for "
        f"{event.service} (referral {event.referral}, {words(event.reason)}); the client {event.client_answer}"
    )


def referral_received(event: Any, _context: Context) -> str:
    """A referral from somebody else."""
    who = event.from_practitioner or "outside"
    return (
        f"the client was referred to {event.to_practitioner} for {event.service} from {who} "
        f"(referral {event.referral}, {words(event.reason)})"
    )


def referral_answered(event: Any, context: Context) -> str:
    """The answer to one."""
    if str(event.answer) == "lapsed":
        return f"referral {event.referral} lapsed without an answer"
    return f"{context.referred_to(event.referral)} {event.answer} referral {event.referral}"


def referral_concluded(event: Any, context: Context) -> str:
    """The end of the work it led to."""
    return (
        f"the work of referral {event.referral} with {context.referred_to(event.referral)} ended: "
        f"{event.outcome}, {STABLE[event.stable]}"
    )


def agreement_issued(event: Any, _context: Context) -> str:
    """An agreement handed over."""
    who = f" with {event.practitioner}" if event.practitioner is not None else " of the whole practice"
    about = [
        *([f"template {event.template}"] if event.template is not None else []),
        *([f"version {event.version}"] if event.version is not None else []),
        *([PAYERS[event.payer]] if event.payer is not None else []),
        *([f"valid{_until(event.valid_until)}"] if event.valid_until is not None else []),
    ]
    detail = f" ({', '.join(about)})" if about else ""
    return f"the client was handed {words(event.kind)} {event.agreement}{who}{detail}"


def agreement_signed(event: Any, context: Context) -> str:
    """A signature."""
    basis = f", on the basis of {event.consent_basis}" if event.consent_basis is not None else ""
    return f"the {event.signer} signed {context.agreement(event.agreement)} ({words(event.method)}){basis}"


def agreement_declined(event: Any, context: Context) -> str:
    """A refusal to sign."""
    return f"{context.agreement(event.agreement)} was declined ({words(event.reason)})"


def agreement_revoked(event: Any, context: Context) -> str:
    """A revocation."""
    return f"{context.agreement(event.agreement)} was revoked ({words(event.reason)})"


def _papers(event: Any, context: Context, joint: str) -> str:
    papers = [
        *([f"intake {event.intake}"] if event.intake is not None else []),
        *([context.agreement(event.agreement)] if event.agreement is not None else []),
    ]
    return f"{joint}{' and '.join(papers)}" if papers else ""


def engagement_opened(event: Any, context: Context) -> str:
    """An opening."""
    papers = _papers(event, context, " on ") or " on neither intake nor agreement"
    place = f" in {event.jurisdiction}" if event.jurisdiction is not None else ""
    unit = f", unit {event.unit}" if event.unit is not None else ""
    focus = f"; focus: {listed(event.focus)}" if event.focus else ""
    return f"{event.practitioner} opened {event.service} {event.engagement}{place}{papers}{unit}{focus}"


def engagement_renewed(event: Any, context: Context) -> str:
    """A new agreement takes over."""
    return f"{context.engagement(event.engagement)} was renewed with {context.agreement(event.agreement)}"


def engagement_paused(event: Any, context: Context) -> str:
    """A pause."""
    return (
        f"{context.practitioner(event.engagement)} paused {context.engagement(event.engagement)} "
        f"({words(event.reason)})"
    )


def engagement_resumed(event: Any, context: Context) -> str:
    """A resumption."""
    return (
        f"{context.practitioner(event.engagement)} resumed {context.engagement(event.engagement)} "
        f"({words(event.reason)}){_papers(event, context, ' on ')}"
    )


def engagement_closed(event: Any, context: Context) -> str:
    """A closing."""
    said = [
        *([words(event.reason)] if str(event.reason) != "goals-met" else []),
        "goals met" if event.goals_met else "goals not met",
        STABLE[event.stable],
        *(["with its summary"] if event.summary_sha256 is not None else []),
    ]
    who, what = context.practitioner(event.engagement), context.engagement(event.engagement)
    return f"{who} closed {what}: {', '.join(said)}"


def session_held(event: Any, context: Context) -> str:
    """A session."""
    how = {"in-person": "in person", "video": "by video", "phone": "by phone"}[event.modality]
    purpose = {"service": "", "referral": " about a referral", "crisis": " in a crisis"}[event.purpose]
    about = [
        *([f"{event.minutes} minutes"] if event.minutes is not None else []),
        *([f"the client in {event.jurisdiction}"] if event.jurisdiction is not None else []),
    ]
    detail = f" ({', '.join(about)})" if about else ""
    who, what = context.practitioner(event.engagement), context.engagement(event.engagement)
    return f"{who} held session {event.session} of {what} {how}{purpose}{detail}"


def record_filed(event: Any, context: Context) -> str:
    """A document filed."""
    kind = "a document" if str(event.kind) == "other" else _a(words(event.kind))
    about = f" on session {event.session}" if event.session is not None else ""
    diagnosis = ", with a diagnosis in it" if event.contains_diagnosis else ""
    return (
        f"{kind}{about} of {context.engagement(event.engagement)} was filed under {words(event.record_set)}"
        f"{diagnosis}"
    )


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def concern_raised(event: Any, context: Context) -> str:
    """A concern."""
    kind = "a concern to watch" if str(event.severity) == "watch" else f"{_a(str(event.severity))} concern"
    return f"{kind} ({event.concern}) surfaced in {context.engagement(event.engagement)}"


def concern_resolved(event: Any, _context: Context) -> str:
    """Its end."""
    return f"concern {event.concern} was resolved ({words(event.basis)})"


def reassessment_held(event: Any, context: Context) -> str:
    """A second look."""
    who, what = context.practitioner(event.engagement), context.engagement(event.engagement)
    return f"{who} reassessed {what} with the client: {words(event.outcome)}"


def release_granted(event: Any, _context: Context) -> str:
    """A release of information."""
    return (
        f"the client released {listed(event.scope)} from {event.from_practitioner} to {_recipient(event)} "
        f"(release {event.release}, {words(event.purpose)}){_until(event.valid_until)}"
    )


def release_revoked(event: Any, _context: Context) -> str:
    """A release taken back."""
    return f"the client took release {event.release} back"


def disclosure_made(event: Any, _context: Context) -> str:
    """A disclosure."""
    release = f" {event.release}" if event.release is not None else ""
    return (
        f"{event.from_practitioner} disclosed {listed(event.scope)} to {_recipient(event)} "
        f"(disclosure {event.disclosure}, {words(event.purpose)}) on the basis of {words(event.basis)}{release}"
    )


CLAUSES: dict[type[Any], Callable[[Any, Context], str]] = {
    clients.ClientRegistered: client_registered,
    clients.ClientDetailsChanged: client_details_changed,
    clients.ClientRelocated: client_relocated,
    clients.OutsideCareNoted: outside_care_noted,
    clients.ClientsCompared: clients_compared,
    clients.HoldPlaced: hold_placed,
    clients.HoldReleased: hold_released,
    clients.KeysDestroyed: keys_destroyed,
    intakes.IntakeCompleted: intake_completed,
    referrals.ReferralMade: referral_made,
    referrals.ReferralReceived: referral_received,
    referrals.ReferralAnswered: referral_answered,
    referrals.ReferralConcluded: referral_concluded,
    agreements.AgreementIssued: agreement_issued,
    agreements.AgreementSigned: agreement_signed,
    agreements.AgreementDeclined: agreement_declined,
    agreements.AgreementRevoked: agreement_revoked,
    engagements.EngagementOpened: engagement_opened,
    engagements.EngagementRenewed: engagement_renewed,
    engagements.EngagementPaused: engagement_paused,
    engagements.EngagementResumed: engagement_resumed,
    engagements.EngagementClosed: engagement_closed,
    engagements.SessionHeld: session_held,
    engagements.RecordFiled: record_filed,
    engagements.ReassessmentHeld: reassessment_held,
    concerns.ConcernRaised: concern_raised,
    concerns.ConcernResolved: concern_resolved,
    releases.ReleaseGranted: release_granted,
    releases.ReleaseRevoked: release_revoked,
    releases.DisclosureMade: disclosure_made,
}
