"""A client's own particulars: registration, changes, moves, care received elsewhere, comparisons, holds, erasure."""

from typing import Annotated, Self

from pydantic import model_validator

from ledger.events.base import (
    Client,
    ClientEvent,
    IdentityDay,
    IdentityLine,
    IdentityText,
    NewClient,
    PracticeText,
    Practitioner,
)
from ledger.values import (
    Compared,
    ComparisonBasis,
    Day,
    DestructionGround,
    Id,
    Jurisdiction,
    RefersTo,
    Service,
    ToldBy,
)


class ClientRegistered(ClientEvent):
    """A client's file begins."""

    TOPIC = "ClientRegistered"

    client: NewClient
    """The client's pseudonym; random unless given."""
    name: IdentityLine
    """The client's name. Sealed: identity."""
    date_of_birth: IdentityDay
    """The client's date of birth. Sealed: identity."""
    contact: IdentityText
    """How to reach the client. Sealed: identity."""
    jurisdiction: Jurisdiction
    """Where the client lives (ISO 3166-2)."""
    minor_until: Day | None = None
    """For a minor, the day on which the client comes of age. It shows the birthday, so only then."""


class ClientDetailsChanged(ClientEvent):
    """The client's name or contact is different from here on."""

    TOPIC = "ClientDetailsChanged"

    client: Client
    """Whom it concerns."""
    name: IdentityLine | None = None
    """The new name. Sealed: identity."""
    contact: IdentityText | None = None
    """How to reach the client from here on. Sealed: identity."""


class ClientRelocated(ClientEvent):
    """The client moved to another jurisdiction."""

    TOPIC = "ClientRelocated"

    client: Client
    """Who moved."""
    jurisdiction: Jurisdiction
    """Where the client lives from here on (ISO 3166-2)."""


class OutsideCareNoted(ClientEvent):
    """The client is, or was, in care elsewhere."""

    TOPIC = "OutsideCareNoted"

    client: Client
    """Whom it concerns."""
    service: Service
    """Which service the client receives elsewhere."""
    since: Day
    """The first day of it."""
    until: Day | None = None
    """The last day of it."""
    told_by: ToldBy
    """From whom the practice knows."""
    practitioner: Practitioner | None = None
    """Who provides it, if registered."""
    provider: IdentityLine | None = None
    """Who provides it. Sealed: identity."""


class ClientsCompared(ClientEvent):
    """Two clients' files were found to be of one person, or of two. It stands in both; no entry moves."""

    TOPIC = "ClientsCompared"

    client: Client
    """Whose file this entry stands in."""
    other: Annotated[Id, RefersTo(thing="client")]
    """The client of the other file."""
    found: Compared
    """What was found."""
    basis: ComparisonBasis
    """On what."""

    @model_validator(mode="after")
    def _two_files(self) -> Self:
        if self.client == self.other:
            raise ValueError(f"expected two clients, came {self.client} twice")
        return self


class HoldPlaced(ClientEvent):
    """A legal hold: nothing of this client may be erased."""

    TOPIC = "HoldPlaced"

    client: Client
    """Whom it concerns."""
    matter: PracticeText
    """The matter. Sealed: practice."""
    reason: PracticeText
    """Why. Sealed: practice."""


class HoldReleased(ClientEvent):
    """A legal hold ends."""

    TOPIC = "HoldReleased"

    client: Client
    """Whom it concerns."""
    matter: PracticeText
    """The matter. Sealed: practice."""
    reason: PracticeText
    """Why. Sealed: practice."""


class KeysDestroyed(ClientEvent):
    """The client's data keys were destroyed: sealed content is gone, the coded facts remain."""

    TOPIC = "KeysDestroyed"

    client: Client
    """Whom it concerns."""
    ground: DestructionGround
    """Why."""
