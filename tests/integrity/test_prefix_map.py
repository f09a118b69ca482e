from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import ProofError
from ledger.integrity import prefix_map
from tests.thoroughness import examples


def h(data: bytes) -> bytes:
    return sha256(data).digest()


def bit(key: bytes, position: int) -> int:
    return int.from_bytes(key, "big") >> (255 - position) & 1


def expected_root(items: dict[bytes, bytes], position: int = 0) -> bytes:
    """The definition of DESIGN section 7, word for word."""
    if not items:
        return h(b"")
    if len(items) == 1:
        ((key, value),) = items.items()
        return h(key + value)
    left = {key: value for key, value in items.items() if not bit(key, position)}
    right = {key: value for key, value in items.items() if bit(key, position)}
    if not left or not right:
        return expected_root(items, position + 1)
    return h(expected_root(left) + expected_root(right) + bytes((position,)))


KEYS = [h(b"key %d" % number) for number in range(40)]
VALUES = [h(b"value %d" % number) for number in range(40)]
ITEMS = dict(zip(KEYS, VALUES, strict=True))

# Keys that share long prefixes as well as random ones.
close_keys = st.builds(
    lambda start, fill, tail: bytes([start]) + bytes([fill]) * 30 + bytes([tail]),
    st.sampled_from([0, 1, 128, 255]),
    st.sampled_from([0, 255]),
    st.integers(0, 255),
)
keys = close_keys | st.binary(min_size=32, max_size=32)
values = st.binary(min_size=32, max_size=32)
maps = st.dictionaries(keys, values, max_size=20)


@settings(deadline=None, max_examples=examples(200))
@given(maps, keys, st.randoms(use_true_random=False))
def test_every_key_is_shown_present_and_every_other_absent(
    items: dict[bytes, bytes], other: bytes, random: Any
) -> None:
    shuffled = list(items.items())
    random.shuffle(shuffled)
    built = prefix_map.build(shuffled)
    assert built.root == expected_root(items)
    assert len(built) == len(items)
    for key, value in items.items():
        proof = built.prove(key)
        assert built.get(key) == value
        prefix_map.verify(built.root, key, value, proof)
        for wrong in (None, h(value)):
            with pytest.raises(ProofError):
                prefix_map.verify(built.root, key, wrong, proof)
    if other not in items:
        proof = built.prove(other)
        assert built.get(other) is None
        prefix_map.verify(built.root, other, None, proof)
        with pytest.raises(ProofError):
            prefix_map.verify(built.root, other, proof[32:64] or h(b""), proof)


@settings(deadline=None, max_examples=examples(200))
@given(maps, st.lists(maps, max_size=4))
def test_an_updated_map_is_the_map_built_anew(
    items: dict[bytes, bytes], updates: list[dict[bytes, bytes]]
) -> None:
    current = prefix_map.build(items)
    for update in updates:
        before, root = current, current.root
        items = {**items, **update}
        current = current.updated(update)
        assert current.root == prefix_map.build(items).root == expected_root(items)
        assert len(current) == len(items)
        assert before.root == root
    for key, value in items.items():
        prefix_map.verify(current.root, key, value, current.prove(key))


def test_the_empty_map_and_the_map_of_one() -> None:
    empty = prefix_map.build({})
    assert empty.root == h(b"") == prefix_map.EMPTY_ROOT
    assert empty.prove(KEYS[0]) == b""
    prefix_map.verify(empty.root, KEYS[0], None, b"")
    one = prefix_map.build([(KEYS[0], VALUES[0])])
    assert one.root == h(KEYS[0] + VALUES[0])
    assert one.prove(KEYS[0]) == b""
    assert one.prove(KEYS[1]) == KEYS[0] + VALUES[0]
    prefix_map.verify(one.root, KEYS[0], VALUES[0], b"")
    prefix_map.verify(one.root, KEYS[1], None, KEYS[0] + VALUES[0])
    for root, key, value, proof in (
        (empty.root, KEYS[0], VALUES[0], b""),
        (one.root, KEYS[1], None, b""),
        (empty.root, KEYS[1], None, KEYS[0] + VALUES[0]),
        (one.root, KEYS[0], None, KEYS[0] + VALUES[0]),
    ):
        with pytest.raises(ProofError):
            prefix_map.verify(root, key, value, proof)


def test_no_changed_proof_verifies() -> None:
    built = prefix_map.build(ITEMS)
    absent = h(b"no such key")
    cases = [(key, value, built.prove(key)) for key, value in list(ITEMS.items())[:3]]
    for key, value, proof in [*cases, (absent, None, built.prove(absent))]:
        prefix_map.verify(built.root, key, value, proof)
        for position in range(len(proof)):
            for flip in (1, 0x80):
                changed = proof[:position] + bytes((proof[position] ^ flip,)) + proof[position + 1 :]
                with pytest.raises(ProofError):
                    prefix_map.verify(built.root, key, value, changed)
        for cut in (
            proof[:-1],
            proof[1:],
            proof[33:],
            proof[:-33],
            proof + b"\x00",
            proof + proof[-33:],
            b"",
        ):
            with pytest.raises(ProofError):
                prefix_map.verify(built.root, key, value, cut)
        for other in (KEYS[7], absent):
            if other != key:
                with pytest.raises(ProofError):
                    prefix_map.verify(built.root, other, VALUES[7], proof)
        with pytest.raises(ProofError):
            prefix_map.verify(h(built.root), key, value, proof)


def test_a_present_key_is_never_shown_absent_by_any_leaf_of_the_map() -> None:
    built = prefix_map.build(ITEMS)
    for key in KEYS:
        for other in KEYS:
            with pytest.raises(ProofError):
                prefix_map.verify(built.root, key, None, other + ITEMS[other] + built.prove(other))


