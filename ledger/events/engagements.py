"""Engagements from opening to closing, and what happens in them: sessions, records, reassessments."""

from ledger.events.base import (
    Agreement,
    Client,
    ClientEvent,
    Engagement,
    Intake,
    NewEngagement,
    NewSession,
    Practitioner,
    ServiceText,
    Session,
)
from ledger.values import (
    CloseReason,
    Focus,
    Id,
    Jurisdiction,
    Minutes,
    Modality,
    PauseReason,
    ReassessmentOutcome,
    RecordKind,
    RecordSet,
    ResumeReason,
    Service,
    SessionPurpose,
    Sha256,
    Stable,
)


class EngagementOpened(ClientEvent):
    """A practitioner opened an engagement of one service with the client."""

    TOPIC = "EngagementOpened"

    client: Client
    """Whom it concerns."""
    engagement: NewEngagement
    """The engagement's id, unique per client."""
    practitioner: Practitioner
    """With whom."""
    service: Service
    """Which service."""
    intake: Intake | None = None
    """The intake it rests on."""
    agreement: Agreement | None = None
    """The agreement it opens on."""
    jurisdiction: Jurisdiction | None = None
    """Where the service is received; absent: where the client lives."""
    unit: Id | None = None
    """Ties the engagements of a couple or family together."""
    focus: tuple[Focus, ...]
    """What it is about."""


class EngagementRenewed(ClientEvent):
    """A new agreement takes over in an engagement."""

    TOPIC = "EngagementRenewed"

    client: Client
    """Whom it concerns."""
    engagement: Engagement
    """Which engagement."""
    agreement: Agreement
    """The agreement that takes over."""


class EngagementPaused(ClientEvent):
    """An engagement rests; it stays open."""

    TOPIC = "EngagementPaused"

    client: Client
    """Whom it concerns."""
    engagement: Engagement
    """Which engagement."""
    reason: PauseReason
    """Why."""


class EngagementResumed(ClientEvent):
    """A paused engagement goes on."""

    TOPIC = "EngagementResumed"

    client: Client
    """Whom it concerns."""
    engagement: Engagement
    """Which engagement."""
    reason: ResumeReason
    """Why."""
    intake: Intake | None = None
    """A new intake it rests on."""
    agreement: Agreement | None = None
    """A new agreement it goes on under."""


class EngagementClosed(ClientEvent):
    """An engagement ended. It never reopens: a new one is opened."""

    TOPIC = "EngagementClosed"

    client: Client
    """Whom it concerns."""
    engagement: Engagement
    """Which engagement."""
    reason: CloseReason
    """Why."""
    goals_met: bool
    """Whether its goals were met."""
    stable: Stable
    """Whether the client was found stable."""
    summary_sha256: Sha256 | None = None
    """SHA-256 of the discharge or closing summary."""
    narrative: ServiceText | None = None
    """More about it. Sealed: the engagement's service."""


class SessionHeld(ClientEvent):
    """A session took place; `occurred_at` is its start."""

    TOPIC = "SessionHeld"

    client: Client
    """Whom it concerns."""
    engagement: Engagement
    """In which engagement."""
    session: NewSession
    """The session's id, unique per client."""
    jurisdiction: Jurisdiction | None = None
    """Where the client was; absent: the engagement's place."""
    modality: Modality
    """How it was held."""
    purpose: SessionPurpose
    """What it was for."""
    minutes: Minutes | None = None
    """How long it took, in minutes."""


class RecordFiled(ClientEvent):
    """A document was filed; the ledger holds its hash, never the document."""

    TOPIC = "RecordFiled"

    client: Client
    """Whom it concerns."""
    engagement: Engagement
    """In which engagement."""
    session: Session | None = None
    """About which session."""
    record_set: RecordSet
    """In which file it is kept."""
    kind: RecordKind
    """What it is."""
    document_sha256: Sha256
    """SHA-256 of the document."""
    contains_diagnosis: bool
    """Whether it contains a diagnosis."""
    title: ServiceText | None = None
    """Its title. Sealed: the engagement's service."""


class ReassessmentHeld(ClientEvent):
    """Practitioner and client looked again at whether this is the right service."""

    TOPIC = "ReassessmentHeld"

    client: Client
    """Whom it concerns."""
    engagement: Engagement
    """Which engagement."""
    outcome: ReassessmentOutcome
    """What it led to."""
    rationale: ServiceText
    """Why. Sealed: the engagement's service."""
