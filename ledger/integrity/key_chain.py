"""Which key signs a log's checkpoints, and since when: what its SigningKeyChanged entries say, joined.

A checkpoint over `size` entries is signed by the key in force at `size`: the one that the last change among those
entries names. Where the old key could still sign, the first checkpoint over its change bears both signatures: so the
old key vouches for the new one.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Self

from ledger.errors import ProofError
from ledger.integrity.note import Verifier


class KeyChange(NamedTuple):
    """A change of the signing key: the log position of its entry, the key replaced, the key that takes over.

    `verifier` is a verifier key in full; `replaced` too, or its name and ID (`name+id`) where no more was known.
    """

    position: int
    replaced: str
    verifier: str

    @classmethod
    def of(cls, position: int, data: Mapping[str, object]) -> Self | None:
        """What an entry's data say; None where they name no two keys."""
        replaced, verifier = data.get("replaced"), data.get("verifier")
        if not isinstance(replaced, str) or not isinstance(verifier, str) or full(verifier) is None:
            return None
        return cls(position, replaced, verifier)

    @property
    def replaces_in_full(self) -> bool:
        """Whether the replaced key is named so that a signature by it can be checked."""
        return full(self.replaced) is not None

    def replaces(self, vkey: str) -> bool:
        """Whether it is this key that is replaced."""
        return is_named(self.replaced, vkey)


class Reign(NamedTuple):
    """A key in force from checkpoints of a size on; `key` in full, or as name and ID where no more is known."""

    since: int
    key: str


def reigns(changes: Sequence[KeyChange], present: str | None = None) -> list[Reign]:
    """The keys of a log one after the other; without any change the present key alone, if it is known."""
    if not changes:
        return [] if present is None else [Reign(0, present)]
    return [Reign(0, changes[0].replaced), *(Reign(one.position, one.verifier) for one in changes)]


def in_force(found: Sequence[Reign], size: int) -> Reign | None:
    """The key that signs checkpoints of a size."""
    return next((one for one in reversed(found) if one.since <= size), None)


def full(vkey: str) -> Verifier | None:
    """The verifier, if a key is named in full and in its one spelling."""
    try:
        verifier = Verifier.parse(vkey)
    except ProofError:
        return None
    return verifier if verifier.vkey == vkey else None


def is_named(stated: str, vkey: str) -> bool:
    """Whether a key is the one stated: in full, or by name and ID."""
    return stated == vkey or (stated.count("+") == 1 and vkey.startswith(f"{stated}+"))


def short(vkey: str) -> str:
    """A key's name and ID, as people compare them."""
    return "+".join(vkey.split("+", 2)[:2])
