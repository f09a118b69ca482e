"""Compact ranges: what must be kept of some neighbouring leaves to join them with the others later.

A tree of RFC 6962 can be hashed in pieces, by several processes: a piece is the leaves begin to end - 1, kept as
the roots of the minimal complete aligned subtrees that cover them (transparency-dev/merkle, "compact range"); at
most 126 hashes. Beside it stand the numbers under which complete subtrees are stored, and the loop that makes them.

Every public function raises `ledger.errors.ProofError` for what it cannot accept, and nothing else.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256

from ledger.errors import ProofError
from ledger.integrity.merkle import HASH_SIZE, MAX_SIZE, folded


class CompactRange:
    """The leaves begin to end - 1 of a tree, as the roots of the complete subtrees that cover them.

    `begin`, `end` and `hashes` (left to right) are its whole state: pass them back to go on.
    """

    __slots__ = ("_begin", "_end", "_hashes")

    def __init__(self, begin: int = 0, end: int | None = None, hashes: Sequence[bytes] = ()) -> None:
        _require_number(begin, "begin")
        end = begin if end is None else end
        _require_number(end, "end")
        if end < begin:
            raise ProofError(f"a range from leaf {begin} does not end before leaf {end}")
        _require_hashes(hashes)
        expected = sum(1 for _ in _cover(begin, end))
        if len(hashes) != expected:
            raise ProofError(f"leaves {begin} to {end} are covered by {expected} hashes, not {len(hashes)}")
        self._begin = begin
        self._end = end
        self._hashes = list(hashes)

    @property
    def begin(self) -> int:
        """The index of the first leaf, from 0."""
        return self._begin

    @property
    def end(self) -> int:
        """The index after the last leaf."""
        return self._end

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """The roots of the minimal complete aligned subtrees that cover the range, left to right."""
        return tuple(self._hashes)

    def append(self, leaf_hash: bytes) -> None:
        """Add the leaf at `end`. Amortised O(1)."""
        if type(leaf_hash) is not bytes or len(leaf_hash) != HASH_SIZE:
            _require_hashes((leaf_hash,))
        index = self._end
        if index == MAX_SIZE:
            raise ProofError("a tree has at most 2^64 - 1 leaves")
        self._end = index + 1
        hashes = self._hashes
        # As in `_put`, written out: this runs for every entry that is verified.
        if index & 1:
            low = self._begin
            while index & 1 and index > low:
                leaf_hash = sha256(b"\x01" + hashes.pop() + leaf_hash).digest()
                index >>= 1
                low = (low + 1) >> 1
        hashes.append(leaf_hash)

    def merge(self, other: "CompactRange") -> None:
        """Add another range's leaves; its first must be this range's end. O(log n).

        Raises ProofError, and leaves this range as it was, if the two are not neighbours.
        """
        if not isinstance(other, CompactRange):
            raise ProofError(f"a compact range is merged with another, not with a {type(other).__name__}")
        if other.begin != self._end:
            raise ProofError(
                f"a range up to leaf {self._end} is followed by one from there, not {other.begin}"
            )
        # `hashes` is a copy, in case an empty range is merged with itself.
        for (level, index), covered in zip(_cover(other.begin, other.end), other.hashes, strict=True):
            self._put(covered, index, level)
        self._end = other.end

    def root(self) -> bytes:
        """Return the root of the tree of the leaves so far: RFC 6962 2.1. Only for a range from leaf 0."""
        if self._begin:
            raise ProofError(f"a range from leaf {self._begin} has no root; join it with the leaves before")
        return folded(self._hashes)

    def _put(self, current: bytes, index: int, level: int = 0) -> None:
        """Add the complete subtree (level, index), which begins where the covered leaves end."""
        hashes = self._hashes
        low = -(-self._begin >> level)  # of this level's subtrees, the first that lies in the range
        # A right child whose left sibling lies in the range, too, makes their parent complete.
        while index & 1 and index > low:
            current = sha256(b"\x01" + hashes.pop() + current).digest()
            index >>= 1
            low = (low + 1) >> 1
        hashes.append(current)


def node_number(level: int, index: int) -> int:
    """Return the place, from 0, of the complete subtree (level, index) in the order in which they are completed.

    When leaves are appended one by one, leaf n is followed by the parents it completes, lowest first:
    StoredHashIndex of golang.org/x/mod/sumdb/tlog.
    """
    _require_number(level, "level")
    _require_number(index, "index")
    if level >= 64 or (index + 1) << level > MAX_SIZE:
        raise ProofError(f"no tree has a node {index} at level {level}; there are at most 2^64 - 1 leaves")
    # The leaf that completes it is the last below it; before that leaf stand all nodes of the leaves before it.
    return nodes_of(((index + 1) << level) - 1) + level


def nodes_of(size: int) -> int:
    """Return how many complete subtrees a tree of `size` leaves has, the leaves among them."""
    _require_number(size, "tree size")
    # size + size // 2 + size // 4 + ...: each level has half of the one below, rounded down.
    return 2 * size - size.bit_count()


def peak_numbers(size: int) -> list[int]:
    """Where the frontier of a tree of `size` leaves stands, from left to right."""
    numbers, done = [], 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            numbers.append(node_number(level, done >> level))
            done += 1 << level
    return numbers


def extend(peaks: list[bytes], index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Append leaf hashes to a frontier, in place; return every node completed, the leaves among them.

    `peaks` are the frontier's hashes for a tree of `index` leaves, largest subtree first, as `merkle.Frontier`
    has them. The nodes come in the order of `node_number`: the first is number `nodes_of(index)`. Raises
    ProofError before anything is changed.
    """
    _require_number(index, "tree size")
    if type(peaks) is not list:
        raise ProofError(f"a frontier's peaks are a list, not a {type(peaks).__name__}")
    _require_hashes(peaks)
    _require_hashes(leaves)
    if len(peaks) != index.bit_count():
        raise ProofError(f"a tree of {index} has a frontier of {index.bit_count()} hashes, not {len(peaks)}")
    if index + len(leaves) > MAX_SIZE:
        raise ProofError("a tree has at most 2^64 - 1 leaves")
    completed: list[bytes] = []
    # All in one function, its names local: this runs for every entry that is written.
    hashed, add, push, pop = sha256, completed.append, peaks.append, peaks.pop
    for leaf in leaves:
        add(leaf)
        current, rest = leaf, index
        while rest & 1:  # a right child: its parent is complete
            current = hashed(b"\x01" + pop() + current).digest()
            add(current)
            rest >>= 1
        push(current)
        index += 1
    return completed


def _cover(begin: int, end: int) -> Iterator[tuple[int, int]]:
    """The minimal complete aligned subtrees (level, index) that cover the leaves begin to end - 1, in order."""
    while begin < end:
        level = (end - begin).bit_length() - 1
        if begin:  # a subtree of 2^level leaves begins at a multiple of 2^level
            level = min(level, (begin & -begin).bit_length() - 1)
        yield level, begin >> level
        begin += 1 << level


def _require_number(value: object, what: str) -> None:
    if type(value) is not int:
        raise ProofError(f"{what} is a {type(value).__name__}, expected an integer")
    if not 0 <= value <= MAX_SIZE:
        raise ProofError(f"{what} is out of range: expected 0 to 2^64 - 1")


def _require_hashes(hashes: object) -> None:
    """Require a list or tuple of hashes; checked in bulk, so that a million cost little."""
    if type(hashes) is not list and type(hashes) is not tuple:
        raise ProofError(f"expected a list of hashes, not a {type(hashes).__name__}")
    if hashes and (set(map(type, hashes)) != {bytes} or set(map(len, hashes)) != {HASH_SIZE}):
        raise ProofError(f"expected hashes of {HASH_SIZE} bytes each")
