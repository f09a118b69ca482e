"""What other parties say of a checkpoint, kept beside it: cosignatures of witnesses, time-stamps."""

import hashlib
from collections.abc import Sequence

from ledger.errors import InputError, ProofError
from ledger.integrity.checkpoint import Checkpoint
from ledger.integrity.cosignature import timestamp_of
from ledger.integrity.note import MAX_SIGNATURES, Verifier, open_note
from ledger.proving.committing import Committing
from ledger.proving.key_history import signed_by
from ledger.storage.rows import COSIGNATURE, TIMESTAMP, AnchorRow, CheckpointRow

_SIZES = range(2**63)  # what the log can be asked for


def attach_cosignatures(committing: Committing, text: str) -> tuple[int, list[str]]:
    """Keeps the cosignatures of a note over one of this ledger's checkpoints: its size, and who cosigned.

    They are kept as they came: whether their keys are trusted a policy says. ProofError for what is no note of
    a key of this ledger; InputError where it bears no cosignature, or the ledger keeps no such checkpoint.
    """
    size = Checkpoint.of_note(text).size
    with committing.log.snapshot() as reading:
        key = signed_by(reading, size, text, committing.signer.verifier.vkey)
    note = open_note(text, [committing.signer.verifier if key is None else Verifier.parse(key)])
    kept = committing.log.checkpoint_of(size)
    if kept is None or not kept.note.startswith(note.text + "\n"):
        raise InputError(
            f"the ledger keeps no such checkpoint over {size} entries; see `checkpoint list` and, if this one was "
            "signed by the ledger's own key, `verify --checkpoint`"
        )
    cosignatures = []
    for signature in note.unverified:
        try:
            timestamp_of(signature)
        except ProofError:
            continue
        cosignatures.append(signature)
    if not cosignatures:
        raise InputError("this note bears no cosignature; expected what `witness cosign` gave back")
    with committing.writing() as writer:
        for signature in cosignatures:
            writer.keep_anchor(size, COSIGNATURE, signature.line.encode())
    return size, [signature.name for signature in cosignatures]


def cosignatures(anchors: Sequence[AnchorRow]) -> list[str]:
    """The signature lines among these anchors, the last one of each signer, as many as a note may hold."""
    lines: dict[str, str] = {}
    for anchor in anchors:
        line = anchor.body.decode(errors="replace")
        if anchor.kind == COSIGNATURE and len(parts := line.split(" ")) == 3:
            lines[f"{parts[1]} {parts[2][:5]}"] = line  # the first five digits are of the key's ID
    return list(lines.values())[1 - MAX_SIGNATURES :]


def attach_timestamp(committing: Committing, response: bytes) -> tuple[int, str]:
    """Keeps a time-stamp of one of this ledger's checkpoints: its size, and the time it states.

    ProofError for what is no granted time-stamp; InputError where it is of no checkpoint that the ledger keeps.
    """
    from ledger.integrity.timestamp import read

    stamped = read(response)
    row = _covered(committing, response)
    with committing.writing() as writer:
        writer.keep_anchor(row.size, TIMESTAMP, response)
    return row.size, stamped.at.isoformat()


def stamped_checkpoint(
    committing: Committing, size: int | None, response: bytes | None
) -> tuple[CheckpointRow, bytes]:
    """A checkpoint and a time-stamp said to be of it: the one given, or the newest attached.

    InputError where there is none.
    """
    if response is not None and size is None:
        return _covered(committing, response), response
    if response is None:
        anchors = committing.log.anchors(size) if size is None or size in _SIZES else []
        attached = [one for one in anchors if one.kind == TIMESTAMP]
        if not attached:
            raise InputError("no time-stamp was attached; get one with `timestamp request`, or name its file")
        newest = max(attached, key=lambda one: (one.size, one.number))
        size, response = newest.size, newest.body
    row = committing.log.checkpoint_of(size) if size is not None and size in _SIZES else None
    if row is None:
        raise InputError(f"no checkpoint over {size} entries is kept; see `checkpoint list`")
    return row, response


def _covered(committing: Committing, response: bytes) -> CheckpointRow:
    """The checkpoint that a time-stamp is about."""
    from ledger.integrity.timestamp import covers, read

    stamped = read(response)
    known = stamped.imprint_algorithm in hashlib.algorithms_guaranteed
    algorithm = stamped.imprint_algorithm if known else "sha256"  # an imprint of another kind fits none
    for row in committing.log.checkpoints():
        note = row.note.encode()
        # looked for by its hash alone, for there may be very many
        if hashlib.new(algorithm, note).digest() == stamped.imprint:
            covers(response, note)
            return row
    raise InputError("this time-stamp is of none of the checkpoints that the ledger keeps")
