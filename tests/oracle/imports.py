"""From the lines of import files to the entries they become."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.world import Line

PRACTICE = {"PolicyAdopted", "TemplateAdopted", "ActorRegistered"}
PRACTITIONER = {
    "PractitionerRegistered",
    "PractitionerChanged",
    "LicenceRecorded",
    "LicenceStatusChanged",
    "CredentialRecorded",
    "ConsultationHeld",
}


def from_import(
    lines_of_dicts: Iterable[Mapping[str, Any]],
    time_zone: str,
    recorded_at: datetime,
    admitted: str = "as-found",
    *,
    after: Sequence[Line] = (),
) -> list[Line]:
    """The ledger after a file was imported: `after` (what it held before), then the file's entries in file
    order.

    All of one file bear one `recorded_at`; a naive one is read in `time_zone`. A line whose `source` is
    already there adds nothing.
    """
    if recorded_at.tzinfo is None:
        recorded_at = recorded_at.replace(tzinfo=ZoneInfo(time_zone))
    lines = list(after)
    sources = {line.body["source"]: line.body for line in lines if "source" in line.body}
    added = []
    for given in lines_of_dicts:
        body = dict(given)
        if "source" in body and body["source"] in sources:
            continue
        if "source" in body:
            sources[body["source"]] = body
        added.append(body)
    for body in added:
        stream = stream_of(body, sources)
        seq = 1 + sum(line.stream == stream for line in lines)
        lines.append(Line(stream, seq, len(lines) + 1, recorded_at.astimezone(UTC), admitted, None, body))
    return [with_target(line, lines) for line in lines]


def stream_of(body: Mapping[str, Any], sources: Mapping[str, Mapping[str, Any]]) -> str:
    """The stream an entry belongs to; a correction belongs to the stream of the entry it corrects."""
    kind = body["type"]
    if kind == "EntryCorrected":
        return str(body["stream"]) if "stream" in body else stream_of(sources[body["corrects"]], sources)
    if kind in PRACTICE:
        return "practice"
    if kind in PRACTITIONER:
        return f"practitioner/{body['practitioner']}"
    return f"client/{body['client']}"


def with_target(line: Line, lines: Sequence[Line]) -> Line:
    """A correction that names a source, naming that entry's number instead; every other line as it is."""
    if line.body["type"] != "EntryCorrected" or isinstance(line.body["corrects"], int):
        return line
    target = next(other.seq for other in lines if other.body.get("source") == line.body["corrects"])
    return replace(line, body={**line.body, "corrects": target})
