"""Entries that the ledger makes about itself, within an open transaction."""

from collections.abc import Mapping
from typing import Any

from ledger import clock
from ledger.events.base import Event
from ledger.recording.sealer import Sealer, head_of
from ledger.recording.statement import own_statement
from ledger.storage.log import Writer
from ledger.values import Admission

STREAM = "ledger"


def append_own(
    writer: Writer, sealer: Sealer, event_type: type[Event], fields: Mapping[str, Any], by: str
) -> int:
    """Appends an entry to the ledger's own stream; its position. FieldError for what cannot stand in one."""
    recorded_at = clock.now()
    entry = sealer.seal(
        own_statement(event_type, dict(fields), recorded_at, by),
        STREAM,
        head_of(writer.head(STREAM)),
        recorded_at=recorded_at,
        admitted=Admission.ENFORCED,
    )
    return writer.append([entry.row], recorded_at=recorded_at)
