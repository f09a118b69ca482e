"""Legal holds: how many stand, which is known without keys, and which, to whoever may read what they are about.

Matters are sealed, and are compared as texts: capitals, white space and ways of writing the same letter make no
difference.
"""

import unicodedata
from collections.abc import Callable, Iterable

from ledger.errors import KeyDestroyedError, NoSuchHoldError
from ledger.events.clients import HoldPlaced, HoldReleased
from ledger.history import Fact

Read = Callable[[Fact], str]
"""The matter of a hold's entry. NoRightError where it may not be read, KeyDestroyedError where it is erased."""


def in_force(facts: Iterable[Fact]) -> int:
    """How many holds stand after facts in effective order: placed and not released.

    Without keys they can only be counted; a release where none stands changes nothing.
    """
    standing = 0
    for fact in facts:
        if isinstance(fact.event, HoldPlaced):
            standing += 1
        elif isinstance(fact.event, HoldReleased):
            standing = max(0, standing - 1)
    return standing


def normal(matter: str) -> str:
    """A matter as it is compared."""
    return " ".join(unicodedata.normalize("NFKC", matter).casefold().split())


def standing(holds: Iterable[Fact], read: Read) -> list[tuple[str, Fact]]:
    """The holds that stand, oldest first, each with its matter; `holds` in effective order.

    What was erased is passed over: where keys were destroyed no hold stood. A release of no matter that stands ends
    none here, though it counts where nobody may read: so recording refuses it.
    """
    found: list[tuple[str, Fact]] = []
    for fact in holds:
        try:
            matter = read(fact)
        except KeyDestroyedError:
            continue
        if isinstance(fact.event, HoldPlaced):
            found.append((matter, fact))
            continue
        ended = next((one for one in found if normal(one[0]) == normal(matter)), None)
        if ended is not None:
            found.remove(ended)
    return found


def require_standing(client: str, holds: Iterable[Fact], released: Fact, read: Read) -> None:
    """NoSuchHoldError if a release, not recorded yet, names no matter that stands."""
    stand = standing((fact for fact in holds if fact is not released), read)
    if normal(read(released)) not in {normal(matter) for matter, _ in stand}:
        raise NoSuchHoldError(client, len(stand))


def words(holds: int) -> str:
    """How many stand, in words."""
    if not holds:
        return "no legal hold stands"
    stand = "a legal hold stands" if holds == 1 else f"{holds} legal holds stand"
    return f"{stand}: nothing may be erased"
