"""A visit at the front desk: several facts of one moment, recorded together, told in plain sentences."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ledger.case import KIND_NEEDED, Agreement, Engagement
from ledger.events.agreements import AgreementIssued, AgreementSigned
from ledger.events.base import Event
from ledger.events.clients import ClientRegistered
from ledger.events.engagements import EngagementClosed, EngagementOpened, RecordFiled, SessionHeld
from ledger.events.intakes import IntakeCompleted
from ledger.events.releases import DisclosureMade
from ledger.filling.agreements import usable_agreements
from ledger.filling.filling import Known, discreet
from ledger.history import Fact
from ledger.recording.names import Name
from ledger.values import AgreementKind, Service

AGE_OF_MAJORITY = 18
MEANING = "I have read this agreement and agree to it."


@dataclass(slots=True)
class Visit:
    """The facts of one visit, in order. Ids are given as they are added."""

    known: Known
    facts: list[tuple[type[Event], dict[str, Any]]] = field(default_factory=list)

    def add(self, event_type: type[Event], fields: Mapping[str, Any]) -> dict[str, Any]:
        """Adds a fact, its id filled in where it gives one; returns its fields."""
        whole = {name: value for name, value in fields.items() if value is not None}
        for name, facts in event_type.FACTS.items():
            if facts.assigns is None:
                continue
            if name not in whole and (free := self.known.next_id(facts)) is not None:
                whole[name] = free
            self.known.names.known.add(Name(self.known.stream, facts.assigns.thing, str(whole.get(name))))
        self.facts.append((event_type, whole))
        return whole

    def sentences(self, *, told: bool) -> list[str]:
        """What will be recorded, in plain words, a sentence a fact; sealed texts only where `told`."""
        return [
            _SENTENCES[event_type](fields if told else discreet(event_type, fields))
            for event_type, fields in self.facts
        ]


# -- what the flows ask of the record ---------------------------------------------------------------------


def templates_of(known: Known, kind: AgreementKind) -> list[Fact]:
    """The standard texts of a kind in force, the latest adopted first."""
    found = [known.practice.template(name, known.order) for name in known.practice.templates]
    fitting = [fact for fact in found if fact is not None and fact.event.kind is kind]
    return sorted(fitting, key=lambda fact: fact.order, reverse=True)


def agreement_at_hand(
    known: Known, service: Service, practitioner: str, since: Fact | None
) -> Agreement | None:
    """A signed, unused agreement that the service may open on; on a change of service, signed since its mark."""
    return _latest_since(usable_agreements(known, KIND_NEEDED[service], practitioner), since)


def acknowledgement_at_hand(known: Known, practitioner: str, since: Fact | None) -> Agreement | None:
    """A signed role-change acknowledgement covering the practitioner, signed since the mark."""
    return _latest_since(
        usable_agreements(known, AgreementKind.ROLE_CHANGE_ACKNOWLEDGEMENT, practitioner), since
    )


def _latest_since(found: list[Agreement], since: Fact | None) -> Agreement | None:
    fitting = [
        one for one in found if since is None or any(signed.at >= since.at for signed in one.consents())
    ]
    return max(fitting, key=lambda one: one.issued.order, default=None)


def intake_at_hand(known: Known, practitioner: str | None, since: Fact | None) -> Fact | None:
    """The latest intake that no engagement rests on, completed after `since`."""
    case = known.case
    if case is None:
        return None
    used = {start.event.intake for one in case.engagements.values() for start in one.starts()}
    fitting = [
        fact
        for fact in case.intakes
        if fact.event.intake not in used
        and (practitioner is None or fact.event.practitioner == practitioner)
        and (since is None or fact.order > since.order)
    ]
    return max(fitting, key=lambda fact: fact.order, default=None)


def end_of_role(previous: Engagement | None, known: Known) -> Fact | None:
    """What ended the previous role: its closing, or the pause it is in."""
    if previous is None:
        return None
    pause = previous.pause_at(known.order)
    return previous.closed or (pause[0] if pause is not None else None)


def recommendation(sought: str, indication: str, *, trauma: bool) -> str:
    """What an intake most likely recommends: therapy first where there is a clinical concern."""
    if indication in ("suspected", "active") or trauma:
        return "therapy"
    return "coaching" if sought in ("coaching", "both") else "therapy"


def comes_of_age(date_of_birth: str, today: str) -> str | None:
    """The eighteenth birthday, where it is still to come; None for an adult."""
    year, month, day = date_of_birth.split("-")
    birthday = f"{int(year) + AGE_OF_MAJORITY:04d}-{month}-{day}"
    if birthday.endswith("-02-29"):
        birthday = birthday.replace("-02-29", "-03-01")
    return birthday if birthday > today else None


# -- in plain words ---------------------------------------------------------------------------------------


def _yes(value: object) -> str:
    return "yes" if value else "no"


def _listed(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list | tuple) and value else "nothing"


def _issued(f: Mapping[str, Any]) -> str:
    text = f"from template {f['template']}" if "template" in f else "as an own text"
    return f"The {f['kind']} {f['agreement']} is handed out, {text}, with {f.get('practitioner', 'the practice')}."


_SENTENCES: dict[type[Event], Callable[[Mapping[str, Any]], str]] = {
    ClientRegistered: lambda f: (
        f"{f['name']}, born {f['date_of_birth']}, living in {f['jurisdiction']}, is registered as {f['client']}"
        + (f", a minor until {f['minor_until']}." if "minor_until" in f else ".")
    ),
    IntakeCompleted: lambda f: (
        f"Intake {f['intake']} with {f['practitioner']}: wants {f['service_sought']}; clinical indication "
        f"{f['clinical_indication']}; wants trauma work: {_yes(f['wants_trauma_work'])}; focused on goals: "
        f"{_yes(f['goal_focused'])}; roles explained: {_yes(f['roles_explained'])}; stable: "
        f"{f.get('stable', 'not said')}; recommended: {f['recommended']}."
    ),
    AgreementIssued: _issued,
    AgreementSigned: lambda f: (
        f"{f['signer_name']} signs {f['agreement']} as {f['signer']} ({f['method']}): {f['meaning']}"
    ),
    EngagementOpened: lambda f: (
        f"{str(f['service']).capitalize()} {f['engagement']} with {f['practitioner']} opens, on intake "
        f"{f.get('intake', 'none')} and agreement {f.get('agreement', 'none')}; about {_listed(f['focus'])}."
    ),
    EngagementClosed: lambda f: (
        f"{f['engagement']} is closed for good: {f['reason']}; goals met: {_yes(f['goals_met'])}; stable: "
        f"{f['stable']}; summary: {'on file' if 'summary_sha256' in f else 'to follow'}."
    ),
    SessionHeld: lambda f: (
        f"Session {f['session']} of {f['engagement']}: {f['modality']}, for {f['purpose']}"
        + (f", {f['minutes']} minutes." if "minutes" in f else ".")
    ),
    RecordFiled: lambda f: (
        f"The {f['kind']} of {f.get('session', f['engagement'])} is filed under {f['record_set']}; contains a "
        f"diagnosis: {_yes(f['contains_diagnosis'])}."
    ),
    DisclosureMade: lambda f: (
        f"{f['from_practitioner']} discloses {_listed(f['scope'])} to "
        f"{f.get('to_practitioner') or f.get('recipient') or f['recipient_kind']}, for {f['purpose']}, on the basis "
        f"of {f['basis']}{' ' + str(f['release']) if 'release' in f else ''}."
    ),
}
