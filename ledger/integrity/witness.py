"""The witness's decision: does a log's checkpoint extend the last one seen? C2SP tlog-witness, "add-checkpoint".

A request is a text, here a file instead of the body of an HTTP request:

    old <size of the checkpoint seen before>
    <base64 of a hash of the consistency proof>     (0 to 63 such lines)
    <empty line>
    <checkpoint, a signed note>

Pure: no clock, no file. Sizes are numbers of leaves, times POSIX seconds. Every public function raises
`ledger.errors.ProofError` for what it cannot accept, and nothing else; what a log's key has validly signed and
is refused all the same raises its subclass `RefusedCheckpointError`, which says how grave that is.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from ledger.errors import ProofError
from ledger.integrity.checkpoint import MAX_SIZE, Checkpoint
from ledger.integrity.cosignature import CosignerVerifier, timestamp_of
from ledger.integrity.merkle import EMPTY_ROOT, HASH_SIZE, verify_consistency
from ledger.integrity.note import Verifier, open_note

MAX_PROOF = 63
""" "The client MUST NOT send more than 63 consistency proof lines"."""

_OLD = "old "
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,19}", re.ASCII)


class Kind(StrEnum):
    """Why a validly signed checkpoint is kept as evidence."""

    SPLIT_VIEW = "split-view"
    """Two roots for one size, both signed: proof that the log shows different people different records."""
    IMPOSSIBLE = "impossible"
    """Size 0 with a root that is not the empty tree's: proof that the log signs what is not true."""
    INCONSISTENT = "inconsistent"
    """The consistency proof given does not hold: rewritten, or the proof is another's or damaged."""
    OTHER_ORIGIN = "other-origin"
    """The log's key signed for another origin than its own."""
    OLDER = "older"
    """Fewer entries than seen before. Nothing wrong by itself: files cross."""
    PROOF_NEEDED = "proof-needed"
    """Nobody can tell: no consistency proof from the size seen last came with it."""
    KEY_CHANGED = "key-changed"
    """Not refused: the first checkpoint under a new key, kept beside the last one under the former."""

    @property
    def proven(self) -> bool:
        """Whether the signed notes alone prove misconduct to anybody who has the log's key."""
        return self in {Kind.SPLIT_VIEW, Kind.IMPOSSIBLE}

    @property
    def open(self) -> bool:
        """Whether nothing speaks against the log yet: another file would settle it."""
        return self in {Kind.OLDER, Kind.PROOF_NEEDED}


class RefusedCheckpointError(ProofError):
    """A checkpoint that its log's key has signed and the witness does not cosign.

    `kind` is why, `checkpoint` what was signed, `since` the size (of the last one seen, or 0) from which a
    consistency proof is asked.
    """

    def __init__(self, kind: Kind, checkpoint: Checkpoint, since: int, why: str) -> None:
        super().__init__(why)
        self.kind, self.checkpoint, self.since = kind, checkpoint, since


