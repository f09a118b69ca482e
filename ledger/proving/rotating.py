"""Another signing key in the place of the one in force, openly, vouched for by the one it replaces.

The order (DESIGN section 6): the new key staged durably in the key database; the entry that says so
(SigningKeyChanged) committed; the first checkpoint over it signed by both keys, and in the same transaction of the
key database the new key in the place of the old one, whose private half is gone with that. Killed before the entry, the
staged key is discarded; killed after it, whoever signs next completes the change, be it another process.
"""

from typing import NamedTuple

from ledger.errors import ConflictError, IntegrityError
from ledger.events.ledger import SigningKeyChanged
from ledger.integrity.note import Verifier
from ledger.proving.committing import Committing
from ledger.proving.own import append_own
from ledger.proving.signing import Signed
from ledger.recording.sealer import Sealer


class Rotated(NamedTuple):
    """A change of keys: the position of its entry, the keys, the checkpoint that both signed.

    `traces`: the old private key may still stand in the key database's write-ahead log, which somebody was reading.
    """

    position: int
    replaced: Verifier
    verifier: Verifier
    signed: Signed
    traces: bool


def rotate(committing: Committing, sealer: Sealer, reason: str, by: str) -> Rotated:
    """Replaces the signing key.

    ConflictError where it was replaced meanwhile, or where the change is recorded but cannot be signed now;
    IntegrityError where the log is not the one that was signed: that has to be settled with the key that signed it.
    """
    signer = committing.signer
    old = signer.verifier
    committing.keep_handover()  # of a change before this one
    with committing.writing() as writer:
        # The log's lock is held: the old key signs all there is, and no more alone.
        last = signer.sign(committing.log)
        new = signer.keys.stage(old)
        fields = {
            "replaced": old.vkey,
            "verifier": new.vkey,
            "last_size": last.size,
            "last_root": last.root.hex(),
            "reason": reason,
        }
        position = append_own(writer, sealer, SigningKeyChanged, fields, by)
    signed = committing.after()
    if isinstance(committing.unsigned, IntegrityError):
        raise committing.unsigned
    if signed is None:
        raise ConflictError(
            f"the change is recorded, as entry {position}, but not signed yet: {committing.unsigned}. The next "
            "command completes it."
        )
    committing.keep()
    return Rotated(position, old, new, signed, traces=signer.keys.held().handover is not None)
