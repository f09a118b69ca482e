r"""Cosignatures: another party vouches, with the time, that a log only grew. C2SP tlog-cosignature, v1.

A cosignature is a note signature of type 0x04 over a checkpoint. The signature is
`timestamp (u64, big endian) || Ed25519 signature (64 bytes)`, the signed message
`cosignature/v1\ntime <timestamp>\n` and the whole text of the checkpoint. Times are POSIX seconds.

Both kinds of key are used with `ledger.integrity.note` wherever it takes a verifier or a signer, and raise
`ledger.errors.ProofError` as they do there.
"""

from dataclasses import dataclass, replace
from typing import ClassVar, Self

from ledger.errors import ProofError
from ledger.integrity.checkpoint import Checkpoint
from ledger.integrity.note import Signature, Signer, Verifier

MAX_TIMESTAMP = 2**63 - 1
""" "It MUST NOT exceed 2^63 - 1": tlog-cosignature, "Format"."""

_TIME_SIZE = 8
_SIZE = _TIME_SIZE + 64


@dataclass(frozen=True)
class CosignerVerifier(Verifier):
    """A cosigner's Ed25519 public key (32 bytes) under its name.

    `parse` reads keys of type 0x04 and, as transparency-dev's witnesses give theirs, of type 0x01. The type
    enters the key ID, so either way only cosignatures verify.
    """

    TYPE: ClassVar[int] = 0x04
    READS: ClassVar[tuple[int, ...]] = (0x04, 0x01)

    def verifies(self, text: bytes, signature: bytes) -> bool:
        """Tell whether `signature` (72 bytes) is this key's cosignature of the checkpoint `text`."""
        if len(signature) != _SIZE:
            return False
        try:
            message = _message(int.from_bytes(signature[:_TIME_SIZE], "big"), text)
        except ProofError:
            return False
        return super().verifies(message, signature[_TIME_SIZE:])


@dataclass(frozen=True)
class CosignerSigner(Signer):
    """A cosigner's Ed25519 private key (its 32-byte seed) under its name; `at` says as of when it signs."""

    VERIFIER: ClassVar[type[Verifier]] = CosignerVerifier

    timestamp: int | None = None

    def at(self, timestamp: int) -> Self:
        """Return this key, signing as of `timestamp` (POSIX seconds)."""
        return replace(self, timestamp=timestamp)

    def sign(self, text: bytes) -> bytes:
        """Return the cosignature (72 bytes) of the checkpoint `text`, as of the time set with `at`."""
        if self.timestamp is None:
            raise ProofError("a cosignature states its time: sign with CosignerSigner.at(timestamp)")
        message = _message(self.timestamp, text)
        return self.timestamp.to_bytes(_TIME_SIZE, "big") + super().sign(message)


def timestamp_of(signature: Signature) -> int:
    """Return the time (POSIX seconds) a cosignature states; to be believed once the signature is verified."""
    if len(signature.signature) != _SIZE:
        raise ProofError(f"the signature of {signature.name} is no cosignature: it carries no time")
    return int.from_bytes(signature.signature[:_TIME_SIZE], "big")


def _message(timestamp: int, text: bytes) -> bytes:
    """Build what is signed: tlog-cosignature, "Ed25519 signed message". It applies to a checkpoint only."""
    if type(timestamp) is not int or not 0 <= timestamp <= MAX_TIMESTAMP:
        raise ProofError("a cosignature's time is a number of seconds from 0 to 2^63 - 1")
    Checkpoint.parse(text)
    return b"cosignature/v1\ntime %d\n" % timestamp + text
