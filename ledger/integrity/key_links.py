"""The proof that signing keys followed each other, as a JSON document: from an older key to the present one, or back.

Each change is an entry of the log (SigningKeyChanged) under a checkpoint that both keys signed, the old and the new.
Whoever has any key of the chain from elsewhere can so tell which key was in force at which size. It does not help
against somebody who stole an old key before it was replaced: from that key forward nothing can be told.

Every public function raises `ledger.errors.ProofError` for what it cannot accept, and nothing else.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

from ledger.errors import InputError, ProofError
from ledger.integrity import merkle
from ledger.integrity.canonical import loads
from ledger.integrity.checkpoint import Checkpoint
from ledger.integrity.documents import an_object, as_text, decoded, each, encoded, of_kind, read_document
from ledger.integrity.key_chain import KeyChange, Reign, full, in_force, reigns, short
from ledger.integrity.note import Verifier, open_note

_CHANGE = ("SigningKeyChanged", "ledger")


@dataclass(frozen=True)
class KeyLink:
    """One change: its entry's position, stored bytes and inclusion proof under a checkpoint that both keys signed."""

    position: int
    state: bytes
    proof: tuple[bytes, ...]
    checkpoint: str

    def check(self, origin: str) -> KeyChange:
        """The change, found to be an entry of this log for which both keys have signed."""
        where = f"the change of keys of entry {self.position}"
        try:
            header = of_kind(dict, loads(self.state), where)
        except InputError as wrong:
            raise ProofError(f"{where}: {wrong}") from None
        change = KeyChange.of(self.position, of_kind(dict, header.get("data"), where))
        if (header.get("type"), header.get("stream")) != _CHANGE or change is None:
            raise ProofError(f"{where}: the entry is no change of the signing key")
        old, new = full(change.replaced), full(change.verifier)
        if old is None or new is None:
            raise ProofError(f"{where}: it does not name the key replaced in full")
        signed = Checkpoint.parse(open_note(self.checkpoint, [old]).text)
        open_note(self.checkpoint, [new])
        if signed.origin != origin:
            raise ProofError(f"{where}: its checkpoint is of {signed.origin}, expected {origin}")
        merkle.verify_inclusion(
            merkle.leaf_hash(self.state), self.position - 1, signed.size, self.proof, signed.root
        )
        return change


@dataclass(frozen=True)
class KeyLinks:
    """The changes of a log's signing key, earliest first, as far back as each key signed for the next."""

    FORMAT: ClassVar[str] = "engagement-ledger/keys/v1"

    origin: str
    links: tuple[KeyLink, ...]

    def document(self) -> dict[str, Any]:
        """The proof as JSON values."""
        return {
            "format": self.FORMAT,
            "origin": self.origin,
            "changes": [
                {
                    "position": one.position,
                    "entry": as_text(one.state),
                    "inclusion_proof": encoded(one.proof),
                    "checkpoint": one.checkpoint,
                }
                for one in self.links
            ],
        }

    def format(self) -> str:
        """The proof as JSON text, to be kept in a file."""
        return json.dumps(self.document(), ensure_ascii=False, indent=2) + "\n"

    @classmethod
    def parse(cls, text: str | bytes) -> "KeyLinks":
        """Read the proof. Nothing else is checked."""
        members = read_document(text, cls.FORMAT, ("origin", "changes"))
        return cls(of_kind(str, members["origin"], "origin"), each(_link, members["changes"], "changes"))

    def check(self) -> list[Reign]:
        """The keys one after the other, each change found to hold and to follow the one before."""
        changes = [link.check(self.origin) for link in self.links]
        if not changes:
            raise ProofError("changes: there is none; without a change there is nothing to follow")
        for before, after in pairwise(changes):
            if not after.replaces(before.verifier) or after.position <= before.position:
                force = short(before.verifier)
                raise ProofError(
                    f"entry {after.position} replaces {short(after.replaced)}, but {force} was in force"
                )
        return reigns(changes)

    def require(self, note: str, verifiers: Sequence[Verifier]) -> Verifier:
        """The key in force at a checkpoint of this log, found to have signed it.

        `verifiers` are keys known from elsewhere, one of which must be in the chain.
        """
        found = self.check()
        if not {one.key for one in found} & {one.vkey for one in verifiers}:
            raise ProofError("the key given is none of those that followed each other here")
        head = Checkpoint.of_note(note)
        if head.origin != self.origin:
            raise ProofError(f"the checkpoint is of {head.origin}, the keys are of {self.origin}")
        reign = in_force(found, head.size)
        key = None if reign is None else full(reign.key)
        if key is None:
            raise ProofError(f"no key was in force at {head.size} entries")
        try:
            open_note(note, [key])
        except ProofError as wrong:
            raise ProofError(f"{wrong}; over {head.size} entries {short(key.vkey)} was in force") from None
        return key


def _link(value: object, where: str) -> KeyLink:
    members = an_object(value, where, ("position", "entry", "inclusion_proof", "checkpoint"))
    return KeyLink(
        of_kind(int, members["position"], f"{where}.position"),
        of_kind(str, members["entry"], f"{where}.entry").encode(errors="surrogatepass"),
        each(decoded, members["inclusion_proof"], f"{where}.inclusion_proof"),
        of_kind(str, members["checkpoint"], f"{where}.checkpoint"),
    )
