"""Role files: the private keys of the domains that one role may read, plain or locked with a passphrase.

    {"format":"engagement-ledger role file","version":2,"ledger":"<id>","role":"coach","grant":"<id>","holder":"Ann",
     "domains":["coaching"], "known":{"therapy":{"generation":1,"public_key":"..","verifier":".."}, ...},
     "keys":{"coaching":{"1":"<base64 of 32 bytes>"}}, "own_key":"<base64>"}

The number under a domain is the generation of its key pair. `known` is the newest generation of every domain when the
file was written, also of those it does not read: a key database in which somebody put his own keys is noticed.
`own_key` is the role file's own X25519 private key: to it new generations are delivered through the key database, so
that no files need be exchanged.

A locked file has, instead of `keys` and `own_key`, `"locked":{"kdf":"scrypt","n":..,"r":..,"p":..,"salt":"..",
"nonce":"..","ciphertext":".."}`: the JSON of both under AES-256-GCM, bound to everything else in the file.

Version 1 had no `grant`, `holder`, `known` and `own_key`, and its ciphertext was the JSON of `keys` alone.
"""

import base64
import json
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from ledger.errors import PassphraseNeededError, RoleFileError, UsageError, WrongPassphraseError
from ledger.keys.passphrase_lock import Lock
from ledger.keys.private_files import placed_whole, replaced_whole
from ledger.sealing import KEY_BYTES
from ledger.values import Domain

FORMAT = "engagement-ledger role file"
VERSION = 2

_SIZE_LIMIT = 1 << 20

PrivateKeys = Mapping[tuple[Domain, int], bytes]
"""X25519 private keys, 32 raw bytes each, by domain and generation."""


class Known(NamedTuple):
    """The newest generation of a domain's keys when the role file was written; its keys are 32 raw bytes each."""

    generation: int
    public_key: bytes
    verifier: bytes


KnownKeys = Mapping[Domain, Known]


@dataclass(frozen=True, slots=True)
class Secrets:
    """What of a role file only its holder may see. `own_key` is None in a file of version 1."""

    keys: PrivateKeys = field(repr=False)
    own_key: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Contents:
    """What a role file says of itself; all of it may be seen."""

    ledger_id: str
    role: str
    domains: frozenset[Domain]
    grant_id: str | None = None
    """The grant it was made by; None in a file of version 1."""
    holder: str = ""
    known: KnownKeys = field(default_factory=dict)


@dataclass(frozen=True)
class RoleFile:
    """A role file as read; its keys are not opened yet."""

    path: Path
    contents: Contents
    is_locked: bool
    _content: Mapping[str, Any] = field(repr=False)

    @property
    def ledger_id(self) -> str:
        """The ledger it was made for."""
        return self.contents.ledger_id

    @property
    def role(self) -> str:
        """The role's name."""
        return self.contents.role

    @property
    def domains(self) -> frozenset[Domain]:
        """What it opens."""
        return self.contents.domains

    def open_keys(self, passphrase: str | None = None) -> Secrets:
        """The private keys.

        Raises `PassphraseNeededError` or `WrongPassphraseError` if the file is locked, `RoleFileError` if the
        keys are not what they should be.
        """
        secret = self._unlocked(passphrase) if self.is_locked else self._content
        keys = _decode_keys(self.path, secret["keys"])
        if {domain for domain, _ in keys} != self.domains:
            raise RoleFileError(self.path, "its keys are not those of the domains it lists")
        if self.contents.grant_id is None:
            return Secrets(keys, None)
        try:
            own_key = _bytes(secret["own_key"])
        except (LookupError, TypeError, ValueError):
            own_key = b""
        if len(own_key) != KEY_BYTES:
            raise RoleFileError(self.path, "its own key is missing or not what it should be")
        return Secrets(keys, own_key)

    def _unlocked(self, passphrase: str | None) -> Mapping[str, Any]:
        if passphrase is None:
            raise PassphraseNeededError(self.path)
        lock, ciphertext = _lock_of(self.path, self._content["locked"])
        plain = lock.open(ciphertext, passphrase, _bound(self._content))
        if plain is None:
            raise WrongPassphraseError(self.path)
        secret = json.loads(plain)
        return {"keys": secret} if self.contents.grant_id is None else secret


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
    version = content.get("version")
    if type(version) is not int or not 1 <= version <= VERSION:
        raise RoleFileError(
            path, f"expected version {VERSION} or older, came {version!r}, perhaps of a newer program"
        )
    try:
        contents = _contents(content, version)
        is_locked = "locked" in content
        well_formed = is_locked != ("keys" in content)
    except (AttributeError, LookupError, TypeError, ValueError):
        well_formed = False
    if not well_formed:
        raise RoleFileError(path, "its ledger, role, domains or keys are missing or not what they should be")
    return RoleFile(path, contents, is_locked, content)


