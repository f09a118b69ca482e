"""The signer: one Ed25519 key, and the last checkpoint it signed, its high-water mark.

Both stand in the key database and nowhere else (DESIGN section 7). The mark makes the signer refuse whatever does
not extend what it signed before, so that a restored backup cannot silently take the log back.
"""

from functools import cached_property
from typing import NamedTuple

from ledger.errors import ForkedError, IntegrityError, OtherSignerError, ProofError, RolledBackError
from ledger.integrity import merkle
from ledger.integrity.canonical import loads
from ledger.integrity.checkpoint import Checkpoint
from ledger.integrity.merkle import Frontier
from ledger.integrity.note import Signer, Verifier, open_note, sign
from ledger.keys.database import KeyDatabase
from ledger.storage.log import Log
from ledger.storage.reading import Reading
from ledger.storage.rows import Growth

SIGNING_KEY = "signing-key"
MARK = "high-water-mark"
_ABANDONED = "abandoned-mark"


class Signed(NamedTuple):
    """A signed checkpoint: how many entries, their root, and the note."""

    size: int
    root: bytes
    note: str

    @property
    def kept(self) -> tuple[int, str]:
        """What the log keeps of it."""
        return self.size, self.note


class _Checked(NamedTuple):
    """A tree found to extend a mark."""

    mark: bytes | None
    size: int
    root: bytes


