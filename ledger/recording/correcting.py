"""Is a correction one? It names an entry that is there, fields that it has, and values that fit."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ledger.entry import Entry
from ledger.errors import FieldError, ReferenceNotRecordedError
from ledger.events.base import Event, StreamFamily
from ledger.events.corrections import EntryCorrected
from ledger.history import HEADER_FIELDS, changed
from ledger.recording.statement import state
from ledger.values import Id, Source, moment

_ID = TypeAdapter(Id)
_SOURCE = TypeAdapter(Source)


def target_of(
    event: EntryCorrected, stream: str, seq: int, find: Callable[[int], Entry[Any] | None]
) -> Entry[Any]:
    """The entry that a correction at `seq` of `stream` names. FieldError or ReferenceNotRecordedError if none."""
    corrects = event.corrects
    if not isinstance(corrects, int) or corrects >= seq:
        if corrects == seq:
            raise FieldError("EntryCorrected", [f"corrects: entry {corrects} cannot correct itself"])
        raise ReferenceNotRecordedError("corrects: entry", str(corrects), f"the stream {stream}")
    target = find(corrects)
    if target is None:
        raise ReferenceNotRecordedError("corrects: entry", str(corrects), f"the stream {stream}")
    if type(target.event).STREAM is StreamFamily.LEDGER:
        raise FieldError("EntryCorrected", ["corrects: the ledger's own entries cannot be corrected"])
    return target


def refuse_bare_texts(
    changes: Mapping[str, Any], target: Entry[Any], find: Callable[[int], Entry[Any] | None]
) -> None:
    """FieldError where a correction of a correction puts a text that is to be sealed among its `changes`.

    Only the texts of the entry corrected are sealed; one within the changes of a correction would stand in the clear.
    """
    where, inner, corrected = "changes", changes, target
    while isinstance(corrected.event, EntryCorrected):
        below, first = inner.get("changes"), corrected.event.corrects
        found = find(first) if isinstance(first, int) else None
        if not isinstance(below, Mapping) or found is None:
            return
        where, inner, corrected = f"{where}.changes", below, found
        facts = type(corrected.event).FACTS
        bare = [name for name in inner if name in facts and facts[name].sealed is not None]
        if bare:
            raise FieldError(
                "EntryCorrected",
                [
                    f"{where}.{name}: a sealed text; retract that correction and record the right one"
                    for name in bare
                ],
            )


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
    problems += _unfit(event_type, own)
    if not problems:
        problems += _wrong_values(event_type, own, target)
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


def _unfit(event_type: type[Event], own: Mapping[str, Any]) -> Iterator[str]:
    for name, value in own.items():
        facts = event_type.FACTS[name]
        if value is None and facts.required:
            yield f"changes.{name}: {event_type.TOPIC} needs it, null cannot take it away"
        elif isinstance(value, list) and facts.sealed is not None:
            yield f"changes.{name}: expected text, came a list"


def _wrong_values(event_type: type[Event], own: Mapping[str, Any], target: Entry[Any]) -> Iterator[str]:
    """States the target anew with the changed values, so that a wrong one is told as in any entry."""
    if event_type is EntryCorrected:
        return
    fields = target.event.model_dump(mode="json", by_alias=True, exclude_none=True)
    for name in event_type.SEALED:
        if name in fields:
            fields[name] = "2000-01-01"  # stands for the sealed text, and is a day where one is expected
    fields = {name: value for name, value in {**fields, **own}.items() if value is not None}
    try:
        state({"type": event_type.TOPIC, "occurred_at": "2000-01-01", "by": "x", **fields})
    except FieldError as wrong:
        yield from (f"changes.{problem}" for problem in wrong.problems)
