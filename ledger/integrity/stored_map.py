"""The stream index kept as numbered nodes that never change: a seal adds what changed, old roots stay provable.

The map of `ledger.integrity.prefix_map` (DESIGN section 7, "Completeness"), node for node: the same roots, the same
proofs. A version of the map is the number of its top node, None while it is empty. What a store gives back is not
trusted: each step down is checked, so that a damaged store ends in an error and never in a wrong proof.

Every public function raises `ledger.errors.ProofError` for what it cannot accept, and of its own nothing else; what a
store raises beside LookupError passes through.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import NamedTuple, Protocol

from ledger.errors import ProofError
from ledger.integrity.prefix_map import EMPTY_ROOT, HASH_SIZE, bit_of, require_hash


class LeafNode(NamedTuple):
    """One key and its value; `hash` is H(key || value). 32 bytes each."""

    hash: bytes
    key: bytes
    value: bytes


class InnerNode(NamedTuple):
    """Two subtrees that part at `bit` (0 to 255); `hash` is H(left hash || right hash || byte(bit)).

    `left` and `right` are their numbers. `key` is any key below: it shows, before anything below is read, whether
    another key parts from all of them above `bit`.
    """

    hash: bytes
    bit: int
    left: int
    right: int
    key: bytes


MapNode = LeafNode | InnerNode


class NodeReading(Protocol):
    """Where nodes are read, each under a number from 0 to 2^63 - 1 that it never loses."""

    def load(self, number: int) -> MapNode:
        """Return the node of this number. Raises LookupError if there is none."""
        ...


class NodeStore(NodeReading, Protocol):
    """Where nodes are kept, too."""

    def save(self, node: MapNode) -> int:
        """Keep a node; return its number. Children are saved before the nodes above them."""
        ...


_Subtree = tuple[int, bytes, bytes]
"""What the node above must know of a subtree: number, hash, a key. A plain tuple, for there are many."""

_BYTE = [bytes((number,)) for number in range(256)]


def updated(store: NodeStore, top: int | None, items: Mapping[bytes, bytes]) -> int | None:
    """Return the number of the map `top` with these items (32 bytes each) added or changed.

    Nodes above several changes are read and written once; what is as it was is not written, and if nothing changed the
    number is `top`. Nodes saved before an error are of no harm: no map leads to them.
    """
    changes = _Changes(store, _checked(items))
    if not changes.keys:
        if top is not None:
            _load(store, top)
        return top
    if top is None:
        return changes.joined(changes.leaves(0, len(changes.keys)))[0]
    return changes.merged(top, _load(store, top), 0, len(changes.keys))[0]


def root_of(store: NodeReading, top: int | None) -> bytes:
    """Return the root (32 bytes) of the map `top`."""
    return EMPTY_ROOT if top is None else _load(store, top).hash


def get(store: NodeReading, top: int | None, key: bytes) -> bytes | None:
    """Return the value of `key` in the map `top`, None if it is absent. Reads the nodes above it, O(log n)."""
    require_hash(key, "key")
    if top is None:
        return None
    node = _load(store, top)
    while type(node) is InnerNode:
        side = bit_of(key, node.bit)
        node = _load(store, node.right if side else node.left, node, side)
    leaf = _leaf_of(node)
    return leaf.value if leaf.key == key else None


def prove(store: NodeReading, top: int | None, key: bytes) -> bytes:
    """Return the proof, for `prefix_map.verify`, that the map `top` holds `key`, or else that it does not.

    Reads the nodes above the key and their children, O(log n). The proof is known to lead to `root_of(store, top)`:
    every hash on the way is recomputed.
    """
    require_hash(key, "key")
    if top is None:
        return b""
    steps: list[bytes] = []
    node = _load(store, top)
    while type(node) is InnerNode:
        left, right = _children(store, node)
        node, sibling, bit = (right, left, node.bit) if bit_of(key, node.bit) else (left, right, node.bit)
        steps.append(_BYTE[bit] + sibling.hash)
    leaf = _leaf_of(node)
    path = b"".join(reversed(steps))
    return path if leaf.key == key else leaf.key + leaf.value + path


class _Changes:
    """Items on their way into a map, in the order of their keys; a run of them is `keys[low:high]`."""

    def __init__(self, store: NodeStore, items: Mapping[bytes, bytes]) -> None:
        self._store = store
        self.keys = sorted(items)
        self._values = [items[key] for key in self.keys]

    def leaves(self, low: int, high: int) -> Iterator[_Subtree]:
        """A new leaf for each item of the run."""
        save = self._store.save
        for key, value in zip(self.keys[low:high], self._values[low:high], strict=True):
            hashed = sha256(key + value).digest()
            yield save(LeafNode(hashed, key, value)), hashed, key

    def joined(self, subtrees: Iterable[_Subtree]) -> _Subtree:
        """The one subtree over these neighbours (at least one), in the order of their keys: `prefix_map.build`.

        Its nodes are made here and not in `_inner`, for a first seal has as many as there are streams.
        """
        save = self._store.save
        # Left subtrees that still wait for their right one: the first bit in which the two differ, then the subtree.
        waiting: list[tuple[int, int, bytes, bytes]] = []
        ahead = iter(subtrees)
        number, hashed, key = next(ahead)
        place = int.from_bytes(key, "big")
        for next_number, next_hash, next_key in ahead:
            next_place = int.from_bytes(next_key, "big")
            bit = 256 - (place ^ next_place).bit_length()
            # What differs further down than this bit cannot take another key.
            while waiting and waiting[-1][0] > bit:
                parting, left, left_hash, key = waiting.pop()
                hashed = sha256(left_hash + hashed + _BYTE[parting]).digest()
                number = save(InnerNode(hashed, parting, left, number, key))
            waiting.append((bit, number, hashed, key))
            number, hashed, key, place = next_number, next_hash, next_key, next_place
        current = number, hashed, key
        for parting, left, left_hash, left_key in reversed(waiting):
            current = self._inner(parting, (left, left_hash, left_key), current)
        return current

    def merged(self, number: int, node: MapNode, low: int, high: int) -> _Subtree:
        """The subtree `node` with the run merged into it. Recursive: at most 257 deep, for the bits rise.

        The keys of the run agree with those of the subtree in every bit in which the nodes above part.
        """
        keys = self.keys
        current: _Subtree = (number, node.hash, node.key)
        if type(node) is InnerNode:
            start, middle, stop = _bounds(node)
            # The keys that agree with all below in every bit above `bit`; the others part from the whole subtree.
            first, after = bisect_left(keys, start, low, high), bisect_right(keys, stop, low, high)
            if first < after:
                left, right = _children(self._store, node)
                split = bisect_left(keys, middle, first, after)
                new_left: _Subtree = (node.left, left.hash, left.key)
                new_right: _Subtree = (node.right, right.hash, right.key)
                if first < split:
                    new_left = self.merged(node.left, left, first, split)
                if split < after:
                    new_right = self.merged(node.right, right, split, after)
                if (new_left[0], new_right[0]) != (node.left, node.right):
                    current = self._inner(node.bit, new_left, new_right)
        else:
            leaf = _leaf_of(node)
            first, after = bisect_left(keys, leaf.key, low, high), bisect_right(keys, leaf.key, low, high)
            if first < after and self._values[first] != leaf.value:
                (current,) = self.leaves(first, after)
        if (first, after) == (low, high):
            return current
        return self.joined([*self.leaves(low, first), current, *self.leaves(after, high)])

    def _inner(self, bit: int, left: _Subtree, right: _Subtree) -> _Subtree:
        (left_number, left_hash, key), (right_number, right_hash, _) = left, right
        hashed = sha256(left_hash + right_hash + _BYTE[bit]).digest()
        return self._store.save(InnerNode(hashed, bit, left_number, right_number, key)), hashed, key


def _load(store: NodeReading, number: int, above: InnerNode | None = None, side: int = 0) -> MapNode:
    """The node of this number, found to be one that may stand on this side below `above`."""
    if type(number) is not int or not 0 <= number < 2**63:
        raise ProofError("a node of the stored map is named by a number from 0 to 2^63 - 1")
    try:
        node = store.load(number)
    except LookupError:
        raise ProofError(f"the stored map has no node {number}") from None
    if type(node) is InnerNode:
        require_hash(node.hash, f"the hash of the stored map's node {number}")
        if type(node.bit) is not int or not (above.bit if above else -1) < node.bit < 256:
            # From root to leaf the bits rise strictly: no way down is longer than 256 steps, whatever the store says.
            raise ProofError(f"the stored map's node {number} parts at a bit that may not stand there")
    elif type(node) is LeafNode:
        require_hash(node.value, f"the value of the stored map's node {number}")
    else:
        raise ProofError(f"the stored map's node {number} is a {type(node).__name__}, expected a node")
    require_hash(node.key, f"the key of the stored map's node {number}")
    if type(node) is LeafNode and node.hash != sha256(node.key + node.value).digest():
        raise ProofError(f"the stored map's leaf {number} does not have the hash of its key and value")
    if above and _prefix(node.key, above.bit + 1) != _prefix(above.key, above.bit) << 1 | side:
        raise ProofError(
            f"the stored map's node {number} stands where its key {node.key.hex()} does not belong"
        )
    return node


def _children(store: NodeReading, node: InnerNode) -> tuple[MapNode, MapNode]:
    """Both children, found to be what the node's hash commits."""
    left, right = _load(store, node.left, node, 0), _load(store, node.right, node, 1)
    if node.hash != sha256(left.hash + right.hash + _BYTE[node.bit]).digest():
        raise ProofError(
            f"the stored map's nodes {node.left} and {node.right} do not have the hash above them"
        )
    return left, right


