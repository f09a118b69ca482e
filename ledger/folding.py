"""Folding a client's facts, in effective order, into its case. Adding a fact means teaching this module.

What an event type changes stands in one function; `_FOLDS` is the table. An act that does not fit the state
(RULES.md SEQ-1) is noted in `unfit` and changes nothing.
"""

from collections.abc import Callable, Iterable
from typing import Any

from ledger.case import CONSENTING, Agreement, Case, Concern, Engagement, Referral, Release
from ledger.events import agreements, clients, concerns, engagements, intakes, referrals, releases
from ledger.history import Fact
from ledger.practice import Practice


def fold(client: str, facts: Iterable[Fact], practice: Practice) -> Case:
    """The case of a client from its facts in effective order."""
    case = Case(client, practice)
    for fact in facts:
        case.facts.append(fact)
        _FOLDS[type(fact.event)](case, fact)
    return case


def _nothing(case: Case, fact: Fact) -> None:
    """Recorded, and no part of the state the rules ask about."""


def _registered(case: Case, fact: Fact) -> None:
    case.registered = fact


def _moved(case: Case, fact: Fact) -> None:
    case.moves.append(fact)


def _cared_for(case: Case, fact: Fact) -> None:
    case.outside_care.append(fact)


def _compared(case: Case, fact: Fact) -> None:
    case.comparisons[fact.event.other] = fact  # what was found last


def _intake(case: Case, fact: Fact) -> None:
    case.intakes.append(fact)
    case.intake[fact.event.intake] = fact


def _referral(case: Case, fact: Fact) -> None:
    event = fact.event
    case.referrals[event.referral] = Referral(event.referral, fact, event.service, event.to_practitioner)


def _answered(case: Case, fact: Fact) -> None:
    referral = case.referrals.get(fact.event.referral)
    if referral is None:
        case.unfit[fact.seq] = f"referral {fact.event.referral} is not made yet"
    elif referral.answered is not None:
        case.unfit[fact.seq] = f"referral {referral.id} is answered already"
    else:
        referral.answered = fact


def _concluded(case: Case, fact: Fact) -> None:
    referral = case.referrals.get(fact.event.referral)
    if referral is None:
        case.unfit[fact.seq] = f"referral {fact.event.referral} is not made yet"
    elif referral.concluded is not None:
        case.unfit[fact.seq] = f"referral {referral.id} is concluded already"
    elif not referral.accepted:
        case.unfit[fact.seq] = f"referral {referral.id} was not accepted by the one referred to"
    else:
        referral.concluded = fact


def _issued(case: Case, fact: Fact) -> None:
    event = fact.event
    template = case.practice.template(event.template, fact.order) if event.template is not None else None
    standard = template.event if template is not None else None

    def own_or_standard(name: str) -> Any:
        own = getattr(event, name)
        return own if own is not None else getattr(standard, name, None)

    case.agreements[event.agreement] = Agreement(
        id=event.agreement,
        issued=fact,
        kind=event.kind,
        practitioner=event.practitioner,
        text_sha256=own_or_standard("text_sha256"),
        version=own_or_standard("version"),
        terms=own_or_standard("terms"),
        payer=own_or_standard("payer"),
        valid_until=event.valid_until,
        uses=[use for use in case.named_early.pop(event.agreement, ()) if use.at == fact.at],
    )


def _signed(case: Case, fact: Fact) -> None:
    agreement = case.agreements.get(fact.event.agreement)
    if agreement is None:
        case.unfit[fact.seq] = f"agreement {fact.event.agreement} is not issued yet"
    elif agreement.declined is not None:
        case.unfit[fact.seq] = f"agreement {agreement.id} was declined"
    elif agreement.revoked is not None:
        case.unfit[fact.seq] = f"agreement {agreement.id} was revoked"
    elif any(before.event.signer is fact.event.signer for before in agreement.signatures):
        case.unfit[fact.seq] = f"agreement {agreement.id} is signed by the {fact.event.signer} already"
    else:
        agreement.signatures.append(fact)
        if agreement.consented is None and fact.event.signer in CONSENTING:
            agreement.consented = fact


def _declined(case: Case, fact: Fact) -> None:
    agreement = case.agreements.get(fact.event.agreement)
    if agreement is not None and agreement.declined is None:
        agreement.declined = fact
        case.declined.append(agreement)


def _revoked(case: Case, fact: Fact) -> None:
    agreement = case.agreements.get(fact.event.agreement)
    if agreement is None:
        case.unfit[fact.seq] = f"agreement {fact.event.agreement} is not issued yet"
    elif agreement.revoked is not None:
        case.unfit[fact.seq] = f"agreement {agreement.id} is revoked already"
    else:
        agreement.revoked = fact


def _opened(case: Case, fact: Fact) -> None:
    event = fact.event
    case.engagements[event.engagement] = Engagement(event.engagement, fact, event.service, event.practitioner)
    _use(case, fact)