@dataclass(frozen=True)
class Request:
    """What a log asks a witness: to cosign `note`, given the proof from `old_size` leaves (32 bytes a hash).

    `old_size` None, with no proof, is a bare checkpoint. The note is not verified yet. Raises ProofError for
    parts that do not make a request.
    """

    old_size: int | None
    proof: tuple[bytes, ...]
    note: str

    def __post_init__(self) -> None:
        if self.old_size is not None and (
            type(self.old_size) is not int or not 0 <= self.old_size <= MAX_SIZE
        ):
            raise ProofError("a request's old size is an integer from 0 to 2^64 - 1")
        if type(self.proof) is not tuple or len(self.proof) > MAX_PROOF:
            raise ProofError(f"a request's consistency proof is a tuple of at most {MAX_PROOF} hashes")
        if any(type(one) is not bytes or len(one) != HASH_SIZE for one in self.proof):
            raise ProofError(f"a request's consistency proof is made of hashes of {HASH_SIZE} bytes each")
        if self.old_size is None and self.proof:
            raise ProofError("a consistency proof without the old size it starts from")
        if not isinstance(self.note, str):
            raise ProofError(f"a note is text, not a {type(self.note).__name__}")
        if self.old_size is None and self.note.startswith(_OLD):
            raise ProofError(f"a bare checkpoint's origin may not begin with {_OLD!r}: it reads as a request")
        _ = self.claimed

    @classmethod
    def parse(cls, text: str | bytes) -> Self:
        """Read a request, or a bare checkpoint. Raises ProofError."""
        try:
            decoded = text.decode() if isinstance(text, bytes) else text
        except UnicodeDecodeError:
            raise ProofError("malformed request: not valid UTF-8 text") from None
        if not isinstance(decoded, str):
            raise ProofError(f"a request is text, not a {type(text).__name__}")
        if not decoded.startswith(_OLD):
            return cls(None, (), decoded)
        head, empty, note = decoded.partition("\n\n")
        if not empty:
            raise ProofError("malformed request: no empty line between the proof and the checkpoint")
        first, *lines = head.split("\n")
        if len(lines) > MAX_PROOF:
            raise ProofError(f"malformed request: {len(lines)} proof lines, at most {MAX_PROOF}")
        size = first.removeprefix(_OLD)
        if not _DECIMAL.fullmatch(size):
            raise ProofError(
                f"malformed request: the old size is a decimal without leading zeros, not {size[:32]!r}"
            )
        return cls(int(size), tuple(map(_hash_of, lines)), note)

    def format(self) -> str:
        """Return the text `parse` reads."""
        if self.old_size is None:
            return self.note
        proof = "".join(f"{b64encode(one).decode()}\n" for one in self.proof)
        return f"{_OLD}{self.old_size}\n{proof}\n{self.note}"

    @property
    def claimed(self) -> Checkpoint:
        """The checkpoint as the note has it, whoever signed it: good for looking up the log, for nothing else."""
        split = self.note.rfind("\n\n")
        if split < 0:
            raise ProofError("malformed checkpoint: no empty line between text and signatures")
        return Checkpoint.parse(self.note[: split + 1])


@dataclass(frozen=True)
class Seen:
    """The last checkpoint of one log that the witness cosigned.

    `origin`, `size` and `root` (32 bytes) are the checkpoint's, `vkey` is the log's key, `note` the whole signed
    note with the witness's cosignature in it, `at` the time that states (POSIX seconds).
    """

    origin: str
    vkey: str
    size: int
    root: bytes
    note: str
    at: int

    @classmethod
    def read(cls, note: str, log: Verifier, cosigner: CosignerVerifier) -> Self:
        """Read it back from the note alone. ProofError unless both the log and the cosigner have signed it."""
        opened = open_note(note, (log, cosigner))
        signed = {(one.name, one.key_id): one for one in opened.verified}
        own = signed.get((cosigner.name, cosigner.key_id))
        if own is None or (log.name, log.key_id) not in signed:
            raise ProofError(f"the checkpoint is not signed by both {log.name} and {cosigner.name}")
        checkpoint = Checkpoint.parse(opened.text)
        return cls(checkpoint.origin, log.vkey, checkpoint.size, checkpoint.root, note, timestamp_of(own))


@dataclass(frozen=True)
class Evidence:
    """What is kept of a refused checkpoint: both notes, the request as it came, why and when (POSIX seconds).

    `vkey` is the log's key, `seen` the note seen last before it, None if there was none.
    """

    kind: Kind
    vkey: str
    seen: str | None
    refused: str
    request: str
    why: str
    at: int


