"""The directory of clients: which of them seem to be one person, by keyed tokens that stand in the key database.

A token is HMAC-SHA-256, under a key of the directory's own, of a date of birth and of what a name is compared by
(`likeness`). The key is a data key of the identity domain: whoever holds the key database without that domain can test
no name against it.

The index follows the log, so nothing about it need be decided before a commit: killed after it, an entry is indexed by
the next one who can; and of two who register one person at once, the one who commits second finds the other. How far
it has come stands beside it, with the leaf hash there: of another log, or one taken back, it is made anew.
"""

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from ledger.decoded import Decoded
from ledger.directory.likeness import likenesses
from ledger.entry import Entry
from ledger.errors import (
    CiphertextError,
    ConflictError,
    DisclosureError,
    IntegrityError,
    KeyDestroyedError,
    UnknownKeyError,
)
from ledger.events.base import Event
from ledger.events.clients import ClientDetailsChanged, ClientRegistered, ClientsCompared, KeysDestroyed
from ledger.events.corrections import EntryCorrected
from ledger.history import Fact, read
from ledger.keys.client_tokens import Reach
from ledger.keys.database import KeyDatabase
from ledger.recording.sealer import leaf_hash
from ledger.sealing import decrypt, open_disclosure
from ledger.storage.reading import Reading
from ledger.storage.rows import Row
from ledger.values import Calendar, Domain

SUBJECT = "client-index"
CLIENTS_AT_ONCE = 1_000
"""So many clients are indexed in one transaction of the key database."""
ENTRIES_AT_ONCE = 200_000
"""So many entries of the log are looked through for them."""

_ATTEMPTS = 5
_CLIENTS = "client/"
_TELLING = ("name", "date_of_birth")
_PARTICULARS = (ClientRegistered.TOPIC, ClientDetailsChanged.TOPIC, EntryCorrected.TOPIC)
INDEXED = (*_PARTICULARS, KeysDestroyed.TOPIC)
_COMPARISONS = (ClientsCompared.TOPIC, EntryCorrected.TOPIC)


class Alike(NamedTuple):
    """A client, and others who seem to be the same person; what people found out already is not said again."""

    client: str
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Followed:
    """What one step of the index did: whom it found alike, how many entries it left for the next step and looked
    through, how many clients it took, and whose sealed particulars do not open.
    """

    alike: tuple[Alike, ...] = ()
    behind: int = 0
    looked_through: int = 0
    clients: int = 0
    unreadable: tuple[str, ...] = ()


def tells_who(event: Event) -> bool:
    """Whether an entry may change whom a client is like."""
    match event:
        case ClientRegistered() | ClientDetailsChanged():
            return event.name is not None
        case EntryCorrected():
            return event.retracted is not None or bool(set(_TELLING) & set(event.changes or ()))
        case _:
            return False