def _use(case: Case, fact: Fact) -> None:
    agreement = case.agreements.get(fact.event.agreement)
    if agreement is not None:
        agreement.uses.append(fact)
    elif fact.event.agreement is not None:  # at one instant the issue may be recorded after the use
        case.named_early.setdefault(fact.event.agreement, []).append(fact)


def _open_engagement(case: Case, fact: Fact) -> Engagement | None:
    engagement = case.engagements.get(fact.event.engagement)
    if engagement is None:
        case.unfit[fact.seq] = f"engagement {fact.event.engagement} is not open yet"
    elif engagement.closed is not None:
        case.unfit[fact.seq] = f"engagement {engagement.id} is closed and never reopens"
        return None
    return engagement


def _renewed(case: Case, fact: Fact) -> None:
    engagement = case.engagements.get(fact.event.engagement)
    if engagement is not None:
        engagement.renewals.append(fact)
        _use(case, fact)


def _paused(case: Case, fact: Fact) -> None:
    engagement = _open_engagement(case, fact)
    if engagement is None:
        return
    if engagement.pauses and engagement.pauses[-1][1] is None:
        case.unfit[fact.seq] = f"engagement {engagement.id} is paused already"
    else:
        engagement.pauses.append((fact, None))


def _resumed(case: Case, fact: Fact) -> None:
    engagement = _open_engagement(case, fact)
    if engagement is None:
        return
    if not engagement.pauses or engagement.pauses[-1][1] is not None:
        case.unfit[fact.seq] = f"engagement {engagement.id} is not paused"
    else:
        engagement.pauses[-1] = (engagement.pauses[-1][0], fact)


def _closed(case: Case, fact: Fact) -> None:
    engagement = _open_engagement(case, fact)
    if engagement is not None:
        engagement.closed = fact


def _session(case: Case, fact: Fact) -> None:
    case.sessions.append(fact)


def _record(case: Case, fact: Fact) -> None:
    case.records.append(fact)
    case.documents.setdefault(fact.event.document_sha256, []).append(fact)


def _concern(case: Case, fact: Fact) -> None:
    concern = Concern(fact.event.concern, fact, fact.event.engagement)
    case.concerns[concern.id] = concern


def _resolved(case: Case, fact: Fact) -> None:
    concern = case.concerns.get(fact.event.concern)
    if concern is None:
        case.unfit[fact.seq] = f"concern {fact.event.concern} is not raised yet"
    elif concern.resolved is not None:
        case.unfit[fact.seq] = f"concern {concern.id} is resolved already"
    else:
        concern.resolved = fact


def _reassessed(case: Case, fact: Fact) -> None:
    case.reassessments.append(fact)


def _released(case: Case, fact: Fact) -> None:
    case.releases[fact.event.release] = Release(fact.event.release, fact)


def _release_revoked(case: Case, fact: Fact) -> None:
    release = case.releases.get(fact.event.release)
    if release is not None and release.revoked is None:
        release.revoked = fact


def _disclosed(case: Case, fact: Fact) -> None:
    case.disclosures.append(fact)


def _held(case: Case, fact: Fact) -> None:
    case.holds.append(fact)


def _keys_destroyed(case: Case, fact: Fact) -> None:
    case.keys_destroyed.append(fact)


_FOLDS: dict[type[Any], Callable[[Case, Fact], None]] = {
    clients.ClientRegistered: _registered,
    clients.ClientDetailsChanged: _nothing,
    clients.ClientRelocated: _moved,
    clients.OutsideCareNoted: _cared_for,
    clients.ClientsCompared: _compared,
    clients.HoldPlaced: _held,
    clients.HoldReleased: _held,
    clients.KeysDestroyed: _keys_destroyed,
    intakes.IntakeCompleted: _intake,
    referrals.ReferralMade: _referral,
    referrals.ReferralReceived: _referral,
    referrals.ReferralAnswered: _answered,
    referrals.ReferralConcluded: _concluded,
    agreements.AgreementIssued: _issued,
    agreements.AgreementSigned: _signed,
    agreements.AgreementDeclined: _declined,
    agreements.AgreementRevoked: _revoked,
    engagements.EngagementOpened: _opened,
    engagements.EngagementRenewed: _renewed,
    engagements.EngagementPaused: _paused,
    engagements.EngagementResumed: _resumed,
    engagements.EngagementClosed: _closed,
    engagements.SessionHeld: _session,
    engagements.RecordFiled: _record,
    engagements.ReassessmentHeld: _reassessed,
    concerns.ConcernRaised: _concern,
    concerns.ConcernResolved: _resolved,
    releases.ReleaseGranted: _released,
    releases.ReleaseRevoked: _release_revoked,
    releases.DisclosureMade: _disclosed,
}
