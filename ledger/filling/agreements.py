"""Filling in intakes, agreements and signatures: the latest that no engagement uses yet."""

from collections.abc import Mapping, Sequence
from typing import Any

from ledger.case import KIND_NEEDED, Agreement, Engagement
from ledger.events import clients
from ledger.filling.filling import Found, Known, Nothing, only
from ledger.history import Fact
from ledger.values import AgreementKind, Service, Signer

Given = Mapping[str, Any]


def latest(facts: Sequence[Fact]) -> Fact | None:
    """The latest of some facts in effective order."""
    return max(facts, key=lambda fact: fact.order, default=None)


def unused_intakes(known: Known, given: Given) -> list[Fact]:
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


def latest_intake(known: Known, given: Given) -> Found | Nothing | None:
    """The intake that an opening rests on."""
    found = latest(unused_intakes(known, given))
    return Found(found.event.intake, "the latest unused intake") if found is not None else None


def intake_since_pause(known: Known, given: Given) -> Found | None:
    """The intake that a resumption rests on."""
    paused = _paused_since(known, given)
    if paused is None:
        return None
    one, pause = paused
    found = latest(
        [
            fact
            for fact in unused_intakes(known, {"practitioner": one.practitioner})
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


def agreement_of_opening(known: Known, given: Given) -> Found | None:
    """The agreement that an opening is on."""
    service = given.get("service")
    if service not in (Service.THERAPY, Service.COACHING):
        return None
    kind = KIND_NEEDED[Service(service)]
    found = usable_agreements(known, kind, given.get("practitioner"))
    return _latest_agreement(found, f"the latest unused {kind} in force")


def agreement_of_renewal(known: Known, given: Given) -> Found | Nothing | None:
    """The agreement that takes over."""
    case = known.case
    one = case.engagements.get(given.get("engagement") or "") if case is not None else None
    if one is None:
        return None
    kind = KIND_NEEDED[one.service]
    found = usable_agreements(known, kind, one.practitioner)
    return _latest_agreement(found, f"the latest unused {kind} in force") or Nothing(
        f"no unused {kind} is in force"
    )


def agreement_since_pause(known: Known, given: Given) -> Found | None:
    """The agreement that a resumption goes on under."""
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


def agreement_to_sign(known: Known, given: Given) -> Found | Nothing:
    """The agreement that waits for this signature."""
    found = _pending_agreements(known, given.get("signer"))
    return _latest_agreement(found, "the latest issued agreement without this signature") or Nothing(
        "no issued agreement waits for a signature"
    )


def agreement_to_decline(known: Known, _given: Given) -> Found | Nothing:
    """The agreement that waits for an answer."""
    found = _pending_agreements(known, None)
    return _latest_agreement(found, "the latest issued agreement without a signature") or Nothing(
        "no issued agreement waits for an answer"
    )


def agreement_to_revoke(known: Known, _given: Given) -> Found | Nothing:
    """The only agreement that stands."""
    case = known.case
    standing = [
        (one.id, str(one.kind))
        for one in (case.agreements.values() if case is not None else ())
        if one.declined is None and one.revoked is None
    ]
    return only("agreement", standing, "the only agreement that stands", "no agreement stands")


def service_of_opening(known: Known, given: Given) -> Found | None:
    """The service that the agreement named is for."""
    agreement = known.case.agreements.get(given.get("agreement") or "") if known.case is not None else None
    if agreement is not None:
        for service, kind in KIND_NEEDED.items():
            if agreement.kind is kind:
                return Found(service.value, f"what agreement {agreement.id} is for")
    return None


def kind_of_agreement(known: Known, given: Given) -> Found | None:
    """The kind of the template named."""
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


def signer_name_of(known: Known, given: Given) -> Found | None:
    """The client's name, where the client signs."""
    if given.get("signer") != Signer.CLIENT:
        return None
    name = client_name(known)
    return Found(name, "the client's name") if name is not None else None
