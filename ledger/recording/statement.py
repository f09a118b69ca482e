"""What somebody states: an event in plain words, not yet sealed, chained or recorded.

Command line, NDJSON, CSV and desk flows all come through here; what is wrong is said field by field.
"""

import json
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from ledger.entry import stream_of
from ledger.errors import FieldError, InputError
from ledger.events.base import Event, StreamFamily
from ledger.events.corrections import EntryCorrected
from ledger.events.registry import recordable
from ledger.recording.wording import came_words, sealed_problem, wording
from ledger.values import ID_WORDING, Id, Source, moment

COMMON = ("type", "occurred_at", "by", "source")
_COMMON = frozenset(COMMON)
PLACING = ("client", "practitioner")
"""In a correction by seq: whose stream is meant."""

_BY = TypeAdapter(Id)
_SOURCE = TypeAdapter(Source)


class Statement(NamedTuple):
    """An event as stated. `fields` are its own fields as JSON values; `stream` is None for a correction by source.

    `state` gives the fields in the order of their names, as the stored form has them.
    """

    event: Event
    fields: dict[str, Any]
    occurred_at: str
    by: str
    source: str | None
    stream: str | None

    @property
    def event_type(self) -> type[Event]:
        """The class of the event."""
        return type(self.event)

    @property
    def type(self) -> str:
        """The event type's stable name."""
        return type(self.event).TOPIC


def state(given: Mapping[str, Any]) -> Statement:
    """A statement from JSON values: `type`, `occurred_at`, `by`, perhaps `source`, and the class's fields.

    Raises FieldError with every problem found, or InputError for a type that nobody records.
    """
    name = given.get("type")
    if not isinstance(name, str):
        raise InputError(f"type: expected the name of an event type, came {came_words(name)}")
    event_type = recordable(name)
    problems: list[str] = []
    occurred_at = _common(given, "occurred_at", moment, problems)
    by = _common(given, "by", _checked_by, problems)
    source = _common(given, "source", _checked_source, problems) if given.get("source") is not None else None
    fields = {key: given[key] for key in sorted(given) if key not in _COMMON and given[key] is not None}
    stream = None
    if event_type is EntryCorrected:
        stream = _placed(fields, problems)
    if None in given.values():
        problems += _nulls(event_type, given)
    event = _event(event_type, fields, problems)
    if problems or event is None:
        raise FieldError(name, problems)
    if event_type is not EntryCorrected:
        stream = stream_of(event)
    return Statement(event, fields, occurred_at or "", by or "", source, stream)


@cache
def holds_objects(event_type: type[Event]) -> bool:
    """Whether a field of it is an object, whose members come in any order."""
    return any(facts.mapping for facts in event_type.FACTS.values())


def own_statement(event_type: type[Event], fields: dict[str, Any], occurred_at: str, by: str) -> Statement:
    """What the ledger states about itself: an entry of its own stream. FieldError for what cannot stand in one."""
    problems: list[str] = []
    _common({"by": by}, "by", _BY.validate_python, problems)
    try:
        event = event_type.model_validate_json(json.dumps(fields))
    except ValidationError as wrong:
        problems += [
            f"{'.'.join(map(str, one['loc']))}: {one['msg']}, came {one['input']!r}" for one in wrong.errors()
        ]
    if problems:
        raise FieldError(event_type.TOPIC, problems)
    return Statement(event, fields, occurred_at, by, None, StreamFamily.LEDGER.value)


def _nulls(event_type: type[Event], given: Mapping[str, Any]) -> list[str]:
    """Null where a value is required, or where there is no such field (else null is absence)."""
    facts = event_type.FACTS
    problems = []
    for key, value in given.items():
        if value is None and key not in ("type", "occurred_at", "by", "source", *PLACING):
            if key not in facts:
                problems.append(_unknown(event_type, key))
            elif facts[key].required:
                problems.append(f"{key}: expected {wording(facts[key])}, came null")
    return problems


def _common(given: Mapping[str, Any], name: str, check: Any, problems: list[str]) -> str | None:
    value = given.get(name)
    if not isinstance(value, str):
        expected = "a date and time, or a day" if name == "occurred_at" else "a string"
        problems.append(f"{name}: expected {expected}, came {came_words(value)}")
        return None
    try:
        result: str = check(value)
    except ValueError as wrong:
        problems.append(f"{name}: {wrong}")
        return None
    return result


