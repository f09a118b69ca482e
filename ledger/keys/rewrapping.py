"""Data keys wrapped anew to the newest generation of their domain, in batches, while others read and write."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ledger.errors import ConflictError
from ledger.keys.grant_store import Generation
from ledger.keys.granting import newest_held
from ledger.keys.store import WrappedKey
from ledger.values import Domain

if TYPE_CHECKING:
    from ledger.keys.database import KeyDatabase
    from ledger.keys.wrapping import Opener

BATCH = 500
"""How many data keys are wrapped anew in one transaction."""

Progress = Callable[[int, int], None]
"""Told how many of how many data keys are done."""


@dataclass(slots=True)
class Rewrapped:
    """What was wrapped anew, by domain."""

    done: dict[Domain, int] = field(default_factory=dict)
    left: dict[Domain, int] = field(default_factory=dict)
    """How many stay as they were: nobody at hand can open them."""
    wiped: bool = True
    """False where a reader kept the file's log, with what the data keys were wrapped as before."""


def rewrap(keys: "KeyDatabase", domains: Iterable[Domain], progress: Progress) -> Rewrapped:
    """Wraps every live data key of `domains` to the newest generation, as far as it can be opened.

    Raises `NoRightError` if the role in use does not hold a domain, `ConflictError` if the file is locked for long.
    """
    waiting = waiting_in(keys, frozenset(domains))
    result, so_far, total = Rewrapped(), 0, sum(waiting.values())
    for (domain, number), count in waiting.items():
        done = 0
        for some in _batches(keys, domain, number):
            done += some
            progress(so_far + done, total)
        so_far += count
        result.done[domain] = result.done.get(domain, 0) + done
        result.left[domain] = result.left.get(domain, 0) + keys.store.count_waiting(domain, number)
    if any(result.done.values()):
        try:
            keys.store.wipe()
        except ConflictError:
            result.wiped = False
    return result


def waiting_in(keys: "KeyDatabase", domains: frozenset[Domain]) -> dict[tuple[Domain, int], int]:
    """How many live data keys are wrapped to each generation that is not the newest."""
    newest = {domain: keys.store.public_key(domain)[0] for domain in domains}
    return {
        (domain, number): count
        for domain, number in sorted(keys.store.generations())
        if domain in domains
        and number != newest[domain]
        and (count := keys.store.count_waiting(domain, number))
    }


def _batches(keys: "KeyDatabase", domain: Domain, number: int) -> Iterator[int]:
    """Wraps the data keys of one generation to the newest, batch by batch; how many each time."""
    from ledger.keys.wrapping import Opener

    old = keys.rights.private_key(domain, number)
    if old is None:
        return
    opener, after = Opener(old), 0
    while batch := keys.store.batch(domain, number, after, BATCH):
        keys.rights.expect_changes()  # another rotation may have come in between
        newest = newest_held(keys, domain, keys.rights.keys_of(frozenset({domain})))
        renewed = {
            stored.wrapped: anew
            for _, stored in batch
            if stored.wrapped is not None and (anew := _anew(keys, stored, (old, opener), newest)) is not None
        }
        with keys.store.writing():
            if keys.store.public_key(domain)[0] != newest.number:
                continue
            changed = keys.store.rewrap(renewed)
        after = batch[-1][0]
        yield changed


def _anew(
    keys: "KeyDatabase", stored: WrappedKey, old: tuple[bytes, "Opener"], newest: Generation
) -> WrappedKey | None:
    """A data key wrapped to the newest generation; None where it cannot be opened, because it was altered.

    One whose tag was altered keeps it as it is, so that it goes on to be noticed.
    """
    from ledger.keys import vouching, wrapping

    place = wrapping.Place(keys.ledger_id, stored.subject, stored.domain, stored.key_id)
    key = old[1].open(stored.wrapped or b"", place)
    if key is None:
        return None
    wrapped, tag = wrapping.wrap(key, newest.public_key, place), stored.tag
    if tag is not None and tag == vouching.tag_of(old[0], place, stored.wrapped or b""):
        private_key = keys.rights.private_key(stored.domain, newest.number)
        tag = vouching.tag_of(private_key, place, wrapped) if private_key is not None else None
    return WrappedKey(stored.key_id, stored.subject, stored.domain, newest.number, wrapped, tag)
