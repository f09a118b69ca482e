"""The reference page of the events: each class with its fields, as the class itself states them."""

import inspect
from collections.abc import Iterator

from ledger.events.base import Event, FieldFacts, StreamFamily, field_docs
from ledger.events.registry import EVENT_TYPES, RECORDABLE
from ledger.recording.wording import wording

STREAMS = {
    StreamFamily.LEDGER: "`ledger`: what the ledger writes about itself",
    StreamFamily.PRACTICE: "`practice`: what the practice decides",
    StreamFamily.PRACTITIONER: "`practitioner/ID`: what is known of one practitioner",
    StreamFamily.CLIENT: "`client/ID`: what happened with one client",
    StreamFamily.ANY: "any stream",
}


def events_page() -> Iterator[str]:
    """Every event type, by stream."""
    yield "# Events"
    yield ""
    yield (
        "What may be recorded. An import line is one JSON object: `type`, `occurred_at` (a date and time with its "
        "offset, or a day), `by` (an actor's id), perhaps `source` (the entry's id in the system it came from), and "
        "the fields below. `engagement-ledger events explain TYPE` prints an example line and the JSON Schema."
    )
    yield ""
    yield (
        "A *sealed* field is stored as a salted digest; its text is encrypted beside it and is read only with the "
        "key of its domain. Where the domain is *by service*, it is the service of the engagement concerned."
    )
    yield ""
    for family, title in STREAMS.items():
        yield f"## Stream {title}"
        yield ""
        for event_type in EVENT_TYPES:
            if event_type.STREAM is family:
                yield from _event(event_type)


def _event(event_type: type[Event]) -> Iterator[str]:
    yield f"### {event_type.TOPIC}"
    yield ""
    yield " ".join((inspect.getdoc(event_type) or "").split())
    if event_type not in RECORDABLE:
        yield ""
        yield "Written by the ledger itself; neither recorded by hand nor imported."
    yield ""
    docs = field_docs(event_type)
    yield "| field | takes | | meaning |"
    yield "|---|---|---|---|"
    for name, facts in event_type.FACTS.items():
        yield f"| `{name}` | {_cell(wording(facts))} | {', '.join(_marks(facts))} | {_cell(docs.get(name, ''))} |"
    yield ""


def _marks(facts: FieldFacts) -> Iterator[str]:
    yield "required" if facts.required else "optional"
    if facts.sealed is not None:
        domain = facts.sealed.domain
        yield f"sealed: {domain.value if domain is not None else 'by service'}"
    if facts.assigns is not None and not facts.assigns.renewable:
        yield "unique"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
