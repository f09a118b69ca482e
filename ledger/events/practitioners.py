"""What is known of practitioners: services, licences, credentials, consultations."""

from ledger.events.base import (
    Client,
    Licence,
    NewLicence,
    NewPractitioner,
    PracticeText,
    Practitioner,
    PractitionerEvent,
)
from ledger.values import ConsultationKind, Day, Jurisdiction, LicenceBasis, LicenceStatus, Line, Service


class PractitionerRegistered(PractitionerEvent):
    """A practitioner of the practice, or a professional of its referral network."""

    TOPIC = "PractitionerRegistered"

    practitioner: NewPractitioner
    """The practitioner's id."""
    name: Line
    """The practitioner's name."""
    services: tuple[Service, ...]
    """The services the practitioner offers."""
    internal: bool
    """True for the practice's own, false for a professional of the referral network."""
    organisation: Line | None = None
    """The organisation the practitioner works for."""


class PractitionerChanged(PractitionerEvent):
    """Something about a practitioner is different from here on."""

    TOPIC = "PractitionerChanged"

    practitioner: Practitioner
    """Whom it concerns."""
    name: Line | None = None
    """The new name."""
    services: tuple[Service, ...] | None = None
    """The services offered from here on."""
    internal: bool | None = None
    """Whether the practitioner is the practice's own from here on."""
    left: Day | None = None
    """The last day with the practice."""


class LicenceRecorded(PractitionerEvent):
    """A licence, privilege, permit, associate registration or exemption; a renewal is a new one."""

    TOPIC = "LicenceRecorded"

    practitioner: Practitioner
    """Who holds it."""
    licence: NewLicence
    """The licence's id, unique per practitioner; a renewal may keep it."""
    jurisdictions: tuple[Jurisdiction, ...]
    """Where it allows practice (ISO 3166-2)."""
    profession: Line
    """The profession it is for."""
    number: Line
    """The number under which it was issued."""
    basis: LicenceBasis
    """On what footing it allows practice."""
    supervisor: Practitioner | None = None
    """Who supervises an associate."""
    valid_from: Day
    """The first day it is valid."""
    valid_until: Day | None = None
    """The last day it is valid."""
    verified_on: Day | None = None
    """When the practice verified it with the issuer."""


class LicenceStatusChanged(PractitionerEvent):
    """The issuer suspended, revoked, restored... a licence."""

    TOPIC = "LicenceStatusChanged"

    practitioner: Practitioner
    """Who holds it."""
    licence: Licence
    """Which licence."""
    status: LicenceStatus
    """What it is from the effective day on."""
    effective: Day
    """The first day of the new status."""
    reason: PracticeText | None = None
    """Why. Sealed: practice."""


class CredentialRecorded(PractitionerEvent):
    """A credential that is no licence, for instance of a coaching body."""

    TOPIC = "CredentialRecorded"

    practitioner: Practitioner
    """Who holds it."""
    credential: Line
    """What it is called."""
    issuer: Line
    """Who issued it."""
    valid_from: Day
    """The first day it is valid."""
    valid_until: Day | None = None
    """The last day it is valid."""


class ConsultationHeld(PractitionerEvent):
    """A practitioner took supervision, mentorship, peer or legal advice."""

    TOPIC = "ConsultationHeld"

    practitioner: Practitioner
    """Who took it."""
    kind: ConsultationKind
    """With whom."""
    client: Client | None = None
    """Which client it was about."""
    summary: PracticeText | None = None
    """What was said. Sealed: practice."""
