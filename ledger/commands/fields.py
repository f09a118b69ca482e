"""Asking for an event's fields, one by one, each checked as it is typed."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError

from ledger.commands.asking import Asking, Question
from ledger.commands.options import HASH, codes_of, settings, sha256_of
from ledger.errors import ChoiceNeededError, InputError, UsageError
from ledger.events.base import Event, FieldFacts, field_docs
from ledger.filling.filling import Filled, Known, Nothing, default_for, option_of
from ledger.recording.wording import sealed_problem, wording

_TRUTH = ("yes", "no")


def problem_with(event_type: type[Event], name: str, value: Any) -> str | None:
    """What is wrong with one field's value, or None."""
    info = event_type.model_fields[name]
    adapter: TypeAdapter[Any] = TypeAdapter(info.rebuild_annotation(), config=ConfigDict(strict=True))
    try:
        adapter.validate_json(json.dumps(value))
    except ValidationError as wrong:
        error = wrong.errors(include_url=False)[0]
        if event_type.FACTS[name].sealed is not None and error["type"] != "string_too_long":
            return sealed_problem(event_type.FACTS[name], error)
        if error["type"] == "value_error" and "ctx" in error:
            return str(error["ctx"]["error"])
        if error["type"] == "string_too_long":
            return f"expected at most {error['ctx']['max_length']} characters; shorten it"
        return f"expected {wording(event_type.FACTS[name])}"
    except ValueError as wrong:
        return str(wrong)
    return None


def question_for(
    event_type: type[Event], name: str, default: str | None = None, text: str | None = None
) -> Question:
    """The question for one field, from its class."""
    facts = event_type.FACTS[name]
    words = (text or field_docs(event_type).get(name, name)).rstrip(".")
    if name.endswith(HASH):
        return Question(option_of(name), _of_file(words), default, required=facts.required, convert=_hash)
    if facts.plain is bool:
        words = words.replace("True for", "Yes for").replace(" false for", " no for")
    codes = _TRUTH if facts.plain is bool else codes_of(facts)
    return Question(
        option_of(name),
        words,
        default,
        codes,
        required=facts.required,
        convert=lambda typed: _checked(event_type, facts, typed),
        many=facts.many,
    )


def ask_fields(event_type: type[Event], given: dict[str, Any], known: Known, asking: Asking) -> Filled:
    """Asks for every field not given, with what can be known as its default."""
    filled = Filled(event_type, dict(given))
    for name, facts in event_type.FACTS.items():
        if name in filled.fields:
            continue
        if facts.mapping:
            value = _ask_settings(asking, field_docs(event_type).get(name, name))
        else:
            value = asking.ask(_with_default(event_type, name, known, filled))
        if value is not None:
            filled.fields[name] = value
    return filled


def shown(value: Any) -> str:
    """A field's value as people read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ";".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _with_default(event_type: type[Event], name: str, known: Known, filled: Filled) -> Question:
    try:
        found = default_for(event_type, name, known, filled.fields)
    except ChoiceNeededError as several:
        listed = tuple(f"{one}: {words}" for one, words in several.options)
        return replace(question_for(event_type, name), notes=listed)
    if isinstance(found, Nothing):
        return replace(question_for(event_type, name), notes=(f"({found.why})",))
    if found is None:
        return question_for(event_type, name)
    return question_for(event_type, name, shown(found.value))


def _ask_settings(asking: Asking, doc: str) -> dict[str, Any] | None:
    pairs: list[str] = []
    while True:
        text = f"{doc.rstrip('.')}: NAME=VALUE" if not pairs else "Another NAME=VALUE"
        pair = asking.ask(Question("--set", text, required=False, convert=_pair))
        if pair is None:
            return settings(tuple(pairs)) if pairs else None
        pairs.append(pair)


def _pair(typed: str) -> str:
    settings((typed,))
    return typed


def _of_file(words: str) -> str:
    return f"{words.replace('SHA-256 of the ', 'File: the ').replace('SHA-256 of ', 'File: ')}"


def _hash(typed: str) -> str:
    path = Path(typed).expanduser()
    if not path.is_file():
        raise UsageError(f"there is no file {typed[:200]!r}")
    try:
        return sha256_of(path)
    except InputError as wrong:
        raise UsageError(str(wrong)) from None


def _checked(event_type: type[Event], facts: FieldFacts, typed: str) -> Any:
    value: Any = typed
    if facts.plain is bool:
        value = typed == "yes"
    elif facts.many:
        value = [part.strip() for part in typed.replace(",", ";").split(";") if part.strip()]
    elif facts.plain is int or (facts.name == "corrects" and typed.isascii() and typed.isdigit()):
        value = int(typed) if typed.isascii() and typed.isdigit() else typed
    problem = problem_with(event_type, facts.name, value)
    if problem is not None:
        raise UsageError(problem)
    return value
