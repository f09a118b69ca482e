"""`events`, and the JSON Schema and example it gives for each type."""

import re
from typing import Any

import pytest

from ledger.commands.options import kebab
from ledger.errors import InputError
from ledger.events.base import Event
from ledger.events.registry import EVENT_TYPES, RECORDABLE
from ledger.recording.statement import state
from ledger.schema import example_of, schema_of
from tests.commands.program import Program


def test_the_list_has_every_type(empty: Program) -> None:
    assert [each["type"] for each in empty.good("events", "list", "--json").json] == [
        t.TOPIC for t in EVENT_TYPES
    ]
    assert "EngagementOpened" in empty.good("events", "list").out


@pytest.mark.parametrize("event_type", EVENT_TYPES, ids=lambda one: one.TOPIC)
def test_each_is_explained(empty: Program, event_type: type[Event]) -> None:
    told = empty.good("events", "explain", kebab(event_type.TOPIC)).out
    document = empty.good("events", "explain", event_type.TOPIC, "--json").json

    for name in event_type.FACTS:
        assert name in told
    assert [each["name"] for each in document["fields"]] == list(event_type.FACTS)
    assert all(each["about"] for each in document["fields"])
    assert document["schema"] == empty.good("events", "explain", event_type.TOPIC, "--schema").json


def test_a_sealed_field_says_in_which_domain(empty: Program) -> None:
    told = empty.good("events", "explain", "ClientRegistered").out

    assert "name (required, sealed: identity)" in told


def test_what_is_no_type(empty: Program) -> None:
    done = empty("events", "explain", "a\x07")

    assert done.code == 2
    assert "\x07" not in done.err


@pytest.mark.parametrize("event_type", RECORDABLE, ids=lambda one: one.TOPIC)
def test_the_example_is_a_good_line(event_type: type[Event]) -> None:
    line = example_of(event_type)

    assert state(line).type == event_type.TOPIC
    assert problems(schema_of(event_type), line) == []


@pytest.mark.parametrize("event_type", RECORDABLE, ids=lambda one: one.TOPIC)
def test_schema_and_program_agree_on_what_is_missing_or_unknown(event_type: type[Event]) -> None:
    schema, line = schema_of(event_type), example_of(event_type)
    spoilt = [{**line, "nickname": "x"}]
    spoilt += [{key: value for key, value in line.items() if key != name} for name in schema["required"]]

    for wrong in spoilt:
        assert problems(schema, wrong), wrong
        with pytest.raises(InputError):
            state(wrong)


def test_the_schema_has_no_sealed_form() -> None:
    for event_type in EVENT_TYPES:
        assert "Digest" not in str(schema_of(event_type))
        assert "'...'" not in str(schema_of(event_type))


def problems(schema: dict[str, Any], line: dict[str, Any]) -> list[str]:
    """A small validator: enough of JSON Schema for these schemas, written apart from what made them."""
    found = [f"{name}: missing" for name in schema["required"] if name not in line]
    found += [f"{name}: unknown" for name in line if name not in schema["properties"]]
    for name, value in line.items():
        if name in schema["properties"] and not _fits(
            schema["properties"][name], value, schema.get("$defs", {})
        ):
            found.append(f"{name}: {value!r} does not fit")
    return found


def _fits(part: dict[str, Any], value: Any, definitions: dict[str, Any]) -> bool:
    if "$ref" in part:
        return _fits(definitions[part["$ref"].rpartition("/")[2]], value, definitions)
    if "anyOf" in part:
        return any(_fits(arm, value, definitions) for arm in part["anyOf"])
    if "const" in part:
        return bool(value == part["const"])
    if "enum" in part:
        return value in part["enum"]
    kinds = {
        "string": str,
        "boolean": bool,
        "integer": int,
        "array": list,
        "object": dict,
        "null": type(None),
    }
    if "type" in part and not isinstance(value, kinds[part["type"]]):
        return False
    if isinstance(value, str):
        return (
            len(value) <= part.get("maxLength", 10**6)
            and re.search(part.get("pattern", ""), value) is not None
        )
    if isinstance(value, list):
        return all(_fits(part.get("items", {}), each, definitions) for each in value)
    return True
