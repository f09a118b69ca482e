"""A client's history step by step: each entry, and what it changed in the case."""

from dataclasses import dataclass
from typing import Any

from ledger.application import Ledger
from ledger.case import Case
from ledger.history import Fact
from ledger.perspective import CLIENTS, Judged, Moment
from ledger.rules.judge import Finding
from projections.dates import Dates
from projections.findings import entry_refs
from projections.states import states
from projections.texts import Texts
from projections.timeline import Line, Timeline

ABSENT = {"not open", "not issued", "not made", "not raised", "not granted"}
"""States of things that are not there yet."""


@dataclass(frozen=True, slots=True)
class StateChange:
    """One thing whose state an entry changed; `before` is None where the thing began with it."""

    thing: str
    before: str | None
    after: str

    @property
    def by_time(self) -> bool:
        """Whether it was not the entry but the passing of its last day."""
        return self.after == "expired" and self.before is not None


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of the history, in effective order."""

    number: int
    line: Line
    changed: tuple[StateChange, ...]
    unfit: str | None
    findings: tuple[Finding, ...]
    standing: tuple[tuple[str, str], ...]
    """How everything of the case stands after it."""


@dataclass(slots=True)
class Replay:
    """The steps of one client."""

    client: str
    when: Moment
    timeline: Timeline
    steps: list[Step]

    def document(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "client": self.client,
            "as_of": self.when.as_of,
            "known_at": self.when.known_at,
            "steps": [
                {
                    "step": step.number,
                    "entry": step.line.document(self.timeline.context),
                    "changed": [
                        {
                            "thing": one.thing,
                            "before": one.before,
                            "after": one.after,
                            "cause": "time" if one.by_time else "entry",
                        }
                        for one in step.changed
                    ],
                    "unfit": step.unfit,
                    "findings": [
                        {
                            "rule": finding.rule,
                            "kind": finding.kind.value,
                            "entries": entry_refs(finding.entries),
                            "message": finding.message,
                        }
                        for finding in step.findings
                    ],
                    "standing": dict(step.standing),
                }
                for step in self.steps
            ],
        }


def replay(ledger: Ledger, client: str, when: Moment, dates: Dates, *, reveal: bool = False) -> Replay:
    """A client's steps at a moment. InputError if nothing is recorded of this client then."""
    perspective = ledger.at(when)
    judged = perspective.judged(client)
    timeline = Timeline(perspective, judged.history, dates, Texts(ledger, CLIENTS + client, reveal=reveal))
    return Replay(client, when, timeline, _steps(timeline, judged))


def _steps(timeline: Timeline, judged: Judged) -> list[Step]:
    case = judged.judgement.case
    if case is None:
        return []
    counted = {fact.seq for fact in case.facts}
    on_entry: dict[int, list[Finding]] = {}
    for finding in judged.judgement.findings:
        on_entry.setdefault(finding.judged.seq, []).append(finding)
    before: dict[str, str] = {}
    steps = []
    for number, line in enumerate(timeline.lines, 1):
        fact = line.fact
        after = _after(case, fact) if fact.seq in counted else before
        changed = tuple(
            StateChange(thing, before.get(thing), state)
            for thing, state in after.items()
            if before.get(thing) != state
        )
        findings = tuple(on_entry.get(fact.seq, ()))
        steps.append(Step(number, line, changed, case.unfit.get(fact.seq), findings, tuple(after.items())))
        before = after
    return steps


def _after(case: Case, fact: Fact) -> dict[str, str]:
    return {thing: state for thing, state in states(case, fact.order) if state not in ABSENT}
