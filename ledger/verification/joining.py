"""Putting swept ranges together: the tree above their blocks, streams across their ends, seals over all streams."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ledger.errors import ProofError
from ledger.integrity import stored_map
from ledger.integrity.compact_range import CompactRange, peak_numbers
from ledger.integrity.merkle import folded, leaf_hash
from ledger.integrity.prefix_map import PrefixMap, build, head_value, stream_key
from ledger.integrity.stored_map import InnerNode, LeafNode
from ledger.storage.tree_reading import MAP_NODE
from ledger.verification.checkpoints import Roots
from ledger.verification.database import Database, Stored, text
from ledger.verification.faults import Kind
from ledger.verification.sweep import Part, Segment, Swept, Told
from ledger.verification.texts import Opened
from ledger.verification.tree import BLOCK, check_above, read_nodes, stored_leaves

ENTRIES = "stored_events"
FIRST_PREV = b"0" * 64


class Head(NamedTuple):
    """A stream as its entries gave it: how many, the last one's leaf hash, its tree (None after a gap)."""

    entries: int
    leaf: bytes
    tree: CompactRange | None


class Joined:
    """What the ranges gave so far, in order. `after` is where the first begins, the end of what is believed."""

    def __init__(self, stored: Stored, origin: str, after: int) -> None:
        self.heads: dict[bytes, Head] = {}
        self.blocks: list[bytes] = []
        self.first_block = after // BLOCK
        self.tail: list[bytes] = []
        self.dirty: set[int] = set()
        self.missing: list[int] = []
        self.told: list[Told] = []
        self.entries = self.disclosures = self.sources = self.seals = 0
        self.texts = Opened()
        self._stored, self._origin, self._after = stored, origin, after
        self._map = _Map(stored.database, origin, after, self._before)
        numbers = peak_numbers(self.first_block * BLOCK)
        found = read_nodes(stored, numbers)
        self.believed = [found.get(number, bytes(32)) for number in numbers]
        self._peaks = list(self.believed)

    def add(self, swept: Swept) -> None:
        """Takes in the next range."""
        self._stored.faults.extend(swept.faults)
        self.entries += swept.entries
        self.disclosures += swept.disclosures
        self.sources += swept.sources
        self.texts.add(swept.texts)
        self.told += swept.told
        self.dirty |= set(swept.dirty)
        self.missing += swept.missing
        if swept.blocks:
            first = self.first_block + len(self.blocks)
            check_above(self._stored, first, self._peaks, swept.blocks)
            self.blocks += swept.blocks
        self.tail = swept.tail
        for segment in swept.segments:
            self._segment(segment)

    def root(self) -> bytes:
        """The root over all entries."""
        return folded([*self._peaks, *self.tail])

    def roots(self, size: int) -> Roots:
        """What the roots of all sizes follow from, once all ranges are taken in."""
        missing = min(self.missing, default=None)
        return Roots(
            self._stored.where,
            size,
            self.first_block,
            self.believed,
            self.blocks,
            frozenset(self.dirty),
            missing,
        )

    def _segment(self, segment: Segment) -> None:
        for stream, part in segment.parts.items():
            self._stream(stream, part)
        if segment.seal is not None:
            self._seal(*segment.seal, segment.parts)
        else:
            self._map.changed.update(dict.fromkeys(segment.parts))

    # -- streams ------------------------------------------------------------------------------------------

    def _stream(self, stream: bytes, part: Part) -> None:
        known = self.heads.get(stream) or self._before(stream)
        count, leaf = (0, None) if known is None else (known.entries, known.leaf)
        position, seq = part.first_position, part.first_seq
        tree = None
        if seq != count + 1:
            said = f"entry {seq} of {text(stream)} comes after entry {count}, expected {count + 1}"
            self._stored.report(ENTRIES, position, Kind.SEQ_GAP, said)
        else:
            if part.first_prev is not None and part.first_prev != (
                FIRST_PREV if leaf is None else leaf.hex().encode()
            ):
                said = (
                    f"the first entry of {text(stream)} names one before it"
                    if leaf is None
                    else f"entry {seq} of {text(stream)} does not name the leaf hash of entry {count} as it is stored"
                )
                self._stored.report(ENTRIES, position, Kind.BROKEN_CHAIN, said)
            tree = CompactRange() if known is None else known.tree
            if part.hashes is None or tree is None:
                tree = None
            else:
                tree.merge(CompactRange(seq - 1, part.last_seq, part.hashes))
        self.heads[stream] = Head(part.last_seq, part.last_leaf, tree)

    def _before(self, stream: bytes) -> Head | None:
        """A stream's head where what is believed ends: its tree from the stored leaf hashes."""
        if not self._after:
            return None
        sql = (
            "SELECT position, state FROM stored_events WHERE originator_id = ? AND position <= ? "
            "ORDER BY originator_version"
        )
        rows = self._stored.rows(sql, [text(stream), self._after])
        if not rows:
            return None
        leaves = stored_leaves(self._stored, [row[0] for row in rows])
        tree = CompactRange()
        for leaf in leaves:
            tree.append(leaf)
        return Head(len(rows), leaf_hash(bytes(rows[-1][1] or b"")), tree)

    # -- seals --------------------------------------------------------------------------------------------

    def _seal(self, position: int, data: Mapping[str, Any], parts: Mapping[bytes, Part]) -> None:
        self.seals += 1
        if data.get("covers") != position - 1:
            said = f"the seal covers {data.get('covers')!r} entries, expected all {position - 1} before it"
            self._stored.report(ENTRIES, position, Kind.SEAL, said)
        try:
            root = self._map.sealed(self.heads, parts)
        except ProofError as wrong:
            self._stored.report(ENTRIES, position, Kind.SEAL, f"the stored map before it: {wrong}")
            return
        if root is None:
            said = "the seal cannot be recomputed: entries of a stream are missing or unreadable"
        elif root.hex() != data.get("map_root"):
            said = "the sealed map root is not the one that the streams give"
        else:
            return
        self._stored.report(ENTRIES, position, Kind.SEAL, said)


