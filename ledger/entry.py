"""An entry: one event with what the ledger adds to it; its canonical bytes are what is stored and hashed.

DESIGN section 6. The keys of the header are fixed; `data` is the event.
"""

from typing import Annotated, Any, Generic, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ledger.events.base import Event
from ledger.values import Admission, Id, Moment, RuleId, Seq, Source, Stamp, Text

EventT = TypeVar("EventT", bound=Event)

Stream = Annotated[
    str,
    StringConstraints(pattern=r"^(ledger|practice|(practitioner|client)/[A-Za-z0-9][A-Za-z0-9._-]{0,63})$"),
]
FIRST_PREV = "0" * 64
"""`prev` of a stream's first entry."""


class Override(BaseModel):
    """A gate was broken knowingly: on whose authority, why, and which rules."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    authorised_by: Id
    reason: Text | None = None
    rules: tuple[RuleId, ...]


class Entry(BaseModel, Generic[EventT]):
    """A stored entry. `seq` counts a stream's entries from 1; `prev` is the leaf hash of the one before."""

    model_config = ConfigDict(
        hide_input_in_errors=True,
        frozen=True,
        extra="forbid",
        strict=True,
        populate_by_name=True,
        defer_build=True,
    )

    admitted: Admission
    recorded_at: Stamp = Field(alias="at")
    by: Id
    event: EventT = Field(alias="data")
    occurred_at: Moment
    override: Override | None = None
    prev: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    schema_version: int = Field(alias="schema")
    seq: Seq
    source: Source | None = None
    stream: Stream
    type: str
    via: Annotated[str, StringConstraints(max_length=200)]

    @property
    def originator_id(self) -> str:
        """Eventsourcing's name for the stream."""
        return self.stream

    @property
    def originator_version(self) -> int:
        """Eventsourcing's name for the position in the stream."""
        return self.seq

    def header(self) -> dict[str, Any]:
        """The header as JSON values, absent optional fields left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class Content(Protocol):
    """What an entry says, in the form in which it is stored but for what is sealed."""

    @property
    def event_type(self) -> type[Event]:
        """The class of the event."""

    @property
    def fields(self) -> dict[str, Any]:
        """The event's own fields as JSON values."""

    @property
    def occurred_at(self) -> str:
        """When it happened, canonical."""

    @property
    def by(self) -> str:
        """Who records it."""

    @property
    def source(self) -> str | None:
        """Its id in the system it came from."""


def client_of(stream: str) -> str | None:
    """The client whose stream it is, or None."""
    family, _, name = stream.partition("/")
    return name if family == "client" else None


def stream_of(event: Event) -> str:
    """The stream an event belongs in, by its class and its own id field. Corrections are placed by target."""
    family = event.STREAM.value
    name = getattr(event, family, None)
    return f"{family}/{name}" if name is not None else family
