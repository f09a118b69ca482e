"""Corrections: the original stays, marked; what it says is changed, or it is taken back."""

from typing import ClassVar, Self

from pydantic import JsonValue, model_validator

from ledger.events.base import Event, ServiceText, StreamFamily
from ledger.values import Line, Retraction, Seq, Source


class EntryCorrected(Event):
    """An earlier entry of the same stream is corrected: some fields change, or all of it is retracted."""

    TOPIC = "EntryCorrected"
    STREAM: ClassVar[StreamFamily] = StreamFamily.ANY

    corrects: Seq | Source
    """The position (seq) of the entry in its stream; in an import file also its `source`."""
    changes: dict[Line, JsonValue] | None = None
    """The fields that change, each with its right value; null takes an optional field away."""
    retracted: Retraction | None = None
    """Why the whole entry is taken back, instead of changes."""
    reason: ServiceText
    """Why. Sealed: the service the corrected entry belongs to, else practice."""

    @model_validator(mode="after")
    def _changes_or_retracts(self) -> Self:
        if (self.changes is None) == (self.retracted is None):
            raise ValueError(
                "expected either `changes` or `retracted`, came " + ("both" if self.changes else "neither")
            )
        if self.changes == {}:
            raise ValueError("expected at least one field in `changes`, came none")
        return self