class _Map:
    """The map of all streams, from seal to seal. After what is believed it goes on from the stored map."""

    def __init__(
        self, database: Database, origin: str, after: int, before: Callable[[bytes], Head | None]
    ) -> None:
        self._before = before
        self.changed: dict[bytes, None] = {}
        self._origin = origin
        self._map: PrefixMap | None = None
        self._store = _Overlay(database)
        self._top: int | None = None
        self._goes_on = bool(after)
        if after:
            sql = "SELECT position, top FROM seals WHERE position <= ? ORDER BY position DESC LIMIT 1"
            found = database.rows(sql, [after])
            sealed_at, self._top = found[0] if found else (1, None)
            sql = "SELECT DISTINCT originator_id FROM stored_events WHERE position >= ? AND position <= ?"
            for (stream,) in database.each(sql, [sealed_at, after]):
                self.changed[bytes(stream)] = None

    def sealed(self, heads: Mapping[bytes, Head], parts: Mapping[bytes, Part]) -> bytes | None:
        """The map's root over these heads; None where a stream has a gap."""
        changed = dict.fromkeys([*self.changed, *parts])
        items = {}
        for stream in changed:
            head = heads.get(stream) or self._before(stream)
            if head is None or head.tree is None:
                return None
            items[stream_key(self._origin, text(stream))] = head_value(head.entries, head.tree.root())
        self.changed.clear()
        if self._goes_on:
            self._top = stored_map.updated(self._store, self._top, items)
            return stored_map.root_of(self._store, self._top)
        self._map = build(items) if self._map is None else self._map.updated(items)
        return self._map.root


class _Overlay:
    """The stored nodes of the stream index, and new ones that are kept in memory only."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._new: list[LeafNode | InnerNode] = []
        self._first = 1 << 62

    def load(self, number: int) -> LeafNode | InnerNode:
        """The node of this number."""
        if number >= self._first:
            return self._new[number - self._first]
        found = self._database.rows(MAP_NODE, [number])
        if not found:
            raise LookupError(number)
        hashed, key, value, bit, left, right = found[0]
        return LeafNode(hashed, key, value) if bit is None else InnerNode(hashed, bit, left, right, key)

    def save(self, node: LeafNode | InnerNode) -> int:
        """Keeps a node; its number."""
        self._new.append(node)
        return self._first + len(self._new) - 1
