"""Reading an entry's stored bytes, fast where they have the usual form, exactly where not.

Most entries are recognised as canonical by a pattern made from their event class: the header's keys in order, the
class's fields in order, plain strings without escapes. What does not fit is parsed strictly and written again
(DESIGN section 6). Both ways find the same, and a test says so.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from ledger.errors import InputError
from ledger.events.base import Event
from ledger.events.registry import BY_TOPIC
from ledger.integrity.canonical import dumps, loads
from ledger.storage.reading import CANONICAL_TIME
from ledger.values import Admission

SUSPECT = b"\0"
TO_SUSPECT = bytes(0 if byte < 0x20 or byte == ord("\\") else 1 for byte in range(256))
"""`SUSPECT in state.translate(TO_SUSPECT)`: an escape or a control character, with which the patterns do not deal."""

_TEXT = rb'"[^"]*+"'
_PLAIN = rb"(?:" + _TEXT + rb"|true|false|\[(?:" + _TEXT + rb"(?:," + _TEXT + rb")*+)?\]|[1-9][0-9]{0,14})"
_DIGEST = rb'\[\{"\.\.\.":"([^"]*+)"\}\]'
# A field that may be absent. After it a comma that another key follows, or the object's end.
_FIELD = rb'(?:"%b":%b(?:,(?=")|(?=\})))?'
_HEADER = (
    rb'\{"admitted":"(?:%b)","at":"([^"]*+)","by":'
    + _TEXT
    + rb',"data":\{%b\},"occurred_at":'
    + _TEXT
    + rb","
    rb'"prev":"([0-9a-f]{64})","schema":[1-9][0-9]{0,14},"seq":([1-9][0-9]{0,14}),(?:"source":"([^"]*+)",)?'
    rb'"stream":"([^"]*+)","type":"%b","via":' + _TEXT + rb"\}"
)
_KEYS = {
    "admitted": str,
    "at": str,
    "by": str,
    "data": dict,
    "occurred_at": str,
    "override": dict,
    "prev": str,
    "schema": int,
    "seq": int,
    "source": str,
    "stream": str,
    "type": str,
    "via": str,
}
_OPTIONAL = {"override", "source"}
_HEX = re.compile(r"[0-9a-f]{64}")

TOLD = frozenset({b"StreamIndexCommitted", b"LogRestored", b"SigningKeyChanged"})
"""Entries by which the log speaks of its own integrity: always read exactly, for their data are used."""

Match = Callable[[bytes], re.Match[bytes] | None]
Form = tuple[Match, tuple[bytes, ...]]
"""A pattern's fullmatch, and the names of the sealed fields whose digests are its groups after the first (`at`);
the last four are `prev`, `seq`, `source` and `stream`."""


class Forms(dict[bytes, Form]):
    """Each topic's pattern, made when first asked for; one that fits nothing where it is read exactly."""

    def __missing__(self, topic: bytes) -> Form:
        event_type = None if topic in TOLD else BY_TOPIC.get(topic.decode("ascii", "replace"))
        form = (re.compile(rb"(?!)").fullmatch, ()) if event_type is None else _form(topic, event_type)
        self[topic] = form
        return form


def _form(topic: bytes, event_type: type[Event]) -> Form:
    fields = sorted(event_type.FACTS)
    sealed = tuple(name.encode() for name in fields if event_type.FACTS[name].sealed is not None)
    data = b"".join(
        _FIELD % (name.encode(), _PLAIN if event_type.FACTS[name].sealed is None else _DIGEST)
        for name in fields
    )
    admissions = b"|".join(one.value.encode() for one in Admission)
    return re.compile(_HEADER % (admissions, data, topic), re.DOTALL).fullmatch, sealed


class Read(NamedTuple):
    """What the sweep needs of an entry, as bytes, for so the columns come."""

    at: bytes
    sealed: dict[bytes, bytes]
    prev: bytes
    seq: int
    source: bytes | None
    stream: bytes
    type: bytes
    data: dict[str, Any]


def exactly(state: bytes) -> Read:
    """The header in stored bytes. InputError, saying why, for bytes that are not an entry's canonical form."""
    header = loads(state)
    wrong = _wrong_types(header) or _wrong_values(header)
    if wrong is not None:
        raise InputError(wrong)
    if dumps(header) != state:
        raise InputError("not in canonical form (RFC 8785)")
    source = header.get("source")
    return Read(
        header["at"].encode(),
        dict(_sealed(header["data"])),
        header["prev"].encode(),
        header["seq"],
        source if source is None else source.encode(),
        header["stream"].encode(),
        header["type"].encode(),
        header["data"],
    )


def _wrong_types(header: object) -> str | None:
    if not isinstance(header, dict):
        return "no JSON object"
    if missing := _KEYS.keys() - _OPTIONAL - header.keys():
        return f"{min(missing)} is missing"
    if unknown := header.keys() - _KEYS.keys():
        return f"a header has no {min(unknown)[:64]!r}"
    wrong = [key for key, value in header.items() if type(value) is not _KEYS[key]]
    return f"{wrong[0]} is of another type than in a header" if wrong else None


def _wrong_values(header: dict[str, Any]) -> str | None:
    if not _HEX.fullmatch(header["prev"]) or header["seq"] < 1 or header["schema"] < 1:
        return "prev, seq or schema is out of range"
    if header["admitted"] not in set(Admission):
        return "admitted is none of the known words"
    if header["type"] not in BY_TOPIC:
        return f"no type of entry is called {header['type'][:64]!r}"
    if not CANONICAL_TIME.fullmatch(header["at"]):
        return "at is not written as 2026-03-02T20:00:00.000000Z"
    return None


def _sealed(data: dict[str, Any]) -> Iterable[tuple[bytes, bytes]]:
    """The digests in the fields of an entry, and in those that a correction changes, named `changes.<field>`."""
    for name, value in data.items():
        digest = _digest(value)
        if digest is not None:
            yield name.encode(), digest
        elif name == "changes" and isinstance(value, dict):
            for changed, inner in value.items():
                digest = _digest(inner)
                if digest is not None:
                    yield f"changes.{changed}".encode(), digest


def _digest(value: object) -> bytes | None:
    """The digest if `value` has the form of a sealed field: RFC 9901 section 4.2.4.2."""
    if (
        isinstance(value, list)
        and len(value) == 1
        and isinstance(value[0], dict)
        and list(value[0]) == ["..."]
    ):
        digest = value[0]["..."]
        return digest.encode() if isinstance(digest, str) else None
    return None
