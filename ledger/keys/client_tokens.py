"""The index of clients in the key database: which keyed tokens each client has, and how far the index has come.

A token says nothing without its key (`ledger.directory`). Which clients share one can be seen without it: that two
pseudonyms may be one person's, and not whose.
"""

import json
import threading
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from ledger.keys.store import KeyStore

_REACH = "client-index-reach"


class Reach(NamedTuple):
    """Up to which log position the index has come, and that entry's leaf hash in hex: of this log, not another."""

    position: int
    leaf: str


class ClientTokens:
    """The index of one open key database. Threads take turns."""

    def __init__(self, store: KeyStore, turn: threading.RLock) -> None:
        self._store = store
        self._turn = turn

    def reach(self) -> Reach | None:
        """How far the index has come; None before it begins."""
        with self._turn:
            stored = self._store.setting(_REACH)
        if stored is None:
            return None
        try:
            position, leaf = json.loads(stored)
            return Reach(int(position), str(leaf))
        except (ValueError, TypeError):  # as good as none: it is made again
            return None

    def epoch(self) -> int:
        """Grows whenever keys are destroyed or replaced."""
        with self._turn:
            return self._store.epoch()

    def sharing(self, tokens: Iterable[bytes]) -> set[str]:
        """The clients that have one of these tokens."""
        found: set[str] = set()
        with self._turn:
            for token in tokens:
                rows = self._store.rows("SELECT client FROM client_index WHERE token = ?", token)
                found.update(client for (client,) in rows)
        return found

    def put(self, tokens: Mapping[str, Iterable[bytes]], reach: Reach, epoch: int) -> bool:
        """Replaces the tokens of these clients, and says how far the index has come; durable on return.

        Nothing is done, and False returned, if keys were destroyed or replaced since `epoch`: a client among these may
        have been erased.
        """
        with self._turn, self._store.writing():
            if self._store.epoch() != epoch:
                return False
            for client, found in tokens.items():
                self._store.execute("DELETE FROM client_index WHERE client = ?", client)
                for token in found:
                    self._store.execute("INSERT OR IGNORE INTO client_index VALUES (?, ?)", token, client)
            self._store.put_setting(_REACH, json.dumps(reach).encode())
        return True

    def clear(self) -> None:
        """Empties the index: it is of another log than it was made for."""
        with self._turn, self._store.writing():
            self._store.execute("DELETE FROM client_index")
            self._store.execute("DELETE FROM setting WHERE name = ?", _REACH)

    def groups(self) -> Iterator[tuple[str, ...]]:
        """The clients of each token that several share, in the order of their ids; a group may come again."""
        with self._turn:
            rows = self._store.rows(
                "SELECT token, client FROM client_index WHERE token IN "
                "(SELECT token FROM client_index GROUP BY token HAVING count(*) > 1) ORDER BY token, client"
            )
        for _, found in groupby(rows, key=itemgetter(0)):
            yield tuple(client for _, client in found)
