"""The stream index: a binary radix Merkle tree that commits every stream's head, and shows what is absent.

Keys and values are 32 bytes. Leaf H(key || value), inner node H(left || right || byte(b)) where b (0 to
255, most significant bit first) is the first bit in which the keys below differ - bit 0 left, bit 1 right -
and the empty map H(""); H is SHA-256. (DESIGN section 7, "Completeness".)

A proof is `b (1 byte) || sibling (32 bytes)` repeated from the leaf to the root. Absence is proved by the
leaf that stands where the asked key would: `other key || other value ||` its path, or nothing for the empty
map.

Why one root cannot answer twice, whoever built it: a leaf hashes 64 bytes, an inner node 65, the empty map
none, so no hash is read in two ways. From the root down, each node's b is committed and the asked key's bit b
alone decides where to go; presence and absence of one key therefore walk the same nodes to one leaf, which
holds the asked key with one value, or another key. The strict order of b makes the walk end within 256 steps.

Every public function raises `ledger.errors.ProofError` for what it cannot accept, and nothing else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from typing import TypeAlias

from ledger.errors import ProofError

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()

_STEP_SIZE = 1 + HASH_SIZE
_LEAF_SIZE = 2 * HASH_SIZE


# Plain tuples: a million streams make two million nodes, and the garbage collector leaves these alone.
_Leaf = tuple[bytes, bytes, bytes]  # hash, key, value
_Inner = tuple[bytes, int, "_Node", "_Node"]  # hash, bit, left, right
_Node: TypeAlias = _Leaf | _Inner


@dataclass(frozen=True, slots=True)
class PrefixMap:
    """An immutable map from keys to values with a root; `updated` makes the next one, sharing what stays."""

    _top: _Node | None
    _count: int

    def __len__(self) -> int:
        return self._count

    @property
    def root(self) -> bytes:
        """The hash (32 bytes) that commits every key and value, and that there are no others."""
        return EMPTY_ROOT if self._top is None else self._top[0]

    def get(self, key: bytes) -> bytes | None:
        """Return the value of `key`, None if it is absent."""
        require_hash(key, "key")
        if self._top is None:
            return None
        (_, found, value), _ = _descend(self._top, key)
        return value if found == key else None

    def prove(self, key: bytes) -> bytes:
        """Return the proof that `key` has its value, or, if it is not in the map, that it is absent."""
        require_hash(key, "key")
        if self._top is None:
            return b""
        (_, found, value), above = _descend(self._top, key)
        path = b"".join(
            bytes((bit,)) + (left if bit_of(key, bit) else right)[0]
            for _, bit, left, right in reversed(above)
        )
        return path if found == key else found + value + path

    def updated(self, items: Mapping[bytes, bytes] | Iterable[tuple[bytes, bytes]]) -> "PrefixMap":
        """Return the map with these items added or changed, in O(log n) each; the same as built anew."""
        changes = _checked(items)
        if self._top is None:
            return build(changes)
        top, count = self._top, self._count
        for key, value in changes.items():
            top, added = _put(top, key, value)
            count += added
        return PrefixMap(top, count)


def build(items: Mapping[bytes, bytes] | Iterable[tuple[bytes, bytes]]) -> PrefixMap:
    """Return the map of these (key, value) pairs, 32 bytes each, each key once, in any order.

    One sort, then O(n).
    """
    ordered = sorted(_checked(items).items())
    if not ordered:
        return PrefixMap(None, 0)
    # Left subtrees that still wait for their right one: (first differing bit, subtree), the bits rising.
    waiting: list[tuple[int, _Node]] = []
    current: _Node = _leaf(*ordered[0])
    for (previous, _), (key, value) in pairwise(ordered):
        bit = _first_difference(previous, key)
        # What differs further down than this bit cannot take another key.
        while waiting and waiting[-1][0] > bit:
            current = _inner(waiting[-1][0], waiting.pop()[1], current)
        waiting.append((bit, current))
        current = _leaf(key, value)
    for bit, left in reversed(waiting):
        current = _inner(bit, left, current)
    return PrefixMap(current, len(ordered))


def verify(root: bytes, key: bytes, value: bytes | None, proof: bytes) -> None:
    """Check that the map with this `root` holds `key` with `value`, or, if `value` is None, does not hold it.

    Returns None, or raises ProofError.
    """
    require_hash(root, "root")
    require_hash(key, "key")
    if type(proof) is not bytes:
        raise ProofError(f"a map proof is bytes, not a {type(proof).__name__}")
    if value is not None:
        require_hash(value, "value")
        _climb(root, key, value, key, proof)
        return
    if not proof:  # nothing to show: absent because the map is empty
        if root != EMPTY_ROOT:
            raise ProofError("an empty absence proof holds for the empty map only, and this root is not its")
        return
    if len(proof) < _LEAF_SIZE:
        raise ProofError(f"absence proof of {len(proof)} bytes, expected at least {_LEAF_SIZE}")
    other_key, other_value = proof[:HASH_SIZE], proof[HASH_SIZE:_LEAF_SIZE]
    if other_key == key:
        raise ProofError(f"the absence proof shows the key {key.hex()} itself: it is present")
    _climb(root, other_key, other_value, key, proof[_LEAF_SIZE:])


def stream_key(origin: str, stream: str) -> bytes:
    r"""Return a stream's key: H("el/stream/v1\n" || origin || "\n" || stream)."""
    if not isinstance(origin, str) or not isinstance(stream, str):
        raise ProofError("a stream is named by two texts, the log's origin and the stream's name")
    if "\n" in origin:  # else two (origin, stream) pairs could share a key
        raise ProofError("a log's origin is one line")
    try:
        return sha256(b"el/stream/v1\n" + origin.encode() + b"\n" + stream.encode()).digest()
    except UnicodeEncodeError:
        raise ProofError("a stream's name or origin holds half a character (a lone surrogate)") from None


