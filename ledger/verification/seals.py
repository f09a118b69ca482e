"""The rows of seals, the stored nodes of the stream index, and what other parties said of checkpoints."""

import re
from base64 import b64decode
from collections.abc import Iterator, Sequence
from contextlib import suppress
from hashlib import sha256
from typing import Any

from ledger.errors import ProofError, UsageError
from ledger.integrity.cosignature import timestamp_of
from ledger.integrity.note import Signature
from ledger.integrity.prefix_map import bit_of
from ledger.storage.checksums import anchor_checksum
from ledger.storage.rows import COSIGNATURE, TIMESTAMP
from ledger.verification.database import Stored, UnreadableError, text
from ledger.verification.faults import Kind
from ledger.verification.sweep import Told

MAP_NODES = """
    SELECT n.number, n.hash, n.key, n.value, n.bit, n."left", n."right", l.hash, l.key, l.bit, r.hash, r.key, r.bit
    FROM map_nodes n LEFT JOIN map_nodes l ON l.number = n."left" LEFT JOIN map_nodes r ON r.number = n."right"
    ORDER BY n.number
"""
SEALS = (
    "SELECT s.position, n.hash FROM seals s LEFT JOIN map_nodes n ON n.number = s.top "
    "WHERE s.position > ? OR ? = 0"
)
ANCHORS = "SELECT number, size, kind, body, checksum FROM anchors WHERE size > ? OR ? = 0 ORDER BY number"
_COSIGNATURE = re.compile("\N{EM DASH} ([^ \n]+) ([A-Za-z0-9+/=]+)\n?")


def check_seals(stored: Stored, told: Sequence[Told], after: int) -> None:
    """Each seal's row, which names its map's top node, and each node of the maps."""
    entries = {one.position: one.data.get("map_root") for one in told if one.topic == "StreamIndexCommitted"}
    with stored.damage("seals"):
        rows = dict(stored.rows(SEALS, [after, after]))
        for position in entries.keys() - rows.keys():
            stored.report("seals", position, Kind.SEAL, "the seal's map is not named")
        for position, root in rows.items():
            if position not in entries:
                stored.report("seals", position, Kind.SEAL, f"entry {position} is no seal")
            elif type(root) is not bytes or root.hex() != entries[position]:
                stored.report("seals", position, Kind.SEAL, "the map named is not the sealed one")
    with stored.damage("map_nodes"):
        for number, *node in stored.each(MAP_NODES):
            why = _wrong(node)
            if why is not None:
                stored.report("map_nodes", number, Kind.SEAL, why)


def _wrong(node: Sequence[Any]) -> str | None:
    """What is wrong with a node of the map, itself and its children: DESIGN section 7, "Completeness"."""
    hashed, key, value, bit, left, right, left_hash, left_key, left_bit, right_hash, right_key, right_bit = (
        node
    )
    if type(key) is not bytes or len(key) != 32 or type(hashed) is not bytes:
        return "the node has no key, or no hash"
    if bit is None:
        if type(value) is not bytes or left is not None or right is not None:
            return "the leaf is not as one is stored"
        return None if hashed == sha256(key + value).digest() else "the leaf does not have its hash"
    if value is not None or type(bit) is not int or not 0 <= bit < 256:
        return "the node is not as one is stored"
    if type(left_hash) is not bytes or type(right_hash) is not bytes:
        return "a node below is missing"
    if hashed != sha256(left_hash + right_hash + bytes((bit,))).digest():
        return "the node does not have the hash of the two below"
    for below, side in ((left_bit, 0), (right_bit, 1)):
        if below is not None and (type(below) is not int or below <= bit):
            return f"the node on side {side} does not belong below"
    keys = left_key, right_key
    if any(type(one) is not bytes or len(one) != 32 for one in keys) or [
        bit_of(one, bit) for one in keys
    ] != [
        0,
        1,
    ]:
        return "the keys below do not part where the node says"
    return None if key in keys else "the node's key is not one of those below"


def check_anchors(stored: Stored, after: int, remarks: list[str]) -> int:
    """Which cosignatures and time-stamps do not belong to a stored checkpoint; returns how many there are.

    Whether who gave them is to be trusted, a policy says (`checkpoint verify`, `timestamp verify`).
    """
    count = 0
    with stored.damage("anchors"):
        for number, size, kind, body, checksum in stored.rows(ANCHORS, [after, after]):
            count += 1
            if type(size) is not int or type(body) is not bytes:
                continue  # `tables` reports the type
            if checksum != anchor_checksum(size, text(kind), body):
                said = "the row is not the one that was stored: its checksum is another"
                stored.report("anchors", number, Kind.ANCHOR, said)
                continue
            try:
                _check_anchor(list(_notes(stored, size)), text(kind), body)
            except ProofError as wrong:
                stored.report("anchors", number, Kind.ANCHOR, str(wrong))
            except UsageError:
                remarks.append(
                    f"the time-stamp {number} was not read: the extra `timestamp` is not installed"
                )
    return count


def _notes(stored: Stored, size: int) -> Iterator[bytes]:
    with suppress(UnreadableError):  # reported where the checkpoints are read
        for (note,) in stored.rows("SELECT note FROM checkpoints WHERE size = ?", [size]):
            if type(note) is bytearray:
                yield bytes(note)


def _check_anchor(notes: Sequence[bytes], kind: str, body: bytes) -> None:
    """ProofError for what cannot be read or is of none of these notes."""
    if not notes:
        raise ProofError("no checkpoint of its size is stored")
    if kind == COSIGNATURE:
        found = _COSIGNATURE.fullmatch(text(body))
        if found is None:
            raise ProofError("it is no signature line")
        try:
            blob = b64decode(found[2], validate=True)
        except ValueError:
            raise ProofError("its signature is not base64") from None
        timestamp_of(Signature(found[1], int.from_bytes(blob[:4], "big"), blob[4:]))
    elif kind == TIMESTAMP:
        _check_timestamp(notes, body)
    else:
        raise ProofError(f"neither a cosignature nor a time-stamp, but {kind[:40]!r}")


def _check_timestamp(notes: Sequence[bytes], body: bytes) -> None:
    from ledger.integrity.timestamp import covers

    for at, note in enumerate(notes):
        try:
            covers(body, note)
        except ProofError:
            if at + 1 == len(notes):
                raise
        else:
            return
