"""The referral network: who was referred to whom, what became of it, and how long an answer took."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ledger.case import Referral
from ledger.events.referrals import ReferralMade
from ledger.values import Calendar, days_between
from projections.models.base import NUMBER, TEXT, Asked, Model, Row, SeenClient, Table, View, where
from projections.states import END, referral_state

OPEN = ("unanswered", "accepted")
"""What is not at its end yet: nobody answered, or the work it led to goes on."""


def _rows(seen: SeenClient) -> Iterator[Row]:
    return (_row(one, seen.calendar) for one in seen.case.referrals.values())


def _row(one: Referral, calendar: Calendar) -> Row:
    event, answered, concluded = one.made.event, one.answered, one.concluded
    made_on = calendar.day_of(one.made.at)
    answered_on = calendar.day_of(answered.at) if answered is not None else None
    state = referral_state(one, END)
    return {
        "referral": one.id,
        "direction": "made" if isinstance(event, ReferralMade) else "received",
        "state": state,
        "open": int(state in OPEN),
        "service": one.service.value,
        "from_practitioner": event.from_practitioner,
        "to_practitioner": one.to_practitioner,
        "engagement": event.engagement if isinstance(event, ReferralMade) else None,
        "reason": event.reason.value,
        "made_at": one.made.occurred_at,
        "made_on": made_on,
        "answer": answered.event.answer.value if answered is not None else None,
        "answered_at": answered.occurred_at if answered is not None else None,
        "days_to_answer": days_between(made_on, answered_on) if answered_on is not None else None,
        "outcome": concluded.event.outcome.value if concluded is not None else None,
        "concluded_at": concluded.occurred_at if concluded is not None else None,
        "stable": concluded.event.stable.value if concluded is not None else None,
        "seq": one.made.seq,
    }


TABLE = Table(
    "referrals",
    {
        "referral": TEXT,
        "direction": TEXT,
        "state": TEXT,
        "open": NUMBER,
        "service": TEXT,
        "from_practitioner": TEXT,
        "to_practitioner": TEXT,
        "engagement": TEXT,
        "reason": TEXT,
        "made_at": TEXT,
        "made_on": TEXT,
        "answer": TEXT,
        "answered_at": TEXT,
        "days_to_answer": NUMBER,
        "outcome": TEXT,
        "concluded_at": TEXT,
        "stable": TEXT,
        "seq": NUMBER,
    },
    key=("referral",),
    of_client=_rows,
    indexes=(("open",), ("to_practitioner",)),
)

MODEL = Model("referrals", "who was referred to whom, and what became of it", (TABLE,))

READS = ("referrals", "practitioners")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which referrals are asked for; None stands for any."""

    to_practitioner: str | None = None
    client: str | None = None
    open_only: bool = True


def referrals(view: View, asked: Asked, wanted: Wanted) -> list[dict[str, Any]]:
    """The referrals wanted, longest open first. `days_open` counts to the answer, or to the day asked about."""
    clause, given = where(
        to_practitioner=wanted.to_practitioner,
        client=wanted.client,
        open=1 if wanted.open_only else None,
    )
    found = view.all(f"SELECT * FROM {{referrals}}{clause} ORDER BY made_on, client, n", given)
    return [_document(one, asked) for one in found]


def _document(row: dict[str, Any], asked: Asked) -> dict[str, Any]:
    waiting = row["state"] == "unanswered"
    rest = {name: row[name] for name in TABLE.columns if name not in {"open", "made_on", "seq"}}
    return {
        "client": row["client"],
        **rest,
        "days_open": days_between(row["made_on"], asked.day) if waiting else None,
        "entry": {"stream": f"client/{row['client']}", "seq": row["seq"]},
    }


COUNTED = (
    ("made", "1"),
    ("declined_by_client", "CASE WHEN state = 'declined by the client' THEN 1 ELSE 0 END"),
    ("unanswered", "CASE WHEN state = 'unanswered' THEN 1 ELSE 0 END"),
    ("under_way", "CASE WHEN state = 'accepted' THEN 1 ELSE 0 END"),
    ("declined", "CASE WHEN state = 'declined' THEN 1 ELSE 0 END"),
    ("lapsed", "CASE WHEN state = 'lapsed' THEN 1 ELSE 0 END"),
    ("completed", "CASE WHEN outcome = 'completed' THEN 1 ELSE 0 END"),
    ("discontinued", "CASE WHEN outcome = 'discontinued' THEN 1 ELSE 0 END"),
    ("returned", "CASE WHEN outcome = 'returned' THEN 1 ELSE 0 END"),
    ("answered", "CASE WHEN days_to_answer IS NOT NULL THEN 1 ELSE 0 END"),
    ("days_waited", "coalesce(days_to_answer, 0)"),
)

BECAME = (
    "declined_by_client",
    "unanswered",
    "under_way",
    "declined",
    "lapsed",
    "completed",
    "discontinued",
    "returned",
)
"""What can have become of a referral, each of which is one of these."""


def recipients(view: View, wanted: Wanted) -> list[dict[str, Any]]:
    """What became of the referrals made to each recipient, and how many days an answer took (the longest, and all).

    A referral received by the practice is the client's own step and is not among them.
    """
    clause, given = where(direction="made", to_practitioner=wanted.to_practitioner, client=wanted.client)
    sums = ", ".join(f"CAST(sum({one}) AS BIGINT) AS {name}" for name, one in COUNTED)
    return view.all(
        f"SELECT r.*, p.name AS name, p.internal AS internal FROM (SELECT to_practitioner, {sums}, "
        f"max(days_to_answer) AS longest FROM {{referrals}}{clause} GROUP BY to_practitioner) r "
        "LEFT JOIN {practitioners} p ON p.practitioner = r.to_practitioner ORDER BY r.to_practitioner",
        given,
    )
