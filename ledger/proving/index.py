"""Sealing: the heads of all streams committed as one entry, the last leaf of a checkpoint signed with it.

DESIGN section 7, "Completeness". Only the streams that changed since the last seal are touched.
"""

from ledger.errors import ConflictError
from ledger.events.ledger import StreamIndexCommitted
from ledger.integrity import stored_map
from ledger.integrity.canonical import loads
from ledger.integrity.merkle import root_of_frontier
from ledger.integrity.prefix_map import head_value, stream_key
from ledger.proving.committing import Committing
from ledger.proving.own import append_own
from ledger.proving.signing import Signed
from ledger.recording.sealer import Sealer
from ledger.storage.log import Writer
from ledger.storage.rows import SealRow, StreamHead

ATTEMPTS = 10
"""How often a seal is made anew when another process signed a later state before the seal was signed."""


def seal(committing: Committing, sealer: Sealer, by: str) -> Signed:
    """Seals the log as it stands and signs it: the checkpoint's last entry is the seal.

    Where nothing was recorded since the last seal, that is the answer. ConflictError where others kept recording,
    or where it could not be signed now.
    """
    for _ in range(ATTEMPTS):
        with committing.writing() as writer:
            position = _sealed_already(writer) or _append(writer, sealer, committing.signer.origin, by)
        signed = committing.after(position)
        if signed is None:
            raise ConflictError(
                f"the seal is recorded, as entry {position}, but not signed yet: {committing.unsigned}. The next "
                "command signs it."
            )
        if signed.size == position:
            committing.keep()
            return signed
    raise ConflictError("others kept recording while the log was sealed; try again")


def _sealed_already(writer: Writer) -> int | None:
    """The last entry's position if it is a seal: at most its signature is missing."""
    last = writer.last_position()
    seal = writer.last_seal()
    return last if seal is not None and seal.position == last else None


def _append(writer: Writer, sealer: Sealer, origin: str, by: str) -> int:
    """The seal as an entry, after the map of the streams; its position."""
    covers = writer.last_position()
    previous = _last_seal(writer, covers)
    # what the seal before did not cover begins with its own entry
    changed = writer.stream_heads(previous.position - 1 if previous is not None else 0)
    items = dict(_item(head, origin) for head in changed)
    top = stored_map.updated(writer, None if previous is None else previous.top, items)
    if top is None:
        raise ConflictError("the log is empty: there is nothing to seal")
    fields = {"covers": covers, "map_root": stored_map.root_of(writer, top).hex()}
    position = append_own(writer, sealer, StreamIndexCommitted, fields, by)
    writer.keep_seal(position, top)
    return position


def _last_seal(writer: Writer, covers: int) -> SealRow | None:
    """The last seal, if its row names the map that was sealed; else the map is made from scratch."""
    seal = writer.last_seal(covers)
    entry = None if seal is None else writer.at(seal.position)
    if seal is None or entry is None or entry.topic != StreamIndexCommitted.TOPIC:
        return None
    sealed = loads(entry.state)["data"]["map_root"]
    return seal if stored_map.root_of(writer, seal.top).hex() == sealed else None


def _item(head: StreamHead, origin: str) -> tuple[bytes, bytes]:
    """What the map says of a stream."""
    root = root_of_frontier(head.entries, head.frontier)
    return stream_key(origin, head.stream), head_value(head.entries, root)
