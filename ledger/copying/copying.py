"""A whole log copied into an empty one, row by row, while its tree is recomputed from the entries.

Every row is written as it was read: entries, positions and log times, sealed texts, sources, heads, seals,
checkpoints, what others said of them. So roots and checkpoints are the same on both sides. The nodes of the tree are
not copied but computed, and must be the ones stored: a copy never passes on damage to an entry.
"""

from collections.abc import Sequence
from typing import NamedTuple

from eventsourcing.persistence import IntegrityError

from ledger.errors import UnsoundCopyError
from ledger.integrity.compact_range import extend, nodes_of
from ledger.integrity.merkle import folded, leaf_hash
from ledger.storage.log import Progress, Writer
from ledger.storage.reading import Reading
from ledger.storage.tables import BESIDE_THE_ENTRIES, STORED_EVENTS, TREE, StoredRow, Table

PAGE = 2_000


class Copied(NamedTuple):
    """What was copied: how many entries, and the root of the tree over them."""

    size: int
    root: bytes


def copy_log(
    source: Reading, place: str, target: Writer, progress: Progress = lambda _done, _of: None
) -> Copied:
    """Copy a log, read in one snapshot, into an empty one; `place` names the source in errors.

    Holds a page of rows in memory. Raises UnsoundCopyError where entries are missing, where the tree is not the one
    they give, or where a table has rows that nobody can have stored.
    """
    size, done = source.last_position(), 0
    peaks: list[bytes] = []
    _refuse_cut_off(source, place, size)
    for rows in source.rows_of(STORED_EVENTS, PAGE):
        nodes = _nodes(place, done, rows, peaks)
        first = nodes_of(done)
        _require_stored(place, done, nodes, source.tree_nodes(first, first + len(nodes)))
        _put(target, place, STORED_EVENTS, rows)
        _put(target, place, TREE, list(enumerate(nodes, first)))
        done += len(rows)
        progress(done, size)
    _require_all(place, STORED_EVENTS, done, source)
    _require_all(place, TREE, nodes_of(done), source)
    for table in BESIDE_THE_ENTRIES:
        copied = 0
        for rows in source.rows_of(table, PAGE):
            _put(target, place, table, rows)
            copied += len(rows)
        _require_all(place, table, copied, source)
    return Copied(done, folded(peaks))


def _refuse_cut_off(source: Reading, place: str, size: int) -> None:
    given = source.highest_given()
    if given > size:
        raise UnsoundCopyError(
            place, [f"{given} entries were recorded, the last one there is number {size}: the end is missing"]
        )


def _nodes(place: str, done: int, rows: Sequence[StoredRow], peaks: list[bytes]) -> list[bytes]:
    """The nodes of the tree that these entries complete, after the first `done`; `peaks` is its frontier."""
    leaves = []
    for position, (found, *_, state, _log_time) in enumerate(rows, done + 1):
        if found != position:
            raise UnsoundCopyError(place, [f"entry {position} is missing: the next one there is {found!r}"])
        if type(state) is not bytes:
            raise UnsoundCopyError(place, [f"entry {position} does not hold bytes"])
        leaves.append(leaf_hash(state))
    return extend(peaks, done, leaves)


def _require_stored(place: str, done: int, nodes: Sequence[bytes], stored: Sequence[bytes]) -> None:
    """UnsoundCopyError unless the computed nodes are the stored ones."""
    if list(stored) == list(nodes):
        return
    first = nodes_of(done)
    for number, (computed, kept) in enumerate(zip(nodes, stored, strict=False), first):
        if computed != kept:
            raise UnsoundCopyError(
                place,
                [f"node {number} of the tree is not the one that the entries after number {done} give"],
            )
    raise UnsoundCopyError(place, [f"node {first + len(stored)} of the tree is missing"])


def _put(target: Writer, place: str, table: Table, rows: Sequence[StoredRow]) -> None:
    try:
        target.take(table, rows)
    except IntegrityError as unfit:
        raise UnsoundCopyError(place, [f"{table.name}: its rows do not fit together ({unfit})"]) from unfit


def _require_all(place: str, table: Table, copied: int, source: Reading) -> None:
    there = source.count_rows(table)
    if copied != there:
        raise UnsoundCopyError(place, [f"{table.name}: {there} rows are there, {copied} have their place"])
