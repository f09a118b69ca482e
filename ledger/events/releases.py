"""Releases of information, and disclosures made."""

from ledger.events.base import (
    Client,
    ClientEvent,
    IdentityLine,
    NewDisclosure,
    NewRelease,
    Practitioner,
    Release,
)
from ledger.values import Day, DisclosureBasis, DisclosurePurpose, RecipientKind, RecordSet, Sha256


class ReleaseGranted(ClientEvent):
    """The client allowed a practitioner to tell somebody something."""

    TOPIC = "ReleaseGranted"

    client: Client
    """Whom it concerns."""
    release: NewRelease
    """The release's id, unique per client."""
    from_practitioner: Practitioner
    """Who may tell."""
    to_practitioner: Practitioner | None = None
    """Who may be told, if registered."""
    recipient_kind: RecipientKind
    """What the recipient is."""
    recipient: IdentityLine | None = None
    """Who the recipient is. Sealed: identity."""
    scope: tuple[RecordSet, ...]
    """Which record sets it covers."""
    purpose: DisclosurePurpose
    """What for."""
    valid_until: Day | None = None
    """The last day it is valid."""


class ReleaseRevoked(ClientEvent):
    """The client took a release back."""

    TOPIC = "ReleaseRevoked"

    client: Client
    """Whom it concerns."""
    release: Release
    """Which release."""


class DisclosureMade(ClientEvent):
    """A practitioner told somebody something of the client's records."""

    TOPIC = "DisclosureMade"

    client: Client
    """Whom it concerns."""
    disclosure: NewDisclosure
    """The disclosure's id, unique per client."""
    from_practitioner: Practitioner
    """Who told."""
    to_practitioner: Practitioner | None = None
    """Who was told, if registered."""
    recipient_kind: RecipientKind
    """What the recipient is."""
    recipient: IdentityLine | None = None
    """Who the recipient is. Sealed: identity."""
    scope: tuple[RecordSet, ...]
    """Which record sets were disclosed."""
    purpose: DisclosurePurpose
    """What for."""
    basis: DisclosureBasis
    """On what footing."""
    release: Release | None = None
    """Under which release."""
    content_sha256: Sha256 | None = None
    """SHA-256 of what was disclosed."""
