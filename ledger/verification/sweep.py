"""One pass over a range of entries: everything that can be said of them from their bytes and the rows beside them.

Ranges are swept by several processes. What reaches beyond a range (the tree above blocks, a stream's entries before)
comes back as a small summary, and `joining` puts the summaries together.
"""

from binascii import hexlify
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, NamedTuple

from ledger.errors import InputError
from ledger.integrity.compact_range import extend
from ledger.storage.reading import CANONICAL_TIME
from ledger.storage.rows import BEGINNING
from ledger.verification.beside import Beside
from ledger.verification.database import Database, Stored, Where, connect, text
from ledger.verification.faults import Fault, Kind
from ledger.verification.forms import SUSPECT, TO_SUSPECT, TOLD, Forms, Read, exactly
from ledger.verification.rows import ENTRIES, Row, Rows
from ledger.verification.texts import KeyFiles, Opened
from ledger.verification.tree import BLOCK, check_block, stored_leaves

SEAL = b"StreamIndexCommitted"
Progress = Callable[[int], None]
"""Told how many more entries are done."""


class Task(NamedTuple):
    """The entries after position `after` up to `until`; `keys` opens the sealed texts, None leaves them sealed.

    `after` is the end of a block, or else the size of a checkpoint up to which the stored tree is believed.
    """

    where: Where
    after: int
    until: int
    keys: KeyFiles | None


class Part(NamedTuple):
    """A stream's entries within a segment. `hashes` cover leaves first_seq - 1 to last_seq - 1; None after a gap."""

    first_position: int
    first_seq: int
    first_prev: bytes
    last_seq: int
    last_leaf: bytes
    hashes: list[bytes] | None


class Segment(NamedTuple):
    """The streams' parts between two seals, and the seal (position, data) that ends it, if one does."""

    parts: dict[bytes, Part]
    seal: tuple[int, dict[str, Any]] | None


class Told(NamedTuple):
    """An entry by which the log speaks of its own integrity."""

    position: int
    topic: str
    data: dict[str, Any]


@dataclass(slots=True)
class Swept:
    """What a pass found. `blocks` are the roots of the complete blocks, `tail` the frontier inside the last one."""

    faults: list[Fault] = field(default_factory=list)
    entries: int = 0
    blocks: list[bytes] = field(default_factory=list)
    tail: list[bytes] = field(default_factory=list)
    dirty: list[int] = field(default_factory=list)
    """The first leaf of each block whose stored tree is not the one its entries give."""
    missing: list[int] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    disclosures: int = 0
    sources: int = 0
    texts: Opened = field(default_factory=Opened)


def sweep(task: Task, progress: Progress = lambda _done: None) -> Swept:
    """Check a range of entries. Opens its own connection; to be run in any process."""
    with closing(connect(task.where)) as database:
        return _Sweep(task, database).run(progress)


