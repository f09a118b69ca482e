"""New keys in the place of old ones: a new generation, delivered to every live grant; then data keys wrapped anew.

No entry is touched: entries name data keys, and these stay as they are; only what they are wrapped to changes. The new
generation is made in one transaction. The wrapping goes on in batches of one transaction each while others read and
write; a kill leaves some data keys wrapped to the old generation, which go on to be opened, and the next rotation goes
on with them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ledger.errors import NotGrantedError, OlderKeysError, UsageError
from ledger.keys.grant_store import Generation, Grant, GrantedDomain
from ledger.keys.granting import Act, newest_held, registered, trust
from ledger.keys.making import new_grant_id, statement_of
from ledger.keys.rewrapping import Progress, Rewrapped, rewrap
from ledger.keys.role_file import Contents, Known, PrivateKeys, Secrets, write_role_file
from ledger.keys.trust import newest_of
from ledger.values import Domain

if TYPE_CHECKING:
    from ledger.keys.database import KeyDatabase


@dataclass(slots=True)
class Rotated:
    """What a rotation did."""

    generations: dict[Domain, int] = field(default_factory=dict)
    """The new generations made, by domain."""
    served: dict[str, Grant] = field(default_factory=dict)
    """To whom new keys were delivered, by the grant's id."""
    unserved: dict[str, Grant] = field(default_factory=dict)
    """Grants that stand in the key database as live, but no holder of the domain has signed: nothing is delivered."""
    rewrapped: Rewrapped = field(default_factory=Rewrapped)


@dataclass(frozen=True, slots=True)
class _Change:
    """A generation and the one that takes its place, with their private keys."""

    before: Generation
    made: Generation
    old_key: bytes = field(repr=False)
    new_key: bytes = field(repr=False)


def rotate(keys: "KeyDatabase", domains: Iterable[Domain], act: Act, progress: Progress) -> Rotated:
    """Goes on with a rotation that was stopped, in the domains where one was; makes new keys in the others.

    Raises `NoRightError` if the role in use does not hold a domain, `NotGrantedError` if it was revoked, what is wrong
    with the role file or its passphrase, `ConflictError` if the file is locked for long.
    """
    with keys.turn():
        wanted = sorted(domains)
        own = _own_grant(keys, wanted, act)
        done = Rotated(rewrapped=rewrap(keys, wanted, progress))
        fresh = [domain for domain in wanted if not done.rewrapped.done.get(domain)]
        if fresh:
            _replace(keys, fresh, own, done)
            anew = rewrap(keys, fresh, progress)
            done.rewrapped.done |= anew.done
            done.rewrapped.left |= anew.left
            done.rewrapped.wiped &= anew.wiped
        return done


def revoke(keys: "KeyDatabase", revoked: Grant, act: Act, progress: Progress) -> Rotated:
    """Shuts out the holder of a grant: marks it revoked and makes new keys in every domain it had, in one transaction.

    Again, it goes on with the wrapping that was stopped. Raises as `rotate` does; `UsageError` for the grant of the
    role file in use.
    """
    with keys.turn():
        domains = sorted({one.domain for one in keys.store.granted_to(revoked.id)})
        own = _own_grant(keys, domains, act)
        if own.id == revoked.id:
            raise UsageError(
                f"{keys.rights.role_path} is the role file of this grant; revoke it with another one, which stays"
            )
        done = Rotated()
        if revoked.revoked_at is None:
            _replace(keys, domains, own, done, revoking=(revoked.id, act))
        done.rewrapped = rewrap(keys, domains, progress)
        return done


def replace_lost(
    keys: "KeyDatabase",
    path: Path,
    role: str,
    domains: Iterable[Domain],
    act: Act,
    *,
    passphrase: str | None = None,
) -> Grant:
    """New keys for domains whose keys are lost, and the role file at `path` that holds them; nobody signs for them.

    What was sealed before stays sealed until somebody finds the old key. The role file first: a generation that nobody
    holds must not come to be.

    Raises `UsageError` if the role in use opens one of the domains, `LedgerExistsError` if the place is taken,
    `RoleFileError` if the file cannot be written.
    """
    from ledger.keys import vouching, wrapping

    with keys.turn():
        wanted = sorted(domains)
        for domain in wanted:
            if keys.rights.include(domain) and keys.rights.at_hand:
                raise UsageError(
                    f"{keys.rights.role_path} holds the {domain} keys, so they are not lost; replace them with "
                    "`engagement-ledger keys rotate`"
                )
        own_key = wrapping.new_private_key()
        grant = Grant(new_grant_id(), role, "", wrapping.public_key_of(own_key), act.at, act.by)
        known, held = dict(keys.rights.known()), {}
        written = False
        try:
            with keys.store.writing():
                keys.rights.expect_changes()
                generations, granted = keys.store.generations(), []
                for domain in wanted:
                    number, key = _next_number(keys, domain, generations), wrapping.new_private_key()
                    one = Known(number, wrapping.public_key_of(key), vouching.verifier_of(key))
                    held[domain, number], known[domain] = key, one
                    keys.store.add_generation(
                        Generation(domain, number, one.public_key, one.verifier, None, None)
                    )
                    signature = vouching.sign(key, statement_of(keys.ledger_id, grant, domain, number))
                    granted.append(GrantedDomain(grant.id, domain, number, signature))
                keys.store.add_grant(grant, granted)
                contents = Contents(keys.ledger_id, role, frozenset(wanted), grant.id, "", known)
                write_role_file(path, contents, Secrets(held, own_key), passphrase)
                written = True
        except BaseException:
            if written:
                path.unlink(missing_ok=True)
            raise
        return grant


