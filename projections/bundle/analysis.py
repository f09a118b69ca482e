"""The analysis, `analysis.json`: the program's reading of the record, kept apart from it (DESIGN section 8).

It reads the produced entries and nothing else, so that nothing withheld can stand in it. What the whole file would
answer otherwise, or what only a whole file can answer, reads "not determinable from this production".
"""

from collections.abc import Iterator
from typing import Any

from ledger.application import Ledger
from ledger.changes import Transition, TransitionKind
from ledger.events.engagements import EngagementOpened, EngagementResumed
from ledger.history import Fact
from ledger.perspective import CLIENTS, Judged
from ledger.rules.catalogue import BY_ID
from ledger.rules.judge import Judgement
from ledger.rules.rule import SERIOUS
from ledger.values import Service
from projections import findings as forms
from projections.bundle.production import Production
from projections.transitions import REQUIREMENTS, Assessed, assess

FORMAT = "engagement-ledger/analysis/v1"
NOT_DETERMINABLE = "not-determinable"
MESSAGE = "not determinable from this production"

SELF_CONTAINED = frozenset({"AGR-1", "AGR-3", "AGR-6", "INT-1", "INT-2", "SCOPE-5"})
"""Rules that what an act itself names shows: its intake, its agreement. The others look for what is *not* there (an
open engagement, a concern), which a part of a file cannot show."""

_READING = (
    "This is the program's reading of the record: what its rules, under the practice's own policy, make of the "
    "entries. It is no part of the record, neither a legal opinion nor a clinical one, and nobody attests to anything "
    "by it."
)
_ELSEWHERE = (
    "It rests also on the practice's own entries (policy, licences, templates), which are not in this bundle. Entries "
    "of other streams than the client's are named for whoever can look them up."
)
_IN_PART = (
    "Entries of the file are withheld from this production. What needs them, or only a whole file can show, reads "
    f'"{MESSAGE}", and findings that need them are not listed. Each opening and resumption produced is listed, '
    "whether or not it was a change of role."
)


def analysis(ledger: Ledger, production: Production) -> dict[str, Any]:
    """The analysis as JSON values."""
    client = production.request.client
    whole = ledger.at(production.when).judged(client)
    partly = bool(production.unread)
    if len(production.withheld) == len(production.rows):
        return _document(production, _nothing(), [], [], [])
    read = production.perspective.judged(client) if production.withheld else whole
    reading = _Reading(read, whole, production)
    changes = list(reading.changes()) if partly else _assessed(client, read.judgement)
    found = [one for one in read.judgement.findings if reading.holds(one)]
    due = [one for one in read.judgement.obligations if reading.is_due(one)]
    return _document(
        production,
        _nothing() if partly else _verdicts(read, whole, production),
        changes,
        sorted(map(forms.finding_document, found), key=forms.finding_order),
        sorted(map(forms.obligation_document, due), key=forms.obligation_order),
    )


def _document(
    production: Production,
    verdicts: dict[str, Any],
    changes: list[dict[str, Any]],
    findings: list[dict[str, Any]],
    obligations: list[dict[str, Any]],
) -> dict[str, Any]:
    named = {one["rule"] for one in (*findings, *obligations)}
    named |= {one["rule"] for change in changes for one in change["requirements"]}
    return {
        "format": FORMAT,
        "about": [_READING, _ELSEWHERE, *([_IN_PART] if production.unread else ())],
        "as_of": production.when.as_of,
        "known_at": production.when.known_at,
        **verdicts,
        "transitions": changes,
        "findings": findings,
        "obligations": obligations,
        "rules": {
            rule: {
                "title": BY_ID[rule].title,
                "kind": BY_ID[rule].kind.value,
                "why": BY_ID[rule].why,
                "sources": list(BY_ID[rule].sources),
            }
            for rule in sorted(named)
        },
    }


def _nothing() -> dict[str, Any]:
    return {"verdict": NOT_DETERMINABLE, "verdict_as_recorded": NOT_DETERMINABLE}


