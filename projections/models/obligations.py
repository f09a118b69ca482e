"""Obligations: what is or was due of every client, by whom, by when, and when it was done."""

import json
from collections.abc import Iterator
from typing import Any

from ledger.rules.judge import Obligation
from projections.findings import entry_refs, obligation_order
from projections.models.base import NUMBER, TEXT, Asked, Model, Row, SeenClient, Table, View, where
from projections.obligations import titled


def _rows(seen: SeenClient) -> Iterator[Row]:
    return (_row(one) for one in seen.obligations)


def _row(one: Obligation) -> Row:
    due = one.due
    return {
        "rule": one.rule,
        "due": due.due,
        "met_on": due.met_on,
        "standing": int(due.met_on is None),
        "engagement": due.engagement,
        "practitioner": due.practitioner,
        "message": due.message,
        "entries": json.dumps(entry_refs((due.cause, *due.met_by))),
    }


TABLE = Table(
    "obligations",
    {
        "rule": TEXT,
        "due": TEXT,
        "met_on": TEXT,
        "standing": NUMBER,
        "engagement": TEXT,
        "practitioner": TEXT,
        "message": TEXT,
        "entries": TEXT,
    },
    key=("rule", "engagement", "due"),
    of_client=_rows,
    indexes=(("standing", "due"),),
)

MODEL = Model("obligations", "what is or was due of every client", (TABLE,))


def obligations(
    view: View, asked: Asked, *, client: str | None = None, everything: bool = False
) -> list[dict[str, Any]]:
    """As `projections.obligations.obligations`, read from the table."""
    clause, given = where(client=client, standing=None if everything else 1)
    found = view.all(f"SELECT * FROM {{obligations}}{clause}", given)
    return sorted((_document(row, asked) for row in found), key=obligation_order)


def _document(row: dict[str, Any], asked: Asked) -> dict[str, Any]:
    return titled(
        {
            "rule": row["rule"],
            "client": row["client"],
            "engagements": [row["engagement"]] if row["engagement"] is not None else [],
            "due": row["due"],
            "status": _status(row, asked),
            "entries": json.loads(row["entries"]),
            "message": row["message"],
        },
        practitioner=row["practitioner"],
        met_on=row["met_on"],
    )


def _status(row: dict[str, Any], asked: Asked) -> str:
    if row["met_on"] is not None:
        return "met" if row["met_on"] <= row["due"] else "late"
    return "open" if asked.day <= row["due"] else "overdue"
