"""The Merkle tree of the log: RFC 6962 section 2.1, proofs verified as RFC 9162 section 2.1 prescribes.

All hashes are SHA-256, 32 bytes. A *node* (level, index) is the root of the complete subtree over the leaves
index * 2^level to (index + 1) * 2^level - 1; level 0 are the leaf hashes. Complete subtrees never change
again, so whoever stores them reads the proofs of any size back in O(log n): the functions `..._from_nodes`.

Every public function raises `ledger.errors.ProofError` for what it cannot accept, and nothing else.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256

from ledger.errors import ProofError

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()
"""RFC 6962 2.1: MTH({}) = SHA-256()."""

MAX_SIZE = 2**64 - 1
"""The largest tree size: uint64 in RFC 6962 section 3.5 and RFC 9162 section 4.10."""

Node = tuple[int, int, bytes]
"""A completed node: (level, index, hash)."""
NodeGetter = Callable[[int, int], bytes]
"""Gives the hash of the complete subtree (level, index). Asked only for subtrees that are complete."""


def leaf_hash(data: bytes) -> bytes:
    """Return the leaf hash SHA-256(0x00 || data): RFC 6962 2.1."""
    try:
        return sha256(b"\x00" + data).digest()
    except TypeError:
        raise ProofError(f"a leaf is hashed from bytes, not from a {type(data).__name__}") from None


def hashes_of(joined: bytes) -> list[bytes]:
    """Return the hashes that stand one after the other in `joined`, as a frontier is stored."""
    if type(joined) is not bytes or len(joined) % HASH_SIZE:
        raise ProofError(f"expected hashes of {HASH_SIZE} bytes, one after the other")
    return [joined[at : at + HASH_SIZE] for at in range(0, len(joined), HASH_SIZE)]


def root(leaf_hashes: Sequence[bytes]) -> bytes:
    """Return the Merkle tree hash MTH of these leaf hashes, in order: RFC 6962 2.1."""
    levels = _levels(leaf_hashes)
    return root_from_nodes(len(levels[0]), _getter_of(levels))


def root_of_frontier(size: int, joined: bytes) -> bytes:
    """Return the root of a tree of `size` leaves whose frontier stands in `joined`, largest subtree first."""
    if len(joined) != HASH_SIZE * size.bit_count():
        raise ProofError(f"a tree of {size} has a frontier of {size.bit_count()} hashes")
    return folded(hashes_of(joined))


def inclusion_proof(leaf_hashes: Sequence[bytes], index: int) -> list[bytes]:
    """Return the audit path of leaf `index` (from 0) in the tree of all `leaf_hashes`: RFC 6962 2.1.1."""
    levels = _levels(leaf_hashes)
    return inclusion_proof_from_nodes(index, len(levels[0]), _getter_of(levels))


def consistency_proof(leaf_hashes: Sequence[bytes], old_size: int) -> list[bytes]:
    """Return the proof that the first `old_size` leaves (at least 1) are a prefix of all: RFC 6962 2.1.2."""
    levels = _levels(leaf_hashes)
    return consistency_proof_from_nodes(old_size, len(levels[0]), _getter_of(levels))


def root_from_nodes(size: int, node: NodeGetter) -> bytes:
    """Return the root of the tree of the first `size` leaves, from stored complete subtrees."""
    _require_size(size, "tree size")
    return _subtree(0, size, node) if size else EMPTY_ROOT


def inclusion_proof_from_nodes(index: int, size: int, node: NodeGetter) -> list[bytes]:
    """Return the audit path of leaf `index` in the tree of the first `size` leaves: RFC 6962 2.1.1."""
    _require_size(size, "tree size")
    _require_size(index, "leaf index")
    if index >= size:
        raise ProofError(f"no leaf {index} in a tree of {size}; indexes run from 0 to size - 1")
    path: list[bytes] = []
    low, high = 0, size
    # PATH(m, D[n]) walks down from the root; the path is listed from the leaf up, hence reversed at the end.
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:  # m < k: PATH(m, D[0:k]) : MTH(D[k:n])
            path.append(_subtree(middle, high, node))
            high = middle
        else:  # m >= k: PATH(m - k, D[k:n]) : MTH(D[0:k])
            path.append(_subtree(low, middle, node))
            low = middle
    path.reverse()
    return path


def consistency_proof_from_nodes(old_size: int, size: int, node: NodeGetter) -> list[bytes]:
    """Return the proof that the tree of `old_size` leaves is a prefix of that of `size`: RFC 6962 2.1.2."""
    _require_size(size, "tree size")
    _require_size(old_size, "old tree size")
    if not 0 < old_size <= size:
        raise ProofError(f"no consistency proof from size {old_size} to {size}; the old size is 1 to {size}")
    proof: list[bytes] = []
    low, high = 0, size
    # SUBPROOF(m, D[n], b) walks down from the root; b ("the old root is known") holds while low is 0.
    while old_size != high:
        middle = low + _split(high - low)
        if old_size <= middle:  # m <= k: SUBPROOF(m, D[0:k], b) : MTH(D[k:n])
            proof.append(_subtree(middle, high, node))
            high = middle
        else:  # m > k: SUBPROOF(m - k, D[k:n], false) : MTH(D[0:k])
            proof.append(_subtree(low, middle, node))
            low = middle
    if low:  # SUBPROOF(m, D[m], false) = {MTH(D[m])}; with b true it is empty
        proof.append(_subtree(low, high, node))
    proof.reverse()
    return proof


def verify_inclusion(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that `leaf_hash` is leaf `index` of the tree of `size` leaves with this `root`: RFC 9162 2.1.3.2.

    Returns None, or raises ProofError.
    """
    _require_size(size, "tree size")
    _require_size(index, "leaf index")
    _require_hash(leaf_hash, "leaf hash")
    _require_hash(root, "root")
    _require_hashes(proof)
    # 1. leaf_index must be less than tree_size.
    if index >= size:
        raise ProofError(f"leaf index {index} is not in a tree of {size} leaves")
    # 2. to 4. fn = leaf_index, sn = tree_size - 1, r = hash; climb.
    _, computed = _climb(leaf_hash, proof, index, size - 1)
    # 5. r must be the root.
    _require_root(computed, root, f"of {size} leaves from leaf {index}")


