"""The agreements register: every agreement, who signed it, how it ended and how long it is valid."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ledger.case import Agreement
from ledger.values import later
from projections.models.base import NUMBER, TEXT, Asked, Model, Row, SeenClient, Table, View, where

STATES = ("live", "unsigned", "declined", "revoked", "expired", "expiring")
"""How an agreement stands; one that is expiring is live."""


def _rows(seen: SeenClient) -> Iterator[Row]:
    return (_row(one) for one in seen.case.agreements.values())


def _row(one: Agreement) -> Row:
    signed = next(one.consents(), None)
    ended = one.revoked or one.declined
    return {
        "agreement": one.id,
        "kind": one.kind.value,
        "practitioner": one.practitioner,
        "template": one.issued.event.template,
        "version": one.version,
        "payer": one.payer.value if one.payer is not None else None,
        "issued_at": one.issued.occurred_at,
        "signed_at": signed.occurred_at if signed is not None else None,
        "signers": json.dumps([fact.event.signer.value for fact in one.signatures]),
        "ended": ("revoked" if one.revoked is not None else "declined") if ended is not None else None,
        "ended_at": ended.occurred_at if ended is not None else None,
        "valid_until": one.valid_until,
        "seq": one.issued.seq,
    }


TABLE = Table(
    "agreements",
    {
        "agreement": TEXT,
        "kind": TEXT,
        "practitioner": TEXT,
        "template": TEXT,
        "version": TEXT,
        "payer": TEXT,
        "issued_at": TEXT,
        "signed_at": TEXT,
        "signers": TEXT,
        "ended": TEXT,
        "ended_at": TEXT,
        "valid_until": TEXT,
        "seq": NUMBER,
    },
    key=("agreement",),
    of_client=_rows,
    indexes=(("valid_until",),),
)

MODEL = Model("agreements", "every agreement, who signed it and how long it is valid", (TABLE,))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which agreements are asked for, None standing for any, and within how many days one counts as expiring."""

    state: str | None = None
    client: str | None = None
    days: int = 30


def agreements(view: View, asked: Asked, wanted: Wanted) -> list[dict[str, Any]]:
    """The agreements wanted, by client, oldest first, each with its state on the day asked about.

    `expiring` are those live now whose last day comes within the days named; they count as `live` too.
    """
    clause, given = where(client=wanted.client)
    found = []
    for row in view.all(f"SELECT * FROM {{agreements}}{clause} ORDER BY client, n", given):
        one = _document(row, asked, wanted.days)
        if wanted.state in {None, one["state"]} or (wanted.state == "live" and one["state"] == "expiring"):
            found.append(one)
    return found


def _document(row: dict[str, Any], asked: Asked, days: int) -> dict[str, Any]:
    rest = {name: row[name] for name in TABLE.columns if name not in {"ended", "signers", "seq"}}
    return {
        "client": row["client"],
        "agreement": row["agreement"],
        "state": _state(row, asked, days),
        **rest,
        "signers": json.loads(row["signers"]),
        "entry": {"stream": f"client/{row['client']}", "seq": row["seq"]},
    }


def _state(row: dict[str, Any], asked: Asked, days: int) -> str:
    """As `projections.states.agreement_state`, `issued` being `unsigned`."""
    if row["ended"] is not None:
        return str(row["ended"])
    if row["valid_until"] is not None and row["valid_until"] < asked.day:
        return "expired"
    if row["signed_at"] is None:
        return "unsigned"
    expiring = row["valid_until"] is not None and row["valid_until"] <= later(asked.day, days)
    return "expiring" if expiring else "live"