def _verdicts(read: Judged, whole: Judged, production: Production) -> dict[str, Any]:
    """Where only another client's entries are withheld, what stood before they were taken back cannot be told."""
    recorded = NOT_DETERMINABLE if production.withheld else whole.verdict_as_recorded
    return {"verdict": read.judgement.verdict, "verdict_as_recorded": recorded}


def _assessed(client: str, judgement: Judgement) -> list[dict[str, Any]]:
    return [forms.transition_document(client, one) for one in assess(judgement)]


class _Reading:
    """The produced entries as read, beside the whole file: what both say, the production shows."""

    def __init__(self, read: Judged, whole: Judged, production: Production) -> None:
        self._client = production.request.client
        self._stream = CLIENTS + self._client
        self._read = read.judgement
        self._partly = bool(production.unread)
        self._findings = {one.key for one in whole.judgement.findings}
        self._due = {(one.key, one.status) for one in whole.judgement.obligations}
        self._transitions = {_key(one) for one in whole.judgement.transitions}
        self._rulings = {
            (seq, rule.id, ruling.kind)
            for seq, rulings in whole.judgement.rulings.items()
            for rule, ruling in rulings
        }

    def holds(self, finding: Any) -> bool:
        """Whether the whole file says the same."""
        if self._partly and finding.rule == "COR-1":
            return False
        return finding.key in self._findings

    def is_due(self, obligation: Any) -> bool:
        """Whether the whole file says the same."""
        return (obligation.key, obligation.status) in self._due

    def changes(self) -> Iterator[dict[str, Any]]:
        """Each opening and resumption produced, with what can be told of the requirements."""
        case = self._read.case
        shown = {
            one.transition.act.seq: one
            for one in assess(self._read)
            if _key(one.transition) in self._transitions
        }
        for fact in case.facts if case is not None else ():
            if isinstance(fact.event, EngagementOpened | EngagementResumed):
                yield self._change(fact, shown.get(fact.seq))

    def _change(self, act: Fact, shown: Assessed | None) -> dict[str, Any]:
        case = self._read.case
        target = case.engagements.get(act.event.engagement) if case is not None else None
        if shown is not None:
            told = forms.transition_document(self._client, shown)
            rules = REQUIREMENTS[shown.transition.kind]
        else:
            told = {
                "client": self._client,
                "from": None,
                "to": act.event.engagement,
                "from_service": None,
                "to_service": target.service.value if target is not None else None,
                "from_practitioner": None,
                "to_practitioner": target.practitioner if target is not None else None,
                "at": act.occurred_at,
            }
            rules = REQUIREMENTS[_kind(act, target.service if target is not None else None)]
        return told | {
            "verdict": NOT_DETERMINABLE,
            "requirements": [self._requirement(rule, act) for rule in rules],
        }

    def _requirement(self, rule: str, act: Fact) -> dict[str, Any]:
        unknown = {"rule": rule, "status": NOT_DETERMINABLE, "entries": [], "message": MESSAGE}
        rulings = [ruling for said, ruling in self._read.rulings.get(act.seq, ()) if said.id == rule]
        if rule not in SELF_CONTAINED or len(rulings) != 1:
            return unknown
        (ruling,) = rulings
        serious = ruling.kind in SERIOUS
        if (act.seq, rule, ruling.kind) not in self._rulings or (ruling.kind is not None and not serious):
            return unknown
        return {
            "rule": rule,
            "status": "violated" if serious else "satisfied",
            "entries": forms.entry_refs((act, *ruling.entries)),
            "message": ruling.message,
        }


def _key(transition: Transition) -> tuple[int, str, str]:
    return transition.act.seq, transition.kind, transition.origin.id


def _kind(act: Fact, service: Service | None) -> TransitionKind:
    """The requirements that would apply if the act were a change of role."""
    if isinstance(act.event, EngagementResumed):
        return TransitionKind.RESUMED_AFTER_THERAPY
    return TransitionKind.TO_THERAPY if service is Service.THERAPY else TransitionKind.TO_COACHING
