"""Stored checkpoints against the recomputed tree: form, signature, root.

Signatures cost more than anything else here, so the checkpoints are shared out over the processes, too.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import NamedTuple

from ledger.errors import ProofError
from ledger.integrity.checkpoint import Checkpoint
from ledger.integrity.compact_range import CompactRange, extend, nodes_of, peak_numbers
from ledger.integrity.merkle import EMPTY_ROOT, folded, leaf_hash
from ledger.integrity.note import open_note
from ledger.verification.database import Database, Stored, Where, connect, text
from ledger.verification.faults import Fault, Kind
from ledger.verification.signers import Signers
from ledger.verification.tree import BLOCK, stored_leaves

CHECKPOINTS = "checkpoints"
STORED = "SELECT hash FROM tree WHERE number >= ? AND number < ? ORDER BY number"
STATES = "SELECT position, state FROM stored_events WHERE position > ? AND position <= ?"


class Roots(NamedTuple):
    """What the roots of all sizes follow from: the blocks' roots, and which blocks' stored nodes are not to be used.

    `believed` is the frontier over the first `first_block` blocks. Sizes from `missing` on have no root, for that
    entry is missing.
    """

    where: Where
    size: int
    first_block: int
    believed: Sequence[bytes]
    blocks: Sequence[bytes]
    dirty: frozenset[int]
    missing: int | None


class Excuses(NamedTuple):
    """What the log says openly of its checkpoints: (position, last size) of each LogRestored."""

    restored: Sequence[tuple[int, int]]

    def of(self, size: int) -> int | None:
        """The position of the restore by which a checkpoint of a size is superseded."""
        return next((position for position, last in self.restored if position <= size <= last), None)


class Share(NamedTuple):
    """The checkpoints with sizes above `low` (None: all) up to `high` (None: all), and how to judge them."""

    roots: Roots
    origin: str
    signers: Signers
    excuses: Excuses
    low: int | None = None
    high: int | None = None


class Checked(NamedTuple):
    """What was found: faults, remarks, how many there were, sizes that do not hold, the largest that does."""

    faults: list[Fault]
    remarks: list[str]
    checked: int
    unsigned: int
    broken: list[int]
    covered: int


def check(share: Share) -> Checked:
    """Check a share of the stored checkpoints. Opens its own connection; to be run in any process."""
    with closing(connect(share.roots.where)) as database:
        return check_on(database, share)


def check_on(database: Database, share: Share) -> Checked:
    """Check a share of the stored checkpoints as this connection to the database sees them."""
    found = Checked([], [], 0, 0, [], 0)
    stored = Stored(database, found.faults)
    judge = _Judge(share, RootFinder(share.roots, stored), found)
    with stored.damage(CHECKPOINTS):
        for size, note in _rows(database, share):
            judge.judge(size, note)
    return found._replace(checked=judge.checked, unsigned=judge.unsigned, covered=judge.covered)


def _rows(database: Database, share: Share) -> Iterator[tuple[object, object]]:
    sql, given = "SELECT size, note FROM checkpoints", []
    bounds = [("size > ?", share.low), ("size <= ?", share.high)]
    used = [(clause, bound) for clause, bound in bounds if bound is not None]
    if used:
        sql += " WHERE " + " AND ".join(clause for clause, _ in used)
        given = [bound for _, bound in used]
    yield from database.each(sql + " ORDER BY size, number", given)


class _Judge:
    """Judges one checkpoint after the other, smaller sizes first."""

    def __init__(self, share: Share, finder: "RootFinder", found: Checked) -> None:
        self._share, self._finder, self._found = share, finder, found
        self.checked = self.unsigned = self.covered = 0

    def judge(self, size: object, note: object) -> None:
        """Judges one row."""
        self.checked += 1
        if type(size) is not int or type(note) is not bytearray:
            return  # `tables` reports the type
        stored = text(note)
        try:
            head = Checkpoint.parse(text_of(stored))
        except ProofError as wrong:
            self._fault(size, Kind.CHECKPOINT_MALFORMED, str(wrong))
            self._found.broken.append(size)
            return
        if head.origin != self._share.origin:
            self._fault(size, Kind.CHECKPOINT_MALFORMED, f"it is of another log, {head.origin[:100]}")
        if head.size != size:
            said = f"it is over {head.size} entries and stands under {size}"
            self._fault(size, Kind.CHECKPOINT_MALFORMED, said)
        signed, holds = self._signature(size, stored, head), self._root(size, head)
        if signed is not False and holds:
            # Where keys are known, what an unknown one signed covers nothing.
            if signed or not self._share.signers.known:
                self.covered = max(self.covered, head.size)
        elif holds is not None:
            self._found.broken.append(head.size)

    def _signature(self, size: int, note: str, head: Checkpoint) -> bool | None:
        """Whether the key in force signed it; None where that is not known."""
        signers = self._share.signers
        if not signers.at(head.size).verifiers:
            self.unsigned += 1
            return None
        try:
            if self._share.excuses.of(head.size) is None:
                signers.require(note, head.size)
            else:  # signed before the restore, by whichever key was in force then
                open_note(note, signers.everyone)
        except ProofError as wrong:
            self._fault(size, Kind.CHECKPOINT_SIGNATURE, str(wrong))
            return False
        return True

    def _root(self, size: int, head: Checkpoint) -> bool | None:
        """Whether it holds; None where the log says openly that it does not."""
        there = self._share.roots.size
        if head.size <= there and self._finder.root(head.size) == head.root:
            return True
        position = self._share.excuses.of(head.size)
        if position is not None:
            said = f"the checkpoint over {head.size} entries is superseded by the restore of entry {position}"
            self._found.remarks.append(said)
            return None
        if head.size > there:
            said = f"it covers {head.size} entries, there are {there}"
            self._fault(size, Kind.CHECKPOINT_BEYOND, said)
        else:
            said = f"the first {head.size} entries no longer give the root that was signed"
            self._fault(size, Kind.CHECKPOINT_ROOT, said)
        return False

    def _fault(self, size: int, kind: Kind, said: str) -> None:
        self._found.faults.append(Fault(CHECKPOINTS, size, kind, said))


class RootFinder:
    """Roots of the recomputed tree. Fastest when asked for growing sizes."""

    def __init__(self, roots: Roots, stored: Stored) -> None:
        self._roots, self._stored = roots, stored
        self._above = self._start()
        self._block = -1
        self._nodes: list[bytes] = []

    def root(self, size: int) -> bytes | None:
        """The root over the first `size` entries; None where there is none to be computed."""
        roots = self._roots
        if size == 0:
            return EMPTY_ROOT
        if (
            size > roots.size
            or size < roots.first_block * BLOCK
            or (roots.missing is not None and size >= roots.missing)
        ):
            return None
        block, inside = divmod(size, BLOCK)
        if block < self._above.end:
            self._above = self._start()
        if block - roots.first_block > len(roots.blocks):
            return None
        while self._above.end < block:
            self._above.append(roots.blocks[self._above.end - roots.first_block])
        peaks = list(self._above.hashes)
        if inside:
            if self._block != block:
                self._block, self._nodes = block, self._inner(block * BLOCK)
            numbers = peak_numbers(inside)
            if numbers[-1] >= len(self._nodes):
                return None
            peaks += [self._nodes[number] for number in numbers]
        return folded(peaks)

    def _start(self) -> CompactRange:
        return CompactRange(0, self._roots.first_block, self._roots.believed)

    def _inner(self, begin: int) -> list[bytes]:
        """The nodes inside a block: the stored ones, if they were found right, else recomputed from the entries."""
        end = min(begin + BLOCK, self._roots.size)
        if begin not in self._roots.dirty:
            first = nodes_of(begin)
            return [row[0] for row in self._stored.rows(STORED, [first, first + nodes_of(end - begin)])]
        states: dict[int, object] = dict(self._stored.rows(STATES, [begin, end]))
        places = range(begin + 1, end + 1)
        kept = dict(zip(places, stored_leaves(self._stored, places), strict=True))
        leaves = [
            leaf_hash(bytes(state)) if isinstance(state := states.get(at), bytes | bytearray) else kept[at]
            for at in places
        ]
        return extend([], 0, leaves)


def text_of(note: str) -> str:
    """The text of a note, its signatures not looked at: C2SP signed-note, "Format". ProofError if it is none."""
    split = note.rfind("\n\n")
    if split < 0:
        raise ProofError("malformed note: no empty line between text and signatures")
    return note[: split + 1]
