"""Is a correction one? It names an entry that is there, fields that it has, and values that fit."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ledger.entry import Entry
from ledger.errors import FieldError, ReferenceNotRecordedError
from ledger.events.base import Event, StreamFamily
from ledger.events.corrections import EntryCorrected
from ledger.history import HEADER_FIELDS, changed
from ledger.statement import state
from ledger.values import Digest, Id, Source, moment

_ID = TypeAdapter(Id)
_SOURCE = TypeAdapter(Source)


def target_of(
    event: EntryCorrected, stream: str, rows: Sequence[tuple[int, Entry[Any]]], seq: int
) -> Entry[Any]:
    """The entry that a correction at `seq` of `stream` names. FieldError or ReferenceNotRecordedError if none."""
    corrects = event.corrects
    if not isinstance(corrects, int) or corrects >= seq:
        if corrects == seq:
            raise FieldError("EntryCorrected", [f"corrects: entry {corrects} cannot correct itself"])
        raise ReferenceNotRecordedError("corrects: entry", str(corrects), f"the stream {stream}")
    target = rows[corrects - 1][1] if corrects <= len(rows) else None
    if target is None:
        raise ReferenceNotRecordedError("corrects: entry", str(corrects), f"the stream {stream}")
    if type(target.event).STREAM is StreamFamily.LEDGER:
        raise FieldError("EntryCorrected", ["corrects: the ledger's own entries cannot be corrected"])
    return target


def canonical_changes(
    target: Entry[Any], changes: Mapping[str, Any], now: Event
) -> tuple[dict[str, Any], Event]:
    """The changes in stored form, and the event they make of `now` (the target as corrected so far).

    FieldError for every field the entry has not, that may not change, or whose value does not fit.
    """
    event_type = type(target.event)
    problems = [problem for name in changes if (problem := _forbidden(event_type, name)) is not None]
    if problems:
        raise FieldError("EntryCorrected", problems)
    canonical = dict(changes)
    for name in HEADER_FIELDS:
        if name in changes:
            canonical[name] = _header(name, changes[name], problems)
    own = {name: value for name, value in changes.items() if name not in HEADER_FIELDS}
    for name, value in own.items():
        facts = event_type.FACTS[name]
        if value is None and facts.required:
            problems.append(f"changes.{name}: {event_type.TOPIC} needs it, null cannot take it away")
        elif isinstance(value, list) and facts.sealed is not None:
            problems.append(f"changes.{name}: expected text, came a list")
    if problems:
        raise FieldError("EntryCorrected", problems)
    if not own:
        return canonical, now
    _check_values(event_type, own, target, problems)
    if problems:
        raise FieldError("EntryCorrected", problems)
    try:
        return canonical, changed(now, own)
    except ValidationError as wrong:
        raise FieldError("EntryCorrected", [f"changes: {error['msg']}" for error in wrong.errors()]) from None


def _forbidden(event_type: type[Event], name: str) -> str | None:
    if name in HEADER_FIELDS:
        return None
    facts = event_type.FACTS.get(name)
    if facts is None:
        what = (
            "cannot be corrected"
            if name in ("type", "stream", "seq", "schema", "prev", "at")
            else "unknown field"
        )
        return f"changes.{name[:60]}: {what}; {event_type.TOPIC} has {', '.join(event_type.FACTS)}"
    if facts.assigns is not None or name == event_type.STREAM.value:
        return (
            f"changes.{name}: an entry's own id and stream cannot be corrected; retract it and record it anew"
        )
    return None


def _header(name: str, value: Any, problems: list[str]) -> Any:
    try:
        if name == "occurred_at":
            return moment(value if isinstance(value, str) else "")
        return (_ID if name == "by" else _SOURCE).validate_python(value)
    except ValidationError:
        problems.append(f"changes.{name}: expected an id, came {str(value)[:60]!r}")
    except ValueError as wrong:
        problems.append(f"changes.{name}: {wrong}")
    return value


def _check_values(
    event_type: type[Event], own: Mapping[str, Any], target: Entry[Any], problems: list[str]
) -> None:
    """States the target anew with the changed values, so that a wrong one is told as in any entry."""
    plain = {
        name: ("text" if isinstance(value, tuple) and value and isinstance(value[0], Digest) else value)
        for name, value in target.event
        if value is not None
    }
    dumped = target.event.model_dump(mode="json", by_alias=True, exclude_none=True)
    fields = {name: (plain[name] if plain[name] == "text" else dumped[name]) for name in dumped}
    if "date_of_birth" in fields:
        fields["date_of_birth"] = "2000-01-01"
    fields |= {name: value for name, value in own.items() if value is not None}
    for name, value in own.items():
        if value is None:
            fields.pop(name, None)
    if event_type is EntryCorrected:
        return
    try:
        state({"type": event_type.TOPIC, "occurred_at": "2000-01-01", "by": "x", **fields})
    except FieldError as wrong:
        problems += [f"changes.{problem}" for problem in wrong.problems]
