"""What a production rests on: a seal over the client's file, its proof, and what outsiders said of its checkpoint."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from ledger.application import Ledger
from ledger.errors import (
    ConflictError,
    KeyDatabaseError,
    LedgerError,
    NotSealedError,
    ProofError,
    StorageError,
    UncoveredError,
)
from ledger.integrity.canonical import loads
from ledger.integrity.checkpoint import Checkpoint
from ledger.integrity.cosignature import timestamp_of
from ledger.integrity.key_links import KeyLinks
from ledger.integrity.note import Verifier, open_note
from ledger.integrity.proof import Completeness
from ledger.perspective import CLIENTS
from ledger.proving.anchoring import cosignatures
from ledger.proving.index import seal
from ledger.proving.key_history import KeyTurn, key_history, key_links
from ledger.proving.proofs import Proofs, Sealed
from ledger.storage.reading import Reading
from ledger.storage.rows import TIMESTAMP
from ledger.values import stamp


@dataclass(frozen=True, slots=True)
class Anchor:
    """What somebody outside said of the checkpoint: `at` is the time they state, None where it cannot be read."""

    kind: str
    name: str | None
    at: str | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A seal with its proof for one stream. `earlier_because` says why it is not one made just now.

    `turns` are the signing keys one after the other, `links` the proof of those that signed for the next.
    """

    verifier: Verifier
    checkpoint: Checkpoint
    proof: Completeness
    sealed_at: str
    earlier_because: str | None
    cosignatures: tuple[str, ...]
    timestamp: bytes | None
    anchors: tuple[Anchor, ...]
    turns: tuple[KeyTurn, ...]
    links: KeyLinks | None

    @property
    def note(self) -> str:
        """The checkpoint's signed note, as the ledger made it."""
        return self.proof.checkpoint


def gather(ledger: Ledger, client: str, by: str, *, earlier: bool = False) -> Evidence:
    """Seals the ledger and proves a client's file; where nothing can be written, by the last seal that covers it.

    With `earlier` nothing is written at all. UncoveredError where the last seal does not cover the file.
    """
    because = "an earlier seal was asked for" if earlier else None
    if not earlier:
        try:
            seal(ledger.committing, ledger.sealer, by)
        except (StorageError, ConflictError, KeyDatabaseError) as wrong:
            because = f"the ledger could not be sealed now: {wrong}"
    with ledger.recorder.snapshot() as reading:
        return _proved(ledger, reading, CLIENTS + client, because)


def _proved(ledger: Ledger, reading: Reading, stream: str, because: str | None) -> Evidence:
    verifier = ledger.committing.signer.verifier
    proofs = Proofs(reading, ledger.opened.origin, verifier.vkey)
    sealed = _covering(proofs, reading, stream, because)
    proof = proofs.completeness(stream, sealed)
    anchors = reading.anchors(sealed.seal.position)
    lines = cosignatures(anchors)
    stamps = [one.body for one in anchors if one.kind == TIMESTAMP]
    timestamp = stamps[-1] if stamps else None
    return Evidence(
        verifier=verifier,
        checkpoint=Checkpoint.of_note(sealed.checkpoint.note),
        proof=proof,
        sealed_at=loads(proof.seal)["at"],
        earlier_because=because,
        cosignatures=tuple(lines),
        timestamp=timestamp,
        anchors=(*_cosigned(sealed.checkpoint.note + "".join(lines), verifier), *_stamped(timestamp)),
        turns=tuple(key_history(reading, verifier.vkey)),
        links=key_links(reading, ledger.opened.origin, verifier.vkey),
    )


def _covering(proofs: Proofs, reading: Reading, stream: str, because: str | None) -> Sealed:
    """The newest seal, found to cover the stream as it stands (made just now, it does)."""
    try:
        sealed = proofs.sealed(by_present_key=True)  # which signs the manifest, too
    except NotSealedError:
        raise UncoveredError(because) from None
    positions = reading.positions_of(stream, reading.last_position())
    if because is not None and positions and positions[-1] >= sealed.seal.position:
        raise UncoveredError(because)
    return sealed


def _cosigned(note: str, verifier: Verifier) -> Iterator[Anchor]:
    for signature in open_note(note, [verifier]).unverified:
        with suppress(ProofError):
            at = datetime.fromtimestamp(timestamp_of(signature), UTC)
            yield Anchor("cosignature", signature.name, stamp(at))


def _stamped(response: bytes | None) -> Iterator[Anchor]:
    if response is None:
        return
    at = name = None
    with suppress(LedgerError):  # without the extra `timestamp` it is carried along unread
        from ledger.integrity.timestamp import read

        stamped = read(response)
        at, name = stamp(stamped.at), stamped.authority
    yield Anchor("time-stamp", name, at)
