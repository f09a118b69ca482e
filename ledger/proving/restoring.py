"""Going on with an older copy of the ledger, or with another signing key: openly, as an entry.

What was signed before and is no longer there is named with its size and root (LogRestored), so that everyone who
holds a receipt or saw a checkpoint can tell.
"""

from base64 import b64decode

from ledger.errors import ConflictError, IntegrityError, OtherSignerError, UsageError
from ledger.events.ledger import LogRestored, SigningKeyChanged
from ledger.integrity.checkpoint import Checkpoint
from ledger.proving.committing import Committing
from ledger.proving.own import append_own
from ledger.proving.signing import Signed
from ledger.recording.sealer import Sealer


def rebase(committing: Committing, sealer: Sealer, restored: str, reason: str, by: str) -> Signed:
    """Records that the log goes on from here, and signs it.

    Order: the old mark given up in the key database, the entry committed, the new mark. UsageError where the log
    extends what was signed: there is nothing to say then.
    """
    signer, log = committing.signer, committing.log
    try:
        signer.refuse_unless_extends(log)
    except OtherSignerError:
        last = log.last_checkpoint()
        if last is None:  # then nobody else can have signed it
            raise
        checkpoint = Checkpoint.of_note(last.note)
        signer.take_over()
        with committing.writing() as writer:
            fields = {
                "replaced": _signed_by(last.note),
                "verifier": signer.verifier.vkey,
                "last_size": checkpoint.size,
                "last_root": checkpoint.root.hex(),
                "reason": reason,
            }
            append_own(writer, sealer, SigningKeyChanged, fields, by)
    except IntegrityError:
        mark = signer.mark()
        if mark is None:
            raise
        signer.abandon(mark)
        with committing.writing() as writer:
            fields = {
                "restored": restored,
                "last_size": mark.size,
                "last_root": mark.root.hex(),
                "reason": reason,
            }
            append_own(writer, sealer, LogRestored, fields, by)
    else:
        raise UsageError(
            "the ledger extends everything that was signed of it: there is nothing to rebase, nothing was recorded"
        )
    signed = committing.after()
    if isinstance(committing.unsigned, IntegrityError):
        raise committing.unsigned
    if signed is None:
        raise ConflictError(
            f"it is recorded, but not signed yet: {committing.unsigned}. The next command signs it."
        )
    committing.keep()
    return signed


def _signed_by(note: str) -> str:
    """Name and ID of the key that signed a note of this ledger."""
    _, name, signature = note.rstrip("\n").rpartition("\n")[2].split(" ")
    return f"{name}+{b64decode(signature)[:4].hex()}"
