"""What goes into a log and what comes out of it: plain rows, the same for every database."""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

Entry: TypeAlias = tuple[str, int, str, bytes]
"""An entry to be appended: stream, seq, topic, state. A bare tuple, because an import makes millions."""


class Row(NamedTuple):
    """One stored entry. `position` counts the log from 1, `seq` its stream from 1, both without gaps."""

    position: int
    stream: str
    seq: int
    topic: str
    state: bytes


class DisclosureRow(NamedTuple):
    """The text of one sealed field, encrypted under data key `key_id` (DESIGN section 6)."""

    stream: str
    seq: int
    field: str
    digest: str
    key_id: str
    ciphertext: bytes


class SourceRow(NamedTuple):
    """The entry that a `source` was recorded as, and the fingerprint of what the source said."""

    source: str
    stream: str
    seq: int
    fingerprint: bytes


class LogTime(NamedTuple):
    """When the log had grown to `position`: the latest `recorded_at` up to there."""

    position: int
    log_time: str


class Batch(NamedTuple):
    """What is appended together: entries in log order, when they were recorded, what belongs to them."""

    entries: Sequence[Entry]
    recorded_at: str | None = None
    disclosures: Sequence[DisclosureRow] = ()
    sources: Sequence[SourceRow] = ()
