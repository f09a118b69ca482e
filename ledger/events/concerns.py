"""Concerns raised and resolved."""

from ledger.events.base import Client, ClientEvent, Concern, Engagement, NewConcern, ServiceText
from ledger.values import ConcernBasis, Severity, Sha256


class ConcernRaised(ClientEvent):
    """A concern surfaced in an engagement."""

    TOPIC = "ConcernRaised"

    client: Client
    """Whom it concerns."""
    engagement: Engagement
    """In which engagement it surfaced."""
    concern: NewConcern
    """The concern's id, unique per client."""
    severity: Severity
    """How serious it is."""
    details: ServiceText
    """What it is about. Sealed: the engagement's service."""


class ConcernResolved(ClientEvent):
    """A concern is no longer one."""

    TOPIC = "ConcernResolved"

    client: Client
    """Whom it concerns."""
    concern: Concern
    """Which concern."""
    basis: ConcernBasis
    """On what it was resolved."""
    evidence_sha256: Sha256 | None = None
    """SHA-256 of the report."""
