"""Keys wrapped to a domain or a grant: whoever has the public key can wrap, only the private key opens.

HPKE (RFC 9180) in base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM; a wrapped key is the
encapsulated key (32 bytes), the ciphertext (32) and its tag (16). Loads `cryptography`; import late.
"""

import os
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from pydantic_core import to_json

from ledger.sealing import KEY_BYTES
from ledger.values import Domain

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_PURPOSE = "engagement-ledger/data-key/v1"
_DELIVERY = "engagement-ledger/delivery/v1"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a wrapped key belongs: moved to another row, client or ledger it does not open."""

    ledger_id: str
    subject: str
    domain: Domain
    key_id: int

    def as_info(self) -> bytes:
        """RFC 9180's `info`: canonical JSON (RFC 8785)."""
        place = [_PURPOSE, self.ledger_id, self.subject, self.domain.value, self.key_id]
        return to_json(place)


@dataclass(frozen=True, slots=True)
class Delivery:
    """For whom the private key of a domain's new generation is wrapped: opened for no other grant or generation."""

    ledger_id: str
    grant_id: str
    domain: Domain
    generation: int

    def as_info(self) -> bytes:
        """RFC 9180's `info`: canonical JSON (RFC 8785)."""
        place = [_DELIVERY, self.ledger_id, self.grant_id, self.domain.value, self.generation]
        return to_json(place)


def new_data_key() -> bytes:
    """A fresh AES-256 key."""
    return os.urandom(KEY_BYTES)


def new_private_key() -> bytes:
    """A fresh X25519 private key, of a domain or a role file, 32 raw bytes."""
    return X25519PrivateKey.generate().private_bytes_raw()


def public_key_of(private_key: bytes) -> bytes:
    """The public key, 32 raw bytes, that goes with a private one."""
    return X25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw()


def wrap(key: bytes, public_key: bytes, place: Place | Delivery) -> bytes:
    """`key` for whoever holds the private key, and for this one place in this one ledger."""
    return _SUITE.encrypt(key, _parsed(public_key), info=place.as_info())


@lru_cache(maxsize=16)
def _parsed(public_key: bytes) -> X25519PublicKey:
    return X25519PublicKey.from_public_bytes(public_key)


class Opener:
    """Opens what was wrapped to one private key, which is made ready once."""

    def __init__(self, private_key: bytes) -> None:
        self._key = X25519PrivateKey.from_private_bytes(private_key)

    def open(self, wrapped: bytes, place: Place | Delivery) -> bytes | None:
        """The key, or None if it was not wrapped so: for another key, another place, or altered since."""
        try:
            return _SUITE.decrypt(wrapped, self._key, info=place.as_info())
        except (InvalidTag, ValueError):
            return None


def unwrap(wrapped: bytes, private_key: bytes, place: Place | Delivery) -> bytes | None:
    """What `Opener.open` gives, where only one key is to be opened."""
    return Opener(private_key).open(wrapped, place)