def _leaf_of(node: MapNode) -> LeafNode:
    """Narrow what is no inner node."""
    if type(node) is not LeafNode:
        raise ProofError(f"the stored map holds a {type(node).__name__}, expected a leaf")
    return node


def _bounds(node: InnerNode) -> tuple[bytes, bytes, bytes]:
    """The smallest key that may stand below a node, the smallest on its right side, the largest."""
    free = 256 - node.bit  # the bits that keys below need not share
    start = int.from_bytes(node.key, "big") >> free << free
    middle, stop = start | 1 << (free - 1), start | (1 << free) - 1
    return start.to_bytes(32, "big"), middle.to_bytes(32, "big"), stop.to_bytes(32, "big")


def _prefix(key: bytes, bits: int) -> int:
    return int.from_bytes(key, "big") >> (256 - bits)


def _checked(items: object) -> Mapping[bytes, bytes]:
    """Refuse what does not map hashes to hashes; checked in bulk, so that a million cost little."""
    if not isinstance(items, Mapping):
        raise ProofError(
            f"a map is updated from a mapping of keys to values, not from a {type(items).__name__}"
        )
    for hashes, what in ((items.keys(), "key"), (items.values(), "value")):
        if set(map(type, hashes)) - {bytes} or set(map(len, hashes)) - {HASH_SIZE}:
            raise ProofError(f"each {what} has {HASH_SIZE} bytes; one is something else")
    return items
