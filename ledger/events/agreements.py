"""Agreements issued, signed, declined, revoked."""

from ledger.events.base import (
    Agreement,
    Client,
    ClientEvent,
    IdentityLine,
    NewAgreement,
    Practitioner,
    Template,
)
from ledger.values import (
    AgreementEndReason,
    AgreementKind,
    Code,
    Day,
    Line,
    Payer,
    Sha256,
    Signer,
    SigningMethod,
    Text,
)


class AgreementIssued(ClientEvent):
    """The client was handed an agreement."""

    TOPIC = "AgreementIssued"

    client: Client
    """Whom it concerns."""
    agreement: NewAgreement
    """The agreement's id, unique per client."""
    kind: AgreementKind
    """What kind of agreement it is."""
    practitioner: Practitioner | None = None
    """With which practitioner; absent: practice-wide."""
    template: Template | None = None
    """The standard text it was made from: gives version, text, terms and payer."""
    version: Line | None = None
    """The text's version."""
    text_sha256: Sha256 | None = None
    """SHA-256 of the text issued."""
    terms: tuple[Code, ...] | None = None
    """Codes of the terms the text states."""
    payer: Payer | None = None
    """Who pays under it."""
    valid_until: Day | None = None
    """The last day it is valid."""


class AgreementSigned(ClientEvent):
    """Somebody signed an agreement."""

    TOPIC = "AgreementSigned"

    client: Client
    """Whom it concerns."""
    agreement: Agreement
    """Which agreement."""
    signer: Signer
    """In which capacity."""
    consent_basis: Text | None = None
    """The law or order by which a minor signs alone."""
    signer_name: IdentityLine
    """Who signed. Sealed: identity."""
    method: SigningMethod
    """How."""
    meaning: Text
    """What the signature says, for instance that the text was read and agreed to."""
    text_sha256: Sha256 | None = None
    """SHA-256 of the text signed; absent: the text that was issued."""
    signed_copy_sha256: Sha256 | None = None
    """SHA-256 of the signed copy."""


class AgreementDeclined(ClientEvent):
    """An agreement was declined."""

    TOPIC = "AgreementDeclined"

    client: Client
    """Whom it concerns."""
    agreement: Agreement
    """Which agreement."""
    reason: AgreementEndReason
    """Why."""


class AgreementRevoked(ClientEvent):
    """An agreement was revoked."""

    TOPIC = "AgreementRevoked"

    client: Client
    """Whom it concerns."""
    agreement: Agreement
    """Which agreement."""
    reason: AgreementEndReason
    """Why."""
