"""The proofs that leave the house, as JSON documents that can be checked with nothing else at hand.

A *receipt* shows that entries stand in the log that a signed checkpoint commits. A *completeness* shows that at
a sealed checkpoint a stream had exactly these entries, or none. Both are read strictly: every member must be there,
no other may be, and every value has one spelling (DESIGN section 7).

Whoever checks must know the log's public key from elsewhere. Without one a document can only be found consistent in
itself: anybody can make such a document with a key of their own.

Every public function raises `ledger.errors.ProofError` for what it cannot accept, and nothing else.
"""

import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ledger.errors import InputError, ProofError
from ledger.integrity import merkle, prefix_map
from ledger.integrity.canonical import loads
from ledger.integrity.checkpoint import Checkpoint
from ledger.integrity.documents import (
    a_hash,
    an_object,
    as_text,
    decoded,
    each,
    encoded,
    of_kind,
    read_document,
)
from ledger.integrity.note import Verifier, open_note

_SEAL = ("StreamIndexCommitted", "ledger")  # type and stream of the entry that commits all stream heads


@dataclass(frozen=True)
class Proven:
    """An entry's log position (its leaf index plus 1), stored bytes, and inclusion proof, from the leaf up."""

    position: int
    state: bytes
    proof: tuple[bytes, ...]

    @property
    def leaf_hash(self) -> bytes:
        """The entry's leaf hash: RFC 6962 2.1."""
        return merkle.leaf_hash(self.state)


@dataclass(frozen=True)
class _Document:
    """What both documents share: being written, and being signed for."""

    verifier: str
    checkpoint: str

    def document(self) -> dict[str, Any]:
        """The document as JSON values."""
        raise NotImplementedError

    def format(self) -> str:
        """The document as JSON text, to be kept in a file."""
        return json.dumps(self.document(), ensure_ascii=False, indent=2) + "\n"

    @property
    def size(self) -> int:
        """How many entries the checkpoint says it covers; read from its text, nothing checked."""
        return Checkpoint.of_note(self.checkpoint).size

    def _opened(self, verifiers: Sequence[Verifier]) -> Checkpoint:
        """The checkpoint, signed by the key that the document names, and by a known one if any are known."""
        named = Verifier.parse(self.verifier)
        if named.vkey != self.verifier:
            raise ProofError("verifier: not the one spelling of its key")
        note = open_note(self.checkpoint, [named])
        if verifiers:
            open_note(self.checkpoint, verifiers)
        return Checkpoint.parse(note.text)


@dataclass(frozen=True)
class Receipt(_Document):
    """Entries with their inclusion proofs under one checkpoint.

    `verifier` is the public key (vkey) of the log as the receipt names it, `checkpoint` the signed note's text.
    """

    FORMAT: ClassVar[str] = "engagement-ledger/receipt/v1"

    entries: tuple[Proven, ...]

    def document(self) -> dict[str, Any]:
        """The receipt as JSON values."""
        return {
            "format": self.FORMAT,
            "verifier": self.verifier,
            "checkpoint": self.checkpoint,
            "entries": [
                {
                    "position": one.position,
                    "entry": as_text(one.state),
                    "leaf_hash": one.leaf_hash.hex(),
                    "inclusion_proof": encoded(one.proof),
                }
                for one in self.entries
            ],
        }

    @classmethod
    def parse(cls, text: str | bytes) -> "Receipt":
        """Read a receipt; each entry is found to have the leaf hash stated beside it. Nothing else is checked."""
        members = read_document(text, cls.FORMAT, ("verifier", "checkpoint", "entries"))
        return cls(
            of_kind(str, members["verifier"], "verifier"),
            of_kind(str, members["checkpoint"], "checkpoint"),
            each(_proven, members["entries"], "entries"),
        )

    def check(self, verifiers: Sequence[Verifier] = ()) -> Checkpoint:
        """Check the signature and every entry; return the checkpoint that commits them.

        `verifiers` are keys known from elsewhere, one of which must have signed. Without any the receipt is measured
        by the key it names itself: say then that the signer is not verified.
        """
        signed = self._opened(verifiers)
        if not self.entries:
            raise ProofError("the receipt holds no entry: it shows nothing")
        for one in self.entries:
            # RFC 9162 2.1.3.2, with the leaf index position - 1.
            merkle.verify_inclusion(one.leaf_hash, one.position - 1, signed.size, one.proof, signed.root)
        return signed


