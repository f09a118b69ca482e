from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import ProofError
from ledger.integrity import prefix_map, stored_map
from ledger.integrity.stored_map import InnerNode, LeafNode, MapNode
from tests.thoroughness import examples


def h(data: bytes) -> bytes:
    return sha256(data).digest()


class Store:
    """Nodes in memory; counts what is asked of it."""

    def __init__(self) -> None:
        self.nodes: dict[int, MapNode] = {}
        self.loads = 0

    def load(self, number: int) -> MapNode:
        self.loads += 1
        return self.nodes[number]

    def save(self, node: MapNode) -> int:
        number = len(self.nodes)
        self.nodes[number] = node
        return number


KEYS = [h(b"key %d" % number) for number in range(200)]
VALUES = [h(b"value %d" % number) for number in range(200)]
ITEMS = dict(zip(KEYS, VALUES, strict=True))

# Keys that share long prefixes as well as random ones, and few enough values to be given twice.
close_keys = st.builds(
    lambda start, fill, tail: bytes([start]) + bytes([fill]) * 30 + bytes([tail]),
    st.sampled_from([0, 1, 128, 255]),
    st.sampled_from([0, 255]),
    st.integers(0, 255),
)
keys = close_keys | st.binary(min_size=32, max_size=32)
maps = st.dictionaries(keys, st.sampled_from(VALUES[:3]), max_size=20)


def made_of(items: Mapping[bytes, bytes]) -> tuple[Store, int]:
    store = Store()
    top = stored_map.updated(store, None, items)
    assert top is not None
    return store, top


def agrees(store: Store, top: int | None, items: Mapping[bytes, bytes], others: list[bytes]) -> None:
    """The stored map is the one of `prefix_map`: root, values, proofs."""
    built = prefix_map.build(items)
    root = stored_map.root_of(store, top)
    assert root == built.root
    for key in [*items, *others]:
        proof = stored_map.prove(store, top, key)
        assert proof == built.prove(key)
        assert stored_map.get(store, top, key) == items.get(key)
        prefix_map.verify(root, key, items.get(key), proof)


@settings(deadline=None, max_examples=examples(300))
@given(st.lists(maps, min_size=1, max_size=5), st.lists(keys, max_size=3))
def test_every_version_is_the_map_built_anew(updates: list[dict[bytes, bytes]], others: list[bytes]) -> None:
    store, top, items = Store(), None, dict[bytes, bytes]()
    versions: list[tuple[int | None, dict[bytes, bytes]]] = [(top, items)]
    for update in updates:
        before = dict(store.nodes)
        items = {**items, **update}
        top = stored_map.updated(store, top, update)
        versions.append((top, items))
        assert before.items() <= store.nodes.items(), "a node was changed"

    for version, held in versions:
        agrees(store, version, held, others)


@settings(deadline=None, max_examples=examples(200))
@given(maps, maps)
def test_what_is_as_it_was_is_not_written(items: dict[bytes, bytes], update: dict[bytes, bytes]) -> None:
    store = Store()
    top = stored_map.updated(store, None, items)
    top = stored_map.updated(store, top, update)
    written = len(store.nodes)

    assert stored_map.updated(store, top, update) == top
    assert stored_map.updated(store, top, {}) == top
    assert len(store.nodes) == written


@settings(deadline=None, max_examples=examples(200))
@given(maps, maps)
def test_an_update_writes_the_new_nodes_only_and_each_once(
    items: dict[bytes, bytes], update: dict[bytes, bytes]
) -> None:
    store = Store()
    top = stored_map.updated(store, None, items)
    before = {node.hash for node in store.nodes.values()}
    written = len(store.nodes)
    assert written == max(2 * len(items) - 1, 0)

    stored_map.updated(store, top, update)

    new = [node.hash for number, node in store.nodes.items() if number >= written]
    assert len(new) == len(set(new)), "written twice"
    assert not before & set(new), "written again"


def test_one_key_costs_logarithmically_many_loads() -> None:
    store, top = made_of(ITEMS)
    for ask, most in ((stored_map.get, 17), (stored_map.prove, 33)):
        store.loads = 0
        ask(store, top, KEYS[7])
        assert 5 < store.loads <= most
    store.loads, written = 0, len(store.nodes)
    stored_map.updated(store, top, {KEYS[7]: VALUES[8]})
    assert store.loads <= 33
    assert len(store.nodes) - written <= 17


def test_shared_nodes_are_loaded_once() -> None:
    store, top = made_of(ITEMS)
    written = len(store.nodes)
    store.loads = 0
    stored_map.updated(store, top, dict.fromkeys(KEYS, VALUES[0]))
    assert store.loads <= written


def test_a_key_that_parts_above_a_node_leaves_it_unread() -> None:
    # Two keys that agree in their first 250 bits, and one that parts from both at bit 0.
    near = {bytes(32): VALUES[0], bytes(31) + b"\x01": VALUES[1]}
    store, top = made_of(near)
    store.loads = 0
    higher = stored_map.updated(store, top, {b"\xff" * 32: VALUES[2]})
    assert store.loads == 1
    agrees(store, higher, {**near, b"\xff" * 32: VALUES[2]}, [b"\x01" * 32])


def test_the_empty_map() -> None:
    store = Store()
    assert stored_map.updated(store, None, {}) is None
    agrees(store, None, {}, KEYS[:2])
    assert store.nodes == {}


