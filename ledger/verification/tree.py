"""The stored Merkle tree against the one recomputed from the entries, each fault where it is.

The tree is compared in blocks of 1,024 leaves, which are complete subtrees: inside a block by whoever reads its
entries, above the blocks by whoever puts the ranges together. A node that follows from a wrong one below is no fault
of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from itertools import chain

from ledger.integrity.compact_range import extend, node_number, nodes_of
from ledger.integrity.merkle import HASH_SIZE
from ledger.storage.batches import batches, marks
from ledger.storage.tree_reading import SOME_NODES
from ledger.verification.database import Stored
from ledger.verification.faults import Fault, Kind

LEVEL = 10
BLOCK = 1 << LEVEL

NODES = "SELECT hash FROM tree WHERE number >= ? AND number < ? ORDER BY number"


def leaves_of(nodes: int) -> int:
    """How many leaves a tree has at most of whose complete subtrees so many nodes are stored."""
    leaves = max(0, nodes // 2)
    while nodes_of(leaves + 1) <= nodes:
        leaves += 1
    return leaves


Node = tuple[int, int]
"""(level, index), as in `ledger.integrity.merkle`."""


def check_block(stored: Stored, begin: int, leaves: Sequence[bytes], nodes: Sequence[bytes]) -> bool:
    """Compare the stored nodes of the block from leaf `begin` with the recomputed ones, in order of completion."""
    first = nodes_of(begin)
    with stored.damage("tree"):
        found = list(chain.from_iterable(stored.rows(NODES, [first, first + len(nodes)])))
        if found == nodes and {*map(type, found)} <= {bytes}:
            return True
    computed: dict[Node, bytes] = {}
    ahead = iter(nodes)
    for leaf in range(begin, begin + len(leaves)):
        level, index = 0, leaf
        computed[0, leaf] = next(ahead)
        while index & 1 and level < LEVEL:
            level, index = level + 1, index >> 1
            computed[level, index] = next(ahead)
    stored.faults.extend(_judged(computed, _stored(stored, computed)))
    return False


def check_above(stored: Stored, first: int, peaks: list[bytes], blocks: Sequence[bytes]) -> None:
    """Compare the stored nodes above the blocks from number `first` with those over their roots.

    `peaks` is the frontier over the roots of the blocks before, and is extended.
    """
    computed: dict[Node, bytes] = {}
    ahead = iter(extend(peaks, first, blocks))
    for block in range(first, first + len(blocks)):
        level, index = LEVEL, block
        computed[level, index] = next(ahead)
        while index & 1:
            level, index = level + 1, index >> 1
            computed[level, index] = next(ahead)
    kept = _stored(stored, computed)
    stored.faults.extend(
        _judged({node: hashed for node, hashed in computed.items() if node[0] > LEVEL}, kept)
    )


def stored_leaves(stored: Stored, positions: Iterable[int]) -> list[bytes]:
    """The leaf hashes that the stored tree has for entries at these positions; zeros where it has none.

    What is wrong with them is found where the tree is compared.
    """
    numbers = [node_number(0, position - 1) for position in positions]
    found = read_nodes(stored._replace(faults=[]), numbers)
    return [found.get(number) or bytes(HASH_SIZE) for number in numbers]


def read_nodes(stored: Stored, numbers: Sequence[int]) -> dict[int, bytes]:
    """The stored nodes of these numbers that have the form of a hash."""
    found: dict[int, bytes] = {}
    for batch in batches(numbers):
        with stored.damage("tree"):
            for number, hashed in stored.rows(SOME_NODES.format(marks(batch)), batch):
                if type(hashed) is bytes and len(hashed) == HASH_SIZE:
                    found[number] = hashed
                else:
                    stored.report("tree", number, Kind.BAD_TYPE, "the node is no hash of 32 bytes")
    return found


def _stored(stored: Stored, nodes: Mapping[Node, bytes]) -> dict[Node, bytes]:
    by_number = {node_number(*node): node for node in nodes}
    found = read_nodes(stored, list(by_number))
    return {by_number[number]: hashed for number, hashed in found.items()}


def _judged(computed: Mapping[Node, bytes], stored: Mapping[Node, bytes]) -> list[Fault]:
    """What is wrong at the place itself, not merely because of something below."""
    faults = []
    for node, right in computed.items():
        came = stored.get(node)
        level, index = node
        number = node_number(level, index)
        if came == right:
            continue
        where = (
            f"of entry {index + 1}"
            if not level
            else f"over entries {(index << level) + 1} to {index + 1 << level}"
        )
        if came is None:
            faults.append(Fault("tree", number, Kind.TREE_NODE_MISSING, f"the node {where} is missing"))
        elif level:
            if came != _above(stored.get((level - 1, 2 * index)), stored.get((level - 1, 2 * index + 1))):
                faults.append(
                    Fault(
                        "tree",
                        number,
                        Kind.TREE_NODE,
                        f"the node {where} is another than what is below gives",
                    )
                )
        elif _vouched(node, right, stored):
            faults.append(
                Fault("tree", number, Kind.TREE_NODE, f"the leaf hash {where} is another than its bytes give")
            )
        else:
            said = "the stored bytes are not the ones recorded: the tree holds another leaf hash"
            faults.append(Fault("stored_events", index + 1, Kind.ALTERED_ENTRY, said))
    return faults


def _above(left: bytes | None, right: bytes | None) -> bytes | None:
    return None if left is None or right is None else sha256(b"\x01" + left + right).digest()


def _vouched(leaf: Node, right: bytes, stored: Mapping[Node, bytes]) -> bool:
    """Whether the stored node above a leaf is the hash over the recomputed leaf: then the entry is as it was."""
    _, index = leaf
    above, beside = stored.get((1, index >> 1)), stored.get((0, index ^ 1))
    if above is None or beside is None:
        return False
    return above == (_above(beside, right) if index & 1 else _above(right, beside))
