"""What the ledger writes about itself: opening, imports, refusals, seals, restores, keys."""

from typing import Annotated

from pydantic import StringConstraints

from ledger.events.base import IdentityLine, LedgerEvent
from ledger.values import Count, Day, Id, Line, RuleId, Sha256, Text

Origin = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,200}$")]
EntryType = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z]{1,63}$")]


class LedgerOpened(LedgerEvent):
    """The first entry: whose ledger this is, its time zone, and from which day entries are enforced."""

    TOPIC = "LedgerOpened"

    practice: Line
    """The practice's name."""
    time_zone: Line
    """The practice's time zone (IANA name); a day is a calendar day there."""
    go_live: Day
    """From this day on entries are enforced; what happened before may be imported as found."""
    origin: Origin
    """The log's name, which stands in every checkpoint."""


class HistoryImported(LedgerEvent):
    """A file of entries was imported."""

    TOPIC = "HistoryImported"

    file_sha256: Sha256
    """SHA-256 of the imported file's bytes."""
    entries: Count
    """How many entries of the file were recorded (those known by their source already are not)."""
    source_system: Line | None = None
    """The system the file came from."""
    authorised_by: Id | None = None
    """Who authorised bringing in later history as found."""
    reason: Text | None = None
    """Why later history was brought in as found. Clear text: practice matters only."""


class EntryRefused(LedgerEvent):
    """A gate refused an entry; what was tried is not recorded, that it was tried is."""

    TOPIC = "EntryRefused"

    type: EntryType
    """The type of the refused entry."""
    rules: tuple[RuleId, ...]
    """The rules that refused it."""
    by: Id
    """Who tried to record it."""
    client: IdentityLine | None = None
    """For which client."""


class StreamIndexCommitted(LedgerEvent):
    """The heads of all streams, committed as the root of a prefix map: a sealed checkpoint's last leaf."""

    TOPIC = "StreamIndexCommitted"

    covers: Count
    """How many entries the map covers: all before this one."""
    map_root: Sha256
    """The root of the prefix map over all stream heads."""


class LogRestored(LedgerEvent):
    """The log was restored from a backup and goes on from there, openly."""

    TOPIC = "LogRestored"

    restored: Line
    """What was restored."""
    last_size: Count
    """The size the signer had last signed."""
    last_root: Sha256
    """The root the signer had last signed."""
    reason: Text
    """Why. Clear text: practice matters only."""


class SigningKeyChanged(LedgerEvent):
    """Checkpoints are signed with another key from here on."""

    TOPIC = "SigningKeyChanged"

    replaced: Line
    """The verifier key replaced."""
    verifier: Line
    """The verifier key that takes over."""
    last_size: Count
    """The last size signed with the key replaced."""
    last_root: Sha256
    """The last root signed with the key replaced."""
    reason: Text
    """Why. Clear text: practice matters only."""
