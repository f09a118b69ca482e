"""What the key database says of its readers, checked as far as it can be without opening anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.errors import SealedError
from ledger.keys.grant_store import BackupTaken, Generation, Grant
from ledger.keys.making import statement_of
from ledger.keys.trust import newest_of
from ledger.values import Domain

if TYPE_CHECKING:
    from ledger.keys.database import KeyDatabase


@dataclass(frozen=True, slots=True)
class DomainKeys:
    """A domain's keys. `problem` says why the role in use seals nothing for them, if so."""

    domain: Domain
    generation: int
    opens: bool
    """Whether the role in use is one that reads the domain."""
    waiting: bool
    """Whether data keys are still wrapped to an older generation."""
    problem: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A grant and what it opens now; `unsigned` are domains it claims without a holder's signature."""

    grant: Grant
    opens: Sequence[Domain]
    unsigned: Sequence[Domain]


@dataclass(frozen=True, slots=True)
class Overview:
    """Domains, grants and copies, in order."""

    domains: Sequence[DomainKeys]
    grants: Sequence[Standing]
    backups: Sequence[BackupTaken]


def overview(keys: "KeyDatabase") -> Overview:
    """Asks for no passphrase. What it costs grows with grants and rotations, not with the number of data keys."""
    with keys.turn():
        generations = keys.store.generations()
        newest = {domain: newest_of(domain, generations) for domain in Domain}
        return Overview(
            [_domain(keys, domain, one, generations) for domain, one in newest.items()],
            [_standing(keys, grant, newest) for grant in keys.store.grants()],
            keys.store.backups(),
        )


def _domain(
    keys: "KeyDatabase",
    domain: Domain,
    newest: Generation | None,
    generations: dict[tuple[Domain, int], Generation],
) -> DomainKeys:
    problem = None
    try:
        keys.rights.newest(domain)
    except SealedError as wrong:
        problem = str(wrong)
    latest = newest.number if newest is not None else 0
    older = [number for of, number in generations if of is domain and number != latest]
    waiting = any(keys.store.is_waiting(domain, number) for number in older)
    return DomainKeys(domain, latest, keys.may_open(domain), waiting, problem)


def _standing(keys: "KeyDatabase", grant: Grant, newest: dict[Domain, Generation | None]) -> Standing:
    from ledger.keys.vouching import is_signed

    if grant.revoked_at is not None:
        return Standing(grant, (), ())
    opens: list[Domain] = []
    unsigned: list[Domain] = []
    for one in keys.store.granted_to(grant.id):
        latest = newest[one.domain]
        if latest is None or latest.number != one.generation or latest.verifier is None:
            continue
        statement = statement_of(keys.ledger_id, grant, one.domain, one.generation)
        signed = is_signed(latest.verifier, statement, one.signature)
        (opens if signed else unsigned).append(one.domain)
    return Standing(grant, sorted(opens), sorted(unsigned))
