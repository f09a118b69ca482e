"""A new key database, with the first generation of every domain's keys and the role file that reads all of it."""

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from ledger.errors import KeyDatabaseError, LedgerExistsError
from ledger.keys import private_files, role_file, roles, schema
from ledger.keys.grant_store import Generation, Grant, GrantedDomain, GrantStore
from ledger.keys.role_file import Contents, Known, Secrets
from ledger.values import Domain

if TYPE_CHECKING:
    from ledger.keys.vouching import Granted


def create(path: Path, role_path: Path, *, passphrase: str | None, at: str, by: str) -> None:
    """A key database without data keys at `path`, and the owner's role file.

    The role file first, the database last: its appearing is what makes both valid. Raises `LedgerExistsError` if
    either place is taken, `RoleFileError` or `KeyDatabaseError` if a file cannot be written; then neither is left.
    """
    for place in (path, role_path):
        if os.path.lexists(place):
            raise LedgerExistsError(place)
    contents, held, first, grant, granted = _made(secrets.token_hex(16), at, by)
    role_written = False
    try:
        with private_files.placed_whole(path) as draft:
            schema.make(draft, contents.ledger_id)
            store = GrantStore(draft)
            try:
                with store.writing():
                    for generation in first:
                        store.add_generation(generation)
                    store.add_grant(grant, granted)
            finally:
                store.close()
            role_file.write_role_file(role_path, contents, held, passphrase)
            role_written = True
    except BaseException as error:
        if role_written:
            role_path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise KeyDatabaseError(path, error.strerror or str(error)) from None
        raise


def _made(
    ledger_id: str, at: str, by: str
) -> tuple[Contents, Secrets, list[Generation], Grant, list[GrantedDomain]]:
    """What the owner's role file says and holds; the first generations; his grant."""
    from ledger.keys import vouching, wrapping

    own_key = wrapping.new_private_key()
    grant = Grant(new_grant_id(), roles.OWNER, "", wrapping.public_key_of(own_key), at, by)
    keys, known, first, granted = {}, {}, [], []
    for domain in Domain:
        key = wrapping.new_private_key()
        one = Known(1, wrapping.public_key_of(key), vouching.verifier_of(key))
        keys[domain, 1], known[domain] = key, one
        first.append(Generation(domain, 1, one.public_key, one.verifier, None, None))
        signature = vouching.sign(key, statement_of(ledger_id, grant, domain, 1))
        granted.append(GrantedDomain(grant.id, domain, 1, signature))
    contents = Contents(ledger_id, grant.role, frozenset(Domain), grant.id, grant.holder, known)
    return contents, Secrets(keys, own_key), first, grant, granted


def new_grant_id() -> str:
    """A random id of a grant: 16 hexadecimal digits."""
    return secrets.token_hex(8)


def statement_of(ledger_id: str, made: Grant, domain: Domain, generation: int) -> "Granted":
    """What is signed of a grant."""
    from ledger.keys.vouching import Granted

    return Granted(
        ledger_id,
        domain.value,
        generation,
        made.id,
        made.role,
        made.holder,
        made.public_key,
        made.granted_at,
        made.granted_by,
    )
