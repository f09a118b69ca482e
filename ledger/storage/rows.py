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


BEGINNING = "0001-01-01T00:00:00.000000Z"
"""The log time of entries that never had one."""


class LogTime(NamedTuple):
    """When the log had grown to `position`: the latest `recorded_at` up to there."""

    position: int
    log_time: str


class StreamHead(NamedTuple):
    """How many entries a stream has, and the frontier of their tree: 32-byte hashes one after the other."""

    stream: str
    entries: int
    frontier: bytes


class SealRow(NamedTuple):
    """The position of a StreamIndexCommitted, and the number of its map's root node."""

    position: int
    top: int


class CheckpointRow(NamedTuple):
    """A signed note over the first `size` entries; `number` tells those of one size apart."""

    size: int
    number: int
    note: str


COSIGNATURE, TIMESTAMP = "cosignature", "timestamp"
"""The kinds of anchor."""


class AnchorRow(NamedTuple):
    """What another party said of the checkpoint of a size: a cosignature line, or a time-stamp."""

    number: int
    size: int
    kind: str
    body: bytes


class Growth(NamedTuple):
    """The frontiers of the tree, left to right, before and after entries were appended."""

    size_before: int
    peaks_before: Sequence[bytes]
    size: int
    peaks: Sequence[bytes]


class Batch(NamedTuple):
    """What is appended together: entries in log order, when they were recorded, what belongs to them."""

    entries: Sequence[Entry]
    recorded_at: str | None = None
    disclosures: Sequence[DisclosureRow] = ()
    sources: Sequence[SourceRow] = ()
