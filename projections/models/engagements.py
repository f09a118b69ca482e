"""The engagement register: every engagement, how it stands and since when."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ledger.case import Case, Engagement
from projections.models.base import NUMBER, TEXT, Model, Row, SeenClient, Table, View, where
from projections.states import END, engagement_state

STATES = ("running", "paused", "closed")


def _rows(seen: SeenClient) -> Iterator[Row]:
    return (_row(one, seen.case) for one in seen.case.engagements.values())


def _row(one: Engagement, case: Case) -> Row:
    state = engagement_state(one, END)
    place = case.place_of(one, END)
    opened = one.opened.event
    since = one.closed if state == "closed" else one.pauses[-1][0] if state == "paused" else None
    held = [fact for fact in case.sessions if fact.event.engagement == one.id]
    return {
        "engagement": one.id,
        "state": state,
        "open": int(state != "closed"),
        "service": one.service.value,
        "practitioner": one.practitioner,
        "opened_at": one.opened.occurred_at,
        "state_since": since.occurred_at if since is not None else None,
        "state_reason": since.event.reason.value if since is not None else None,
        "place": place[0] if place is not None else None,
        "intake": opened.intake,
        "agreement": next((fact.event.agreement for fact in reversed(one.renewals)), opened.agreement),
        "unit": opened.unit,
        "focus": json.dumps([focus.value for focus in opened.focus]),
        "sessions": len(held),
        "last_session_at": held[-1].occurred_at if held else None,
        "seq": one.opened.seq,
    }


TABLE = Table(
    "engagements",
    {
        "engagement": TEXT,
        "state": TEXT,
        "open": NUMBER,
        "service": TEXT,
        "practitioner": TEXT,
        "opened_at": TEXT,
        "state_since": TEXT,
        "state_reason": TEXT,
        "place": TEXT,
        "intake": TEXT,
        "agreement": TEXT,
        "unit": TEXT,
        "focus": TEXT,
        "sessions": NUMBER,
        "last_session_at": TEXT,
        "seq": NUMBER,
    },
    key=("engagement",),
    of_client=_rows,
    indexes=(("practitioner", "open", "service"),),
)

MODEL = Model("engagements", "every engagement, how it stands and since when", (TABLE,))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which engagements are asked for; None stands for any."""

    practitioner: str | None = None
    service: str | None = None
    state: str | None = None
    client: str | None = None
    open_only: bool = False


def engagements(view: View, wanted: Wanted) -> list[dict[str, Any]]:
    """The engagements wanted, by client, oldest first."""
    clause, given = where(
        practitioner=wanted.practitioner,
        open=1 if wanted.open_only else None,
        service=wanted.service,
        state=wanted.state,
        client=wanted.client,
    )
    found = view.all(f"SELECT * FROM {{engagements}}{clause} ORDER BY client, n", given)
    return [document(one) for one in found]


def document(one: dict[str, Any]) -> dict[str, Any]:
    """One row as JSON values."""
    rest = {name: one[name] for name in TABLE.columns if name not in {"open", "focus", "seq"}}
    entry = {"stream": f"client/{one['client']}", "seq": one["seq"]}
    return {"client": one["client"], **rest, "focus": json.loads(one["focus"]), "entry": entry}
