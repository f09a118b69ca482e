"""Role files: the private keys of the domains that one role may read, plain or locked with a passphrase.

    {"format":"engagement-ledger role file","version":1,"ledger":"<id>","role":"coach",
     "domains":["coaching"], "keys":{"coaching":{"1":"<base64 of 32 bytes>"}}}

The number under a domain is the generation of its key pair. A locked file has, instead of `keys`,
`"locked":{"kdf":"scrypt","n":..,"r":..,"p":..,"salt":"..","nonce":"..","ciphertext":".."}`: the JSON of
`keys` under AES-256-GCM, bound to everything else in the file.
"""

import base64
import json
import os
import stat
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ledger.errors import PassphraseNeededError, RoleFileError, UsageError, WrongPassphraseError
from ledger.keys.private_files import placed_whole
from ledger.sealing import KEY_BYTES, NONCE_BYTES
from ledger.values import Domain

FORMAT = "engagement-ledger role file"
VERSION = 1

_SIZE_LIMIT = 1 << 20
_SALT_BYTES = 16

PrivateKeys = Mapping[tuple[Domain, int], bytes]
"""X25519 private keys, 32 raw bytes each, by domain and generation."""


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


@dataclass(frozen=True)
class RoleFile:
    """A role file as read; its keys are not opened yet."""

    path: Path
    ledger_id: str
    role: str
    domains: frozenset[Domain]
    is_locked: bool
    _content: Mapping[str, Any] = field(repr=False)

    def open_keys(self, passphrase: str | None = None) -> PrivateKeys:
        """The private keys.

        Raises `PassphraseNeededError` or `WrongPassphraseError` if the file is locked, `RoleFileError` if the
        keys are not what they should be.
        """
        keys = self._unlocked(passphrase) if self.is_locked else self._content["keys"]
        private = _decode_keys(self.path, keys)
        if {domain for domain, _ in private} != self.domains:
            raise RoleFileError(self.path, "its keys are not those of the domains it lists")
        return private

    def _unlocked(self, passphrase: str | None) -> Any:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        if passphrase is None:
            raise PassphraseNeededError(self.path)
        cost, salt, nonce, ciphertext = _lock_of(self.path, self._content["locked"])
        try:
            plain = AESGCM(_stretched(passphrase, salt, cost)).decrypt(
                nonce, ciphertext, _bound(self._content)
            )
        except InvalidTag:
            raise WrongPassphraseError(self.path) from None
        return json.loads(plain)


def read_role_file(path: Path) -> RoleFile:
    """The role file at `path`, its keys still unopened. Raises `RoleFileError` if it is none."""
    try:
        content = json.loads(_read(path))
    except OSError as error:
        raise RoleFileError(path, error.strerror or str(error)) from None
    except (ValueError, RecursionError):
        raise RoleFileError(path, "it is not JSON, perhaps cut short") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise RoleFileError(path, f'expected "format":"{FORMAT}"')
    if content.get("version") != VERSION:
        raise RoleFileError(
            path, f"expected version {VERSION}, came {content.get('version')!r}, perhaps of a newer program"
        )
    try:
        domains = frozenset(Domain(name) for name in content["domains"])
        ledger_id, role = content["ledger"], content["role"]
        is_locked = "locked" in content
        well_formed = (
            isinstance(ledger_id, str) and isinstance(role, str) and is_locked != ("keys" in content)
        )
    except (LookupError, TypeError, ValueError):
        well_formed = False
    if not well_formed:
        raise RoleFileError(path, "its ledger, role, domains or keys are missing or not what they should be")
    return RoleFile(path, ledger_id, role, domains, is_locked, content)


