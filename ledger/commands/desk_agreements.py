"""At the desk: agreements handed out and signed, and the engagement opened on them."""

from typing import Any

from ledger.case import KIND_NEEDED, Engagement
from ledger.commands.desk_counter import Counter
from ledger.commands.options import sha256_of
from ledger.events.agreements import AgreementIssued, AgreementSigned
from ledger.events.engagements import EngagementOpened
from ledger.filling.agreements import client_name
from ledger.filling.desk import MEANING, acknowledgement_at_hand, agreement_at_hand, end_of_role, templates_of
from ledger.values import AgreementKind, Service


def sign_and_open(
    counter: Counter, service: Service, practitioner: str, intake: str | None, changed: Engagement | None
) -> None:
    """Hands out and has signed what is not signed yet, then opens. `changed` is the role before, if it changes."""
    client, mark = counter.client, end_of_role(changed, counter.known)
    agreement = counter.given.get("agreement")
    at_hand = agreement_at_hand(counter.known, service, practitioner, mark)
    signing: dict[str, Any] = {}
    if changed is not None and acknowledgement_at_hand(counter.known, practitioner, mark) is None:
        fields = _issue(counter, client, practitioner, AgreementKind.ROLE_CHANGE_ACKNOWLEDGEMENT)
        signing = _sign(counter, client, fields["agreement"], signing)
    if agreement is None and at_hand is not None:
        agreement = at_hand.id
    if agreement is None:
        fields = _issue(counter, client, practitioner, KIND_NEEDED[service])
        agreement = fields["agreement"]
        _sign(counter, client, agreement, signing)
    opening = counter.answers(EngagementOpened) | {
        "client": client,
        "practitioner": practitioner,
        "service": service.value,
        "intake": intake,
        "agreement": agreement,
        "focus": counter.field(
            EngagementOpened,
            "focus",
            "goals" if service is Service.COACHING else None,
            text="What it is about, one or several",
        ),
    }
    counter.visit.add(EngagementOpened, opening)


def _issue(counter: Counter, client: str, practitioner: str, kind: AgreementKind) -> dict[str, Any]:
    """Hands out an agreement: from a template of its kind, or a text of its own."""
    acknowledging = kind is AgreementKind.ROLE_CHANGE_ACKNOWLEDGEMENT
    own = {} if acknowledging else counter.answers(AgreementIssued)
    own = {
        name: own[name] for name in ("template", "text_sha256", "terms", "payer", "version") if name in own
    }
    if acknowledging:
        if counter.given.get("acknowledgement_template"):
            own["template"] = counter.given["acknowledgement_template"]
        if counter.given.get("acknowledgement_file"):
            own["text_sha256"] = sha256_of(counter.given["acknowledgement_file"])
    if "template" not in own and "text_sha256" not in own:
        found = {
            fact.event.template: f"version {fact.event.version}" for fact in templates_of(counter.known, kind)
        }
        if found:
            option = "--acknowledgement-template" if acknowledging else "--template"
            own["template"] = counter.one_of(option, f"Which {kind}", found, next(iter(found)))
        else:
            own |= _own_text(counter, kind, acknowledging=acknowledging)
    fields = {"client": client, "kind": kind.value, "practitioner": practitioner, **own}
    if not acknowledging and counter.given.get("valid_until"):
        fields["valid_until"] = counter.given["valid_until"]
    return counter.visit.add(AgreementIssued, fields)


def _own_text(counter: Counter, kind: AgreementKind, *, acknowledging: bool) -> dict[str, Any]:
    """Without a template of the kind: the file with the text, and what it states."""
    text = f"There is no template of a {kind}. The file with its text"
    own = {"text_sha256": counter.field(AgreementIssued, "text_sha256", text=text, required=False)}
    if not acknowledging:
        own["terms"] = counter.field(
            AgreementIssued, "terms", text="The terms it states (codes)", required=False
        )
        own["payer"] = counter.field(AgreementIssued, "payer", text="Who pays", required=False)
    return own


def _sign(counter: Counter, client: str, agreement: str, before: dict[str, Any]) -> dict[str, Any]:
    """The signature; a second one in the same visit is given by the same person in the same way."""
    known, ask = counter.known, counter.field
    minor = known.case is not None and known.case.minor_on(known.day)
    signer = before.get("signer") or ask(
        AgreementSigned, "signer", "guardian" if minor else "client", text="Who signs"
    )
    name = client_name(known) if signer == "client" else None
    fields = {
        "client": client,
        "agreement": agreement,
        "signer": signer,
        "signer_name": before.get("signer_name")
        or ask(AgreementSigned, "signer_name", name, text="Name of who signs (sealed)"),
        "method": before.get("method") or ask(AgreementSigned, "method", "wet-ink", text="How it is signed"),
        "meaning": before.get("meaning")
        or ask(AgreementSigned, "meaning", MEANING, text="What the signature says"),
    }
    also = counter.answers(AgreementSigned)
    if also.get("consent_basis"):
        fields["consent_basis"] = also["consent_basis"]
    if not before and also.get("signed_copy_sha256"):
        fields["signed_copy_sha256"] = also["signed_copy_sha256"]
    return counter.visit.add(AgreementSigned, fields)
