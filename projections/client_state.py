"""How one client's case stands at a moment: engagements, agreements, what is open, holds, place."""

from typing import Any

from ledger.application import Ledger
from ledger.case import Agreement, Case, Engagement
from ledger.events.clients import ClientDetailsChanged, HoldPlaced
from ledger.perspective import CLIENTS, Judged, Moment, Perspective
from projections.context import Context, context_of
from projections.findings import entry_ref, obligation_document, obligation_order
from projections.states import (
    END,
    agreement_state,
    concern_state,
    engagement_state,
    referral_state,
    release_state,
)
from projections.texts import Texts


def client_state(ledger: Ledger, client: str, when: Moment, *, reveal: bool = False) -> dict[str, Any]:
    """A client's state as JSON values. InputError if nothing is recorded of this client then.

    Sealed texts read `sealed: DOMAIN` unless revealed to a role that may read them.
    """
    perspective = ledger.at(when)
    judged = perspective.judged(client)
    case = judged.judgement.case or Case(client, perspective.practice)
    texts = Texts(ledger, CLIENTS + client, reveal=reveal)
    context = context_of(judged.history)
    day = perspective.calendar.day_of(when.as_of)
    place = case.place_of_client(END)
    return {
        "client": client,
        "as_of": when.as_of,
        "known_at": when.known_at,
        "entries": len(case.facts),
        **_particulars(case, texts, context),
        "jurisdiction": place[0] if place is not None else None,
        "jurisdiction_entry": entry_ref(place[1]) if place is not None else None,
        "minor_until": case.registered.event.minor_until if case.registered is not None else None,
        "minor": case.minor_on(day),
        "verdict": judged.judgement.verdict,
        "verdict_as_recorded": judged.verdict_as_recorded,
        "findings": len(judged.judgement.findings),
        "engagements": [_engagement(one, case, perspective) for one in case.engagements.values()],
        "agreements": [_agreement(one, day) for one in case.agreements.values()],
        "referrals": [
            {
                "referral": one.id,
                "state": referral_state(one, END),
                "service": one.service.value,
                "from_practitioner": one.made.event.from_practitioner,
                "to_practitioner": one.to_practitioner,
                "reason": one.made.event.reason.value,
                "made_at": one.made.occurred_at,
                "entry": entry_ref(one.made),
            }
            for one in case.referrals.values()
        ],
        "concerns": [
            {
                "concern": one.id,
                "state": concern_state(one, END),
                "severity": one.raised.event.severity.value,
                "engagement": one.engagement,
                "raised_at": one.raised.occurred_at,
                "entry": entry_ref(one.raised),
            }
            for one in case.concerns.values()
        ],
        "releases": [
            {
                "release": one.id,
                "state": release_state(one, END, day),
                "from_practitioner": one.granted.event.from_practitioner,
                "to": one.granted.event.to_practitioner or one.granted.event.recipient_kind.value,
                "scope": [scope.value for scope in one.granted.event.scope],
                "valid_until": one.granted.event.valid_until,
                "entry": entry_ref(one.granted),
            }
            for one in case.releases.values()
        ],
        "outside_care": [
            {
                "service": fact.event.service.value,
                "since": fact.event.since,
                "until": fact.event.until,
                "practitioner": fact.event.practitioner,
                "entry": entry_ref(fact),
            }
            for fact in case.outside_care
        ],
        "comparisons": [
            {
                "other": fact.event.other,
                "found": fact.event.found.value,
                "basis": fact.event.basis.value,
                "at": fact.occurred_at,
                "entry": entry_ref(fact),
            }
            for _, fact in sorted(case.comparisons.items())
        ],
        "obligations": _standing_obligations(judged),
        "holds": _holds(case),
        "keys_destroyed": [entry_ref(fact) for fact in case.keys_destroyed],
    }


def _particulars(case: Case, texts: Texts, context: Context) -> dict[str, Any]:
    """Name, date of birth and contact as last recorded; all sealed."""
    said: dict[str, Any] = {"registered_at": None, "name": None, "date_of_birth": None, "contact": None}
    if case.registered is not None:
        said |= {"registered_at": case.registered.occurred_at}
        said |= texts.fields(case.registered.event, context)
    for fact in case.facts:
        if isinstance(fact.event, ClientDetailsChanged):
            said |= texts.fields(fact.event, context)
    return said


def _engagement(one: Engagement, case: Case, perspective: Perspective) -> dict[str, Any]:
    state = engagement_state(one, END)
    place = case.place_of(one, END)
    opened = one.opened.event
    agreement = next((fact.event.agreement for fact in reversed(one.renewals)), opened.agreement)
    since = one.closed if state == "closed" else one.pauses[-1][0] if state == "paused" else None
    held = [fact for fact in case.sessions if fact.event.engagement == one.id]
    return {
        "engagement": one.id,
        "state": state,
        "service": one.service.value,
        "practitioner": one.practitioner,
        "practitioner_name": perspective.practice.practitioner(one.practitioner).name(),
        "opened_at": one.opened.occurred_at,
        "state_since": since.occurred_at if since is not None else None,
        "state_reason": since.event.reason.value if since is not None else None,
        "place": place[0] if place is not None else None,
        "intake": opened.intake,
        "agreement": agreement,
        "unit": opened.unit,
        "focus": [focus.value for focus in opened.focus],
        "sessions": len(held),
        "last_session_at": held[-1].occurred_at if held else None,
        "entry": entry_ref(one.opened),
    }


def _agreement(one: Agreement, day: str) -> dict[str, Any]:
    signed = next(one.consents(), None)
    return {
        "agreement": one.id,
        "state": agreement_state(one, END, day),
        "kind": one.kind.value,
        "practitioner": one.practitioner,
        "issued_at": one.issued.occurred_at,
        "signed_at": signed.occurred_at if signed is not None else None,
        "signers": [fact.event.signer.value for fact in one.signatures],
        "payer": one.payer.value if one.payer is not None else None,
        "valid_until": one.valid_until,
        "entry": entry_ref(one.issued),
    }


def _standing_obligations(judged: Judged) -> list[dict[str, Any]]:
    """What is open or overdue, soonest first."""
    found = [one for one in judged.judgement.obligations if one.status in ("open", "overdue")]
    return sorted(map(obligation_document, found), key=obligation_order)


def _holds(case: Case) -> dict[str, Any]:
    """Holds by number: which matter one is about is sealed."""
    placed = [fact for fact in case.holds if isinstance(fact.event, HoldPlaced)]
    standing = case.holds_in_force
    return {
        "in_force": standing > 0,
        "standing": standing,
        "placed": len(placed),
        "released": len(case.holds) - len(placed),
        "entries": [entry_ref(fact) for fact in case.holds],
    }
