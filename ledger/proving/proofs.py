"""What the ledger gives out: receipts of entries, proofs that nothing of a stream is left out, growth."""

from collections.abc import Sequence
from typing import NamedTuple

from ledger.errors import InputError, NotSealedError
from ledger.integrity import merkle, stored_map
from ledger.integrity.compact_range import node_number
from ledger.integrity.prefix_map import stream_key
from ledger.integrity.proof import Completeness, Proven, Receipt
from ledger.proving.key_history import signed_by
from ledger.proving.signing import Signed
from ledger.storage.reading import Reading
from ledger.storage.rows import CheckpointRow, SealRow


class Sealed(NamedTuple):
    """A seal with the checkpoint whose last leaf it is."""

    seal: SealRow
    checkpoint: CheckpointRow


class Proofs:
    """Proofs from one state of a log. `origin` and `vkey` are the log's name and its public key in force.

    What a key signed that was replaced since is proved by that key.
    """

    def __init__(self, reading: Reading, origin: str, vkey: str) -> None:
        self._reading = reading
        self._origin = origin
        self._vkey = vkey

    def receipt(self, positions: Sequence[int], checkpoint: Signed | CheckpointRow) -> Receipt:
        """The receipt of the entries at these positions under a checkpoint that covers them.

        InputError for a position that the checkpoint does not cover.
        """
        return Receipt(
            self._signed_by(checkpoint) or self._vkey,
            checkpoint.note,
            tuple(self._proven(position, checkpoint.size) for position in positions),
        )

    def consistency(self, old_size: int, size: int) -> list[bytes]:
        """The proof that the log's first `size` entries extend its first `old_size` (none from an empty log)."""
        if not 0 <= old_size <= size <= self._reading.last_position():
            raise InputError(
                f"no proof from {old_size} to {size} entries: expected 0 to {size}, and at most what is recorded"
            )
        if not old_size:
            return []
        return self._reading.from_nodes(
            lambda node: merkle.consistency_proof_from_nodes(old_size, size, node)
        )

    def sealed(self, until: int | None = None, *, by_present_key: bool = False) -> Sealed:
        """The newest seal that has its checkpoint, signed by a key of this log. NotSealedError if there is none."""
        seal = self._reading.last_seal(until)
        while seal is not None:
            checkpoint = self._reading.checkpoint_of(seal.position)
            signed_by = None if checkpoint is None else self._signed_by(checkpoint)
            if (
                checkpoint is not None
                and signed_by is not None
                and (signed_by == self._vkey or not by_present_key)
            ):
                return Sealed(seal, checkpoint)
            seal = self._reading.last_seal(seal.position - 1)
        raise NotSealedError

    def completeness(self, stream: str, sealed: Sealed | None = None) -> Completeness:
        """The proof that at a seal (the newest by default) a stream had so many entries and no others.

        For a stream without entries: that it was not there. NotSealedError if nothing was sealed yet.
        """
        seal, checkpoint = sealed or self.sealed()
        covers = seal.position - 1
        numbers = [node_number(0, position - 1) for position in self._reading.positions_of(stream, covers)]
        leaves = self._reading.tree_hashes(numbers)
        proven = self._proven(seal.position, checkpoint.size)
        return Completeness(
            origin=self._origin,
            stream=stream,
            verifier=self._signed_by(checkpoint) or self._vkey,
            checkpoint=checkpoint.note,
            seal=proven.state,
            seal_proof=proven.proof,
            leaf_hashes=tuple(leaves[number] for number in numbers),
            map_proof=stored_map.prove(self._reading, seal.top, stream_key(self._origin, stream)),
        )

    def _signed_by(self, checkpoint: Signed | CheckpointRow) -> str | None:
        """The key of this log that signed a checkpoint: the one in force, or the one that was; None: no such key."""
        return signed_by(self._reading, checkpoint.size, checkpoint.note, self._vkey)

    def _proven(self, position: int, size: int) -> Proven:
        row = self._reading.at(position) if 0 < position <= size else None
        if row is None:
            raise InputError(f"no entry {position} under a checkpoint over {size} entries")
        proof = self._reading.from_nodes(
            lambda node: merkle.inclusion_proof_from_nodes(position - 1, size, node)
        )
        return Proven(position, row.state, tuple(proof))
