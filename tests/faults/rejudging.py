"""Was a decision right where it stands? The gates asked again about the log as it was just before."""

from typing import Any

from ledger.application import Ledger
from ledger.decoded import Held
from ledger.events.ledger import EntryRefused
from ledger.perspective import OWN_STREAMS, Moment, Perspective
from ledger.recording.admission import Admitting, Standing
from ledger.recording.names import Names
from ledger.recording.sealer import NO_HEAD
from ledger.recording.statement import Statement, state
from ledger.values import FOREVER
from tests.faults.journal import NOW, Act, acts
from tests.faults.sites import Site

JUDGED = "EngagementOpened"


def rules_against(ledger: Ledger, statement: Statement, position: int, at: str) -> list[str]:
    """The gates that refuse a statement, asked of the log up to a position."""
    own: dict[str, Any] = {}
    for prefix in OWN_STREAMS:
        own |= ledger.entries.streams(prefix, position)
    names = Names()
    for stream, rows in own.items():
        names.learn((entry.event, stream) for _, entry in rows)
    perspective = Perspective(Held(own), Moment(FOREVER, None, position), ledger.calendar)
    standing = Standing(
        lambda stream: (ledger.entries.stream(stream, position), NO_HEAD),
        own,
        names,
        perspective,
        position,
        at,
    )
    return sorted({finding.rule for finding in Admitting(standing, [statement]).refused})


def require_truthful(site: Site) -> tuple[int, int]:
    """Every refusal named the gates broken where it stands, and nothing was admitted that they refuse.

    How many openings were refused and admitted.
    """
    opened = [act for act in acts(site.journals) if [one["type"] for one in act.statements] == [JUDGED]]
    with site.ledger() as ledger:
        refusals: dict[str, list[tuple[int, Any]]] = {}
        for position, entry in ledger.entries.stream("ledger", None):
            if isinstance(entry.event, EntryRefused):
                refusals.setdefault(entry.by, []).append((position, entry))
        for by, noted in refusals.items():
            told = [act for act in opened if act.statements[0]["by"] == by and act.outcome == "refused"]
            assert len(told) in (len(noted), len(noted) - 1), by  # one may be noted whose answer was lost
            for act, (position, entry) in zip(told, noted, strict=False):
                _require_same(ledger, act, position, entry.occurred_at, sorted(entry.event.rules))
                assert act.told["rules"] == sorted(entry.event.rules)
        admitted = [act for act in opened if act.outcome == "acknowledged"]
        for act in admitted:
            _require_same(ledger, act, act.told["positions"][0], act.told["occurred_at"][0], [])
    return sum(map(len, refusals.values())), len(admitted)


def _require_same(ledger: Ledger, act: Act, position: int, at: str, rules: list[str]) -> None:
    given = dict(act.statements[0])
    if NOW in given["by"]:
        given["occurred_at"] = at
    found = rules_against(ledger, state(given), position - 1, at)
    assert found == rules, (
        f"{act.statements[0]} at {position}: decided {rules}, the log before it says {found}"
    )
