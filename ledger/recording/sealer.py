"""From statements to entries: sealed fields, canonical header, hash chain; rows ready to be appended."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ledger.entry import FIRST_PREV, Content, Override
from ledger.events.base import Event
from ledger.events.clients import KeysDestroyed
from ledger.integrity.canonical import dumps_in_order, dumps_validated
from ledger.keys.database import KeyDatabase
from ledger.recording.statement import holds_objects
from ledger.sealing import disclosure, encrypt
from ledger.storage.rows import DisclosureRow
from ledger.storage.rows import Entry as EntryRow
from ledger.values import Admission, Domain

Head = tuple[int, str]
"""A stream's last seq and its leaf hash in hex; (0, zeros) before the first entry."""

NO_HEAD: Head = (0, FIRST_PREV)


class Sealed(NamedTuple):
    """An entry ready to be appended, with its disclosures."""

    row: EntryRow
    leaf: str
    disclosures: Sequence[DisclosureRow]


def leaf_hash(state: bytes) -> str:
    """RFC 6962 section 2.1: SHA-256 of 0x00 and the stored bytes, in hex."""
    return hashlib.sha256(b"\x00" + state).hexdigest()


def head_of(found: tuple[int, bytes] | None) -> Head:
    """The head of a stream from its last entry's seq and state."""
    return (found[0], leaf_hash(found[1])) if found is not None else NO_HEAD


class Sealer:
    """Seals statements for one ledger: knows the keys, the program's name, and each stream's service domains."""

    def __init__(self, keys: KeyDatabase, via: str) -> None:
        self._keys = keys
        self._via = via

    def seal(
        self,
        statement: Content,
        stream: str,
        head: Head,
        *,
        recorded_at: str,
        admitted: Admission,
        override: Override | None = None,
        service: Domain | None = None,
        corrected: type[Event] | None = None,
    ) -> Sealed:
        """The entry of a statement. `service` is the domain of what it belongs to, `corrected` a correction's type."""
        event_type, seq = statement.event_type, head[0] + 1
        data = dict(sorted(statement.fields.items()))
        covered = [field for field in event_type.SEALED if field in data]
        disclosures: Sequence[DisclosureRow] = ()
        if covered:
            cover = _Cover(self._keys, subject_of(data, stream), stream, seq)
            for field in covered:
                data[field] = cover(field, data[field], _domain(event_type, field, service))
            if corrected is not None and "changes" in data:
                data["changes"] = _cover_changes(data["changes"], corrected, service, cover)
            disclosures = cover.disclosures
        header: dict[str, Any] = {
            "admitted": admitted.value,
            "at": recorded_at,
            "by": statement.by,
            "data": data,
            "occurred_at": statement.occurred_at,
        }
        if override is not None:
            header["override"] = override.model_dump(mode="json", exclude_none=True)
        header["prev"] = head[1]
        header["schema"] = event_type.VERSION
        header["seq"] = seq
        if statement.source is not None:
            header["source"] = statement.source
        header["stream"] = stream
        header["type"] = topic = event_type.TOPIC
        header["via"] = self._via
        if event_type is KeysDestroyed:
            self._keys.retire(subject_of(data, stream))
        free = override is not None or holds_objects(event_type)
        state = dumps_validated(header) if free else dumps_in_order(header)
        return Sealed((stream, seq, topic, state), leaf_hash(state), disclosures)


class _Cover:
    """Covers sealed values of one entry: a digest takes each one's place, its disclosure stands beside."""

    __slots__ = ("_keys", "_seq", "_stream", "_subject", "disclosures")

    def __init__(self, keys: KeyDatabase, subject: str, stream: str, seq: int) -> None:
        self._keys = keys
        self._subject = subject
        self._stream = stream
        self._seq = seq
        self.disclosures: list[DisclosureRow] = []

    def __call__(self, field: str, value: Any, domain: Domain) -> list[dict[str, str]]:
        stream, seq = self._stream, self._seq
        text, digest = disclosure(value)
        key = self._keys.data_key(self._subject, domain)
        sealed = encrypt(text, key.key, stream=stream, seq=seq, field=field, digest=digest)
        self.disclosures.append(DisclosureRow(stream, seq, field, digest, str(key.key_id), sealed))
        return [{"...": digest}]


def subject_of(fields: Mapping[str, Any], stream: str) -> str:
    """Whose data key covers the text: the client's, also where a practitioner's entry is about a client."""
    client = fields.get("client")
    return f"client/{client}" if isinstance(client, str) else stream


def _domain(event_type: type[Event], field: str, service: Domain | None) -> Domain:
    """The field's own domain, else the service the entry belongs to, else the practice's."""
    sealed = event_type.FACTS[field].sealed
    if sealed is not None and sealed.domain is not None:
        return sealed.domain
    return service or Domain.PRACTICE


def _cover_changes(
    changes: Mapping[str, Any],
    corrected: type[Event],
    service: Domain | None,
    cover: _Cover,
) -> dict[str, Any]:
    """A corrected sealed field is sealed in that field's domain."""
    covered = dict(changes)
    for field, value in changes.items():
        facts = corrected.FACTS.get(field)
        if facts is not None and facts.sealed is not None and value is not None:
            covered[field] = cover(
                f"changes.{field}", value, facts.sealed.domain or service or Domain.PRACTICE
            )
    return covered
