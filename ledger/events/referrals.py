"""Referrals made, received, answered, concluded."""

from ledger.events.base import (
    Client,
    ClientEvent,
    Engagement,
    NewReferral,
    Practitioner,
    Referral,
    ServiceText,
)
from ledger.values import (
    ClientAnswer,
    Domain,
    ReferralAnswer,
    ReferralOutcome,
    ReferralReason,
    Service,
    Sha256,
    Stable,
)


class ReferralMade(ClientEvent):
    """A practitioner referred the client to another."""

    TOPIC = "ReferralMade"

    client: Client
    """Whom it concerns."""
    referral: NewReferral
    """The referral's id, unique per client."""
    from_practitioner: Practitioner
    """Who refers."""
    to_practitioner: Practitioner
    """To whom."""
    service: Service
    """For which service."""
    engagement: Engagement | None = None
    """Out of which engagement."""
    reason: ReferralReason
    """Why."""
    client_answer: ClientAnswer
    """What the client said to it."""
    details: ServiceText
    """More about it. Sealed: the engagement's service, else the referral's."""

    def own_domain(self) -> Domain:
        """Without an engagement the service referred for decides."""
        return Domain(self.service.value)


class ReferralReceived(ClientEvent):
    """The client was referred to a practitioner of the practice."""

    TOPIC = "ReferralReceived"

    client: Client
    """Whom it concerns."""
    referral: NewReferral
    """The referral's id, unique per client."""
    to_practitioner: Practitioner
    """To whom."""
    from_practitioner: Practitioner | None = None
    """Who refers, if registered."""
    service: Service
    """For which service."""
    reason: ReferralReason
    """Why."""
    details: ServiceText
    """More about it. Sealed: the referral's service."""

    def own_domain(self) -> Domain:
        """The service referred for decides."""
        return Domain(self.service.value)


class ReferralAnswered(ClientEvent):
    """The practitioner referred to answered."""

    TOPIC = "ReferralAnswered"

    client: Client
    """Whom it concerns."""
    referral: Referral
    """Which referral."""
    answer: ReferralAnswer
    """What the answer was."""


class ReferralConcluded(ClientEvent):
    """The work that a referral led to ended."""

    TOPIC = "ReferralConcluded"

    client: Client
    """Whom it concerns."""
    referral: Referral
    """Which referral."""
    outcome: ReferralOutcome
    """How it ended."""
    stable: Stable
    """Whether the client was found stable."""
    evidence_sha256: Sha256 | None = None
    """SHA-256 of the report."""