def consider(request: Request, log: Verifier, seen: Seen | None) -> Checkpoint:
    """Return the request's checkpoint if the witness may cosign it: tlog-witness, "add-checkpoint".

    `log` is the key trusted for the log, `seen` what was last cosigned of it. Where that was under another key,
    the new one must extend it all the same. A checkpoint of the very size and root seen is accepted whatever the
    old size: the answer may have been lost on its way. (For a witness on a network the specification has 409
    there; nothing can be rolled back by saying the same again.)

    Raises ProofError if the note is malformed or not validly signed by `log`, RefusedCheckpointError if it is and
    may not be cosigned.
    """
    # "MUST verify the checkpoint signature against the public key(s) it trusts", else 403.
    checkpoint = Checkpoint.parse(open_note(request.note, (log,)).text)
    since = seen.size if seen is not None else 0

    def refused(kind: Kind, why: str) -> RefusedCheckpointError:
        return RefusedCheckpointError(kind, checkpoint, since, why)

    # A key speaks for the origin it is named after (tlog-policy, "Defining a log"), and for no other.
    expected = seen.origin if seen is not None else log.name
    if not checkpoint.origin == log.name == expected:
        raise refused(
            Kind.OTHER_ORIGIN,
            f"the key of {log.name} signed a checkpoint for {checkpoint.origin}, expected {expected}: "
            "a log keeps its name",
        )
    if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
        raise refused(
            Kind.IMPOSSIBLE, f"{log.name} signed an empty record with root {checkpoint.root.hex()}: none is"
        )
    if seen is not None and checkpoint.size == seen.size:
        # "If the old size matches the checkpoint size, [...] the root hashes are also identical", else 409.
        if checkpoint.root != seen.root:
            raise refused(
                Kind.SPLIT_VIEW,
                f"two different records of {seen.size} entries, both signed by {log.name}: root "
                f"{seen.root.hex()} seen before, root {checkpoint.root.hex()} now. Both cannot be the one record",
            )
        return checkpoint
    if checkpoint.size < since:
        raise refused(
            Kind.OLDER,
            f"the checkpoint has {checkpoint.size} entries, {since} were seen before: it is an older one, "
            "which by itself shows nothing wrong",
        )
    # "The old size MUST be equal to or lower than the checkpoint size" (400), "MUST check that the old size matches
    # the size of the latest checkpoint it cosigned [...] (or zero if it never cosigned a checkpoint)" (409).
    if (request.old_size or 0) != since:
        came = "none" if request.old_size is None else f"one from {request.old_size}"
        raise refused(
            Kind.PROOF_NEEDED,
            f"to tell whether the {checkpoint.size} entries extend what was seen, a consistency proof from {since} "
            f"entries is needed; {came} came. Nothing is said against the log",
        )
    _require_extended(request.proof, checkpoint, seen, refused)
    return checkpoint


def _require_extended(
    proof: tuple[bytes, ...],
    checkpoint: Checkpoint,
    seen: Seen | None,
    refused: Callable[[Kind, str], RefusedCheckpointError],
) -> None:
    """Check the proof: RFC 6962 2.1.2. "The proof MUST be empty if the old size is zero"; else 422."""
    if seen is None or seen.size == 0:
        if proof:
            raise refused(
                Kind.PROOF_NEEDED, f"a consistency proof from 0 entries is empty; {len(proof)} hashes came"
            )
        return
    try:
        verify_consistency(seen.size, checkpoint.size, proof, seen.root, checkpoint.root)
    except ProofError as wrong:
        raise refused(
            Kind.INCONSISTENT,
            f"the proof that the {checkpoint.size} entries extend the {seen.size} seen before does not hold "
            f"({wrong}). The file may be damaged or the proof another's; if the practice cannot give one that "
            "holds, its record was changed",
        ) from None


def _hash_of(line: str) -> bytes:
    """One proof line: canonical base64 (RFC 4648 section 4) of a hash."""
    try:
        found = b64decode(line, validate=True)
    except ValueError:
        found = b""
    if len(found) != HASH_SIZE or b64encode(found).decode() != line:
        raise ProofError(
            f"malformed request: expected the base64 of {HASH_SIZE} bytes as proof line, not {line[:64]!r}"
        )
    return found
