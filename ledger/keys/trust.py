"""For whom texts are sealed: the newest generation of a domain's keys, if somebody this role knows stands behind it."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from ledger.errors import KeyDatabaseError, OlderKeysError, RoleFileError, UnvouchedKeyError
from ledger.keys.grant_store import Generation, GrantStore
from ledger.keys.role_file import Known
from ledger.sealing import KEY_BYTES
from ledger.values import Domain

Generations = Mapping[tuple[Domain, int], Generation]


def newest_trusted(
    domain: Domain, store: GrantStore, generations: Generations, told: Known | None, role_path: Path | None
) -> Generation:
    """The newest generation of `domain`; `told` is the one that the role file at `role_path` was told of.

    Where it was told of none, the key database is believed. Else the newest generation is that one, or each is signed
    by the one before it, back to that one.

    Raises `KeyDatabaseError` if there is none, `RoleFileError` if the one told of is another, `OlderKeysError` if it
    is not there yet, `UnvouchedKeyError` if nobody signed.
    """
    newest = newest_of(domain, generations)
    if newest is None or not _is_key(newest.public_key):
        raise KeyDatabaseError(store.path, f"its public key for {domain} is missing or was altered")
    if told is None or role_path is None:
        return newest
    if newest.number < told.generation:
        raise OlderKeysError(store.path, domain, told.generation, newest.number)
    at, successors = newest, []
    while at.number > told.generation:
        successors.append(at)
        before = None if at.predecessor is None else generations.get((domain, at.predecessor))
        if before is None or before.number >= at.number:
            raise UnvouchedKeyError(store.path, domain, newest.number)
        at = before
    if at.number != told.generation:
        raise UnvouchedKeyError(store.path, domain, newest.number)
    if at.public_key != told.public_key:
        raise RoleFileError(role_path, f"its {domain} key is not the one the key database wraps to")
    verifier = told.verifier
    for successor in reversed(successors):
        if not _is_signed(successor, verifier, store.ledger_id):
            raise UnvouchedKeyError(store.path, domain, newest.number)
        verifier = successor.verifier or b""
    return newest


def fingerprint(made: Generation) -> str:
    """A generation's keys in a form that two people can compare on the telephone: all that is trusted with it."""
    digest = hashlib.sha256(made.public_key + (made.verifier or b"")).hexdigest()[:24]
    return f"generation {made.number}, {' '.join(digest[at : at + 4] for at in range(0, 24, 4))}"


def newest_of(domain: Domain, generations: Generations) -> Generation | None:
    """The newest generation of a domain that the key database has, believed or not."""
    return max(
        (one for one in generations.values() if one.domain is domain),
        key=lambda one: one.number,
        default=None,
    )


def _is_signed(made: Generation, verifier: bytes, ledger_id: str) -> bool:
    """Whether the holder of the generation before signed this one."""
    from ledger.keys.vouching import NextGeneration, is_signed

    if not isinstance(made.verifier, bytes) or not isinstance(made.signature, bytes):
        return False
    statement = NextGeneration(ledger_id, made.domain.value, made.number, made.public_key, made.verifier)
    return is_signed(verifier, statement, made.signature)


def _is_key(content: object) -> bool:
    return isinstance(content, bytes) and len(content) == KEY_BYTES