@dataclass(frozen=True)
class Completeness(_Document):
    """All leaf hashes of one stream, in order, under a sealed checkpoint; none if there was no such stream.

    `seal` are the stored bytes of the checkpoint's last entry, which commits every stream's head in a prefix map,
    `seal_proof` its inclusion proof, `map_proof` the prefix map's proof for this stream.
    """

    FORMAT: ClassVar[str] = "engagement-ledger/completeness/v1"

    origin: str
    stream: str
    seal: bytes
    seal_proof: tuple[bytes, ...]
    leaf_hashes: tuple[bytes, ...]
    map_proof: bytes

    @property
    def count(self) -> int:
        """How many entries the stream had; 0 if there was none."""
        return len(self.leaf_hashes)

    def document(self) -> dict[str, Any]:
        """The proof as JSON values."""
        return {
            "format": self.FORMAT,
            "origin": self.origin,
            "stream": self.stream,
            "verifier": self.verifier,
            "checkpoint": self.checkpoint,
            "seal": {"entry": as_text(self.seal), "inclusion_proof": encoded(self.seal_proof)},
            "count": self.count,
            "leaf_hashes": [leaf.hex() for leaf in self.leaf_hashes],
            "map_proof": b64encode(self.map_proof).decode(),
        }

    @classmethod
    def parse(cls, text: str | bytes) -> "Completeness":
        """Read a completeness proof; there are as many leaf hashes as it says. Nothing else is checked."""
        names = ("origin", "stream", "verifier", "checkpoint", "seal", "count", "leaf_hashes", "map_proof")
        members = read_document(text, cls.FORMAT, names)
        seal = an_object(members["seal"], "seal", ("entry", "inclusion_proof"))
        leaf_hashes = each(a_hash, members["leaf_hashes"], "leaf_hashes")
        if of_kind(int, members["count"], "count") != len(leaf_hashes):
            raise ProofError(f"count: says {members['count']}, but there are {len(leaf_hashes)} leaf hashes")
        return cls(
            origin=of_kind(str, members["origin"], "origin"),
            stream=of_kind(str, members["stream"], "stream"),
            verifier=of_kind(str, members["verifier"], "verifier"),
            checkpoint=of_kind(str, members["checkpoint"], "checkpoint"),
            seal=of_kind(str, seal["entry"], "seal.entry").encode(),
            seal_proof=each(decoded, seal["inclusion_proof"], "seal.inclusion_proof"),
            leaf_hashes=leaf_hashes,
            map_proof=decoded(members["map_proof"], "map_proof"),
        )

    def check(self, verifiers: Sequence[Verifier] = ()) -> Checkpoint:
        """Check that the stream had exactly these entries; return the checkpoint at which it had.

        `verifiers` as in `Receipt.check`. The clauses are those of DESIGN section 7, "Completeness".
        """
        signed = self._opened(verifiers)
        # A stream's key holds the log's origin: the checkpoint must be that log's.
        if signed.origin != self.origin:
            raise ProofError(f"the checkpoint is of {signed.origin}, the proof speaks of {self.origin}")
        # "The map's root is an entry, the last leaf of a sealed checkpoint": leaf index size - 1.
        last = signed.size - 1
        merkle.verify_inclusion(merkle.leaf_hash(self.seal), last, signed.size, self.seal_proof, signed.root)
        # "with covers = size - 1".
        map_root = _sealed_root(self.seal, last)
        # SR = MTH(leaf hashes of the stream); val = H("el/head/v1\n" || u64be(count) || SR); none where there is none.
        value = prefix_map.head_value(self.count, merkle.root(self.leaf_hashes)) if self.count else None
        # key = H("el/stream/v1\n" || origin || "\n" || stream).
        prefix_map.verify(map_root, prefix_map.stream_key(self.origin, self.stream), value, self.map_proof)
        return signed


def _sealed_root(seal: bytes, covers: int) -> bytes:
    """The prefix map's root in a seal that covers so many entries: all before it."""
    try:
        header = of_kind(dict, loads(seal), "seal.entry")
    except InputError as wrong:
        raise ProofError(f"seal.entry: {wrong}") from None
    if (header.get("type"), header.get("stream")) != _SEAL:
        raise ProofError(f"seal.entry: the checkpoint's last entry is no {_SEAL[0]}: it is not sealed")
    data = of_kind(dict, header.get("data"), "seal.entry: data")
    if of_kind(int, data.get("covers"), "seal.entry: data.covers") != covers:
        raise ProofError(f"seal.entry: it covers {data['covers']} entries, expected all {covers} before it")
    return a_hash(data.get("map_root"), "seal.entry: data.map_root")


def _proven(value: object, where: str) -> Proven:
    members = an_object(value, where, ("position", "entry", "leaf_hash", "inclusion_proof"))
    proven = Proven(
        of_kind(int, members["position"], f"{where}.position"),
        of_kind(str, members["entry"], f"{where}.entry").encode(),
        each(decoded, members["inclusion_proof"], f"{where}.inclusion_proof"),
    )
    stated = a_hash(members["leaf_hash"], f"{where}.leaf_hash")
    if stated != proven.leaf_hash:
        raise ProofError(f"{where}.leaf_hash: says {stated.hex()}, the entry has {proven.leaf_hash.hex()}")
    return proven