def write_role_file(
    path: Path, contents: Contents, secrets: Secrets, passphrase: str | None = None, *, anew: bool = False
) -> None:
    """A role file at `path`, mode 0600, durable on return; locked if there is a passphrase.

    A new file, unless `anew`: then the one that is there is replaced as a whole.

    Raises `LedgerExistsError` if the place is taken, `UsageError` for an empty passphrase, `RoleFileError` if
    the file cannot be written.
    """
    content: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "ledger": contents.ledger_id,
        "role": contents.role,
        "grant": contents.grant_id,
        "holder": contents.holder,
        "domains": sorted(domain.value for domain in contents.domains),
        "known": _encode_known(contents.known),
    }
    secret = {"keys": _encode_keys(secrets.keys), "own_key": _text(secrets.own_key or b"")}
    content |= secret if passphrase is None else _locked(content, secret, passphrase)
    try:
        # opened, never made anew with whatever mode; closed before it is put in place
        with _place(path, anew=anew) as draft, draft.open("r+", encoding="utf-8") as file:
            file.write(json.dumps(content, indent=1) + "\n")
    except OSError as error:
        raise RoleFileError(path, error.strerror or str(error)) from None


@contextmanager
def _place(path: Path, *, anew: bool) -> Iterator[Path]:
    with replaced_whole(path) if anew else placed_whole(path) as draft:
        yield draft


# -- the lock ---------------------------------------------------------------------------------------------


def _locked(header: Mapping[str, Any], secret: Mapping[str, Any], passphrase: str) -> dict[str, Any]:
    if not passphrase:
        raise UsageError("the passphrase is empty; give one, or none at all to leave the role file unlocked")
    lock = Lock.new()
    bound = _bound({**header, "locked": lock.written()})
    ciphertext = lock.close(json.dumps(secret).encode(), passphrase, bound)
    return {"locked": {**lock.written(), "ciphertext": _text(ciphertext)}}


def _lock_of(path: Path, locked: Any) -> tuple[Lock, bytes]:
    """How a file is locked, and what is locked in it."""
    try:
        return Lock.parse(locked), _bytes(locked["ciphertext"])
    except (LookupError, TypeError, ValueError):
        raise RoleFileError(path, "how it is locked cannot be made out") from None


def _bound(content: Mapping[str, Any]) -> bytes:
    """All of a locked file but the ciphertext, as its additional data."""
    locked = {name: value for name, value in content["locked"].items() if name != "ciphertext"}
    return json.dumps({**content, "locked": locked}, sort_keys=True, separators=(",", ":")).encode()


# -- the form of the contents -----------------------------------------------------------------------------


def _contents(content: Mapping[str, Any], version: int) -> Contents:
    domains = frozenset(Domain(name) for name in content["domains"])
    texts = [content[name] for name in ("ledger", "role", *(("grant", "holder") if version > 1 else ()))]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError(texts)
    ledger_id, role, *own = texts
    grant_id, holder = own or (None, "")
    return Contents(ledger_id, role, domains, grant_id, holder, _decode_known(content) if own else {})


def _encode_known(known: KnownKeys) -> dict[str, dict[str, Any]]:
    return {
        domain.value: {
            "generation": one.generation,
            "public_key": _text(one.public_key),
            "verifier": _text(one.verifier),
        }
        for domain, one in sorted(known.items())
    }


def _decode_known(content: Mapping[str, Any]) -> KnownKeys:
    known = {
        Domain(domain): Known(one["generation"], _bytes(one["public_key"]), _bytes(one["verifier"]))
        for domain, one in content["known"].items()
    }
    for one in known.values():
        if type(one.generation) is not int or {len(one.public_key), len(one.verifier)} != {KEY_BYTES}:
            raise ValueError(one.generation)
    return known


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
