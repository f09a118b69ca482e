"""Two files, one truth: the order in which ledger and key database are written (DESIGN section 6).

New data keys durable, then the ledger's COMMIT, then the signer's high-water mark durable, then the checkpoint
given out. A process may die between any two: what is left is signed at the next opening.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ledger.errors import ConflictError, LedgerError, StorageError
from ledger.integrity.checkpoint import Checkpoint
from ledger.keys.database import KeyDatabase
from ledger.proving.signing import CheckpointSigner, Signed
from ledger.storage.log import Log, Writer
from ledger.storage.reading import Reading
from ledger.storage.rows import Growth


class Committing:
    """What surrounds every commit of one ledger."""

    def __init__(self, keys: KeyDatabase, signer: CheckpointSigner, log: Log) -> None:
        self._keys = keys
        self.signer = signer
        self.log = log
        self._unkept: Signed | None = None
        self.unsigned: LedgerError | None = None

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """One write transaction with what belongs before its commit; the last checkpoint is kept in it."""
        with self.log.bulk(before_commit=self.before) as writer:
            if self._unkept is not None:
                writer.keep_checkpoint(*self._unkept.kept)
            yield writer

    def before(self, reading: Reading, growth: Growth | None = None) -> None:
        """What must hold, and be durable, before the ledger's COMMIT."""
        self._keys.flush()
        self.signer.refuse_unless_extends(reading, growth)
        if self.signer.keys.seen.staged is not None:  # by a rotation: this one, or one that was killed
            self.signer.keys.discard_staged(reading)

    def after(self, size: int | None = None) -> Signed | None:
        """Signs what was committed (`size` entries of it, by default all).

        The log keeps the checkpoint with its next commit, or when it is closed.

        None where it cannot be signed now (`unsigned` says why): it is recorded all the same, and the next opening
        signs it.
        """
        self.unsigned = None
        try:
            self._unkept = self.signer.sign(self.log, size)
        except LedgerError as error:
            self.unsigned = error
            return None
        if self.signer.keys.seen.handover is not None:
            self.keep_handover()
        return self._unkept

    @property
    def unkept(self) -> tuple[int, str] | None:
        """The last checkpoint, while the log does not keep it."""
        return None if self._unkept is None else self._unkept.kept

    def keep(self) -> None:
        """Has the log keep the last checkpoint; where it cannot now, the next opening does."""
        if self._unkept is not None:
            with suppress(ConflictError, StorageError):
                with self.log.bulk() as writer:
                    writer.keep_checkpoint(*self._unkept.kept)
                self._unkept = None

    def keep_handover(self) -> None:
        """Has the log keep the checkpoint that an old and a new signing key signed, and wipes what is left of the old.

        Where it cannot now, whoever signs next does.
        """
        with suppress(LedgerError):
            handover = self.signer.keys.held().handover
            if handover is not None:
                note = handover.decode()
                with self.log.bulk() as writer:
                    writer.keep_checkpoint(Checkpoint.of_note(note).size, note)
                self.signer.keys.forget_handover()

    def catch_up(self) -> None:
        """At opening: signs a tail left unsigned, and has the log keep the last checkpoint.

        A change of the signing key that was recorded and cut short is completed with that. Where it cannot (a read-only
        place, no key database, a log taken back) nothing happens: whoever records or verifies is told.
        """
        self.after()
        self.keep()
