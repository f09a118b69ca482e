import json
from base64 import b64decode
from collections.abc import Sequence
from hashlib import sha256
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import ProofError
from ledger.integrity import merkle
from tests.thoroughness import examples

# The test tree of certificate-transparency and transparency-dev/merkle: its leaves, its roots by size.
LEAVES = [
    bytes.fromhex(data)
    for data in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
A = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
B = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
C = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
D = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
E = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
F = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
INCLUSION = [
    (0, 1, []),
    (0, 8, [A, B, C]),
    (5, 8, [D, E, ROOTS[4]]),
    (2, 3, [ROOTS[2]]),
    (1, 5, [ROOTS[1], B, D]),
]
CONSISTENCY = [(1, 1, []), (1, 8, [A, B, C]), (6, 8, [F, E, ROOTS[4]]), (2, 5, [B, D])]

HASHES = [merkle.leaf_hash(data) for data in LEAVES]
MANY = [merkle.leaf_hash(b"entry %d" % number) for number in range(70)]


# RFC 6962 2.1, 2.1.1 and 2.1.2 word for word, to compare with.


def split(count: int) -> int:
    k = 1
    while k * 2 < count:
        k *= 2
    return k


def mth(hashes: Sequence[bytes]) -> bytes:
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = split(len(hashes))
    return sha256(b"\x01" + mth(hashes[:k]) + mth(hashes[k:])).digest()


def path(m: int, hashes: Sequence[bytes]) -> list[bytes]:
    if len(hashes) == 1:
        return []
    k = split(len(hashes))
    if m < k:
        return [*path(m, hashes[:k]), mth(hashes[k:])]
    return [*path(m - k, hashes[k:]), mth(hashes[:k])]


def subproof(m: int, hashes: Sequence[bytes], known: bool) -> list[bytes]:
    if m == len(hashes):
        return [] if known else [mth(hashes)]
    k = split(len(hashes))
    if m <= k:
        return [*subproof(m, hashes[:k], known), mth(hashes[k:])]
    return [*subproof(m - k, hashes[k:], False), mth(hashes[:k])]


def stored(hashes: Sequence[bytes]) -> dict[tuple[int, int], bytes]:
    """What an append-only store would hold: every leaf, and every node that an append completed."""
    frontier = merkle.Frontier()
    nodes: dict[tuple[int, int], bytes] = {}
    for index, leaf in enumerate(hashes):
        nodes[0, index] = leaf
        for level, position, value in frontier.append(leaf):
            assert (level, position) not in nodes
            nodes[level, position] = value
    return nodes


def test_the_roots_of_the_known_test_tree() -> None:
    for size, expected in enumerate(ROOTS):
        assert merkle.root(HASHES[:size]).hex() == expected
        assert mth(HASHES[:size]).hex() == expected


def test_the_proofs_of_the_known_test_tree() -> None:
    for index, size, expected in INCLUSION:
        assert [step.hex() for step in merkle.inclusion_proof(HASHES[:size], index)] == expected
    for old_size, size, expected in CONSISTENCY:
        assert [step.hex() for step in merkle.consistency_proof(HASHES[:size], old_size)] == expected


def test_a_frontier_and_its_stored_nodes_give_what_the_list_gives() -> None:
    nodes = stored(MANY)
    frontier = merkle.Frontier()
    assert frontier.root() == merkle.EMPTY_ROOT
    for size in range(1, len(MANY) + 1):
        frontier.append(MANY[size - 1])
        frontier = merkle.Frontier(frontier.size, frontier.hashes)  # stored and restored
        assert frontier.size == size
        assert frontier.root() == mth(MANY[:size])

        def node(level: int, index: int, size: int = size) -> bytes:
            assert (index + 1) << level <= size, "asked for a subtree that is not complete"
            return nodes[level, index]

        assert merkle.root_from_nodes(size, node) == merkle.root(MANY[:size]) == mth(MANY[:size])
        for other in range(size):
            expected = path(other, MANY[:size])
            assert merkle.inclusion_proof_from_nodes(other, size, node) == expected
            expected = subproof(other + 1, MANY[:size], True)
            assert merkle.consistency_proof_from_nodes(other + 1, size, node) == expected
    assert merkle.root_from_nodes(0, lambda *_: b"") == merkle.EMPTY_ROOT
    for other in range(len(MANY)):
        assert merkle.inclusion_proof(MANY, other) == path(other, MANY)
        assert merkle.consistency_proof(MANY, other + 1) == subproof(other + 1, MANY, True)


def test_a_proof_from_stored_nodes_costs_logarithmically_many_look_ups() -> None:
    asked = 0

    def node(level: int, index: int) -> bytes:
        nonlocal asked
        asked += 1
        assert (index + 1) << level <= merkle.MAX_SIZE
        return bytes(32)

    for index in (0, 2**63, merkle.MAX_SIZE - 1):
        asked = 0
        assert len(merkle.inclusion_proof_from_nodes(index, merkle.MAX_SIZE, node)) <= 64
        assert asked <= 2 * 64
        asked = 0
        assert len(merkle.consistency_proof_from_nodes(index + 1, merkle.MAX_SIZE, node)) <= 65
        assert asked <= 2 * 64


def test_every_proof_verifies_and_holds_for_its_own_place_only() -> None:
    for size in range(1, 18):
        root = mth(MANY[:size])
        for index, claimed in product(range(size), range(size + 2)):
            proof = path(index, MANY[:size])
            if claimed == index:
                merkle.verify_inclusion(MANY[index], index, size, proof, root)
            else:
                with pytest.raises(ProofError):
                    merkle.verify_inclusion(MANY[index], claimed, size, proof, root)
        for old_size, claimed in product(range(1, size + 1), range(size + 2)):
            proof, old_root = subproof(old_size, MANY[:size], True), mth(MANY[:old_size])
            if claimed == old_size:
                merkle.verify_consistency(old_size, size, proof, old_root, root)
            else:
                with pytest.raises(ProofError):
                    merkle.verify_consistency(claimed, size, proof, old_root, root)


def changed_proofs(proof: list[bytes], at: int, bit: int) -> list[list[bytes]]:
    """The proof with one bit flipped, one hash less, one hash more (in front, behind), two swapped."""
    variants = [[*proof, proof[0] if proof else bytes(32)], [bytes(32), *proof]]
    if proof:
        at %= len(proof)
        flipped = bytearray(proof[at])
        flipped[bit // 8] ^= 1 << bit % 8
        variants += [[*proof[:at], bytes(flipped), *proof[at + 1 :]], proof[1:], proof[:-1]]
    if len(proof) > 1:
        variants.append([proof[1], proof[0], *proof[2:]])
    return variants


@settings(deadline=None, max_examples=examples(150))
@given(st.integers(1, 70), st.integers(0, 69), st.integers(0, 6), st.integers(0, 255))
def test_no_changed_proof_verifies(size: int, index: int, at: int, bit: int) -> None:
    index %= size
    root = mth(MANY[:size])
    for proof in changed_proofs(path(index, MANY[:size]), at, bit):
        with pytest.raises(ProofError):
            merkle.verify_inclusion(MANY[index], index, size, proof, root)
    for proof in changed_proofs(subproof(index + 1, MANY[:size], True), at, bit):
        with pytest.raises(ProofError):
            merkle.verify_consistency(index + 1, size, proof, mth(MANY[: index + 1]), root)


def test_no_other_leaf_root_or_size_verifies() -> None:
    proof, root = path(4, MANY[:11]), mth(MANY[:11])
    merkle.verify_inclusion(MANY[4], 4, 11, proof, root)
    for leaf, size, other in ((MANY[5], 11, root), (MANY[4], 11, mth(MANY[:12])), (MANY[4], 5, root)):
        with pytest.raises(ProofError):
            merkle.verify_inclusion(leaf, 4, size, proof, other)
    proof, old_root = subproof(4, MANY[:11], True), mth(MANY[:4])
    merkle.verify_consistency(4, 11, proof, old_root, root)
    for old, size, new in ((mth(MANY[1:5]), 11, root), (old_root, 11, mth(MANY[:12])), (old_root, 7, root)):
        with pytest.raises(ProofError):
            merkle.verify_consistency(4, size, proof, old, new)


def test_the_old_root_is_checked_at_every_size() -> None:
    for size in range(2, 18):
        for old_size in range(1, size):
            proof = subproof(old_size, MANY[:size], True)
            for wrong in (MANY[69], mth(MANY[:size]), mth(MANY[: old_size + 1])):
                with pytest.raises(ProofError):
                    merkle.verify_consistency(old_size, size, proof, wrong, mth(MANY[:size]))


def test_equal_sizes_need_equal_roots_and_no_proof() -> None:
    root = mth(MANY[:5])
    merkle.verify_consistency(5, 5, [], root, root)
    for proof, old, new in (([], root, MANY[0]), ([root], root, root), ([], b"", b""), ([], None, None)):
        with pytest.raises(ProofError):
            merkle.verify_consistency(5, 5, proof, old, new)  # type: ignore[arg-type]


def test_the_published_vectors(vectors: Path) -> None:
    folder = vectors / "transparency-dev-merkle" / "testdata"

    def decoded(case: dict[str, Any], *names: str) -> list[bytes]:
        return [b64decode(case[name] or "") for name in names]

    checked = 0
    for file in sorted([*folder.glob("inclusion/**/*.json"), *folder.glob("consistency/**/*.json")]):
        case = json.loads(file.read_bytes())
        proof = [b64decode(step) for step in case["proof"] or []]
        try:
            if "leafIdx" in case:
                leaf, root = decoded(case, "leafHash", "root")
                merkle.verify_inclusion(leaf, case["leafIdx"], case["treeSize"], proof, root)
            else:
                old_root, root = decoded(case, "root1", "root2")
                merkle.verify_consistency(case["size1"], case["size2"], proof, old_root, root)
            refused = False
        except ProofError:
            refused = True
        assert refused == case["wantErr"], file
        checked += 1
    assert checked > 150


def test_malformed_input_raises_proof_error_only(weird: list[Any]) -> None:
    proof, old_root, root = subproof(3, MANY[:7], True), mth(MANY[:3]), mth(MANY[:7])
    for value in weird:
        for place in range(5):
            inclusion: list[Any] = [MANY[2], 2, 7, path(2, MANY[:7]), root]
            merkle.verify_inclusion(*inclusion)
            inclusion[place] = value
            with pytest.raises(ProofError):
                merkle.verify_inclusion(*inclusion)
            consistency: list[Any] = [3, 7, proof, old_root, root]
            merkle.verify_consistency(*consistency)
            consistency[place] = value
            with pytest.raises(ProofError):
                merkle.verify_consistency(*consistency)
        with pytest.raises(ProofError):
            merkle.Frontier().append(value)
        with pytest.raises(ProofError):
            merkle.Frontier(value, [MANY[0]])
        with pytest.raises(ProofError):
            merkle.Frontier(1, value)
        with pytest.raises(ProofError):
            merkle.inclusion_proof(MANY, value)
        with pytest.raises(ProofError):
            merkle.consistency_proof(MANY, value)
        with pytest.raises(ProofError):
            merkle.root_from_nodes(3, lambda *_, value=value: value)
        if value not in ([], b"", b"x" * 31, b"x" * 33, bytearray(32)) and not isinstance(value, memoryview):
            with pytest.raises(ProofError):
                merkle.leaf_hash(value)
        if value != []:
            with pytest.raises(ProofError):
                merkle.root(value)


def test_what_is_not_there_cannot_be_proved() -> None:
    for index, size in ((0, 0), (7, 7), (8, 7)):
        with pytest.raises(ProofError, match="no leaf"):
            merkle.inclusion_proof(MANY[:size], index)
    for old_size, size in ((0, 0), (0, 7), (8, 7)):
        with pytest.raises(ProofError, match="no consistency proof"):
            merkle.consistency_proof(MANY[:size], old_size)
    with pytest.raises(ProofError, match="no stored node at level 2, index 0"):
        merkle.root_from_nodes(4, lambda level, index: {(0, 0): MANY[0]}[level, index])
