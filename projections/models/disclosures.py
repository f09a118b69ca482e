"""The accounting of disclosures: what was told of each client's records, to whom, on what footing."""

import json
from collections.abc import Iterator
from typing import Any

from ledger.history import Fact
from ledger.values import Calendar
from projections.models.base import NUMBER, TEXT, Model, Row, SeenClient, Table, View

YEARS = 6
"""How far an accounting of disclosures looks back (45 CFR 164.528(a)(1))."""


def _rows(seen: SeenClient) -> Iterator[Row]:
    return (_row(fact, seen.calendar) for fact in seen.case.disclosures)


def _row(fact: Fact, calendar: Calendar) -> Row:
    event = fact.event
    return {
        "disclosure": event.disclosure,
        "made_at": fact.occurred_at,
        "made_on": calendar.day_of(fact.at),
        "from_practitioner": event.from_practitioner,
        "to_practitioner": event.to_practitioner,
        "recipient_kind": event.recipient_kind.value,
        "recipient": "sealed: identity" if event.recipient is not None else None,
        "scope": json.dumps([one.value for one in event.scope]),
        "purpose": event.purpose.value,
        "basis": event.basis.value,
        "release": event.release,
        "content_sha256": event.content_sha256,
        "by_whom": fact.by,
        "seq": fact.seq,
    }


TABLE = Table(
    "disclosures",
    {
        "disclosure": TEXT,
        "made_at": TEXT,
        "made_on": TEXT,
        "from_practitioner": TEXT,
        "to_practitioner": TEXT,
        "recipient_kind": TEXT,
        "recipient": TEXT,
        "scope": TEXT,
        "purpose": TEXT,
        "basis": TEXT,
        "release": TEXT,
        "content_sha256": TEXT,
        "by_whom": TEXT,
        "seq": NUMBER,
    },
    key=("disclosure",),
    of_client=_rows,
    indexes=(("made_on",),),
)

MODEL = Model("disclosures", "what was told of each client's records, and to whom", (TABLE,))


READS = ("disclosures", "practitioners")
NAMED = (
    "SELECT d.*, f.name AS from_name, t.name AS to_name, t.organisation AS to_organisation FROM {disclosures} d "
    "LEFT JOIN {practitioners} f ON f.practitioner = d.from_practitioner "
    "LEFT JOIN {practitioners} t ON t.practitioner = d.to_practitioner"
)


def look_back(day: str) -> str:
    """The day six years before; of 29 February, the 28th."""
    year = f"{int(day[:4]) - YEARS:04}"
    return f"{year}-02-28" if day[5:] == "02-29" and int(year) % 4 else f"{year}{day[4:]}"


def disclosures(view: View, since: str, until: str, client: str | None = None) -> list[dict[str, Any]]:
    """The disclosures made from one day to another, of one client or of all, oldest first.

    Who told, and a registered recipient, are named (model `practitioners`).
    """
    only, given = ("d.client = ? AND ", [client]) if client is not None else ("", [])
    found = view.all(
        f"{NAMED} WHERE {only}d.made_on >= ? AND d.made_on <= ? ORDER BY d.made_on, d.client, d.n",
        [*given, since, until],
    )
    return [_document(one) for one in found]


def _document(row: dict[str, Any]) -> dict[str, Any]:
    rest = {name: row[name] for name in TABLE.columns if name not in {"made_on", "scope", "by_whom", "seq"}}
    return {
        "client": row["client"],
        **rest,
        **{name: row[name] for name in ("from_name", "to_name", "to_organisation")},
        "scope": json.loads(row["scope"]),
        "by": row["by_whom"],
        "entry": {"stream": f"client/{row['client']}", "seq": row["seq"]},
    }
