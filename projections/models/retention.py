"""Retention: when each client was last served, as a minor or not, what stands against erasing, what is erased."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ledger.retention import Terms, due_day, kept, latest_over
from projections.models.base import NUMBER, TEXT, Asked, Model, Row, SeenClient, Table, View


def _rows(seen: SeenClient) -> Iterator[Row]:
    found = kept(seen.case)
    erased = found.erased
    yield {
        "last_day": found.last_day,
        "last_act": found.last.entry.type if found.last is not None else None,
        "last_seq": found.last.seq if found.last is not None else None,
        "running": " ".join(found.running) or None,
        "minor_until": found.minor_until,
        "holds": found.holds,
        "erased_on": seen.calendar.day_of(erased.at) if erased is not None else None,
        "erased_seq": erased.seq if erased is not None else None,
        "sealed": int(found.sealed),
    }


TABLE = Table(
    "retention",
    {
        "last_day": TEXT,
        "last_act": TEXT,
        "last_seq": NUMBER,
        "running": TEXT,
        "minor_until": TEXT,
        "holds": NUMBER,
        "erased_on": TEXT,
        "erased_seq": NUMBER,
        "sealed": NUMBER,  # 1 where something sealed was recorded since the last erasure
    },
    key=(),
    of_client=_rows,
    indexes=(("sealed", "last_day"),),
)

MODEL = Model("retention", "until when each client's sealed texts are kept", (TABLE,))

STATUSES = ("in service", "kept", "due", "held", "erased")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which clients are asked for: one; or all; or those with something to erase by a day (None: today)."""

    client: str | None = None
    by: str | None = None
    everything: bool = False


def retention(view: View, asked: Asked, terms: Terms, wanted: Wanted) -> list[dict[str, Any]]:
    """The clients wanted, as JSON values, by due day: those whose day is unknown, because they are served, last."""
    clause, given = "", list[str | int | None]()
    if wanted.client is not None:
        clause, given = " WHERE client = ?", [wanted.client]
    elif not wanted.everything:
        day = wanted.by or asked.day
        clause = " WHERE sealed = 1 AND last_day <= ? AND running IS NULL AND (minor_until IS NULL OR minor_until <= ?)"
        given = [latest_over(day, terms.years), latest_over(day, terms.minor_years)]
    found = view.all(f"SELECT * FROM {{retention}}{clause}", given)
    listed = [_document(row, asked, terms) for row in found]
    return sorted(listed, key=lambda one: (one["due"] is None, one["due"] or "", one["client"]))


def _document(row: dict[str, Any], asked: Asked, terms: Terms) -> dict[str, Any]:
    stream = f"client/{row['client']}"
    running = row["running"].split(" ") if row["running"] else []
    due = due_day(row["last_day"], row["minor_until"], terms) if not running else None
    return {
        "client": row["client"],
        "status": _status(row, due, asked.day),
        "due": due,
        "last_service": row["last_day"],
        "last_act": row["last_act"],
        "last_entry": {"stream": stream, "seq": row["last_seq"]} if row["last_seq"] is not None else None,
        "running": running,
        "minor_until": row["minor_until"],
        "holds": row["holds"],
        "erased_on": row["erased_on"],
        "erased_entry": {"stream": stream, "seq": row["erased_seq"]}
        if row["erased_seq"] is not None
        else None,
        "sealed_since": bool(row["sealed"]),
    }


def _status(row: dict[str, Any], due: str | None, today: str) -> str:
    """One of `STATUSES`: what stands in the way comes first."""
    if not row["sealed"]:
        return "erased" if row["erased_on"] is not None else "kept"
    if row["holds"]:
        return "held"
    if due is None:
        return "in service"
    return "due" if due <= today else "kept"