class CheckpointSigner:
    """Signs a log's checkpoints, each an extension of the one before."""

    def __init__(self, keys: KeyDatabase, origin: str) -> None:
        self._keys = keys
        self.origin = origin
        self._checked: _Checked | None = None
        self._last: Signed | None = None

    @cached_property
    def _signer(self) -> Signer:
        stored = self._keys.setting(SIGNING_KEY)
        if stored is None:
            stored = self._keys.change_setting(SIGNING_KEY, self._made)
        return Signer.parse(stored.decode(errors="replace"))  # which says what is wrong with it

    def _made(self, there: bytes | None) -> bytes:
        """A new key, unless another process has made one meanwhile."""
        return Signer.generate(signer_name(self.origin)).skey.encode() if there is None else there

    @property
    def verifier(self) -> Verifier:
        """The public key, by which others check what is signed."""
        return self._signer.verifier

    def mark(self) -> Signed | None:
        """The last checkpoint signed."""
        stored = self._keys.setting(MARK)
        return None if stored is None else self._signed(stored)

    def refuse_unless_extends(self, reading: Reading, growth: Growth | None = None) -> None:
        """Before a commit: see that the log as it will be extends what was signed.

        `growth` is what its tree gains by the commit: what was signed last is mostly the tree before.

        Raises RolledBackError where the log is shorter than what was signed, ForkedError where it is another,
        OtherSignerError where another key has signed it.
        """
        mark = self._keys.setting(MARK)
        if mark is not None and growth is not None:
            before, after = Frontier(*growth[:2]), Frontier(*growth[2:])
            if self._signed(mark)[:2] == (before.size, before.root()):
                self._checked = _Checked(mark, after.size, after.root())
                return
        self._checked = self._extension(mark, reading, stood=None if growth is None else growth.size_before)

    def sign(self, log: Log, size: int | None = None) -> Signed:
        """After a commit: sign the log as it stands (or its first `size` entries), the mark durable first.

        If as much or more was signed meanwhile (by another process), that checkpoint is the answer. Raises as
        `refuse_unless_extends`.
        """
        signer = self._signer  # made before the key database is locked
        note = self._keys.change_setting(MARK, lambda stored: self._next(stored, log, size, signer))
        return self._signed(note)

    def vouch(self, text: str) -> str:
        """A text that is no checkpoint, signed as a note by the ledger's key: what a production consists of.

        ProofError for a text that could be read as a checkpoint: those go through `sign` alone.
        """
        try:
            Checkpoint.parse(text)
        except ProofError:
            return sign(text, self._signer)
        raise ProofError(
            "what reads as a checkpoint is signed only as one, once it is found to extend the last"
        )

    def take_over(self) -> None:
        """Become the signer of a log that another key has signed; the log must say so (SigningKeyChanged)."""
        self._keys.set_setting(_ABANDONED, self.verifier.vkey.encode())

    def abandon(self, mark: Signed) -> None:
        """Give up a mark, durably: a log that says openly (LogRestored) that it does not extend it is signed."""
        self._keys.set_setting(_ABANDONED, mark.note.encode())

    # -- one checkpoint after the other -------------------------------------------------------------------

    def _next(self, mark: bytes | None, log: Log, size: int | None, signer: Signer) -> bytes:
        """The note to follow a mark; the key database's lock is held, so that no other process signs."""
        if self._checked is None or self._checked[:2] != (mark, size or log.last_position()):
            with log.snapshot() as reading:
                self._checked = self._extension(mark, reading, size)
        _, size, root = self._checked
        if mark is not None and self._signed(mark)[:2] == (size, root):
            return mark
        note = sign(Checkpoint(self.origin, size, root).format(), signer)
        self._last = Signed(size, root, note)
        self._checked = _Checked(note.encode(), size, root)
        return note.encode()

    def _extension(
        self, mark: bytes | None, reading: Reading, wanted: int | None = None, stood: int | None = None
    ) -> _Checked:
        """Size and root of the log (or of its first `wanted` entries), found to extend the mark.

        Where the mark covers more than that, the mark's own. `stood` is how many entries there were before the
        ones that are being written.
        """
        last = reading.last_position()
        if mark is None:
            self._refuse_other_signer(reading)
        else:
            signed = self._signed(mark)
            try:
                if (last if stood is None else stood) < signed.size:
                    raise RolledBackError(signed.size, last if stood is None else stood)
                size = max(wanted or last, signed.size)
                return _Checked(mark, size, self._extended(reading, signed, size))
            except IntegrityError:
                if not self._is_abandoned(mark, signed, reading):
                    raise
        size = wanted or last
        return _Checked(mark, size, reading.from_nodes(lambda node: merkle.root_from_nodes(size, node)))

    def _extended(self, reading: Reading, signed: Signed, size: int) -> bytes:
        """The root of `size` entries, proved to extend a signed tree: RFC 9162 section 2.1.4."""

        def both(node: merkle.NodeGetter) -> tuple[bytes, list[bytes]]:
            root = merkle.root_from_nodes(size, node)
            return root, merkle.consistency_proof_from_nodes(signed.size, size, node) if signed.size else []

        try:
            root, proof = reading.from_nodes(both)
            if signed.size:
                merkle.verify_consistency(signed.size, size, proof, signed.root, root)
        except (ProofError, LookupError):
            raise ForkedError(signed.size, self.origin) from None
        return root

    def _is_abandoned(self, mark: bytes, signed: Signed, reading: Reading) -> bool:
        """Whether the mark was given up, and the log says so: both, since only the one is in our hand."""
        said = {"last_size": signed.size, "last_root": signed.root.hex()}
        return self._keys.setting(_ABANDONED) == mark and _says(reading, "LogRestored", said)

    def _refuse_other_signer(self, reading: Reading) -> None:
        """A key database that never signed goes on with a log only if nobody else signed that, or it is said."""
        last = reading.last_checkpoint()
        if last is None:
            return
        vkey = self.verifier.vkey
        try:
            open_note(last.note, [self.verifier])
        except ProofError:
            if self._keys.setting(_ABANDONED) != vkey.encode() or not _says(
                reading, "SigningKeyChanged", {"verifier": vkey}
            ):
                raise OtherSignerError(self.verifier.name, f"{self.verifier.key_id:08x}") from None

    def _signed(self, note: bytes) -> Signed:
        """What a mark says; its signature is checked when it is first seen."""
        text = note.decode(errors="replace")
        if self._last is None or self._last.note != text:
            checkpoint = Checkpoint.parse(open_note(text, [self.verifier]).text)
            self._last = Signed(checkpoint.size, checkpoint.root, text)
        return self._last


def _says(reading: Reading, topic: str, said: dict[str, object]) -> bool:
    """Whether the log holds an entry of its own of this type with these fields."""
    return any(
        row.topic == topic and said.items() <= loads(row.state)["data"].items()
        for row in reading.stream_rows("ledger")
    )


def signer_name(origin: str) -> str:
    """The key's name: the log's, as C2SP tlog-checkpoint wishes, but for the sign that a key name cannot hold."""
    return origin.replace("+", "-")
