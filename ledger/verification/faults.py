"""What `verify` may find: each kind of fault by name, with what it means."""

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """A kind of fault. Its value is what reports print; it keeps its meaning for ever."""

    MISSING_ENTRY = "missing-entry"
    """No entry stands at this position, although later ones do: it was removed."""
    CUT_OFF = "cut-off"
    """Entries were recorded after the last one there: the log's end was removed."""
    EXTRA = "extra"
    """A row that no recording made: a position below 1 or far beyond the log, or one the log never gave."""
    UNREADABLE = "unreadable"
    """The database cannot give this row: its page is damaged."""
    BAD_TYPE = "bad-type"
    """A column holds another type of value than was stored: text for bytes, nothing, a number out of range."""
    BAD_STATE = "bad-state"
    """The stored bytes of an entry are not its canonical JSON: other form, other order, a key twice, no JSON."""
    ALTERED_ENTRY = "altered-entry"
    """The entry's leaf hash is not the one in the tree: the stored bytes are not the ones recorded."""
    COLUMN_MISMATCH = "column-mismatch"
    """Stream, seq or type beside the stored bytes is not what the bytes say."""
    LOG_TIME = "log-time"
    """The log time is not the latest recording time up to the entry."""
    SEQ_GAP = "seq-gap"
    """The entry does not continue its stream: seq is not one more than that of the stream's entry before."""
    BROKEN_CHAIN = "broken-chain"
    """The entry does not name the leaf hash of its stream's previous entry (64 zeros for the first)."""
    TREE_NODE = "tree-node"
    """A stored node of the Merkle tree is not the hash of what stands below it."""
    TREE_NODE_MISSING = "tree-node-missing"
    """A node of the Merkle tree is not stored."""
    TREE_NODE_EXTRA = "tree-node-extra"
    """A node is stored that the tree over the entries does not have."""
    STREAM_HEAD = "stream-head"
    """What is stored of a stream's count or frontier is not what its entries give, or is missing or extra."""
    DISCLOSURE_MISSING = "disclosure-missing"
    """An entry commits to a sealed text that is not stored."""
    DISCLOSURE_ORPHAN = "disclosure-orphan"
    """A sealed text is stored to which no entry commits."""
    DISCLOSURE_DIGEST = "disclosure-digest"
    """A sealed text is stored under another digest than its entry states."""
    DISCLOSURE_TEXT = "disclosure-text"
    """A sealed text does not open with its key, or is not the text its digest commits to."""
    UNKNOWN_DATA_KEY = "unknown-data-key"
    """A sealed text names a data key that the key database never held."""
    SOURCE_MISSING = "source-missing"
    """An entry states a source that is not in the table of sources."""
    SOURCE_ORPHAN = "source-orphan"
    """The table of sources names one that no entry states."""
    SOURCE_MISMATCH = "source-mismatch"
    """The table of sources names another entry than the one that states the source."""
    SOURCE_CHECKSUM = "source-checksum"
    """A row of the table of sources does not have its checksum: it was changed."""
    SEAL = "seal"
    """A seal's map root or coverage is not what the streams give, or its row or its map is damaged."""
    CHECKPOINT_MALFORMED = "checkpoint-malformed"
    """A stored checkpoint cannot be read, names another log, or stands under another size."""
    CHECKPOINT_SIGNATURE = "checkpoint-signature"
    """A stored checkpoint is not signed by the key in force at its size, or its signature is wrong."""
    SIGNING_KEY = "signing-key"
    """A change of the signing key does not follow the key in force, or the key in hand did not sign for it."""
    CHECKPOINT_ROOT = "checkpoint-root"
    """A stored checkpoint does not hold: the entries it covers have another root now."""
    CHECKPOINT_BEYOND = "checkpoint-beyond"
    """A stored checkpoint covers more entries than there are."""
    UNSIGNED_TAIL = "unsigned-tail"
    """Entries stand after everything that was signed."""
    ROLLED_BACK = "rolled-back"
    """The signer signed more than there is, or another log: an older copy, or another one."""
    ANCHOR = "anchor"
    """A cosignature or time-stamp cannot be read, or is of no stored checkpoint."""
    SCHEMA = "schema"
    """A table, index or trigger is missing or altered, an index or trigger was added; or another storage version. On a
    server also a column, a constraint, a function, or a right by which somebody could change what is recorded."""
    SQLITE = "sqlite"
    """SQLite itself reports damage in the file."""
    POSTGRESQL = "postgresql"
    """PostgreSQL itself reports damage in the database."""
    HELD = "held"
    """A checkpoint or receipt that somebody holds is not part of this ledger."""


class Fault(NamedTuple):
    """One fault: in which table, at which row, what kind, in words.

    `position` is the row's place in its table: the log position of an entry, the number of a tree or map node, a
    checkpoint or an anchor, the name of a stream, a source or a trigger, `stream/seq/field` of a text; None for the
    table as a whole.
    """

    table: str
    position: int | str | None
    kind: Kind
    message: str

    @property
    def order(self) -> tuple[int, str, int, str, str, str]:
        """Entries first, then table by table; in a table by position."""
        number = self.position if isinstance(self.position, int) else -1
        place = self.position if isinstance(self.position, str) else ""
        first = 0 if self.table == "stored_events" else 1
        return first, self.table, number, place, self.kind, self.message


def ordered(faults: "list[Fault]") -> tuple[Fault, ...]:
    """Faults in the order of a report, each once."""
    return tuple(sorted(set(faults), key=lambda fault: fault.order))
