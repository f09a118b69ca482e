"""Going on with an older copy of the ledger, or with another signing key: openly, as an entry.

What was signed before and is no longer there is named with its size and root (LogRestored), so that everyone who
holds a receipt or saw a checkpoint can tell. A key that takes over without the old one's signature is named, too
(SigningKeyChanged): the old one is lost, or was replaced in what is no longer there.
"""

from base64 import b64decode
from contextlib import suppress

from ledger.errors import (
    ConflictError,
    IntegrityError,
    OtherSignerError,
    ProofError,
    ReplacedSignerError,
    UsageError,
)
from ledger.events.ledger import LogRestored, SigningKeyChanged
from ledger.integrity.checkpoint import Checkpoint
from ledger.integrity.key_chain import is_named
from ledger.integrity.note import open_note
from ledger.proving.committing import Committing
from ledger.proving.own import append_own
from ledger.proving.signing import Signed
from ledger.proving.signing_keys import changes_in
from ledger.recording.sealer import Sealer
from ledger.storage.log import Writer


def rebase(committing: Committing, sealer: Sealer, restored: str, reason: str, by: str) -> Signed:
    """Records that the log goes on from here, and signs it.

    Order: the old mark given up in the key database, the entry committed, the new mark. UsageError where the log
    extends what was signed: there is nothing to say then.
    """
    signer, log = committing.signer, committing.log
    try:
        signer.refuse_unless_extends(log)
    except OtherSignerError:
        signer.take_over()
        with committing.writing() as writer:
            _say_key_changed(committing, writer, sealer, reason, by)
    except ReplacedSignerError:
        signer.keys.renew()  # what was replaced, perhaps because it was stolen, does not come back
        with committing.writing() as writer:
            _say_key_changed(committing, writer, sealer, reason, by)
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
            if not _tells_of_key(committing, writer):
                _say_key_changed(committing, writer, sealer, reason, by)
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


def _tells_of_key(committing: Committing, writer: Writer) -> bool:
    """Whether whoever reads the log as it stands learns that the key in force is its key."""
    own, last = committing.signer.verifier, writer.last_checkpoint()
    said = changes_in(writer)
    if said:
        return said[-1].verifier == own.vkey
    with suppress(ProofError):
        return last is None or bool(open_note(last.note, [own]).verified)
    return False


def _say_key_changed(committing: Committing, writer: Writer, sealer: Sealer, reason: str, by: str) -> None:
    last = writer.last_checkpoint()
    if last is None:  # then nobody else can have signed it
        return
    checkpoint = Checkpoint.of_note(last.note)
    fields = {
        "replaced": _signed_by(committing, writer, last.note),
        "verifier": committing.signer.verifier.vkey,
        "last_size": checkpoint.size,
        "last_root": checkpoint.root.hex(),
        "reason": reason,
    }
    append_own(writer, sealer, SigningKeyChanged, fields, by)


def _signed_by(committing: Committing, writer: Writer, note: str) -> str:
    """The key that signed a note of this ledger: in full where it is known, else its name and ID."""
    _, name, signature = note.rstrip("\n").rpartition("\n")[2].split(" ")
    named = f"{name}+{b64decode(signature)[:4].hex()}"
    known = [one.verifier for one in changes_in(writer)] + list(committing.signer.keys.held().replaced)
    return next((vkey for vkey in reversed(known) if is_named(named, vkey)), named)
