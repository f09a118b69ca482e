"""Role files given out, each a grant in the key database that holders of its domains have signed."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ledger.errors import ConflictError, LedgerExistsError, NoRightError, NotGrantedError, UsageError
from ledger.keys.grant_store import Generation, Grant, GrantedDomain
from ledger.keys.making import new_grant_id, statement_of
from ledger.keys.role_file import Contents, Known, PrivateKeys, Secrets, write_role_file
from ledger.values import Domain

if TYPE_CHECKING:
    from ledger.keys.database import KeyDatabase


@dataclass(frozen=True, slots=True)
class Act:
    """When something is done to the keys (RFC 3339, UTC), and by whom."""

    at: str
    by: str


def grant(
    keys: "KeyDatabase",
    path: Path,
    role: str,
    domains: Iterable[Domain],
    act: Act,
    *,
    holder: str = "",
    passphrase: str | None = None,
) -> Grant:
    """A new role file at `path` that reads `domains`, which the role in use must hold itself.

    The grant is stored first: killed in between, there is a grant without a file, never a file that no rotation knows
    and nobody can revoke.

    Raises `NoRightError` if the role does not hold them, `LedgerExistsError` if the place is taken, `UsageError` for
    no name or no domain, `RoleFileError` if the file cannot be written, `ConflictError` if the keys were replaced
    meanwhile.
    """
    from ledger.keys.wrapping import new_private_key, public_key_of

    wanted = frozenset(domains)
    if not wanted or not role:
        raise UsageError(
            "a role file needs a name and a domain; whoever reads no sealed text needs no role file"
        )
    if passphrase == "":
        raise UsageError("the passphrase is empty; give one, or none at all to leave the role file unlocked")
    if os.path.lexists(path):
        raise LedgerExistsError(path)
    with keys.turn():
        for domain in sorted(wanted):
            keys.rights.require(domain)
        registered(keys, act)
        held = keys.rights.keys_of(wanted)
        own_key = new_private_key()
        made = Grant(new_grant_id(), role, holder, public_key_of(own_key), act.at, act.by)
        newest = {domain: newest_held(keys, domain, held) for domain in wanted}
        contents = Contents(keys.ledger_id, role, wanted, made.id, holder, keys.rights.known())
        with keys.store.writing():
            for domain, generation in newest.items():
                if keys.store.public_key(domain)[0] != generation.number:
                    raise ConflictError(
                        f"the {domain} keys were replaced meanwhile; nothing was granted. Try again."
                    )
            keys.store.add_grant(made, signed(keys.ledger_id, made, newest, held))
        try:
            write_role_file(path, contents, Secrets(held, own_key), passphrase)
        except BaseException:
            with keys.store.writing():
                keys.store.withdraw(made.id)
            raise
    return made


def registered(keys: "KeyDatabase", act: Act) -> Grant:
    """The grant of the role file in use; one of version 1 is first made a file of version 2 with a grant.

    Raises `NotGrantedError` if it was revoked or is not there; and what is wrong with the file or its passphrase.
    """
    from ledger.keys.wrapping import public_key_of

    role, secrets = keys.rights.in_file()
    if role.contents.grant_id is None or secrets.own_key is None:
        return _register(keys, role.contents, secrets, act)
    found = keys.store.grant(role.contents.grant_id)
    if found is None or found.public_key != public_key_of(secrets.own_key):
        raise NotGrantedError(role.path, f"is not among the grants in {keys.path}")
    if found.revoked_at is not None:
        raise NotGrantedError(role.path, f"was revoked by {found.revoked_by} at {found.revoked_at}")
    return found


def trust(keys: "KeyDatabase", domains: Iterable[Domain]) -> dict[Domain, Generation]:
    """From now on the role file in use seals `domains` for the newest keys there are, whoever made them.

    Raises what is wrong with the role file or its passphrase.
    """
    from ledger.keys.trust import newest_of

    with keys.turn():
        role, secrets = keys.rights.in_file()
        generations = keys.store.generations()
        believed: dict[Domain, Generation] = {}
        known = dict(keys.rights.known())
        for domain in domains:
            newest = newest_of(domain, generations)
            if newest is None or newest.verifier is None:
                raise NotGrantedError(keys.path, f"has no {domain} keys that could be trusted")
            believed[domain] = newest
            known[domain] = Known(newest.number, newest.public_key, newest.verifier)
        contents = Contents(
            role.ledger_id, role.role, role.domains, role.contents.grant_id, role.contents.holder, known
        )
        keys.rights.rewrite(contents, secrets, keys.rights.passphrase)
    return believed


def newest_held(keys: "KeyDatabase", domain: Domain, held: PrivateKeys) -> Generation:
    """The newest generation of a domain, whose private key must be at hand. NoRightError if it is not."""
    newest = keys.rights.newest(domain)
    if (domain, newest.number) not in held:
        raise NoRightError(
            domain, f"{keys.rights.role_path}, to which the keys made since were not delivered,"
        )
    return newest


def signed(
    ledger_id: str, made: Grant, newest: Mapping[Domain, Generation], held: PrivateKeys
) -> list[GrantedDomain]:
    """That a grant opens these generations, signed by each."""
    from ledger.keys.vouching import sign

    return [
        GrantedDomain(
            made.id,
            domain,
            one.number,
            sign(held[domain, one.number], statement_of(ledger_id, made, domain, one.number)),
        )
        for domain, one in sorted(newest.items())
    ]


def _register(keys: "KeyDatabase", contents: Contents, secrets: Secrets, act: Act) -> Grant:
    """A grant for a role file of version 1, and the file in version 2."""
    from ledger.keys.vouching import verifier_of
    from ledger.keys.wrapping import new_private_key, public_key_of

    own_key = new_private_key()
    made = Grant(new_grant_id(), contents.role, "", public_key_of(own_key), act.at, act.by)
    newest = {domain: newest_held(keys, domain, secrets.keys) for domain in contents.domains}
    with keys.store.writing():
        for (domain, number), key in secrets.keys.items():
            keys.store.add_verifier(domain, number, verifier_of(key))
        keys.store.add_grant(made, signed(keys.ledger_id, made, newest, secrets.keys))
    keys.rights.expect_changes()
    renewed = Contents(contents.ledger_id, contents.role, contents.domains, made.id, "", keys.rights.known())
    keys.rights.rewrite(renewed, Secrets(secrets.keys, own_key), keys.rights.passphrase)
    return made
