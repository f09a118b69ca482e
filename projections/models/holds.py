"""Legal holds: on which clients they stand. What they are about is sealed, and not here."""

import json
from collections.abc import Iterator
from typing import Any

from ledger.events.clients import HoldPlaced
from projections.findings import entry_ref
from projections.models.base import NUMBER, TEXT, Model, Row, SeenClient, Table, View, where


def _rows(seen: SeenClient) -> Iterator[Row]:
    holds = seen.case.holds
    if holds:
        placed = [fact for fact in holds if isinstance(fact.event, HoldPlaced)]
        yield {
            "in_force": seen.case.holds_in_force,
            "placed": len(placed),
            "released": len(holds) - len(placed),
            "first_at": placed[0].occurred_at if placed else None,
            "entries": json.dumps([entry_ref(fact) for fact in holds]),
        }


TABLE = Table(
    "holds",
    {"in_force": NUMBER, "placed": NUMBER, "released": NUMBER, "first_at": TEXT, "entries": TEXT},
    key=(),
    of_client=_rows,
    indexes=(("in_force",),),
)

MODEL = Model("holds", "on which clients legal holds stand", (TABLE,))


def holds(view: View, client: str | None = None, *, everything: bool = False) -> list[dict[str, Any]]:
    """The clients under a hold, or all who ever were; as JSON values."""
    clause, given = where(client=client)
    standing = "" if everything else f"{' AND' if clause else ' WHERE'} in_force > 0"
    found = view.all(f"SELECT * FROM {{holds}}{clause}{standing} ORDER BY client", given)
    return [
        {name: row[name] for name in ("client", "in_force", "placed", "released", "first_at")}
        | {"entries": json.loads(row["entries"])}
        for row in found
    ]
