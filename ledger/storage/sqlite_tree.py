"""Growing the Merkle tree, and the heads of streams, in the transaction that appends the entries."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence

from ledger.errors import DamagedLedgerError
from ledger.integrity.compact_range import extend, nodes_of, peak_numbers
from ledger.integrity.merkle import hashes_of, leaf_hash
from ledger.storage.batches import batches, marks
from ledger.storage.rows import Entry, Growth

LAST_NODE = "SELECT coalesce(max(number) + 1, 0) FROM tree"
NODES = "SELECT hash FROM tree WHERE number IN ({}) ORDER BY number"
INSERT_NODE = "INSERT INTO tree VALUES (?, ?)"
HEADS = "SELECT stream, count, frontier FROM stream_heads WHERE stream IN ({})"
SET_HEAD = (
    "INSERT INTO stream_heads VALUES (?, ?, ?) "
    "ON CONFLICT (stream) DO UPDATE SET count = excluded.count, frontier = excluded.frontier"
)

Head = tuple[int, list[bytes]]
"""How many entries a stream has, and the frontier of their tree."""


def grow(cursor: sqlite3.Cursor, first_position: int, entries: Sequence[Entry], place: str) -> Growth:
    """Add what the tree gains by `entries`, the first of them at `first_position`; `place` is for errors.

    Raises DamagedLedgerError if the tree does not hold exactly the entries before.
    """
    size = first_position - 1
    leaves = [leaf_hash(state) for _, _, _, state in entries]
    peaks = frontier(cursor, size, place)
    before, begin = tuple(peaks), nodes_of(size)
    cursor.executemany(INSERT_NODE, enumerate(extend(peaks, size, leaves), begin))
    by_stream: dict[str, list[bytes]] = {}
    for entry, leaf in zip(entries, leaves, strict=True):
        by_stream.setdefault(entry[0], []).append(leaf)
    cursor.executemany(SET_HEAD, _grown(_heads(cursor, list(by_stream)), by_stream))
    return Growth(size, before, size + len(leaves), tuple(peaks))


def frontier(cursor: sqlite3.Cursor, size: int, place: str) -> list[bytes]:
    """The roots of the complete subtrees of the stored tree, which has `size` leaves, largest first."""
    (count,) = cursor.execute(LAST_NODE).fetchone()
    if count != nodes_of(size):
        why = f"the tree over {size} entries has {nodes_of(size)} nodes, {count} are there"
        raise DamagedLedgerError(place, why)
    numbers = peak_numbers(size)
    found = [row[0] for row in cursor.execute(NODES.format(marks(numbers)), numbers)]
    if len(found) != len(numbers):
        raise DamagedLedgerError(place, "nodes of the tree are missing")
    return found


def _heads(cursor: sqlite3.Cursor, streams: Sequence[str]) -> dict[str, Head]:
    found: dict[str, Head] = {}
    for batch in batches(streams):
        for stream, count, joined in cursor.execute(HEADS.format(marks(batch)), batch):
            found[stream] = count, hashes_of(joined)
    return found


def _grown(
    heads: Mapping[str, Head], by_stream: Mapping[str, Sequence[bytes]]
) -> Iterator[tuple[str, int, bytes]]:
    for stream, leaves in by_stream.items():
        count, peaks = heads.get(stream) or (0, [])
        extend(peaks, count, leaves)
        yield stream, count + len(leaves), b"".join(peaks)
