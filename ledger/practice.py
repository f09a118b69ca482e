"""The practice folded from its own streams: practitioners, licences, templates, actors, policy decisions.

Rules ask it what held at a moment (in effective order) or on a day (validity days, RULES.md "Cover").
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ledger.events.ledger import LedgerOpened
from ledger.events.practice import ActorRegistered, PolicyAdopted, TemplateAdopted
from ledger.events.practitioners import (
    LicenceRecorded,
    LicenceStatusChanged,
    PractitionerChanged,
    PractitionerRegistered,
)
from ledger.history import Fact, Order, first_on_record
from ledger.values import Calendar, LicenceStatus, Service

NO_SERVICES: frozenset[Service] = frozenset()
_LASTING = (LicenceStatus.SUSPENDED, LicenceStatus.REVOKED, LicenceStatus.SURRENDERED)


@dataclass(slots=True)
class PractitionerFile:
    """What is recorded of one practitioner, each list in effective order."""

    practitioner: str
    particulars: list[Fact] = field(default_factory=list)
    licences: list[Fact] = field(default_factory=list)
    statuses: list[Fact] = field(default_factory=list)
    _covers: dict[tuple[str, str], Fact | None] = field(default_factory=dict)

    def services(self, order: Order) -> frozenset[Service]:
        """The services offered at a moment; none before registration."""
        services = NO_SERVICES
        for fact in self.particulars:
            if fact.order > order:
                break
            if fact.event.services is not None:
                services = frozenset(fact.event.services)
        return services

    def internal(self, order: Order) -> bool:
        """Whether the practitioner is the practice's own at a moment."""
        internal = False
        for fact in self.particulars:
            if fact.order > order:
                break
            if fact.event.internal is not None:
                internal = fact.event.internal
        return internal

    def name(self) -> str:
        """The latest name recorded, or the id."""
        names = [fact.event.name for fact in self.particulars if fact.event.name is not None]
        return names[-1] if names else self.practitioner

    def cover(self, place: str, day: str) -> Fact | None:
        """The licence that covers a place on a day, or None. `place` may be "" for anywhere."""
        key = (place, day)
        if key not in self._covers:
            self._covers[key] = first_on_record(self.covering(place, day))
        return self._covers[key]

    def covering(self, place: str, day: str) -> list[Fact]:
        """The licences that cover a place on a day, in effective order."""
        return [
            licence
            for licence in self.licences
            if licence.event.valid_from <= day
            and (licence.event.valid_until is None or day <= licence.event.valid_until)
            and (not place or place in licence.event.jurisdictions)
            and self._stands(licence, day)
        ]

    def _stands(self, licence: Fact, day: str) -> bool:
        """No suspension, revocation, surrender or expiry is effective on the day."""
        changes = [
            status
            for status in self.statuses
            if status.event.licence == licence.event.licence and status.event.effective <= day
        ]
        if not changes:
            return True
        last = max(changes, key=lambda status: (status.event.effective, status.order))
        if last.event.status in _LASTING:
            return False
        if last.event.status is LicenceStatus.EXPIRED:
            renewed = licence.order > last.order or licence.event.valid_from > last.event.effective
            held = any(
                status.event.status in _LASTING for status in changes if not self._cured(status, changes)
            )
            return renewed and not held
        return True

    @staticmethod
    def _cured(status: Fact, changes: list[Fact]) -> bool:
        """Only a later `active` cures a suspension, revocation or surrender."""
        key = (status.event.effective, status.order)
        return any(
            other.event.status is LicenceStatus.ACTIVE and (other.event.effective, other.order) > key
            for other in changes
        )

    def boundaries(self) -> list[str]:
        """The days on which cover may change: first days, days after last days, effective days of a status."""
        days = {licence.event.valid_from for licence in self.licences}
        days |= {status.event.effective for status in self.statuses}
        return sorted(days)


@dataclass(slots=True)
class Practice:
    """The practice as known and as of a moment."""

    calendar: Calendar
    name: str = ""
    origin: str = ""
    go_live: str = ""
    practitioners: dict[str, PractitionerFile] = field(default_factory=dict)
    templates: dict[str, list[Fact]] = field(default_factory=dict)
    actors: dict[str, list[Fact]] = field(default_factory=dict)
    policies: list[Fact] = field(default_factory=list)
    entries: list[Fact] = field(default_factory=list)

    def practitioner(self, practitioner: str) -> PractitionerFile:
        """The practitioner's file, empty where nothing is recorded."""
        return self.practitioners.get(practitioner) or PractitionerFile(practitioner)

    def template(self, template: str, order: Order) -> Fact | None:
        """The version of a standard text in force at a moment."""
        found = None
        for fact in self.templates.get(template, ()):
            if fact.order > order:
                break
            found = fact
        return found

    def may_authorise(self, actor: str, order: Order) -> bool:
        """Whether an actor was registered, before a moment, as one who may authorise overrides."""
        allowed = False
        for fact in self.actors.get(actor, ()):
            if fact.order >= order:
                break
            allowed = fact.event.may_authorise
        return allowed


def fold(facts: Iterable[Fact], calendar: Calendar) -> Practice:
    """The practice from the facts of the ledger, practice and practitioner streams, in any order."""
    practice = Practice(calendar)
    for fact in sorted(facts, key=lambda fact: fact.order):
        practice.entries.append(fact)
        event = fact.event
        match event:
            case PractitionerRegistered() | PractitionerChanged():
                _file(practice, event.practitioner).particulars.append(fact)
            case LicenceRecorded():
                _file(practice, event.practitioner).licences.append(fact)
            case LicenceStatusChanged():
                _file(practice, event.practitioner).statuses.append(fact)
            case TemplateAdopted():
                practice.templates.setdefault(event.template, []).append(fact)
            case ActorRegistered():
                practice.actors.setdefault(event.actor, []).append(fact)
            case PolicyAdopted():
                practice.policies.append(fact)
            case LedgerOpened():
                practice.name, practice.origin = event.practice, event.origin
                practice.go_live = event.go_live
            case _:
                pass
    return practice


def _file(practice: Practice, practitioner: str) -> PractitionerFile:
    return practice.practitioners.setdefault(practitioner, PractitionerFile(practitioner))