def head_value(count: int, stream_root: bytes) -> bytes:
    r"""Return a stream's value: H("el/head/v1\n" || u64be(count) || SR), SR its leaves' Merkle tree hash."""
    if type(count) is not int or not 0 <= count < 2**64:
        raise ProofError("a stream's count is an integer from 0 to 2^64 - 1")
    require_hash(stream_root, "stream root")
    return sha256(b"el/head/v1\n" + count.to_bytes(8, "big") + stream_root).digest()


def _climb(root: bytes, key: bytes, value: bytes, asked: bytes, path: bytes) -> None:
    """Hash the leaf of `key` up to the root; at each b on the way `key` must go the side `asked` would go."""
    if len(path) % _STEP_SIZE:
        raise ProofError(f"a map path of {len(path)} bytes, expected a multiple of {_STEP_SIZE}")
    computed = sha256(key + value).digest()
    below = 256
    for start in range(0, len(path), _STEP_SIZE):
        bit = path[start]
        sibling = path[start + 1 : start + _STEP_SIZE]
        if bit >= below:  # from leaf to root b falls strictly: at most 256 steps, none repeated
            raise ProofError(f"a map path goes from bit {below} up to bit {bit}, expected a smaller one")
        below = bit
        side = bit_of(key, bit)
        if side != bit_of(asked, bit):
            raise ProofError(f"the other key parts from the asked one at bit {bit}, it shows no absence")
        pair = sibling + computed if side else computed + sibling
        computed = sha256(pair + bytes((bit,))).digest()
    if computed != root:
        raise ProofError(f"the map proof leads to {computed.hex()}, not to the root {root.hex()}")


def _descend(top: _Node, key: bytes) -> tuple[_Leaf, list[_Inner]]:
    """Return the leaf that stands where `key` would, and the inner nodes above it from the root down."""
    above: list[_Inner] = []
    node = top
    while len(node) == 4:
        above.append(node)
        _, bit, left, right = node
        node = right if bit_of(key, bit) else left
    return node, above


def _put(top: _Node, key: bytes, value: bytes) -> tuple[_Node, bool]:
    """Return the tree with `key` set to `value`, rehashed along its path only, and whether the key is new."""
    leaf, above = _descend(top, key)
    current: _Node = _leaf(key, value)
    added = leaf[1] != key
    if added:
        bit = _first_difference(leaf[1], key)
        displaced: _Node = leaf
        while above and above[-1][1] > bit:  # the new leaf branches off above what differs further down
            displaced = above.pop()
        current = _inner(bit, displaced, current) if bit_of(key, bit) else _inner(bit, current, displaced)
    for _, bit, left, right in reversed(above):
        current = _inner(bit, left, current) if bit_of(key, bit) else _inner(bit, current, right)
    return current, added


def _leaf(key: bytes, value: bytes) -> _Leaf:
    return (sha256(key + value).digest(), key, value)


def _inner(bit: int, left: _Node, right: _Node) -> _Inner:
    return (sha256(left[0] + right[0] + bytes((bit,))).digest(), bit, left, right)


def bit_of(key: bytes, position: int) -> int:
    """Return one bit of a key; position 0 is the most significant."""
    return key[position >> 3] >> (7 - (position & 7)) & 1


def _first_difference(one: bytes, other: bytes) -> int:
    """Return the position of the first differing bit of two different keys, most significant bit first."""
    return 256 - (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).bit_length()


def _checked(items: object) -> dict[bytes, bytes]:
    """Return the items as a dictionary; refuse what is not a pair of hashes, or a key given twice."""
    if isinstance(items, Mapping):
        items = items.items()
    if not isinstance(items, Iterable):
        raise ProofError(f"a map is built from (key, value) pairs, not from a {type(items).__name__}")
    checked: dict[bytes, bytes] = {}
    for pair in items:
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise ProofError("a map is built from (key, value) pairs")
        key, value = pair
        require_hash(key, "key")
        require_hash(value, "value")
        if key in checked:
            raise ProofError(f"the key {key.hex()} is given twice")
        checked[key] = value
    return checked


def require_hash(value: object, what: str) -> None:
    """Require 32 bytes; `what` names them in the ProofError."""
    if type(value) is not bytes or len(value) != HASH_SIZE:
        came = f"{len(value)} bytes" if type(value) is bytes else f"a {type(value).__name__}"
        raise ProofError(f"{what}: expected {HASH_SIZE} bytes, came {came}")
