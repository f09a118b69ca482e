"""What is recorded of one practitioner at a moment: services, licences as they stand that day, credentials."""

from typing import Any

from ledger.application import Ledger
from ledger.errors import InputError
from ledger.events.practitioners import (
    ConsultationHeld,
    CredentialRecorded,
    PractitionerChanged,
    PractitionerRegistered,
)
from ledger.history import Fact
from ledger.perspective import Moment
from ledger.practice import PractitionerFile
from projections.findings import entry_ref
from projections.states import END


def practitioner_state(ledger: Ledger, practitioner: str, when: Moment) -> dict[str, Any]:
    """A practitioner's state as JSON values. InputError if nothing is recorded of this practitioner then."""
    perspective = ledger.at(when)
    file = perspective.practice.practitioners.get(practitioner)
    if file is None:
        raise InputError(
            f"practitioner {practitioner}: nothing is recorded of this practitioner at that moment"
        )
    day = perspective.calendar.day_of(when.as_of)
    own = [
        fact for fact in perspective.practice.entries if fact.entry.stream == f"practitioner/{practitioner}"
    ]
    return {
        "practitioner": practitioner,
        "as_of": when.as_of,
        "known_at": when.known_at,
        "entries": len(own),
        "name": file.name(),
        "services": sorted(service.value for service in file.services(END)),
        "internal": file.internal(END),
        "organisation": _latest(own, "organisation"),
        "left": _latest(own, "left"),
        "licences": [_licence(licence, file, day) for licence in file.licences],
        "credentials": [
            {
                "credential": fact.event.credential,
                "issuer": fact.event.issuer,
                "valid_from": fact.event.valid_from,
                "valid_until": fact.event.valid_until,
                "entry": entry_ref(fact),
            }
            for fact in own
            if isinstance(fact.event, CredentialRecorded)
        ],
        "consultations": sum(1 for fact in own if isinstance(fact.event, ConsultationHeld)),
    }


def _latest(own: list[Fact], name: str) -> str | None:
    found: list[str] = [
        value
        for fact in own
        if isinstance(fact.event, PractitionerRegistered | PractitionerChanged)
        and (value := getattr(fact.event, name, None)) is not None
    ]
    return found[-1] if found else None


def _licence(licence: Fact, file: PractitionerFile, day: str) -> dict[str, Any]:
    event = licence.event
    return {
        "licence": event.licence,
        "covers": any(file.cover(place, day) is licence for place in event.jurisdictions),
        "status": _status(licence, file, day),
        "basis": event.basis.value,
        "profession": event.profession,
        "number": event.number,
        "jurisdictions": list(event.jurisdictions),
        "supervisor": event.supervisor,
        "valid_from": event.valid_from,
        "valid_until": event.valid_until,
        "verified_on": event.verified_on,
        "entry": entry_ref(licence),
    }


def _status(licence: Fact, file: PractitionerFile, day: str) -> str:
    """In a word: what the dates say, and the latest status effective by then."""
    event = licence.event
    changes = [
        fact for fact in file.statuses if fact.event.licence == event.licence and fact.event.effective <= day
    ]
    last = max(changes, key=lambda fact: (fact.event.effective, fact.order), default=None)
    if day < event.valid_from:
        return "not yet valid"
    if event.valid_until is not None and event.valid_until < day:
        return "past its last day"
    return last.event.status.value if last is not None else "valid"