def test_the_deepest_map_is_no_danger() -> None:
    # Each key parts from the rest one bit further down.
    deepest = {(1 << position).to_bytes(32, "big"): VALUES[0] for position in range(256)}
    deepest[bytes(32)] = VALUES[1]
    store, top = made_of(deepest)
    changed = dict.fromkeys(deepest, VALUES[2])
    top_again = stored_map.updated(store, top, changed)
    agrees(store, top, deepest, [b"\xff" * 32])
    agrees(store, top_again, changed, [b"\xff" * 32])
    first, at_first = made_of({bytes(32): VALUES[0]})
    agrees(first, stored_map.updated(first, at_first, changed), changed, [])


# -- a store that is damaged ------------------------------------------------------------------------------


FEW = dict(list(ITEMS.items())[:30])


def proved_all(store: Store, top: int) -> None:
    for key in FEW:
        stored_map.prove(store, top, key)


def is_found(store: Store, top: int) -> None:
    """The damage is met by whoever comes by, and nobody meets anything worse than a ProofError."""
    with pytest.raises(ProofError):
        proved_all(store, top)
    with pytest.raises(ProofError):
        stored_map.updated(store, top, dict.fromkeys(FEW, VALUES[31]))
    for key in FEW:
        with suppress(ProofError):
            stored_map.get(store, top, key)


def test_any_one_damaged_part_of_a_node_is_found() -> None:
    store, top = made_of(FEW)
    whole = dict(store.nodes)
    for number in (top, *range(0, len(whole), 7)):
        node = whole[number]
        damaged: list[Any] = [None, tuple(node), (), "node"]
        for place, part in enumerate(node):
            others: list[Any] = [None, "x", b"", -1, 2**70, 1.5, True]
            others += [h(b"other"), bytes(32)] if isinstance(part, bytes) else [number, top, 0, 255]
            damaged += [
                node._replace(**{node._fields[place]: other})
                for other in others
                if type(other) is not type(part) or other != part
            ]
        for other in damaged:
            if isinstance(other, InnerNode) and isinstance(node, InnerNode) and _still_true(node, other):
                continue
            store.nodes = {**whole, number: other}
            is_found(store, top)
        store.nodes = {at: kept for at, kept in whole.items() if at != number}
        is_found(store, top)


def _still_true(node: InnerNode, other: InnerNode) -> bool:
    """Whether only the key was replaced, by one that may stand there: any below would do."""
    if other._replace(key=node.key) != node or type(other.key) is not bytes or len(other.key) != 32:
        return False
    shared = 256 - node.bit
    return int.from_bytes(other.key, "big") >> shared == int.from_bytes(node.key, "big") >> shared


def test_a_circle_ends() -> None:
    store, top = made_of(FEW)
    node = store.nodes[top]
    assert isinstance(node, InnerNode)
    for left, right in ((top, node.right), (node.left, top), (top, top)):
        store.nodes[top] = node._replace(left=left, right=right)
        is_found(store, top)


def test_a_circle_with_hashes_that_fit_ends() -> None:
    # A store that answers each look-up with a node made to fit would lead down for ever, were it not for the bits.
    class Endless(Store):
        def load(self, number: int) -> MapNode:
            super_bit = min(number, 255)
            return InnerNode(bytes(32), super_bit, number + 1, number + 1, bytes(32))

    for ask in (stored_map.get, stored_map.prove):
        with pytest.raises(ProofError):
            ask(Endless(), 0, bytes(32))
    with pytest.raises(ProofError):
        stored_map.updated(Endless(), 0, {bytes(32): VALUES[0]})


def test_a_wrong_representative_does_not_send_a_key_astray() -> None:
    # Given an inner node whose key belongs to the other side of the map
    store, top = made_of(ITEMS)
    node = store.nodes[top]
    assert isinstance(node, InnerNode)
    left, right = store.nodes[node.left], store.nodes[node.right]
    assert isinstance(left, InnerNode)
    store.nodes[node.left] = left._replace(key=right.key)

    with pytest.raises(ProofError, match="does not belong"):
        stored_map.updated(store, top, dict.fromkeys(KEYS, VALUES[3]))


def test_what_a_store_raises_beside_lookup_errors_passes_through() -> None:
    class Locked(Store):
        def load(self, number: int) -> MapNode:
            raise PermissionError(number)

    with pytest.raises(PermissionError):
        stored_map.root_of(Locked(), 0)


def test_malformed_input_raises_proof_error_only(weird: list[Any]) -> None:
    store, top = made_of(ITEMS)
    for bad in weird:
        if bad is not None:
            for ask in (stored_map.get, stored_map.prove):
                with pytest.raises(ProofError):
                    ask(store, bad, KEYS[0])
            with pytest.raises(ProofError):
                stored_map.root_of(store, bad)
            for items in ({}, ITEMS):
                with pytest.raises(ProofError):
                    stored_map.updated(store, bad, items)
        for version in (top, None):
            for ask in (stored_map.get, stored_map.prove):
                with pytest.raises(ProofError):
                    ask(store, version, bad)
            if bad != {}:
                with pytest.raises(ProofError):
                    stored_map.updated(store, version, bad)
            with pytest.raises(ProofError):
                stored_map.updated(store, version, {KEYS[0]: bad})
            if getattr(bad, "__hash__", None) and bad == bad:  # noqa: PLR0124 - NaN is no key
                with pytest.raises(ProofError):
                    stored_map.updated(store, version, {bad: VALUES[0]})
    for number in (len(store.nodes), 2**63 - 1):
        with pytest.raises(ProofError, match="no node"):
            stored_map.root_of(store, number)


def test_a_leaf_tells_what_it_holds() -> None:
    store, top = made_of({KEYS[0]: VALUES[0]})
    assert store.nodes[top] == LeafNode(h(KEYS[0] + VALUES[0]), KEYS[0], VALUES[0])