class Directory:
    """The directory of one ledger; reading and writing it needs the identity domain."""

    def __init__(self, keys: KeyDatabase, log: Reading, entries: Decoded, calendar: Calendar) -> None:
        self._keys = keys
        self._tokens = keys.client_tokens
        self._log = log
        self._entries = entries
        self._calendar = calendar

    @cached_property
    def _key(self) -> bytes:
        return self._keys.own_key(SUBJECT, Domain.IDENTITY)

    # -- asking ------------------------------------------------------------------------------------------

    def like(self, name: str, date_of_birth: str, client: str) -> tuple[str, ...]:
        """Other clients than `client` who seem to be whoever has that name and date of birth, as far as the index
        has come. SealedError where the role in use does not read identity.
        """
        return self._others(client, self._tokens_for([name], date_of_birth))

    def _others(self, client: str, tokens: Iterable[bytes]) -> tuple[str, ...]:
        found = self._tokens.sharing(tokens) - {client}
        return tuple(sorted(found - self.compared(client)) if found else ())

    def compared(self, client: str) -> set[str]:
        """The clients whose files people compared with this client's, whatever they found."""
        return set(comparisons(self._log, self._entries, self._calendar, client))

    # -- following the log -------------------------------------------------------------------------------

    def follow(self, most: int = CLIENTS_AT_ONCE) -> Followed:
        """One step: indexes at most so many clients of what was recorded since, and says whom they are like.

        SealedError where the role in use does not read identity.
        """
        for _ in range(_ATTEMPTS):
            epoch = self._tokens.epoch()
            after = self._reached()
            last = self._log.last_position()
            if after == last:
                return Followed()
            upto, clients = self._changed(after, last, most)
            tokens: dict[str, set[bytes]] = {}
            unreadable = []
            for client in clients:
                try:
                    tokens[client] = self._tokens_of(client)
                except (IntegrityError, CiphertextError, UnknownKeyError):
                    unreadable.append(client)
            row = self._log.at(upto)
            if row is None or not self._tokens.put(tokens, Reach(upto, leaf_hash(row.state)), epoch):
                continue
            return Followed(
                tuple(self._alike(tokens)), last - upto, upto - after, len(clients), tuple(unreadable)
            )
        raise ConflictError(
            "the index of clients: keys were destroyed or replaced again and again; try again"
        )

    def _reached(self) -> int:
        """Up to where the index follows this very log; it is emptied where it followed another."""
        reach = self._tokens.reach()
        if reach is None:
            return 0
        row = self._log.at(reach.position)
        if row is not None and leaf_hash(row.state) == reach.leaf:
            return reach.position
        self._tokens.clear()
        return 0

    def _changed(self, after: int, last: int, most: int) -> tuple[int, list[str]]:
        """The clients whose particulars changed since, and up to which entry these are all."""
        until = min(last, after + ENTRIES_AT_ONCE)
        rows = self._log.of_topics(INDEXED, after, until, most)
        upto = until if len(rows) < most else rows[-1].position
        return upto, list(dict.fromkeys(client for row in rows if (client := self._client(row)) is not None))

    def _client(self, row: Row) -> str | None:
        """The client whose name or date of birth an entry may change."""
        if not row.stream.startswith(_CLIENTS):
            return None
        if row.topic == EntryCorrected.TOPIC:
            return row.stream.removeprefix(_CLIENTS) if tells_who(self._entries.entry(row)[1].event) else None
        return row.stream.removeprefix(_CLIENTS)

    def _alike(self, tokens: dict[str, set[bytes]]) -> Iterator[Alike]:
        """Whom each is like, a pair once: said of the one who came later."""
        order = {client: number for number, client in enumerate(tokens)}
        for client, own in tokens.items():
            others = tuple(one for one in self._others(client, own) if order.get(one, -1) < order[client])
            if others:
                yield Alike(client, others)

    # -- tokens ------------------------------------------------------------------------------------------

    def _tokens_of(self, client: str) -> set[bytes]:
        """The tokens of a client as recorded and corrected; none of one whose registration was taken back, or whose
        keys were destroyed.
        """
        stream = _CLIENTS + client
        rows = map(self._entries.entry, self._log.stream_of_topics(stream, _PARTICULARS))
        facts = read(rows, self._calendar).facts
        registered = next((one for one in facts if isinstance(one.event, ClientRegistered)), None)
        if registered is None:
            return set()
        try:
            born = self._text(registered, registered.event.date_of_birth)
            names = [self._text(one, one.event.name) for one in facts if one.event.name is not None]
        except KeyDestroyedError:
            return set()
        return self._tokens_for(names, born)

    def _tokens_for(self, names: Iterable[str], born: str) -> set[bytes]:
        return {
            hmac.digest(self._key, f"{born}\n{likeness}".encode(), hashlib.sha256)
            for name in names
            for likeness in likenesses(name)
        }

    def _text(self, fact: Fact, sealed: Any) -> str:
        """The text behind a field's digest: the entry's own, or that of a correction."""
        digest = sealed[0].digest
        for seq in (fact.seq, *(one.seq for one in fact.corrections)):
            for row in self._log.disclosures_of(fact.stream, seq):
                if row.digest == digest:
                    key = self._keys.open_key(int(row.key_id))
                    text = decrypt(
                        row.ciphertext,
                        key,
                        stream=row.stream,
                        seq=row.seq,
                        field=row.field,
                        digest=row.digest,
                    )
                    return str(open_disclosure(text, row.digest))
        raise DisclosureError(digest, "no text is stored for it")


def comparisons(log: Reading, entries: Decoded, calendar: Calendar, client: str) -> dict[str, Entry[Any]]:
    """What people found when they compared a client's file with others: by the other client, what stands and is
    last. No key is needed.
    """
    rows = map(entries.entry, log.stream_of_topics(_CLIENTS + client, _COMPARISONS))
    facts = read(rows, calendar).facts
    return {one.event.other: one.entry for one in facts if isinstance(one.event, ClientsCompared)}
