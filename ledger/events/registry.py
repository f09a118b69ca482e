"""The one table of event types. Adding a fact means adding its class here."""

from ledger.errors import InputError
from ledger.events import (
    agreements,
    clients,
    concerns,
    corrections,
    engagements,
    intakes,
    ledger,
    practice,
    practitioners,
    referrals,
    releases,
)
from ledger.events.base import Event, StreamFamily

EVENT_TYPES: tuple[type[Event], ...] = (
    ledger.LedgerOpened,
    ledger.HistoryImported,
    ledger.EntryRefused,
    ledger.StreamIndexCommitted,
    ledger.LogRestored,
    ledger.SigningKeyChanged,
    practice.PolicyAdopted,
    practice.TemplateAdopted,
    practice.ActorRegistered,
    practitioners.PractitionerRegistered,
    practitioners.PractitionerChanged,
    practitioners.LicenceRecorded,
    practitioners.LicenceStatusChanged,
    practitioners.CredentialRecorded,
    practitioners.ConsultationHeld,
    clients.ClientRegistered,
    clients.ClientDetailsChanged,
    clients.ClientRelocated,
    clients.OutsideCareNoted,
    clients.ClientsCompared,
    intakes.IntakeCompleted,
    referrals.ReferralMade,
    referrals.ReferralReceived,
    referrals.ReferralAnswered,
    referrals.ReferralConcluded,
    agreements.AgreementIssued,
    agreements.AgreementSigned,
    agreements.AgreementDeclined,
    agreements.AgreementRevoked,
    engagements.EngagementOpened,
    engagements.EngagementRenewed,
    engagements.EngagementPaused,
    engagements.EngagementResumed,
    engagements.EngagementClosed,
    engagements.SessionHeld,
    engagements.RecordFiled,
    concerns.ConcernRaised,
    concerns.ConcernResolved,
    engagements.ReassessmentHeld,
    releases.ReleaseGranted,
    releases.ReleaseRevoked,
    releases.DisclosureMade,
    clients.HoldPlaced,
    clients.HoldReleased,
    clients.KeysDestroyed,
    corrections.EntryCorrected,
)

BY_TOPIC: dict[str, type[Event]] = {event_type.TOPIC: event_type for event_type in EVENT_TYPES}

RECORDABLE: tuple[type[Event], ...] = tuple(t for t in EVENT_TYPES if t.STREAM is not StreamFamily.LEDGER)
"""What people record and import; the rest the ledger writes itself."""


def recordable(name: str) -> type[Event]:
    """The event type people may record under `name`. InputError says what there is."""
    event_type = BY_TOPIC.get(name)
    if event_type is None:
        raise InputError(
            f"type: expected an event type (`engagement-ledger events list` shows them), came {name[:80]!r}"
        )
    if event_type.STREAM is StreamFamily.LEDGER:
        raise InputError(f"type: {name} is written by the ledger itself; it is neither recorded nor imported")
    return event_type
