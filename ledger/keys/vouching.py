"""Who stands behind what the key database says: signatures and tags that only holders of a domain's key can make.

The file may be written by people who must not read everything in it, so nothing that decides for whom a text is sealed
rests on the file's word alone. From each generation's X25519 private key two more keys are derived (HKDF, RFC 5869):
an Ed25519 key that signs the next generation and the grants, to be checked by anybody; and a key for HMAC-SHA-256 that
marks data keys made by somebody who can read them. Loads `cryptography`; import late.
"""

import hmac
import json
from dataclasses import astuple, dataclass
from typing import ClassVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ledger.keys.wrapping import Place
from ledger.sealing import KEY_BYTES

_TAG_BYTES = 16


@dataclass(frozen=True, slots=True)
class NextGeneration:
    """These are the keys that take the place of the signer's."""

    PURPOSE: ClassVar[str] = "engagement-ledger/generation/v1"
    ledger_id: str
    domain: str
    generation: int
    public_key: bytes
    verifier: bytes


@dataclass(frozen=True, slots=True)
class Granted:
    """Who holds the key pair `public_key` may open the domain, in this generation and until revoked."""

    PURPOSE: ClassVar[str] = "engagement-ledger/grant/v1"
    ledger_id: str
    domain: str
    generation: int
    grant_id: str
    role: str
    holder: str
    public_key: bytes
    granted_at: str
    granted_by: str


Statement = NextGeneration | Granted


def verifier_of(private_key: bytes) -> bytes:
    """The Ed25519 public key, 32 raw bytes, by which others check what this generation of a domain signs."""
    return _signer(private_key).public_key().public_bytes_raw()


def sign(private_key: bytes, statement: Statement) -> bytes:
    """The statement, signed (RFC 8032) by the holder of a domain's private key."""
    return _signer(private_key).sign(_content(statement))


def is_signed(verifier: bytes, statement: Statement, signature: bytes) -> bool:
    """Whether the holder of the private key behind `verifier` signed just this."""
    try:
        Ed25519PublicKey.from_public_bytes(verifier).verify(signature, _content(statement))
    except (InvalidSignature, TypeError, ValueError):  # a row that was altered may hold anything
        return False
    return True


def tag_of(private_key: bytes, place: Place, wrapped: bytes) -> bytes:
    """The mark of a data key made by a reader, as wrapped for this place: 16 bytes of HMAC-SHA-256."""
    key = _derived(private_key, b"engagement-ledger/data-key-tag/v1")
    return hmac.digest(key, place.as_info() + wrapped, "sha256")[:_TAG_BYTES]


def _signer(private_key: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(_derived(private_key, b"engagement-ledger/vouching-key/v1"))


def _derived(private_key: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose).derive(private_key)


def _content(statement: Statement) -> bytes:
    """What is signed: canonical JSON (RFC 8785) of purpose and fields, bytes in hexadecimal."""
    fields = [value.hex() if isinstance(value, bytes) else value for value in astuple(statement)]
    return json.dumps([statement.PURPOSE, *fields], ensure_ascii=False, separators=(",", ":")).encode()
