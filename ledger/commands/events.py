"""`events`: the types of entries, and what each takes."""

import json
from typing import TYPE_CHECKING, Any

import click

from ledger.commands.session import json_option, print_json

if TYPE_CHECKING:
    from ledger.events.base import Event, FieldFacts


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def events() -> None:
    """The types of entries: what may be recorded, and what the ledger writes itself."""


@events.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List every event type, its stream, and what it records."""
    from ledger.commands.showing import table
    from ledger.events.registry import EVENT_TYPES

    if as_json:
        print_json([_summary(one) for one in EVENT_TYPES])
        return
    table(
        ("type", "stream", "what it records"),
        [
            (one.TOPIC, one.STREAM.value, (one.__doc__ or "").strip().partition("\n")[0])
            for one in EVENT_TYPES
        ],
    )


@events.command()
@click.argument("name", metavar="TYPE")
@click.option("--schema", "as_schema", is_flag=True, help="Print the JSON Schema of its import line.")
@json_option
def explain(name: str, as_schema: bool, as_json: bool) -> None:
    """Explain one event type: its fields, an example line, its JSON Schema.

    TYPE is its name (EngagementOpened) or its command's (engagement-opened).
    """
    from ledger.schema import example_of, schema_of

    event_type = _named(name)
    if as_schema:
        print_json(schema_of(event_type))
    elif as_json:
        print_json({**_summary(event_type), "fields": _fields(event_type), **_line(event_type)})
    else:
        _tell(event_type, example_of(event_type) if _recordable(event_type) else None)


def _named(name: str) -> "type[Event]":
    from ledger.commands.options import kebab
    from ledger.errors import UsageError
    from ledger.events.registry import EVENT_TYPES

    for event_type in EVENT_TYPES:
        if name.lower() in (event_type.TOPIC.lower(), kebab(event_type.TOPIC)):
            return event_type
    raise UsageError(f"expected an event type (`events list` shows them), came {name[:60]!r}")


def _recordable(event_type: "type[Event]") -> bool:
    from ledger.events.registry import RECORDABLE

    return event_type in RECORDABLE


def _summary(event_type: "type[Event]") -> dict[str, Any]:
    from ledger.commands.options import kebab

    recordable = _recordable(event_type)
    return {
        "type": event_type.TOPIC,
        "stream": event_type.STREAM.value,
        "about": " ".join((event_type.__doc__ or "").split()),
        "recordable": recordable,
        "command": f"record {kebab(event_type.TOPIC)}" if recordable else None,
    }


def _line(event_type: "type[Event]") -> dict[str, Any]:
    from ledger.schema import example_of, schema_of

    example = example_of(event_type) if _recordable(event_type) else None
    return {"example": example, "schema": schema_of(event_type)}


def _fields(event_type: "type[Event]") -> list[dict[str, Any]]:
    from ledger.commands.options import codes_of
    from ledger.events.base import field_docs
    from ledger.recording.wording import wording

    docs = field_docs(event_type)
    return [
        {
            "name": name,
            "about": docs.get(name, ""),
            "required": facts.required,
            "takes": wording(facts),
            "codes": list(codes_of(facts)),
            "sealed": _sealed(facts),
            "gives": facts.assigns.thing if facts.assigns is not None else None,
            "names": facts.refers_to.thing if facts.refers_to is not None else None,
        }
        for name, facts in event_type.FACTS.items()
    ]


def _sealed(facts: "FieldFacts") -> str | None:
    if facts.sealed is None:
        return None
    return facts.sealed.domain.value if facts.sealed.domain is not None else "by service"


def _tell(event_type: "type[Event]", example: dict[str, Any] | None) -> None:
    from ledger.commands.showing import heading, say, say_wrapped

    summary = _summary(event_type)
    heading(f"{event_type.TOPIC} ({summary['stream']} stream)")
    say_wrapped(summary["about"])
    say()
    for each in _fields(event_type):
        marks = ["required" if each["required"] else "optional"]
        if each["sealed"] is not None:
            marks.append(f"sealed: {each['sealed']}")
        heading(f"{each['name']} ({', '.join(marks)})")
        say_wrapped(f"{each['about']} Takes {each['takes']}.", "  ")
    if example is None:
        say("\nThe ledger writes it itself; it is neither recorded by hand nor imported.")
        return
    say(f"\nRecorded with: engagement-ledger {summary['command']}")
    say("A line of an import file:\n")
    say(json.dumps(example, ensure_ascii=False))