def verify_consistency(
    old_size: int, size: int, proof: Sequence[bytes], old_root: bytes, root: bytes
) -> None:
    """Check that the tree of `size` leaves extends that of `old_size` unchanged: RFC 9162 2.1.4.2.

    `old_size` is at least 1: a proof from the empty tree would say nothing. Returns None, or raises
    ProofError.
    """
    _require_size(old_size, "old tree size")
    _require_size(size, "tree size")
    _require_hashes(proof)
    if not 0 < old_size <= size:
        raise ProofError(f"tree sizes {old_size} and {size} prove nothing; the old size is 1 to the new size")
    if old_size == size:
        _require_same_tree(proof, old_root, root)
        return
    _require_hash(old_root, "old root")
    _require_hash(root, "root")
    # 1. an empty path fails.
    if not proof:
        raise ProofError(f"consistency proof from {old_size} to {size} is empty")
    # 2. if first is an exact power of 2, first_hash is put before the path.
    start, *path = (old_root, *proof) if old_size & (old_size - 1) == 0 else proof
    # 3. and 4. fn = first - 1, sn = second - 1, shifted while LSB(fn) is set.
    first, second = old_size - 1, size - 1
    while first & 1:
        first >>= 1
        second >>= 1
    # 5. and 6. fr and sr start from the path's first value; climb.
    old_computed, computed = _climb(start, path, first, second)
    # 7. fr must be first_hash, sr second_hash.
    _require_root(old_computed, old_root, f"of the {old_size} old leaves")
    _require_root(computed, root, f"of {size} leaves")


def _climb(start: bytes, path: Sequence[bytes], first: int, second: int) -> tuple[bytes, bytes]:
    """Hash from `start` up along `path`: step 4 of RFC 9162 2.1.3.2, which is step 6 of 2.1.4.2.

    Returns fr (the siblings on the left only: the old tree) and sr or r (all siblings: the whole tree).
    """
    old_computed = computed = start
    for sibling in path:
        if second == 0:  # a. the path is too long
            raise ProofError(f"proof too long: {len(path)} hashes above the start")
        if first & 1 or first == second:  # b. the sibling is on the left
            old_computed = sha256(b"\x01" + sibling + old_computed).digest()
            computed = sha256(b"\x01" + sibling + computed).digest()
            while not first & 1 and first:
                first >>= 1
                second >>= 1
        else:  # c. the sibling is on the right, not in the old tree
            computed = sha256(b"\x01" + computed + sibling).digest()
        first >>= 1  # d.
        second >>= 1
    if second:  # the last step of both: sn must be 0
        raise ProofError(f"proof too short: {len(path)} hashes above the start")
    return old_computed, computed


