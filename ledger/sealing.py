"""Sealed fields: a text its entry commits to by digest only, and the encryption it is stored under.

A disclosure is RFC 9901's for array elements: `D = base64url(JSON [salt, value])`, committed to by
`base64url(SHA-256(ASCII(D)))`. At rest `D` is encrypted under a data key of its client and domain (DESIGN
section 6). Nothing here touches a file; `ledger.keys` has the data keys.
"""

import base64
import binascii
import hashlib
import json
import os
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic_core import to_json

from ledger.errors import CiphertextError, DisclosureError, SealedError, UnsealableError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SALT_BYTES = 16  # RFC 9901 section 9.3: 128 bits
NONCE_BYTES = 12  # NIST SP 800-38D section 8.2.2: random, 96 bits
TAG_BYTES = 16
KEY_BYTES = 32

_CIPHERS_KEPT = 4096
_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


class Disclosed(NamedTuple):
    """A disclosure: `text` is D, `digest` what stands in the entry; both base64url without padding."""

    text: str
    digest: str


# -- disclosures (RFC 9901 section 4.2.2) -----------------------------------------------------------------


def disclosure(value: object) -> Disclosed:
    """A new disclosure of a JSON value, salted afresh: the same value twice gives two digests.

    Raises `UnsealableError` for what JSON in UTF-8 would not give back as it was.
    """
    salt = _base64url(os.urandom(SALT_BYTES))
    try:
        if type(value) is str:
            text = _base64url(to_json([salt, value]))
            return Disclosed(text, digest_of(text))
        content = _JSON.encode([salt, value]).encode()
        faithful = json.loads(content)[1] == value
    except (TypeError, ValueError, RecursionError) as error:
        raise UnsealableError(f"came {type(value).__name__}: {error}") from None
    if not faithful:  # int keys become text, tuples lists
        raise UnsealableError(f"came {type(value).__name__} that reads back differently")
    text = _base64url(content)
    return Disclosed(text, digest_of(text))


def digest_of(text: str) -> str:
    """The digest that commits to the disclosure `text`: RFC 9901 section 4.2.3, with SHA-256."""
    return _base64url(hashlib.sha256(_ascii(text)).digest())


def open_disclosure(text: str, digest: str) -> Any:
    """The value that `text` discloses, once `text` is shown to be the one `digest` commits to.

    Raises `DisclosureError` if it is another one, or not a salt and a value in strict JSON.
    """
    came = digest_of(text)
    if came != digest:
        raise DisclosureError(digest, f"the text given has digest {came}")
    try:
        content = _from_base64url(text).decode()
        pair = _STRICT_JSON.decode(content)
        if "\\u" in content:  # an escaped lone surrogate is no text: nothing could print or store it
            _JSON.encode(pair).encode()
    except (ValueError, RecursionError) as error:
        raise DisclosureError(digest, f"expected base64url of strict JSON, came {error}") from None
    if not (isinstance(pair, list) and len(pair) == 2 and _is_salt(pair[0])):
        raise DisclosureError(digest, "expected a salt of 128 bits and a value")
    return pair[1]


# -- encryption at rest -----------------------------------------------------------------------------------


def encrypt(text: str, key: bytes, *, stream: str, seq: int, field: str, digest: str) -> bytes:
    """The disclosure `text` under AES-256-GCM, bound to its place: nonce (12 bytes), ciphertext, tag (16)."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _cipher(key).encrypt(nonce, _ascii(text), _place(stream, seq, field, digest))


def decrypt(sealed: bytes, key: bytes, *, stream: str, seq: int, field: str, digest: str) -> str:
    """The disclosure that `encrypt` was given for this very place.

    Raises `CiphertextError` if the key is another one or the bytes were altered, cut or moved here. The
    digest is bound, not checked: that is what `open_disclosure` does.
    """
    from cryptography.exceptions import InvalidTag

    if len(sealed) < NONCE_BYTES + TAG_BYTES:
        raise CiphertextError(stream, seq, field)
    place = _place(stream, seq, field, digest)
    try:
        return _cipher(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place).decode("ascii")
    except (InvalidTag, UnicodeDecodeError):
        raise CiphertextError(stream, seq, field) from None


@lru_cache(maxsize=_CIPHERS_KEPT)
def _cipher(key: bytes) -> "AESGCM":
    """The cipher of a data key, set up once per key while it is in use."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if len(key) != KEY_BYTES:  # AESGCM would take a shorter key for AES-128
        raise SealedError(f"a data key has {KEY_BYTES} bytes, came {len(key)}; restore the key database")
    return AESGCM(key)


def _place(stream: str, seq: int, field: str, digest: str) -> bytes:
    """The additional data that ties a ciphertext to its place: canonical JSON (RFC 8785)."""
    return to_json([stream, seq, field, digest])


# -- base64url and strict JSON ----------------------------------------------------------------------------


def _base64url(content: bytes) -> str:
    """RFC 4648 section 5, without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")


def _from_base64url(text: str) -> bytes:
    """Raises ValueError unless `text` is the one spelling of its bytes."""
    content = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _base64url(content) != text:  # the decoder skips foreign characters and ignores spare bits
        raise binascii.Error("base64url in another than its one spelling")
    return content


def _ascii(text: str) -> bytes:
    try:
        return text.encode("ascii")
    except UnicodeEncodeError:
        raise DisclosureError("(none)", "expected base64url, came characters outside ASCII") from None


def _is_salt(salt: object) -> bool:
    try:
        return isinstance(salt, str) and len(_from_base64url(salt)) == SALT_BYTES
    except ValueError:
        return False


def _without_repeats(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    names = dict(pairs)
    if len(names) != len(pairs):
        raise ValueError("an object that names a member twice")
    return names


def _no_constant(name: str) -> object:
    raise ValueError(f"{name}, which JSON does not have")


_STRICT_JSON = json.JSONDecoder(object_pairs_hook=_without_repeats, parse_constant=_no_constant)
