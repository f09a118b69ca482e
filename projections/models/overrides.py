"""Overrides and refusals: gates broken knowingly, on whose authority and why; and attempts that gates refused."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from ledger.entry import client_of
from ledger.events.ledger import EntryRefused
from ledger.history import Fact, History
from projections.findings import override_document, refusal_document
from projections.models.base import NUMBER, TEXT, Model, Row, SeenClient, SeenPractice, Table, View


def _of_client(seen: SeenClient) -> Iterator[Row]:
    return _overridden([seen.history], seen.as_of)


def _of_practice(seen: SeenPractice) -> Iterator[Row]:
    return _overridden(seen.histories, seen.as_of)


def _overridden(histories: Iterable[History], as_of: str) -> Iterator[Row]:
    for history in histories:
        for facts in (history.facts, history.corrections, history.retracted):
            yield from (_row(fact) for fact in facts if fact.entry.override is not None and fact.at <= as_of)


def _row(fact: Fact) -> Row:
    told = override_document(fact)
    return {
        "entry_type": told["type"],
        "rules": json.dumps(told["rules"]),
        "by_whom": told["by"],
        "authorised_by": told["authorised_by"],
        "reason": told["reason"],
        "occurred_at": told["occurred_at"],
        "recorded_at": told["recorded_at"],
        "stream": fact.stream,
        "seq": fact.seq,
    }


def _refused(seen: SeenPractice) -> Iterator[Row]:
    for fact in seen.visible:
        if isinstance(fact.event, EntryRefused):
            told = refusal_document(fact)
            yield {
                "entry_type": told["type"],
                "rules": json.dumps(told["rules"]),
                "by_whom": told["by"],
                "refused_at": told["at"],
                "for_client": told["client"],
                "stream": fact.stream,
                "seq": fact.seq,
            }


OVERRIDES = Table(
    "overrides",
    {
        "entry_type": TEXT,
        "rules": TEXT,
        "by_whom": TEXT,
        "authorised_by": TEXT,
        "reason": TEXT,
        "occurred_at": TEXT,
        "recorded_at": TEXT,
        "stream": TEXT,
        "seq": NUMBER,
    },
    key=("stream", "seq"),
    of_client=_of_client,
    of_practice=_of_practice,
)

REFUSALS = Table(
    "refusals",
    {
        "entry_type": TEXT,
        "rules": TEXT,
        "by_whom": TEXT,
        "refused_at": TEXT,
        "for_client": TEXT,
        "stream": TEXT,
        "seq": NUMBER,
    },
    key=("stream", "seq"),
    of_practice=_refused,
)

MODEL = Model("overrides", "gates broken knowingly, and attempts that gates refused", (OVERRIDES, REFUSALS))


def overrides(view: View) -> list[dict[str, Any]]:
    """As in the audit: what was recorded against a gate, in the order in which it was recorded."""
    found = view.all("SELECT * FROM {overrides} ORDER BY recorded_at, stream, seq")
    return [
        {
            "client": client_of(row["stream"]),
            "type": row["entry_type"],
            "rules": json.loads(row["rules"]),
            "by": row["by_whom"],
            "authorised_by": row["authorised_by"],
            "reason": row["reason"],
            "occurred_at": row["occurred_at"],
            "recorded_at": row["recorded_at"],
            "entry": {"stream": row["stream"], "seq": row["seq"]},
        }
        for row in found
    ]


def refusals(view: View) -> list[dict[str, Any]]:
    """As in the audit: what was attempted and refused. For which client is sealed."""
    return [
        {
            "type": row["entry_type"],
            "rules": json.loads(row["rules"]),
            "by": row["by_whom"],
            "at": row["refused_at"],
            "client": row["for_client"],
            "entry": {"stream": row["stream"], "seq": row["seq"]},
        }
        for row in view.all("SELECT * FROM {refusals} ORDER BY client, n")
    ]
