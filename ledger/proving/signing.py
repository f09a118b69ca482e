"""The signer: the Ed25519 key in force, and the last checkpoint signed, its high-water mark.

Both stand in the key database and nowhere else (DESIGN section 7). The mark makes the signer refuse whatever does
not extend what it signed before, so that a restored backup cannot silently take the log back.

Another process may put a new key in the place of this one at any time (`ledger.proving.rotating`): the key is read
together with the mark, at one moment, whenever either is used.
"""

from typing import NamedTuple

from ledger.errors import (
    ForkedError,
    IntegrityError,
    OtherSignerError,
    ProofError,
    ReplacedSignerError,
    RolledBackError,
)
from ledger.integrity import merkle
from ledger.integrity.canonical import loads
from ledger.integrity.checkpoint import Checkpoint
from ledger.integrity.merkle import Frontier
from ledger.integrity.note import Signer, Verifier, open_note, sign
from ledger.keys.database import KeyDatabase
from ledger.proving.signing_keys import (
    ABANDONED,
    HANDOVER,
    MARK,
    REPLACED,
    SETTINGS,
    SIGNING_KEY,
    STAGED,
    HeldKeys,
    SigningKeys,
    changes_in,
)
from ledger.storage.log import Log
from ledger.storage.reading import Reading
from ledger.storage.rows import Growth


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
        self._database = keys
        self.keys = SigningKeys(keys, signer_name(origin))
        self.origin = origin
        self._checked: _Checked | None = None
        self._last: Signed | None = None

    @property
    def verifier(self) -> Verifier:
        """The public key in force, by which others check what is signed."""
        return self.keys.signer().verifier

    def mark(self) -> Signed | None:
        """The last checkpoint signed."""
        held = self.keys.held()
        return None if held.mark is None else self._signed(held.mark, self.keys.signer(held))

    # -- before and after a commit ------------------------------------------------------------------------

    def refuse_unless_extends(self, reading: Reading, growth: Growth | None = None) -> None:
        """Before a commit: see that the log as it will be extends what was signed.

        `growth` is what its tree gains by the commit: what was signed last is mostly the tree before.

        Raises RolledBackError where the log is shorter than what was signed, ForkedError where it is another,
        OtherSignerError where another key has signed it, ReplacedSignerError where another has taken over.
        """
        held = self.keys.held()
        mark = held.mark
        if mark is not None and growth is not None:
            before, after = Frontier(*growth[:2]), Frontier(*growth[2:])
            if self._signed(mark, self.keys.signer(held))[:2] == (before.size, before.root()):
                self._checked = _Checked(mark, after.size, after.root())
                return
        self._checked = self._extension(held, reading, stood=None if growth is None else growth.size_before)

    def sign(self, log: Log, size: int | None = None) -> Signed:
        """After a commit: sign the log as it stands (or its first `size` entries), the mark durable first.

        If as much or more was signed meanwhile (by another process), that checkpoint is the answer. Where the log
        says that a staged key takes over, both keys sign and it does, in the same transaction. Raises as
        `refuse_unless_extends`.
        """
        self.keys.signer()  # made before the key database is locked
        changed = self._database.change_settings(
            SETTINGS, lambda stored: self._next(HeldKeys.of(stored), log, size)
        )
        self.keys.seen = stands = HeldKeys.of(changed)
        if stands.mark is None:  # `_next` has put it there
            raise IntegrityError("the key database did not keep the checkpoint that was signed; try again")
        return self._signed(stands.mark, self.keys.signer(stands))

    def vouch(self, text: str) -> str:
        """A text that is no checkpoint, signed as a note by the ledger's key: what a production consists of.

        ProofError for a text that could be read as a checkpoint: those go through `sign` alone.
        """
        try:
            Checkpoint.parse(text)
        except ProofError:
            return sign(text, self.keys.signer())
        raise ProofError(
            "what reads as a checkpoint is signed only as one, once it is found to extend the last"
        )

    def take_over(self) -> None:
        """Become the signer of a log that another key has signed; the log must say so (SigningKeyChanged)."""
        self._database.set_setting(ABANDONED, self.verifier.vkey.encode())

    def abandon(self, mark: Signed) -> None:
        """Give up a mark, durably: a log that says openly (LogRestored) that it does not extend it is signed."""
        self._database.set_setting(ABANDONED, mark.note.encode())

    # -- one checkpoint after the other -------------------------------------------------------------------

    def _next(self, held: HeldKeys, log: Log, size: int | None) -> dict[str, bytes | None]:
        """What is to be stored to follow a mark; the key database's lock is held: no other process signs."""
        signer, mark = self.keys.signer(held), held.mark
        if self._checked is None or self._checked[:2] != (mark, size or log.last_position()):
            with log.snapshot() as reading:
                self._checked = self._extension(held, reading, size)
        _, size, root = self._checked
        if mark is not None and self._signed(mark, signer)[:2] == (size, root):
            return {MARK: mark}  # written all the same: where nothing can be, that is said
        successor = None if held.staged is None else self.keys.takes_over(held, log, size)
        signers = [signer] if successor is None else [signer, successor]
        note = sign(Checkpoint(self.origin, size, root).format(), *signers)
        self._last = Signed(size, root, note)
        stored: dict[str, bytes | None] = {MARK: note.encode()}
        if successor is not None:
            replaced = [*held.replaced, signer.verifier.vkey]
            stored |= {SIGNING_KEY: held.staged, STAGED: None, HANDOVER: note.encode()}
            stored[REPLACED] = "".join(f"{vkey}\n" for vkey in replaced).encode()
        self._checked = _Checked(note.encode(), size, root)
        return stored

    def _extension(
        self, held: HeldKeys, reading: Reading, wanted: int | None = None, stood: int | None = None
    ) -> _Checked:
        """Size and root of the log (or of its first `wanted` entries), found to extend the mark.

        Where the mark covers more than that, the mark's own. `stood` is how many entries there were before the
        ones that are being written.
        """
        last, mark = reading.last_position(), held.mark
        if mark is None:
            self._refuse_other_signer(reading)
        else:
            signed = self._signed(mark, self.keys.signer(held))
            try:
                if (last if stood is None else stood) < signed.size:
                    raise RolledBackError(signed.size, last if stood is None else stood)
                size = max(wanted or last, signed.size)
                found = _Checked(mark, size, self._extended(reading, signed, size))
            except IntegrityError:
                if not self._is_abandoned(mark, signed, reading):
                    raise
            else:
                self._refuse_replaced(held, reading, signed.size)
                return found
        size = wanted or last
        return _Checked(mark, size, reading.from_nodes(lambda node: merkle.root_from_nodes(size, node)))

    def _refuse_replaced(self, held: HeldKeys, reading: Reading, signed: int) -> None:
        """A key that the log says was replaced signs no more: an older copy of the key database brings one back."""
        said = changes_in(reading, after=signed)
        if not said or self.keys.takes_over(held, reading) is not None:
            return
        own = self.keys.signer(held).verifier
        if said[-1].verifier != own.vkey:
            raise ReplacedSignerError(f"{own.name}+{own.key_id:08x}", said[-1].position)

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
        return self._database.setting(ABANDONED) == mark and _says(reading, "LogRestored", said)

    def _refuse_other_signer(self, reading: Reading) -> None:
        """A key database that never signed goes on with a log only if nobody else signed that, or it is said."""
        last = reading.last_checkpoint()
        if last is None:
            return
        vkey = self.verifier.vkey
        try:
            open_note(last.note, [self.verifier])
        except ProofError:
            if self._database.setting(ABANDONED) != vkey.encode() or not _says(
                reading, "SigningKeyChanged", {"verifier": vkey}
            ):
                raise OtherSignerError(self.verifier.name, f"{self.verifier.key_id:08x}") from None

    def _signed(self, note: bytes, signer: Signer) -> Signed:
        """What a mark says; its signature is checked when it is first seen."""
        text = note.decode(errors="replace")
        if self._last is None or self._last.note != text:
            checkpoint = Checkpoint.parse(open_note(text, [signer.verifier]).text)
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
