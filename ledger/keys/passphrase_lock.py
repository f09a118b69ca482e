"""What a passphrase locks: bytes under AES-256-GCM with a key that scrypt (RFC 7914) makes of what is typed."""

import base64
import os
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ledger.sealing import KEY_BYTES, NONCE_BYTES

_SALT_BYTES = 16


@dataclass(frozen=True)
class ScryptCost:
    """RFC 7914's parameters: 128 * n * r bytes of memory, p times over."""

    n: int
    r: int
    p: int

    def is_bearable(self) -> bool:
        """Whether a file may ask for it: neither trivial to search nor a way to exhaust the machine."""
        numbers = all(type(number) is int for number in (self.n, self.r, self.p))
        return (
            numbers
            and self.n.bit_count() == 1
            and 2**14 <= self.n <= 2**20
            and 8 <= self.r <= 16
            and 1 <= self.p <= 4
        )


NEW_FILES_COST = ScryptCost(n=2**17, r=8, p=1)  # OWASP's recommendation: 128 MiB, about half a second


@dataclass(frozen=True, slots=True)
class Lock:
    """How something is locked: what the passphrase costs, and what its key and cipher were begun with."""

    cost: ScryptCost
    salt: bytes
    nonce: bytes

    @classmethod
    def new(cls) -> "Lock":
        """A fresh one, at today's cost."""
        return cls(NEW_FILES_COST, os.urandom(_SALT_BYTES), os.urandom(NONCE_BYTES))

    @classmethod
    def parse(cls, written: Mapping[str, Any]) -> "Lock":
        """The lock as `written` gives it. LookupError, TypeError or ValueError where it is none to be borne."""
        cost = ScryptCost(written["n"], written["r"], written["p"])
        salt, nonce = (base64.b64decode(written[name], validate=True) for name in ("salt", "nonce"))
        if written["kdf"] != "scrypt" or not cost.is_bearable() or len(nonce) != NONCE_BYTES:
            raise ValueError(written["kdf"])
        return cls(cost, salt, nonce)

    def written(self) -> dict[str, Any]:
        """As it stands in a file."""
        salt, nonce = (base64.b64encode(part).decode("ascii") for part in (self.salt, self.nonce))
        return {"kdf": "scrypt", **asdict(self.cost), "salt": salt, "nonce": nonce}

    def close(self, content: bytes, passphrase: str, bound: bytes) -> bytes:
        """The ciphertext of `content`, bound to `bound`."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(self._stretched(passphrase)).encrypt(self.nonce, content, bound)

    def open(self, ciphertext: bytes, passphrase: str, bound: bytes) -> bytes | None:
        """The content; None where the passphrase is another one or anything was altered."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            return AESGCM(self._stretched(passphrase)).decrypt(self.nonce, ciphertext, bound)
        except InvalidTag:
            return None

    def _stretched(self, passphrase: str) -> bytes:
        """The key a passphrase gives; the same however a keyboard composes accents (RFC 8265 section 4.2.2)."""
        from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

        typed = unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass")
        cost = self.cost
        return Scrypt(salt=self.salt, length=KEY_BYTES, n=cost.n, r=cost.r, p=cost.p).derive(typed)
