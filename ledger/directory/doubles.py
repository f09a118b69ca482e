"""Pairs of clients who seem to be one person, as the index has them: no key is needed to see that, and none to say so.

Which names stand behind them only the identity domain tells.
"""

from collections.abc import Iterator
from itertools import combinations
from typing import Any, NamedTuple

from ledger.decoded import Decoded
from ledger.directory.directory import ENTRIES_AT_ONCE, INDEXED, comparisons
from ledger.entry import Entry
from ledger.keys.client_tokens import ClientTokens
from ledger.storage.reading import Reading
from ledger.values import Calendar

PAIRS_AT_ONCE = 1_000
"""So many pairs are looked up; whoever has more has other worries."""
WAITING_AT_ONCE = 1_000
"""So many entries that wait to be indexed are counted."""


class Pair(NamedTuple):
    """Two clients whose names and dates of birth are alike, and what people found of them, if they looked."""

    client: str
    other: str
    compared: Entry[Any] | None


def pairs(
    tokens: ClientTokens, log: Reading, entries: Decoded, calendar: Calendar, most: int = PAIRS_AT_ONCE
) -> list[Pair]:
    """The first `most` pairs, by client."""
    seen: dict[str, dict[str, Entry[Any]]] = {}

    def found(client: str) -> dict[str, Entry[Any]]:
        if client not in seen:
            seen[client] = comparisons(log, entries, calendar, client)
        return seen[client]

    alike: set[tuple[str, str]] = set()
    for pair in _alike(tokens):
        alike.add(pair)
        if len(alike) == most:
            break
    return [
        Pair(client, other, found(client).get(other) or found(other).get(client))
        for client, other in sorted(alike)
    ]


def _alike(tokens: ClientTokens) -> Iterator[tuple[str, str]]:
    for group in tokens.groups():
        yield from combinations(group, 2)


def waiting(tokens: ClientTokens, log: Reading) -> int:
    """How many entries that may make clients alike the index has not come to, as far as a quick look shows."""
    reach = tokens.reach()
    after = reach.position if reach is not None else 0
    return len(log.of_topics(INDEXED, after, after + ENTRIES_AT_ONCE, WAITING_AT_ONCE))