class _Sweep:
    """The state of one pass."""

    def __init__(self, task: Task, database: Database) -> None:
        self._task = task
        self._found = Swept()
        self._faults = self._found.faults
        self._stored = Stored(database, self._faults)
        self._rows = Rows(self._stored)
        self._forms = Forms()
        self._parts: dict[bytes, list[Any]] = {}
        self._beside = Beside(self._stored, task.keys)
        self._log_time = BEGINNING.encode()
        self._last_at = b""

    def run(self, progress: Progress) -> Swept:
        task, found = self._task, self._found
        if task.after:
            with self._stored.damage(ENTRIES, task.after):
                before = self._stored.one(
                    "SELECT log_time FROM stored_events WHERE position = ?", [task.after]
                )
                if isinstance(before, bytearray):
                    self._log_time = bytes(before)
        with closing(self._beside):
            for begin in range(task.after - task.after % BLOCK, task.until, BLOCK):
                after, until = max(begin, task.after), min(begin + BLOCK, task.until)
                self._block(begin, after, until)
                progress(until - after)
        self._close_segment(None)
        found.disclosures, found.sources, found.texts = (
            self._beside.disclosures,
            self._beside.sources,
            self._beside.opened,
        )
        return found

    def _block(self, begin: int, after: int, until: int) -> None:
        """The entries after one position up to another, in the block that begins with leaf `begin`."""
        rows = self._rows.read(after, until)
        missing = [] if len(rows) == until - after else self._rows.absent(rows, after, until)
        leaves = self._entries(rows)
        self._found.entries += len(rows)
        if missing:
            self._found.missing += missing
            stored = dict(zip(missing, stored_leaves(self._stored, missing), strict=True))
            here = dict(zip((row[0] for row in rows), leaves, strict=True))
            leaves = [here.get(at) or stored[at] for at in range(after + 1, until + 1)]
        if begin < after:
            leaves = [*stored_leaves(self._stored, range(begin + 1, after + 1)), *leaves]
        peaks: list[bytes] = []
        nodes = extend(peaks, 0, leaves)
        if not check_block(self._stored, begin, leaves, nodes) or missing:
            self._found.dirty.append(begin)
        if len(leaves) == BLOCK:
            self._found.blocks.append(peaks[0])
        else:
            self._found.tail = peaks
        self._beside.check()

    # -- entry by entry -----------------------------------------------------------------------------------

    def _entries(self, rows: Sequence[Row]) -> list[bytes]:  # noqa: C901, PLR0912, PLR0915  # see below
        """The leaf hash of each; its bytes, columns, log time and chain are checked on the way.

        All in one function, its names local: it runs for every entry.
        """
        leaves: list[bytes] = []
        add, forms, parts, hashed, hexed = leaves.append, self._forms, self._parts, sha256, hexlify
        expected, sources, log_time, last_at = (
            self._beside.expected,
            self._beside.sources_expected,
            self._log_time,
            self._last_at,
        )
        together = b"".join([row[4] for row in rows])
        strictly = not _is_text(together)
        suspect = SUSPECT in together.translate(TO_SUSPECT)
        for position, stored_stream, version, topic_text, state, stored_time in rows:
            topic = bytes(topic_text)
            leaf = hashed(b"\x00" + state).digest()
            add(leaf)
            match, names = forms[topic]
            exact = strictly or (suspect and SUSPECT in state.translate(TO_SUSPECT))
            found = None if exact else match(state)
            if found is not None:
                at, *sealed, prev, seq_text, source, stream = found.groups()
                seq = int(seq_text)
                if sealed:
                    for name, digest in zip(names, sealed, strict=True):
                        if digest is not None:
                            expected[stream, seq, name] = digest
            else:
                read = self._exactly(position, state, topic)
                if read is None:  # said already; the columns tell where the stream goes on
                    self._forget(bytes(stored_stream), position, version, leaf)
                    continue
                at, prev, seq, source, stream = read.at, read.prev, read.seq, read.source, read.stream
                for name, digest in read.sealed.items():
                    expected[stream, seq, name] = digest
                if topic in TOLD and topic == read.type:
                    self._tell(position, topic, read.data)
            if stream != stored_stream or seq != version:
                self._mismatch(position, stored_stream, version, stream, seq)
            if at != last_at:
                last_at = at
                if CANONICAL_TIME.fullmatch(at.decode("ascii", "replace")) is None:
                    self._faults.append(
                        Fault(ENTRIES, position, Kind.BAD_STATE, "at is not written as a log time")
                    )
                elif at > log_time:
                    log_time = at
            if stored_time != log_time:
                said = f"the log time is {text(stored_time)[:60]}, the latest recording time so far {text(log_time)}"
                self._faults.append(Fault(ENTRIES, position, Kind.LOG_TIME, said))
            if source is not None:
                sources[source] = stream, seq
            part = parts.get(stream)
            if part is None:
                parts[stream] = [position, seq, prev, seq, leaf, [leaf]]
                continue
            index = part[3]
            if index + 1 != seq:
                self._gap(position, stream, index, seq)
                part[5] = None
            elif hexed(part[4]) != prev:
                self._broken(position, stream, seq)
            part[3], part[4] = seq, leaf
            hashes = part[5]
            if hashes is None:
                continue
            # As in CompactRange.append, written out.
            if index & 1:
                low = part[1] - 1
                while index & 1 and index > low:
                    leaf = hashed(b"\x01" + hashes.pop() + leaf).digest()
                    index >>= 1
                    low = (low + 1) >> 1
            hashes.append(leaf)
        self._log_time, self._last_at = log_time, last_at
        return leaves

    def _exactly(self, position: int, state: bytes, topic: bytes) -> Read | None:
        """The entry, read exactly; None if that cannot be, which is reported."""
        try:
            read = exactly(state)
        except InputError as wrong:
            self._faults.append(Fault(ENTRIES, position, Kind.BAD_STATE, f"the stored bytes: {wrong}"))
            return None
        if read.type != topic:
            said = f"topic is {text(topic)[:64]!r}, the stored bytes say {text(read.type)!r}"
            self._faults.append(Fault(ENTRIES, position, Kind.COLUMN_MISMATCH, said))
        return read

    def _mismatch(self, position: int, column: bytearray, version: int, stream: bytes, seq: int) -> None:
        columns, stored = f"{version} of {text(column)[:80]}", f"{seq} of {text(stream)[:80]}"
        came = f"the columns say entry {columns}, the stored bytes entry {stored}"
        self._faults.append(Fault(ENTRIES, position, Kind.COLUMN_MISMATCH, came))

    def _gap(self, position: int, stream: bytes, last: int, seq: int) -> None:
        said = f"entry {seq} of {text(stream)} comes after entry {last}, expected {last + 1}"
        self._faults.append(Fault(ENTRIES, position, Kind.SEQ_GAP, said))

    def _broken(self, position: int, stream: bytes, seq: int) -> None:
        said = f"entry {seq} of {text(stream)} does not name the leaf hash of entry {seq - 1} as it is stored"
        self._faults.append(Fault(ENTRIES, position, Kind.BROKEN_CHAIN, said))

    def _forget(self, stream: bytes, position: int, version: int, leaf: bytes) -> None:
        """Goes on after an entry that cannot be read: the next of its stream is judged by its place alone."""
        part = self._parts.setdefault(stream, [position, version, None, version, leaf, None])
        part[3], part[4], part[5] = version, leaf, None

    def _tell(self, position: int, topic: bytes, data: dict[str, Any]) -> None:
        self._found.told.append(Told(position, topic.decode(), data))
        if topic == SEAL:
            self._close_segment((position, data))

    def _close_segment(self, seal: tuple[int, dict[str, Any]] | None) -> None:
        parts = {stream: Part(*part) for stream, part in self._parts.items()}
        self._found.segments.append(Segment(parts, seal))
        self._parts.clear()


def _is_text(together: bytes) -> bool:
    """Whether stored bytes are UTF-8."""
    try:
        together.decode()
    except UnicodeDecodeError:
        return False
    return True
