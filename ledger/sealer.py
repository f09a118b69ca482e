"""From statements to entries: sealed fields, canonical header, hash chain; rows ready to be appended."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ledger.entry import FIRST_PREV, Override
from ledger.events.base import Event
from ledger.events.corrections import EntryCorrected
from ledger.integrity.canonical import dumps_validated
from ledger.keys.database import KeyDatabase
from ledger.sealing import disclosure, encrypt
from ledger.statement import Statement
from ledger.storage.rows import DisclosureRow
from ledger.storage.rows import Entry as EntryRow
from ledger.values import Admission, Domain

Head = tuple[int, str]
"""A stream's last seq and its leaf hash in hex; (0, zeros) before the first entry."""

NO_HEAD: Head = (0, FIRST_PREV)


@dataclass(frozen=True, slots=True)
class Sealed:
    """An entry ready to be appended, with its disclosures."""

    row: EntryRow
    leaf: str
    disclosures: tuple[DisclosureRow, ...]


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
        statement: Statement,
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
        seq, disclosures = head[0] + 1, list[DisclosureRow]()
        subject = _subject(statement, stream)

        def cover(field: str, value: Any, domain: Domain) -> list[dict[str, str]]:
            disclosed = disclosure(value)
            key = self._keys.data_key(subject, domain)
            sealed = encrypt(
                disclosed.text, key.key, stream=stream, seq=seq, field=field, digest=disclosed.digest
            )
            disclosures.append(DisclosureRow(stream, seq, field, disclosed.digest, str(key.key_id), sealed))
            return [{"...": disclosed.digest}]

        event = statement.event
        data = dict(statement.fields)
        for field in type(event).SEALED:
            if field in data:
                data[field] = cover(field, data[field], _domain(event, field, service))
        if corrected is not None and isinstance(event, EntryCorrected) and event.changes is not None:
            data["changes"] = _cover_changes(event.changes, corrected, service, cover)
        header: dict[str, Any] = {
            "admitted": admitted.value,
            "at": recorded_at,
            "by": statement.by,
            "data": data,
            "occurred_at": statement.occurred_at,
            "prev": head[1],
            "schema": type(event).VERSION,
            "seq": seq,
            "stream": stream,
            "type": statement.type,
            "via": self._via,
        }
        if override is not None:
            header["override"] = override.model_dump(mode="json", exclude_none=True)
        if statement.source is not None:
            header["source"] = statement.source
        state = dumps_validated(header)
        return Sealed((stream, seq, statement.type, state), leaf_hash(state), tuple(disclosures))


def _subject(statement: Statement, stream: str) -> str:
    """Whose data key covers the text: the client's, also where a practitioner's entry is about a client."""
    client = getattr(statement.event, "client", None)
    return f"client/{client}" if isinstance(client, str) else stream


def _domain(event: Event, field: str, service: Domain | None) -> Domain:
    """The field's own domain, else the service the entry belongs to, else the practice's."""
    sealed = type(event).FACTS[field].sealed
    if sealed is not None and sealed.domain is not None:
        return sealed.domain
    return service or Domain.PRACTICE


def _cover_changes(
    changes: Mapping[str, Any],
    corrected: type[Event],
    service: Domain | None,
    cover: Callable[[str, Any, Domain], list[dict[str, str]]],
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
