"""Signed notes: a text and the lines of those who signed it, C2SP signed-note v1.

    <text, ending in a newline>
    <empty line>
    \N{EM DASH} <key name> <base64(key ID (4 bytes) || signature)>

Keys are written as golang.org/x/mod/sumdb/note writes them: `name+keyid+base64(0x01 || public key)` to
verify, `PRIVATE+KEY+name+keyid+base64(0x01 || seed)` to sign; that package is also the reference for what
opens and what does not. Signatures are Ed25519 (RFC 8032) over the text.

Every public function raises `ledger.errors.ProofError` for what it cannot accept, and nothing else.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from secrets import token_bytes
from typing import TYPE_CHECKING, ClassVar, Self

from ledger.errors import ProofError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

MAX_SIGNATURES = 100
KEY_SIZE = 32

_LINE_START = "\N{EM DASH} "
_KEY_ID = re.compile(r"[0-9a-fA-F]{8}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True)
class Signature:
    """One signature line: the key it names and the signature itself, without the key ID."""

    name: str
    key_id: int
    signature: bytes

    def __post_init__(self) -> None:
        _require_name(self.name)
        if type(self.key_id) is not int or not 0 <= self.key_id < 2**32:
            raise ProofError(f"the key ID of {self.name} is not a 32-bit number")
        if type(self.signature) is not bytes or not self.signature:
            raise ProofError(f"malformed note: the signature of {self.name} is empty")

    @property
    def line(self) -> str:
        """The line as it stands in a note, with its newline."""
        return f"{_LINE_START}{self.name} {_base64(self.key_id.to_bytes(4, 'big') + self.signature)}\n"


@dataclass(frozen=True)
class Note:
    """An opened note: its text, the signatures by known keys, all verified, and those by unknown keys."""

    text: str
    verified: tuple[Signature, ...]
    unverified: tuple[Signature, ...]


@dataclass(frozen=True)
class Verifier:
    """An Ed25519 public key (32 bytes) under a name. A name and a key ID together say which key it is."""

    TYPE: ClassVar[int] = 0x01
    """The signature type, which enters the key ID: signed-note, "Signature types"."""
    READS: ClassVar[tuple[int, ...]] = (0x01,)
    """The types a key's text may state."""

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        _require_name(self.name)
        _require_public_key(self.public_key)

    @classmethod
    def parse(cls, vkey: str) -> Self:
        """Read a verifier key, `name+keyid+base64(type || public key)`."""
        name, stated, kind, public_key = _split_key(vkey, cls.READS)
        _require_key_id(name, stated, kind, public_key)
        return cls(name, public_key)

    @cached_property
    def key_id(self) -> int:
        """The key ID, a 32-bit number."""
        return _key_id(self.name, self.TYPE, self.public_key)

    @property
    def vkey(self) -> str:
        """The verifier key as text, to be given away."""
        return _join_key(self.name, self.key_id, self.TYPE, self.public_key)

    def verifies(self, text: bytes, signature: bytes) -> bool:
        """Tell whether `signature` (without the key ID) is this key's signature of `text`: RFC 8032 5.1.7."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, text)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class Signer:
    """An Ed25519 private key (its 32-byte seed) under a name."""

    PREFIX: ClassVar[str] = "PRIVATE+KEY+"
    VERIFIER: ClassVar[type[Verifier]] = Verifier

    name: str
    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        _require_name(self.name)
        if type(self.seed) is not bytes or len(self.seed) != KEY_SIZE:
            raise ProofError(f"an Ed25519 seed has {KEY_SIZE} bytes")

    @classmethod
    def parse(cls, skey: str) -> Self:
        """Read a signer key, `PRIVATE+KEY+name+keyid+base64(type || seed)`."""
        if not isinstance(skey, str) or not skey.startswith(cls.PREFIX):
            raise ProofError(f"malformed signer key: expected {cls.PREFIX}name+keyid+base64")
        name, stated, kind, seed = _split_key(skey.removeprefix(cls.PREFIX), cls.VERIFIER.READS)
        signer = cls(name, seed)
        _require_key_id(name, stated, kind, signer.verifier.public_key)
        return signer

    @classmethod
    def generate(cls, name: str) -> Self:
        """Return a new random key under this name."""
        return cls(name, token_bytes(KEY_SIZE))

    @cached_property
    def _private_key(self) -> "Ed25519PrivateKey":
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @cached_property
    def verifier(self) -> Verifier:
        """The public half."""
        return self.VERIFIER(self.name, self._private_key.public_key().public_bytes_raw())

    @property
    def skey(self) -> str:
        """The signer key as text. A secret."""
        return self.PREFIX + _join_key(self.name, self.verifier.key_id, self.VERIFIER.TYPE, self.seed)

    def sign(self, text: bytes) -> bytes:
        """Return the signature of `text`, without the key ID: RFC 8032 5.1.6."""
        return self._private_key.sign(text)


def sign(text: str | bytes, *signers: Signer) -> str:
    """Return `text`, which ends in a newline, as a note signed by all `signers` (at least one), in order."""
    return countersign(Note(_readable(text), (), ()), *signers)


def countersign(note: Note, *signers: Signer) -> str:
    """Return an opened note with further signatures; one by the same key replaces the one that stands."""
    if not isinstance(note, Note):
        raise ProofError(f"expected an opened note, not a {type(note).__name__}")
    text = _readable(note.text)
    if not text.endswith("\n"):
        raise ProofError("a note's text must end with a newline")
    if not signers or not all(isinstance(signer, Signer) for signer in signers):
        raise ProofError("a note is signed by at least one signer key")
    body = text.encode()
    added = [Signature(one.name, one.verifier.key_id, one.sign(body)) for one in signers]
    replaced = {(signature.name, signature.key_id) for signature in added}
    kept = [
        signature
        for signature in (*note.verified, *note.unverified)
        if (signature.name, signature.key_id) not in replaced
    ]
    if len(kept) + len(added) > MAX_SIGNATURES:
        raise ProofError(f"a note holds at most {MAX_SIGNATURES} signatures")
    return text + "\n" + "".join(signature.line for signature in (*kept, *added))


def open_note(note: str | bytes, verifiers: Iterable[Verifier]) -> Note:
    """Read a note and check every signature by a known key.

    Signatures by unknown keys end up in `unverified`; a repeated one counts once. Raises ProofError if the
    note is malformed, if a signature by a known key does not verify, or if no known key has signed.
    """
    known = _by_name_and_id(verifiers)
    message = _readable(note)
    # signed-note "Format": the text is separated from the signatures by the last empty line.
    split = message.rfind("\n\n")
    if split < 0:
        raise ProofError("malformed note: no empty line between text and signatures")
    text, block = message[: split + 1], message[split + 2 :]
    if not block.endswith("\n"):
        raise ProofError("malformed note: no signature line, or the last one is cut short")
    lines = block[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:  # "SHOULD apply a maximum limit to the number of signatures"
        raise ProofError(f"malformed note: {len(lines)} signatures, at most {MAX_SIGNATURES}")
    body = text.encode()
    verified: dict[tuple[str, int], Signature] = {}
    unverified: dict[Signature, None] = {}
    for signature in map(_signature_of, lines):
        which = (signature.name, signature.key_id)
        candidates = known.get(which, ())
        if not candidates:  # "MUST ignore signatures from unknown keys"
            unverified[signature] = None
        elif len(candidates) > 1:
            raise ProofError(f"ambiguous key {signature.name}+{signature.key_id:08x}: known twice")
        elif which not in verified:
            if not candidates[0].verifies(body, signature.signature):
                raise ProofError(f"invalid signature for key {signature.name}+{signature.key_id:08x}")
            verified[which] = signature
    if not verified:  # "If no signature from a known key verifies [...], clients MUST reject the note"
        signed_by = ", ".join(f"{one.name}+{one.key_id:08x}" for one in list(unverified)[:5])
        raise ProofError(f"the note has no signature by a known key; it is signed by {signed_by}")
    return Note(text, tuple(verified.values()), tuple(unverified))


def _require_name(name: object) -> None:
    """Refuse a key name that is empty or holds white space, a plus or a control: signed-note, "Format"."""
    if not isinstance(name, str) or not name:
        raise ProofError("a key name is a text that is not empty")
    if "+" in name or any(character.isspace() or character < " " for character in name):
        raise ProofError(f"the key name {name[:64]!r} holds a space, a plus sign or a control character")
    _readable(name)


def _require_public_key(key: object) -> None:
    """Refuse bytes that are not the one encoding (RFC 8032 5.1.3) of a point of the curve of high order.

    Under a point of low order one signature verifies many texts: such a key would vouch for anything.
    """
    if type(key) is not bytes or len(key) != KEY_SIZE:
        raise ProofError(f"an Ed25519 public key has {KEY_SIZE} bytes")
    y = int.from_bytes(key, "little") & ((1 << 255) - 1)  # the highest bit is the sign of x
    if y >= _P:
        raise ProofError("not an Ed25519 public key: the encoding is not canonical")
    if y in _LOW_ORDER_Y:
        raise ProofError("not an Ed25519 public key: a point of low order")
    # x^2 = (y^2 - 1) / (d y^2 + 1) must be a square: Euler's criterion; u/v is one exactly if u*v is.
    if pow((y * y - 1) * (_D * y * y + 1), (_P - 1) // 2, _P) != 1:
        raise ProofError("not an Ed25519 public key: no point of the curve")


_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P
# The y of the eight points whose order divides 8: the identity, order 2, order 4 (y = 0), order 8 (two y).
_ORDER_8_Y = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_LOW_ORDER_Y = frozenset({1, _P - 1, 0, _ORDER_8_Y, _P - _ORDER_8_Y})


def _key_id(name: str, kind: int, public_key: bytes) -> int:
    """SHA-256(key name || 0x0A || signature type || public key)[:4]: signed-note, "Signatures"."""
    hashed = sha256(name.encode() + b"\n" + bytes((kind,)) + public_key)
    return int.from_bytes(hashed.digest()[:4], "big")


def _require_key_id(name: str, stated: int, kind: int, public_key: bytes) -> None:
    computed = _key_id(name, kind, public_key)
    if stated != computed:
        raise ProofError(f"the key of {name} states the ID {stated:08x}, its bytes give {computed:08x}")


def _join_key(name: str, key_id: int, kind: int, key: bytes) -> str:
    return f"{name}+{key_id:08x}+{_base64(bytes((kind,)) + key)}"


def _split_key(text: object, kinds: tuple[int, ...]) -> tuple[str, int, int, bytes]:
    """Read `name+keyid+base64(type || 32 bytes)`: name, key ID (not yet checked), type, the bytes."""
    if not isinstance(text, str):
        raise ProofError(f"a key is text, not a {type(text).__name__}")
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    if not _KEY_ID.fullmatch(key_id):
        raise ProofError("malformed key: expected name+keyid+base64, the key ID as 8 hex digits")
    _require_name(name)
    key = _from_base64(encoded, "key")
    if len(key) != 1 + KEY_SIZE or key[0] not in kinds:
        expected = " or ".join(f"0x{kind:02x}" for kind in kinds)
        raise ProofError(f"the key of {name} is not of type {expected} with {KEY_SIZE} bytes")
    return name, int(key_id, 16), key[0], key[1:]


def _by_name_and_id(verifiers: object) -> dict[tuple[str, int], list[Verifier]]:
    if not isinstance(verifiers, Iterable):
        raise ProofError(f"expected verifier keys, not a {type(verifiers).__name__}")
    known: dict[tuple[str, int], list[Verifier]] = {}
    for verifier in verifiers:
        if not isinstance(verifier, Verifier):
            raise ProofError(f"expected verifier keys, found a {type(verifier).__name__} among them")
        known.setdefault((verifier.name, verifier.key_id), []).append(verifier)
    return known


def _readable(text: object) -> str:
    """Return a text as str: valid UTF-8, no control characters but newline (signed-note, "Format")."""
    try:
        if isinstance(text, bytes):
            text = text.decode()
        elif isinstance(text, str):
            text.encode()
        else:
            raise ProofError(f"a note is text, not a {type(text).__name__}")
    except UnicodeError:
        raise ProofError("malformed note: not valid UTF-8") from None
    if found := _CONTROL.search(text):
        raise ProofError(f"malformed note: control character 0x{ord(found[0]):02x} at {found.start()}")
    return text


def _signature_of(line: str) -> Signature:
    """Read one signature line: em dash, space, key name, space, base64(key ID || signature)."""
    name, space, encoded = line.removeprefix(_LINE_START).partition(" ")
    if not line.startswith(_LINE_START) or not space:
        raise ProofError(f"malformed note: not a signature line: {line[:80]!r}")
    blob = _from_base64(encoded, "signature")
    return Signature(name, int.from_bytes(blob[:4], "big"), blob[4:])


def _base64(data: bytes) -> str:
    return b64encode(data).decode()


def _from_base64(text: str, what: str) -> bytes:
    """Decode standard base64 (RFC 4648 section 4), only in the one form that encodes these bytes."""
    try:
        data = b64decode(text, validate=True)
    except ValueError:
        raise ProofError(f"malformed {what}: not base64") from None
    if _base64(data) != text:
        raise ProofError(f"malformed {what}: not the canonical base64 of its bytes")
    return data