def test_the_other_leaf_must_stand_where_the_asked_key_would() -> None:
    # Two leaves that part at bit 0; the left one shows nothing about keys on the right.
    left, right = bytes(32), b"\x80" + bytes(31)
    built = prefix_map.build({left: VALUES[0], right: VALUES[1]})
    asked = b"\xff" * 32
    prefix_map.verify(built.root, asked, None, right + VALUES[1] + built.prove(right))
    with pytest.raises(ProofError, match="parts from the asked one at bit 0"):
        prefix_map.verify(built.root, asked, None, left + VALUES[0] + built.prove(left))


def test_the_bits_of_a_path_fall_strictly_even_under_a_forged_root() -> None:
    key, value = bytes(32), VALUES[0]

    def forged(*bits: int) -> tuple[bytes, bytes]:
        root, proof = h(key + value), b""
        for position in bits:
            root = h(root + VALUES[1] + bytes((position,)))
            proof += bytes((position,)) + VALUES[1]
        return root, proof

    root, proof = forged(9, 5, 0)
    prefix_map.verify(root, key, value, proof)
    root, proof = forged(*range(255, -1, -1))
    prefix_map.verify(root, key, value, proof)
    for bits in ((5, 9), (5, 5), (0, 0), (9, 5, 5), (*range(255, -1, -1), 0)):
        root, proof = forged(*bits)
        with pytest.raises(ProofError, match="expected a smaller one"):
            prefix_map.verify(root, key, value, proof)


def test_no_piece_of_a_proof_may_be_cut_short_even_under_a_forged_root() -> None:
    key, value = bytes(32), VALUES[0]
    leaf = h(key + value)
    for sibling in (b"", VALUES[1][:31]):
        with pytest.raises(ProofError, match="expected a multiple of 33"):
            prefix_map.verify(h(leaf + sibling + b"\x00"), key, value, b"\x00" + sibling)
        with pytest.raises(ProofError, match="expected a multiple of 33"):
            prefix_map.verify(h(leaf + sibling + b"\xff"), KEYS[0], None, key + value + b"\xff" + sibling)
    for short in (key[:5], key, key + value[:31]):
        with pytest.raises(ProofError, match="expected at least 64"):
            prefix_map.verify(h(short), KEYS[0], None, short)


def test_a_leaf_cannot_be_read_as_an_inner_node() -> None:
    # An inner node's hash as if it were a leaf: 65 bytes are no key and value.
    built = prefix_map.build({bytes(32): VALUES[0], b"\x80" + bytes(31): VALUES[1]})
    left, right = h(bytes(32) + VALUES[0]), h(b"\x80" + bytes(31) + VALUES[1])
    assert built.root == h(left + right + b"\x00")
    for value in (right, right + b"\x00"):
        with pytest.raises(ProofError):
            prefix_map.verify(built.root, left, value, b"")


def test_the_deepest_map_is_no_danger() -> None:
    # Each key parts from the rest one bit further down.
    deepest = {(1 << position).to_bytes(32, "big"): VALUES[0] for position in range(256)} | {
        bytes(32): VALUES[1]
    }
    built = prefix_map.build(deepest)
    assert len(built.prove(bytes(32))) == 256 * 33
    assert prefix_map.build({bytes(32): VALUES[1]}).updated(deepest).root == built.root
    for key, value in deepest.items():
        prefix_map.verify(built.root, key, value, built.prove(key))


def test_stream_keys_and_head_values() -> None:
    assert prefix_map.stream_key("a.example/log", "client/C-1") == h(
        b"el/stream/v1\na.example/log\nclient/C-1"
    )
    assert prefix_map.stream_key("\u00e9", "ledger") == h(b"el/stream/v1\n\xc3\xa9\nledger")
    assert prefix_map.head_value(258, KEYS[0]) == h(b"el/head/v1\n" + b"\x00" * 6 + b"\x01\x02" + KEYS[0])
    assert prefix_map.head_value(2**64 - 1, KEYS[0]) == h(b"el/head/v1\n" + b"\xff" * 8 + KEYS[0])
    with pytest.raises(ProofError, match="one line"):
        prefix_map.stream_key("a\nb", "c")


def test_malformed_input_raises_proof_error_only(weird: list[Any]) -> None:
    built = prefix_map.build(ITEMS)
    key, value, proof = KEYS[0], VALUES[0], built.prove(KEYS[0])
    for bad in weird:
        for arguments in (
            (bad, key, value, proof),
            (built.root, bad, value, proof),
            (built.root, key, bad, proof),
        ):
            with pytest.raises(ProofError):
                prefix_map.verify(*arguments)
        for expected in (value, None):
            with pytest.raises(ProofError):
                prefix_map.verify(built.root, key, expected, bad)
        with pytest.raises(ProofError):
            built.prove(bad)
        with pytest.raises(ProofError):
            built.get(bad)
        with pytest.raises(ProofError):
            prefix_map.build([(bad, value)])
        with pytest.raises(ProofError):
            prefix_map.build([(key, bad)])
        with pytest.raises(ProofError):
            prefix_map.head_value(1, bad)
        if bad not in ([], {}, "", b""):
            with pytest.raises(ProofError):
                prefix_map.build(bad)
            if not hasattr(bad, "__next__"):  # that one is used up
                with pytest.raises(ProofError):
                    built.updated(bad)
        if not isinstance(bad, str) or bad == "\ud800":
            with pytest.raises(ProofError):
                prefix_map.stream_key(bad, "s")
            with pytest.raises(ProofError):
                prefix_map.stream_key("o", bad)
        with pytest.raises(ProofError):
            prefix_map.head_value(bad, key)
    with pytest.raises(ProofError, match="given twice"):
        prefix_map.build([(key, value), (key, value)])
