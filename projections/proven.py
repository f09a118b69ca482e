"""What proves one client's file as it stands: the last seal over it, found to hold, and its signed checkpoint."""

from dataclasses import dataclass
from typing import Any

from ledger.application import Ledger
from ledger.errors import AlteredEntryError, NotSealedError, SealedError
from ledger.perspective import CLIENTS
from ledger.proving.proofs import Proofs
from ledger.recording.sealer import leaf_hash
from ledger.storage.rows import COSIGNATURE


@dataclass(frozen=True, slots=True)
class Proven:
    """At a checkpoint over `size` entries with this root a file had `entries` entries and no others.

    `since` entries were recorded in it after that. `cosignatures` and `time_stamps` count the outside anchors.
    """

    entries: int
    since: int
    size: int
    root: str
    key: str
    cosignatures: int
    time_stamps: int

    def document(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "entries": self.entries,
            "entries_since": self.since,
            "checkpoint": {"size": self.size, "root": self.root},
            "key": self.key,
            "anchors": {"cosignatures": self.cosignatures, "time_stamps": self.time_stamps},
        }


def proven(ledger: Ledger, client: str) -> Proven | None:
    """What the newest seal proves of a client's file; None where there is none yet, or no key database at hand.

    The client's stored bytes are hashed anew: AlteredEntryError where one is not what was sealed, ProofError where
    the proof does not hold.
    """
    stream = CLIENTS + client
    try:
        verifier = ledger.committing.signer.verifier
    except SealedError:
        return None
    with ledger.recorder.snapshot() as reading:
        proofs = Proofs(reading, ledger.opened.origin, verifier.vkey)
        try:
            sealed = proofs.sealed()
        except NotSealedError:
            return None
        proof = proofs.completeness(stream, sealed)
        rows = reading.stream_rows(stream)
        anchors = reading.anchors(sealed.seal.position)
    checkpoint = proof.check()  # by a key of this log: `sealed` has seen to it
    for row, leaf in zip(rows, proof.leaf_hashes, strict=False):  # what came since is not sealed yet
        if leaf_hash(row.state) != leaf.hex():
            raise AlteredEntryError(stream, row.seq)
    cosigned = sum(anchor.kind == COSIGNATURE for anchor in anchors)
    return Proven(
        entries=proof.count,
        since=len(rows) - proof.count,
        size=checkpoint.size,
        root=checkpoint.root.hex(),
        key=proof.verifier,
        cosignatures=cosigned,
        time_stamps=len(anchors) - cosigned,
    )
