"""Import files for tests: lines about a small practice, ledgers to import them into, and what a ledger then holds."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ledger.application import Ledger
from ledger.entry import Entry
from tests import desk

Given = dict[str, Any]
LIVE_SINCE = "2026-01-01"


def line(type_: str, occurred_at: str = "2024-06-03T10:00:00-04:00", /, **fields: Any) -> Given:
    """One record of an import file."""
    return {"type": type_, "occurred_at": occurred_at, "by": "frontdesk", **fields}


def registered(client: str = "C-1", **fields: Any) -> Given:
    """A client comes."""
    told = {
        "name": "Zoë",
        "date_of_birth": "1990-02-03",
        "contact": "zoe@mail.example",
        "jurisdiction": "US-NC",
    }
    return line("ClientRegistered", "2024-06-01", **{"client": client, **told, **fields})


def practitioner() -> Given:
    """P-1, who offers both services."""
    return line(
        "PractitionerRegistered",
        "2024-01-01",
        practitioner="P-1",
        name="Ann Rivers",
        services=["therapy", "coaching"],
        internal=True,
    )


def opened(engagement: str = "E1", client: str = "C-1", service: str = "therapy", **fields: Any) -> Given:
    """An engagement begins, without papers."""
    told = {"client": client, "engagement": engagement, "practitioner": "P-1", "service": service}
    return line("EngagementOpened", "2024-06-03T11:00:00-04:00", **told, focus=["goals"], **fields)


def session(number: int = 1, client: str = "C-1", **fields: Any) -> Given:
    """A session of E1."""
    told = {"client": client, "engagement": "E1", "session": f"S{number}", "modality": "video"}
    return line(
        "SessionHeld", f"2024-07-{number:02}T10:00:00-04:00", **told | {"purpose": "service"} | fields
    )


def correction(**fields: Any) -> Given:
    """Somebody puts an earlier entry right."""
    return line("EntryCorrected", "2024-08-01", **{"reason": "typed wrongly", **fields})


def begun() -> list[Given]:
    """Four good lines: practitioner, client, engagement, session."""
    return [practitioner(), registered(), opened(), session()]


def ndjson(folder: Path, lines: Iterable[Given | str], name: str = "history.ndjson") -> Path:
    """The lines as a file; a text stands as it is."""
    path = folder / name
    written = [one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in lines]
    path.write_text("".join(f"{one}\n" for one in written), encoding="utf-8")
    return path


def csv(folder: Path, text: str, name: str = "history.csv") -> Path:
    """A CSV file of exactly this text."""
    path = folder / name
    path.write_bytes(text.encode())
    return path


def new_ledger(folder: Path, go_live: str = "2199-01-01") -> Ledger:
    """A ledger into which all history comes as found, unless it went live earlier."""
    return desk.new_ledger(folder, go_live=go_live, policy=None)


def stored(ledger: Ledger) -> list[bytes]:
    """Everything the ledger holds, byte for byte."""
    return [row.state for page in ledger.recorder.pages() for row in page]


def entries(ledger: Ledger, stream: str) -> list[Entry[Any]]:
    """The entries of a stream."""
    return [entry for _, entry in ledger.entries.stream(stream, None)]


def types(ledger: Ledger, stream: str) -> list[str]:
    """What stands in a stream."""
    return [entry.type for entry in entries(ledger, stream)]