class Frontier:
    """The right edge of a growing tree: the roots of its complete subtrees, largest first.

    What is needed to append in amortised O(1) and to give the root in O(log n). `size` and `hashes` (at most
    64) are its whole state: store them, and pass them back to `Frontier(size, hashes)`.
    """

    __slots__ = ("_peaks", "_size")

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        _require_size(size, "tree size")
        _require_hashes(hashes)
        if len(hashes) != size.bit_count():  # one complete subtree for each bit set in the size
            expected = size.bit_count()
            raise ProofError(f"a tree of {size} has a frontier of {expected} hashes, not {len(hashes)}")
        self._size = size
        self._peaks = list(hashes)

    @property
    def size(self) -> int:
        """How many leaves were appended."""
        return self._size

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """The roots of the complete subtrees from left to right, one for each bit set in `size`."""
        return tuple(self._peaks)

    def append(self, leaf_hash: bytes) -> list[Node]:
        """Add a leaf; return the interior nodes it completed, lowest first, as (level, index, hash)."""
        if type(leaf_hash) is not bytes or len(leaf_hash) != HASH_SIZE:
            _require_hash(leaf_hash, "leaf hash")
        completed: list[Node] = []
        index, peaks, current = self._size, self._peaks, leaf_hash
        level = 0
        while index & 1:  # the new node is a right child: its parent is complete
            current = sha256(b"\x01" + peaks.pop() + current).digest()
            index >>= 1
            level += 1
            completed.append((level, index, current))
        peaks.append(current)
        self._size += 1
        return completed

    def root(self) -> bytes:
        """Return the root of the tree as it stands: RFC 6962 2.1."""
        return folded(self._peaks)


def _split(size: int) -> int:
    """Return the largest power of two smaller than `size` (above 1): k in RFC 6962 2.1."""
    return 1 << ((size - 1).bit_length() - 1)


def folded(peaks: Sequence[bytes]) -> bytes:
    """Return the root over complete subtrees, largest first: RFC 6962 2.1. The two smallest are siblings."""
    if not peaks:
        return EMPTY_ROOT
    computed = peaks[-1]
    for peak in peaks[-2::-1]:
        computed = sha256(b"\x01" + peak + computed).digest()
    return computed


def _subtree(low: int, high: int, node: NodeGetter) -> bytes:
    """Return MTH(D[low:high]) for a range that RFC 6962's splitting produces, in O(log n) look-ups."""
    peaks: list[bytes] = []
    while low < high:
        level = (high - low).bit_length() - 1
        index = low >> level
        try:
            found = node(level, index)
        except LookupError:
            raise ProofError(f"no stored node at level {level}, index {index}") from None
        _require_hash(found, f"the stored node at level {level}, index {index}")
        peaks.append(found)
        low += 1 << level
    return folded(peaks)


def _levels(leaf_hashes: Sequence[bytes]) -> list[Sequence[bytes]]:
    """Return all complete subtrees, level by level, the leaf hashes first."""
    _require_hashes(leaf_hashes)
    levels: list[Sequence[bytes]] = [leaf_hashes]
    while len(levels[-1]) > 1:
        one = iter(levels[-1])
        pairs = zip(one, one, strict=False)  # an odd last node waits: its subtree is not complete
        levels.append([sha256(b"\x01" + left + right).digest() for left, right in pairs])
    return levels


def _getter_of(levels: Sequence[Sequence[bytes]]) -> NodeGetter:
    return lambda level, index: levels[level][index]


def _require_root(computed: bytes, expected: bytes, whose: str) -> None:
    if computed != expected:
        raise ProofError(f"the proof leads to root {computed.hex()} {whose}, expected {expected.hex()}")


def _require_same_tree(proof: Sequence[bytes], old_root: object, root: object) -> None:
    """RFC 6962 2.1.2: between equal sizes the proof is empty, and the roots are the same.

    Only compared, not measured (the transparency-dev vectors hold 12-byte roots here); a missing one denies.
    """
    if proof:
        raise ProofError(f"consistency proof between equal sizes has {len(proof)} hashes, expected none")
    if type(old_root) is not bytes or type(root) is not bytes or not root:
        raise ProofError("a root is missing: expected 32 bytes each")
    if old_root != root:
        raise ProofError(f"two roots for one tree size: {old_root.hex()} and {root.hex()}")


def _require_size(size: object, what: str) -> None:
    if type(size) is not int:
        raise ProofError(f"{what} is a {type(size).__name__}, expected an integer")
    if not 0 <= size <= MAX_SIZE:
        raise ProofError(f"{what} is out of range: expected 0 to 2^64 - 1")


def _require_hash(value: object, what: str) -> None:
    if type(value) is not bytes:
        raise ProofError(f"{what} is a {type(value).__name__}, expected {HASH_SIZE} bytes")
    if len(value) != HASH_SIZE:
        raise ProofError(f"{what} has {len(value)} bytes, expected {HASH_SIZE}")


def _require_hashes(hashes: object) -> None:
    """Require a list or tuple of hashes; checked in bulk, so that a million cost little."""
    if type(hashes) is not list and type(hashes) is not tuple:
        raise ProofError(f"expected a list of hashes, not a {type(hashes).__name__}")
    if hashes and (set(map(type, hashes)) != {bytes} or set(map(len, hashes)) != {HASH_SIZE}):
        raise ProofError(f"expected hashes of {HASH_SIZE} bytes each")