def _replace(
    keys: "KeyDatabase",
    domains: Sequence[Domain],
    own: Grant,
    done: Rotated,
    *,
    revoking: tuple[str, Act] | None = None,
) -> None:
    """A new generation of each domain, signed by the one before and delivered to every live grant."""
    older = False
    with keys.store.writing():
        if revoking is not None:
            keys.store.revoke(revoking[0], revoking[1].at, revoking[1].by)
        keys.rights.expect_changes()
        generations = keys.store.generations()
        held = keys.rights.keys_of(frozenset(domains))
        for domain in domains:
            before, was_older = _standing(keys, domain, held)
            older |= was_older
            change = _changed(keys.ledger_id, before, held, _next_number(keys, domain, generations))
            keys.store.add_generation(change.made)
            done.generations[domain] = change.made.number
            _deliver(keys, change, own, done)
    keys.rights.expect_changes()
    if older:  # what this role file was told of is gone for good: it is told what took its place
        trust(keys, domains)


def _deliver(keys: "KeyDatabase", change: _Change, own: Grant, done: Rotated) -> None:
    """Hands the new private key to everybody to whom the one before was granted."""
    domain, served = change.made.domain, set()
    for grant, granted in keys.store.granted(domain, change.before.number):
        if grant.revoked_at is not None:
            continue
        if not _is_authentic(keys.ledger_id, grant, granted, change.old_key):
            done.unserved[grant.id] = grant
            continue
        keys.store.add_granted(_delivery(keys.ledger_id, grant, change))
        done.served[grant.id] = grant
        served.add(grant.id)
    if own.id not in served:
        raise NotGrantedError(
            keys.rights.role_path or keys.path, f"is not granted {domain} by anybody who holds it"
        )


# -- the new generation -----------------------------------------------------------------------------------


def _own_grant(keys: "KeyDatabase", domains: Iterable[Domain], act: Act) -> Grant:
    """The grant of the role file in use, which must hold the domains; asks for its passphrase, once."""
    for domain in domains:
        keys.rights.require(domain)
    return registered(keys, act)


def _standing(keys: "KeyDatabase", domain: Domain, held: PrivateKeys) -> tuple[Generation, bool]:
    """The generation to be replaced, and whether the role file was told of a later one, which is gone.

    In a key database put back from an older backup it is the newest there is, if the role file itself holds it.
    """
    try:
        return newest_held(keys, domain, held), False
    except OlderKeysError:
        newest = newest_of(domain, keys.store.generations())
        _, in_file = keys.rights.in_file()
        if newest is None or (domain, newest.number) not in in_file.keys:
            raise
        return newest, True


def _next_number(
    keys: "KeyDatabase", domain: Domain, generations: Mapping[tuple[Domain, int], Generation]
) -> int:
    """Later than every generation that stands here or that the role in use was told of."""
    newest = newest_of(domain, generations)
    told = keys.rights.role.contents.known.get(domain) if keys.rights.role is not None else None
    return 1 + max(newest.number if newest is not None else 0, told.generation if told is not None else 0)


def _changed(ledger_id: str, before: Generation, held: PrivateKeys, number: int) -> _Change:
    """The next generation, signed by the one before."""
    from ledger.keys import vouching, wrapping

    old_key, key = held[before.domain, before.number], wrapping.new_private_key()
    public_key, verifier = wrapping.public_key_of(key), vouching.verifier_of(key)
    statement = vouching.NextGeneration(ledger_id, before.domain.value, number, public_key, verifier)
    signature = vouching.sign(old_key, statement)
    made = Generation(before.domain, number, public_key, verifier, before.number, signature)
    return _Change(before, made, old_key, key)


def _is_authentic(ledger_id: str, grant: Grant, granted: GrantedDomain, private_key: bytes) -> bool:
    """Whether a holder of the domain signed the grant: whoever can write the file cannot smuggle one in."""
    from ledger.keys.vouching import is_signed, verifier_of

    statement = statement_of(ledger_id, grant, granted.domain, granted.generation)
    return is_signed(verifier_of(private_key), statement, granted.signature)


def _delivery(ledger_id: str, grant: Grant, change: _Change) -> GrantedDomain:
    """The new private key, wrapped to a grant, and the new generation's signature on the grant."""
    from ledger.keys import vouching, wrapping

    made = change.made
    place = wrapping.Delivery(ledger_id, grant.id, made.domain, made.number)
    signature = vouching.sign(change.new_key, statement_of(ledger_id, grant, made.domain, made.number))
    delivered = wrapping.wrap(change.new_key, grant.public_key, place)
    return GrantedDomain(grant.id, made.domain, made.number, signature, delivered)
