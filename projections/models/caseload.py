"""The caseload: how many engagements each practitioner has running and paused, and which are to be reassessed."""

from collections.abc import Iterator
from typing import Any

from projections.models.base import NUMBER, TEXT, Asked, Model, Row, SeenClient, Sums, Table, View
from projections.states import END, engagement_state

REASSESSMENT = "CON-3"


def _rows(seen: SeenClient) -> Iterator[Row]:
    due: dict[str | None, str] = {}
    for one in seen.obligations:
        if one.rule == REASSESSMENT and one.due.met_on is None:
            due[one.due.engagement] = min(one.due.due, due.get(one.due.engagement, one.due.due))
    counted: set[str] = set()
    for engagement in seen.case.engagements.values():
        state = engagement_state(engagement, END)
        if state == "closed":
            continue
        yield {
            "engagement": engagement.id,
            "practitioner": engagement.practitioner,
            "running": int(state == "running"),
            "paused": int(state == "paused"),
            "clients": int(engagement.practitioner not in counted),
            "due": due.get(engagement.id),
            "to_reassess": 1,
        }
        counted.add(engagement.practitioner)


TABLE = Table(
    "caseload",
    {
        "engagement": TEXT,
        "practitioner": TEXT,
        "running": NUMBER,
        "paused": NUMBER,
        "clients": NUMBER,  # 1 on the first of a client's engagements with a practitioner, so that they add up
        "due": TEXT,
        "to_reassess": NUMBER,
    },
    key=("engagement",),
    of_client=_rows,
    sums=(
        Sums("caseload_sums", ("practitioner",), ("running", "paused", "clients")),
        Sums("caseload_due", ("practitioner", "due"), ("to_reassess",)),
    ),
)

MODEL = Model(
    "caseload", "what each practitioner has running and paused, and what is to be reassessed", (TABLE,)
)

READS = ("caseload", "practitioners")

SQL = """
SELECT c.practitioner AS practitioner, p.name AS name, c.running AS running, c.paused AS paused,
  c.clients AS clients,
  (SELECT min(d.due) FROM {caseload_due} d
    WHERE d.practitioner = c.practitioner AND d.due >= ? AND d.to_reassess > 0) AS next_reassessment,
  (SELECT CAST(coalesce(sum(d.to_reassess), 0) AS BIGINT) FROM {caseload_due} d
    WHERE d.practitioner = c.practitioner AND d.due < ?) AS overdue
FROM {caseload_sums} c LEFT JOIN {practitioners} p ON p.practitioner = c.practitioner
WHERE c.running + c.paused > 0
"""


def caseload(view: View, asked: Asked, practitioner: str | None = None) -> list[dict[str, Any]]:
    """The caseload of each practitioner who has an open engagement, or of one.

    `next_reassessment` is the soonest day not yet past on which a reassessment is due, `overdue` how many open
    engagements have one that is past.
    """
    only, given = (" AND c.practitioner = ?", [practitioner]) if practitioner is not None else ("", [])
    return view.all(f"{SQL}{only} ORDER BY c.practitioner", [asked.day, asked.day, *given])
