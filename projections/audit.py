"""The audit: what the rules say of every client at one moment, as the JSON of DESIGN section 8.

Clients are judged one at a time and only what the document tells of them is kept, so memory grows with the
largest client. Several processes each take a range of clients; the document is the same, byte for byte.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from ledger.application import Ledger
from ledger.events.ledger import EntryRefused
from ledger.history import Fact, History
from ledger.perspective import CLIENTS, Judged, Moment, Perspective
from ledger.places import Places
from projections import findings as forms
from projections.transitions import assess


@dataclass(frozen=True, slots=True)
class Question:
    """What is audited: one client or everybody, at a moment, under the policies of the time or one policy."""

    when: Moment
    policy_name: str = "as adopted"
    client: str | None = None
    jobs: int = 1


@dataclass(slots=True)
class Share:
    """What was found for some of the clients (or for the practice's own entries)."""

    findings: list[dict[str, Any]] = field(default_factory=list)
    obligations: list[dict[str, Any]] = field(default_factory=list)
    transitions: list[dict[str, Any]] = field(default_factory=list)
    overrides: list[dict[str, Any]] = field(default_factory=list)
    verdicts: dict[str, str] = field(default_factory=dict)
    as_recorded: list[str] = field(default_factory=list)
    corrected_away: dict[str, str] = field(default_factory=dict)
    """The verdict as first recorded, of clients whose verdict corrections changed."""

    def add(self, client: str | None, judged: Judged, as_of: str) -> None:
        """Takes in one client's judgement, or the practice's own."""
        judgement = judged.judgement
        self.findings += map(forms.finding_document, judgement.findings)
        self.obligations += map(forms.obligation_document, judgement.obligations)
        self.overrides += map(forms.override_document, _overridden(judged.history, as_of))
        if client is not None:
            self.transitions += (forms.transition_document(client, one) for one in assess(judgement))
            self.verdicts[client] = judgement.verdict
            if judged.verdict_as_recorded != judgement.verdict:
                self.corrected_away[client] = judged.verdict_as_recorded
        self.as_recorded.append(judged.verdict_as_recorded)

    def extend(self, other: "Share") -> None:
        """Takes in what was found for other clients."""
        self.findings += other.findings
        self.obligations += other.obligations
        self.transitions += other.transitions
        self.overrides += other.overrides
        self.verdicts |= other.verdicts
        self.as_recorded += other.as_recorded
        self.corrected_away |= other.corrected_away


def _overridden(history: History, as_of: str) -> Iterator[Fact]:
    for facts in (history.facts, history.corrections, history.retracted):
        for fact in facts:
            if fact.entry.override is not None and fact.at <= as_of:
                yield fact


def audit(ledger: Ledger, question: Question) -> dict[str, Any]:
    """The audit document. InputError for a client of whom nothing is recorded at that moment."""
    when = question.when
    if when.until is None:
        when = replace(when, until=ledger.recorder.last_position())
    perspective = ledger.at(when)
    share = Share()
    holds: dict[str, int] = {}
    if question.client is not None:
        judged = perspective.judged(question.client)
        share.add(question.client, judged, when.as_of)
        holds = {"holds": judged.judgement.case.holds_in_force if judged.judgement.case is not None else 0}
        own_verdict = "clean"
    else:
        own = perspective.own()
        share.add(None, own, when.as_of)
        own_verdict = own.judgement.verdict
        for part in _shares(ledger, perspective, when, question.jobs):
            share.extend(part)
    refusals = _refusals(perspective) if question.client is None else []
    return {
        "as_of": when.as_of,
        "known_at": when.known_at,
        "policy": question.policy_name,
        "clients": len(share.verdicts),
        "entries": when.until,
        "verdict": forms.worst([own_verdict, *share.verdicts.values()]),
        "verdict_as_recorded": forms.worst(share.as_recorded),
        "findings": sorted(share.findings, key=forms.finding_order),
        "obligations": sorted(share.obligations, key=forms.obligation_order),
        "verdicts": share.verdicts,
        "transitions": share.transitions,
        "overrides": sorted(share.overrides, key=lambda one: (one["recorded_at"], *one["entry"].values())),
        "refusals": refusals,
        "verdicts_as_recorded": share.corrected_away,
        **holds,
    }


def _refusals(perspective: Perspective) -> list[dict[str, Any]]:
    return [
        forms.refusal_document(fact)
        for history in perspective.histories
        for fact in history.facts
        if isinstance(fact.event, EntryRefused) and fact.at <= perspective.when.as_of
    ]


# -- the clients, perhaps in several processes ------------------------------------------------------------


def _shares(ledger: Ledger, perspective: Perspective, when: Moment, jobs: int) -> Iterator[Share]:
    ranges = ledger.recorder.streams_split(CLIENTS, jobs) if jobs > 1 else []
    if len(ranges) <= 1:
        yield _share(perspective, None)
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    # a recorder is not to be carried across a fork: each process starts afresh and opens its own ledger
    with ProcessPoolExecutor(len(ranges), mp_context=get_context("spawn")) as processes:
        yield from processes.map(partial(_share_of_range, ledger.places, when), ranges)


def _share_of_range(places: Places, when: Moment, between: tuple[str, str]) -> Share:
    """Nothing sealed is read, so no passphrase is needed."""
    with closing(Ledger(places)) as ledger:
        return _share(ledger.at(when), between)


def _share(perspective: Perspective, between: tuple[str, str] | None) -> Share:
    share = Share()
    for judged in perspective.clients(between):
        client = judged.judgement.client
        share.add(client, judged, perspective.when.as_of)
    return share