@lru_cache(maxsize=4096)
def _checked_by(value: str) -> str:
    try:
        return _BY.validate_python(value)
    except ValidationError:
        raise ValueError(f"expected an actor's id ({ID_WORDING}), came {value[:60]!r}") from None


def _checked_source(value: str) -> str:
    try:
        return str(_SOURCE.validator.validate_python(value))
    except ValidationError:
        raise ValueError(
            f"expected the entry's id in the system it came from (1 to 128 printable characters), "
            f"came {value[:60]!r}"
        ) from None


def _placed(fields: dict[str, Any], problems: list[str]) -> str | None:
    """Takes a correction's placing fields out and gives the stream they name."""
    named = {name: fields.pop(name) for name in PLACING if name in fields}
    for name, value in named.items():
        try:
            _BY.validate_python(value)
        except ValidationError:
            problems.append(f"{name}: expected an id ({ID_WORDING}), came {came_words(value)}")
    if len(named) > 1:
        problems.append(
            "expected either `client` or `practitioner` to say whose entry is corrected, came both"
        )
    corrects = fields.get("corrects")
    if type(corrects) is int and not named:
        return "practice"
    return next((f"{family}/{name}" for family, name in named.items()), None)


def _event(event_type: type[Event], fields: dict[str, Any], problems: list[str]) -> Event | None:
    try:
        event = _validator(event_type)(to_json(fields))
    except ValidationError as wrong:
        problems += [_problem(event_type, error) for error in _told_once(event_type, wrong)]
        return None
    except (ValueError, RecursionError) as wrong:
        problems.append(str(wrong))
        return None
    for name in event_type.SEALED:
        if type(fields.get(name)) is list:
            problems.append(f"{name}: expected text, came the sealed form, which only the ledger writes")
    return event


@cache
def _validator(event_type: type[Event]) -> Callable[[bytes], Event]:
    """`model_validate_json` without its way there."""
    event_type.model_rebuild()
    validate: Callable[[bytes], Event] = event_type.__pydantic_validator__.validate_json
    return validate


def _told_once(event_type: type[Event], wrong: ValidationError) -> list[Any]:
    """Where a value may have several forms, only the first thing wrong with it is worth telling."""
    errors = wrong.errors(include_url=False)
    told: list[Any] = []
    seen: set[Any] = set()
    for error in errors:
        where = error["loc"][0] if error["loc"] else ""
        facts = event_type.FACTS.get(str(where))
        if facts is not None and (facts.sealed is not None or facts.mapping or where == "corrects"):
            place = error["loc"][:2] if facts.mapping else where
            if place in seen:
                continue
            seen.add(place)
        told.append(error)
    return told


def _problem(event_type: type[Event], error: Any) -> str:
    """One of pydantic's errors in our words: field, what was expected, what came."""
    name = str(error["loc"][0]) if error["loc"] else ""
    where = ".".join(
        str(part) for part in error["loc"][:2] if not str(part).startswith(("function", "constr"))
    )
    facts = event_type.FACTS.get(name)
    kind = error["type"]
    if facts is not None and facts.sealed is not None and kind not in ("missing", "string_too_long"):
        return f"{name}: {sealed_problem(facts, error)}"
    if kind == "extra_forbidden" and len(error["loc"]) == 1:
        return _unknown(event_type, name)
    if kind == "missing" and facts is not None:
        return f"{name}: expected {wording(facts)}, came nothing"
    if kind == "value_error":
        message = str(error["ctx"]["error"]) if "ctx" in error else str(error["msg"])
        return f"{where}: {message}" if where else message
    if kind == "string_too_long":
        came = len(error["input"]) if isinstance(error["input"], str) else 0
        return f"{where}: expected text of at most {error['ctx']['max_length']} characters, came {came}; shorten it"
    expected = wording(facts) if facts is not None else str(error["msg"])
    if (facts is not None and facts.sealed is None and len(error["loc"]) > 1 and facts.many) or (
        facts is not None and facts.sealed is not None
    ):
        where = name
    return f"{where}: expected {expected}, came {came_words(error['input'])}"


def _unknown(event_type: type[Event], name: str) -> str:
    return (
        f"{name[:60]}: unknown field, {event_type.TOPIC} has {', '.join(event_type.FACTS)} "
        "beside type, occurred_at, by and source"
    )