def write_role_file(
    path: Path, *, ledger_id: str, role: str, keys: PrivateKeys, passphrase: str | None = None
) -> None:
    """A new role file at `path`, mode 0600, durable on return; locked if there is a passphrase.

    Raises `LedgerExistsError` if the place is taken, `UsageError` for an empty passphrase, `RoleFileError` if
    the file cannot be written.
    """
    content: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "ledger": ledger_id,
        "role": role,
        "domains": sorted({domain.value for domain, _ in keys}),
    }
    content |= {"keys": _encode_keys(keys)} if passphrase is None else _locked(content, keys, passphrase)
    try:
        # opened, never made anew with whatever mode; closed before it is put in place
        with placed_whole(path) as draft, draft.open("r+", encoding="utf-8") as file:
            file.write(json.dumps(content, indent=1) + "\n")
    except OSError as error:
        raise RoleFileError(path, error.strerror or str(error)) from None


# -- the lock ---------------------------------------------------------------------------------------------


def _locked(header: Mapping[str, Any], keys: PrivateKeys, passphrase: str) -> dict[str, Any]:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if not passphrase:
        raise UsageError("the passphrase is empty; give one, or none at all to leave the role file unlocked")
    salt, nonce = os.urandom(_SALT_BYTES), os.urandom(NONCE_BYTES)
    locked = {"kdf": "scrypt", **asdict(NEW_FILES_COST), "salt": _text(salt), "nonce": _text(nonce)}
    bound = _bound({**header, "locked": locked})
    plain = json.dumps(_encode_keys(keys)).encode()
    cipher = AESGCM(_stretched(passphrase, salt, NEW_FILES_COST))
    return {"locked": {**locked, "ciphertext": _text(cipher.encrypt(nonce, plain, bound))}}


def _lock_of(path: Path, locked: Any) -> tuple[ScryptCost, bytes, bytes, bytes]:
    """How a file is locked: the cost of its passphrase, salt, nonce and ciphertext."""
    try:
        cost = ScryptCost(locked["n"], locked["r"], locked["p"])
        salt, nonce, ciphertext = (_bytes(locked[name]) for name in ("salt", "nonce", "ciphertext"))
        understood = locked["kdf"] == "scrypt" and cost.is_bearable() and len(nonce) == NONCE_BYTES
    except (LookupError, TypeError, ValueError):
        understood = False
    if not understood:
        raise RoleFileError(path, "how it is locked cannot be made out")
    return cost, salt, nonce, ciphertext


def _stretched(passphrase: str, salt: bytes, cost: ScryptCost) -> bytes:
    """The key a passphrase gives; the same however a keyboard composes accents (RFC 8265 section 4.2.2)."""
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    typed = unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass")
    return Scrypt(salt=salt, length=KEY_BYTES, n=cost.n, r=cost.r, p=cost.p).derive(typed)


def _bound(content: Mapping[str, Any]) -> bytes:
    """All of a locked file but the ciphertext, as its additional data."""
    locked = {name: value for name, value in content["locked"].items() if name != "ciphertext"}
    return json.dumps({**content, "locked": locked}, sort_keys=True, separators=(",", ":")).encode()


# -- the form of the keys ---------------------------------------------------------------------------------


def _encode_keys(keys: PrivateKeys) -> dict[str, dict[str, str]]:
    encoded: dict[str, dict[str, str]] = {}
    for (domain, generation), key in sorted(keys.items()):
        encoded.setdefault(domain.value, {})[str(generation)] = _text(key)
    return encoded


def _decode_keys(path: Path, encoded: Any) -> PrivateKeys:
    try:
        keys = {
            (Domain(domain), int(generation)): _bytes(text)
            for domain, generations in encoded.items()
            for generation, text in generations.items()
        }
    except (AttributeError, TypeError, ValueError):
        raise RoleFileError(path, "its keys are not what they should be") from None
    if any(len(key) != KEY_BYTES for key in keys.values()):
        raise RoleFileError(path, f"expected keys of {KEY_BYTES} bytes")
    return keys


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _read(path: Path) -> bytes:
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe of that name must not make us wait
    with open(handle, "rb") as file:  # noqa: PTH123 - the handle is checked before it is read
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(0, "it is not a regular file")
        content = file.read(_SIZE_LIMIT + 1)
    if len(content) > _SIZE_LIMIT:
        raise OSError(0, "it is far larger than a role file")
    return content
