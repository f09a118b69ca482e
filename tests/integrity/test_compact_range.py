from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import ProofError
from ledger.integrity import merkle
from ledger.integrity.compact_range import CompactRange, extend, node_number, nodes_of
from tests.thoroughness import examples

LEAVES = [merkle.leaf_hash(b"entry %d" % number) for number in range(140)]
sizes = st.integers(0, len(LEAVES))


def appended(begin: int, end: int) -> CompactRange:
    made = CompactRange(begin)
    for leaf in LEAVES[begin:end]:
        made.append(leaf)
    return made


def joined(first: CompactRange, *others: CompactRange) -> CompactRange:
    made = CompactRange(first.begin, first.end, first.hashes)
    for other in others:
        made.merge(other)
    return made


def cover(begin: int, end: int) -> list[bytes]:
    """The definition: from the left, the largest aligned complete subtree that does not reach beyond the end."""
    roots = []
    while begin < end:
        width = 1
        while begin % (2 * width) == 0 and begin + 2 * width <= end:
            width *= 2
        roots.append(merkle.root(LEAVES[begin : begin + width]))
        begin += width
    return roots


def completed_in_order(size: int) -> list[tuple[int, int]]:
    """The definition of a node's number: leaf by leaf, each followed by the parents it completes."""
    order = []
    for leaf in range(size):
        order.append((0, leaf))
        level = 1
        while (leaf + 1) % (1 << level) == 0:
            order.append((level, leaf >> level))
            level += 1
    return order


def test_every_range_is_covered_as_defined_and_goes_on_from_its_state() -> None:
    for begin in range(34):
        made = CompactRange(begin)
        for end in range(begin, 35):
            assert (made.begin, made.end) == (begin, end)
            assert list(made.hashes) == cover(begin, end)
            made = CompactRange(begin, end, made.hashes)  # stored and restored
            made.append(LEAVES[end])


@settings(deadline=None, max_examples=examples(200))
@given(sizes)
def test_the_root_is_the_trees(size: int) -> None:
    made = appended(0, size)
    frontier = merkle.Frontier()
    for leaf in LEAVES[:size]:
        frontier.append(leaf)
    assert made.root() == merkle.root(LEAVES[:size]) == frontier.root()
    assert made.hashes == frontier.hashes


@settings(deadline=None, max_examples=examples(200))
@given(st.lists(sizes, min_size=2, max_size=6).map(sorted))
def test_neighbours_join_to_the_range_appended_in_one_go(ends: list[int]) -> None:
    pieces = [appended(begin, end) for begin, end in pairwise(ends)]

    whole = joined(*pieces)

    assert whole.hashes == appended(ends[0], ends[-1]).hashes
    assert (whole.begin, whole.end) == (ends[0], ends[-1])
    assert joined(appended(0, ends[0]), whole).root() == merkle.root(LEAVES[: ends[-1]])


@settings(deadline=None, max_examples=examples(200))
@given(st.lists(sizes, min_size=4, max_size=4).map(sorted))
def test_it_does_not_matter_which_neighbours_are_joined_first(ends: list[int]) -> None:
    a, b, c = (appended(begin, end) for begin, end in pairwise(ends))

    assert joined(joined(a, b), c).hashes == joined(a, joined(b, c)).hashes


def test_ranges_that_are_no_neighbours_are_refused_and_nothing_changes() -> None:
    made = appended(3, 9)
    for other in (appended(8, 12), appended(10, 12), appended(0, 3), made):
        with pytest.raises(ProofError, match="up to leaf 9 is followed by one from there"):
            made.merge(other)
    assert made.hashes == appended(3, 9).hashes
    with pytest.raises(ProofError, match="from leaf 3 has no root"):
        made.root()


def test_a_range_of_astronomic_size_is_as_small() -> None:
    made = CompactRange(1, merkle.MAX_SIZE, [LEAVES[0]] * 126)
    with pytest.raises(ProofError, match="at most 2"):
        made.append(LEAVES[0])
    assert node_number(63, 0) == 2**64 - 2
    assert node_number(0, 2**64 - 2) == nodes_of(2**64 - 2)


def test_a_nodes_number_is_its_place_in_the_order_of_completion() -> None:
    order = completed_in_order(len(LEAVES))
    assert [node_number(level, index) for level, index in order] == list(range(len(order)))
    for size in range(len(LEAVES) + 1):
        assert nodes_of(size) == len(completed_in_order(size))


@settings(deadline=None, max_examples=examples(200))
@given(sizes, sizes)
def test_extending_gives_every_node_in_its_place(old: int, new: int) -> None:
    old, new = sorted((old, new))
    peaks: list[bytes] = []
    nodes = extend(peaks, 0, LEAVES[:old])
    assert len(nodes) == nodes_of(old)

    nodes += extend(peaks, old, tuple(LEAVES[old:new]))

    assert len(nodes) == nodes_of(new)
    assert tuple(peaks) == appended(0, new).hashes
    for level, index in completed_in_order(new):
        assert nodes[node_number(level, index)] == merkle.root(LEAVES[index << level : (index + 1) << level])


def test_the_completed_nodes_are_those_of_the_frontier() -> None:
    frontier, peaks = merkle.Frontier(), list[bytes]()
    for size, leaf in enumerate(LEAVES):
        expected = [leaf, *(value for _, _, value in frontier.append(leaf))]
        assert extend(peaks, size, [leaf]) == expected


def test_malformed_input_raises_proof_error_only_and_changes_nothing(weird: list[Any]) -> None:
    three = appended(0, 3)
    for bad in weird:
        with pytest.raises(ProofError):
            three.append(bad)
        with pytest.raises(ProofError):
            three.merge(bad)
        for place in range(3):
            state: list[Any] = [0, 3, three.hashes]
            state[place] = bad
            if (place, bad) != (1, None):  # that is the empty range
                with pytest.raises(ProofError):
                    CompactRange(*state)
        with pytest.raises(ProofError):
            node_number(bad, 0)
        with pytest.raises(ProofError):
            node_number(0, bad)
        with pytest.raises(ProofError):
            nodes_of(bad)
        peaks = list(three.hashes)
        for arguments in ((bad, 3, LEAVES), (peaks, bad, LEAVES), (peaks, 3, bad)):
            if bad != [] or arguments[2] is not bad:
                with pytest.raises(ProofError):
                    extend(*arguments)
        assert peaks == list(three.hashes)
    assert three.hashes == appended(0, 3).hashes


def test_states_that_do_not_fit_are_refused() -> None:
    for begin, end, count in ((0, 3, 1), (0, 3, 3), (5, 4, 0), (0, 2**64, 1)):
        with pytest.raises(ProofError):
            CompactRange(begin, end, LEAVES[:count])
    with pytest.raises(ProofError, match="a frontier of 2 hashes, not 1"):
        extend([LEAVES[0]], 3, LEAVES)
    with pytest.raises(ProofError, match="at most 2"):
        extend([LEAVES[0]] * 64, 2**64 - 1, LEAVES[:1])
    for level, index in ((64, 0), (63, 1), (2**60, 0)):
        with pytest.raises(ProofError, match="no tree has a node"):
            node_number(level, index)
