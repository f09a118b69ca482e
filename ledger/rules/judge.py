"""Judging: every rule over one client's history, or over the practice's own entries (DESIGN section 4).

The same definitions serve the gate ("may this be recorded?") and the audit ("what does the record show?").
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ledger.case import Case
from ledger.changes import Transition, transitions
from ledger.entry import client_of
from ledger.events.agreements import AgreementSigned
from ledger.events.concerns import ConcernResolved
from ledger.events.engagements import (
    EngagementClosed,
    EngagementOpened,
    EngagementPaused,
    EngagementRenewed,
    EngagementResumed,
)
from ledger.events.referrals import ReferralAnswered, ReferralConcluded, ReferralMade
from ledger.events.registry import EVENT_TYPES
from ledger.folding import fold
from ledger.history import Fact, History
from ledger.policy import Policies, Policy
from ledger.practice import Practice
from ledger.rules.catalogue import BY_ID, DEFAULTS, RECOMMENDED, RULES
from ledger.rules.rule import SERIOUS, Due, Kind, Rule, Ruling, View

GATED_ACTS = (
    AgreementSigned,
    EngagementOpened,
    EngagementRenewed,
    EngagementPaused,
    EngagementResumed,
    EngagementClosed,
    ReferralMade,
    ReferralAnswered,
    ReferralConcluded,
    ConcernResolved,
)
"""Gates exist only for acts; SEQ-3 is a gate for every entry (RULES.md, "Judged on")."""

_KEPT = (EngagementOpened, EngagementResumed, EngagementRenewed, AgreementSigned)
_EVERY_ENTRY = tuple(rule for rule in RULES if not rule.judges and rule.due is None and rule.id != "COR-1")
_FOR: dict[type[Any], tuple[Rule, ...]] = {
    event_type: tuple(rule for rule in RULES if event_type in rule.judges or rule in _EVERY_ENTRY)
    for event_type in EVENT_TYPES
}
_DUE = tuple(rule for rule in RULES if rule.due is not None)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says of the entry it is judged on. `engagements` begins with the judged one."""

    rule: str
    kind: Kind
    judged: Fact
    entries: tuple[Fact, ...]
    client: str | None
    practitioner: str | None
    engagements: tuple[str, ...]
    message: str

    @property
    def key(self) -> tuple[str, str, tuple[str, int]]:
        """One finding per rule, kind and judged entry."""
        return (self.rule, self.kind, self.judged.ref)

    @property
    def serious(self) -> bool:
        """Whether it spoils a verdict."""
        return self.kind in SERIOUS


@dataclass(frozen=True, slots=True)
class Obligation:
    """Something due by a day, and how it stands at the moment asked about."""

    rule: str
    client: str | None
    status: str
    due: Due

    @property
    def key(self) -> tuple[str, tuple[str, int], str | None]:
        """One obligation per rule, cause and engagement."""
        return (self.rule, self.due.cause.ref, self.due.engagement)

    @property
    def serious(self) -> bool:
        """Whether it spoils a verdict: overdue, or late where the rule says so."""
        return self.status == "overdue" or (self.status == "late" and BY_ID[self.rule].late in SERIOUS)

    @property
    def pending(self) -> bool:
        """Whether it makes a verdict pending."""
        return self.status == "open" and BY_ID[self.rule].pending


@dataclass(slots=True)
class Judgement:
    """What the rules say of one client (or, with client None, of the practice's own entries)."""

    client: str | None
    policies: Policies
    findings: list[Finding] = field(default_factory=list)
    obligations: list[Obligation] = field(default_factory=list)
    rulings: dict[int, list[tuple[Rule, Ruling]]] = field(default_factory=dict)
    case: Case | None = None
    transitions: list[Transition] = field(default_factory=list)

    @property
    def verdict(self) -> str:
        """`violations`, `pending` or `clean`; warnings and advice never spoil it."""
        if any(one.serious for one in self.findings) or any(one.serious for one in self.obligations):
            return "violations"
        return "pending" if any(one.pending for one in self.obligations) else "clean"


def policies_of(practice: Practice, only: Policy | None = None) -> Policies:
    """The policy in force at each moment, or one policy throughout."""
    return Policies(practice.policies, RECOMMENDED, only)


def judge(
    client: str | None,
    history: History,
    practice: Practice,
    policies: Policies,
    as_of: str,
    *,
    only: set[tuple[str, int]] | None = None,
) -> Judgement:
    """Every rule over one history, seen as of a stamp. The practice is as known and as of the same moment.

    With `only`, nothing but these entries (stream, seq) is judged: enough to decide on entries that come last.
    """
    facts = history.as_of(as_of).facts
    case = fold(client, facts, practice) if client is not None else Case("", practice)
    judgement = Judgement(client, policies, case=case if client is not None else None)
    view = View(
        case=case,
        practice=practice,
        policies=policies,
        defaults=DEFAULTS,
        as_of=as_of,
        today=practice.calendar.day_of(as_of),
        rulings=judgement.rulings,
    )
    for fact in facts:
        if only is None or fact.ref in only:
            _judge_entry(fact, view, judgement)
    for fact in history.corrections:
        if fact.at <= as_of:
            _judge_entry(fact, view, judgement)
    if client is not None and only is None:
        for rule in _DUE:
            judgement.obligations += _obligations(rule, view, client)
        judgement.transitions = list(transitions(case))
    return judgement


def _judge_entry(fact: Fact, view: View, judgement: Judgement) -> None:
    unfit = fact.seq in view.case.unfit
    adopted = view.policies.at(fact.order).adopted
    for rule in _FOR[type(fact.event)]:
        if (unfit and not rule.judges_unfit) or (rule.adopted and rule.id not in adopted):
            continue
        for ruling in rule.check(fact, view):
            _take(rule, ruling, fact, judgement)


def _take(rule: Rule, ruling: Ruling, fact: Fact, judgement: Judgement) -> None:
    """Keeps a ruling; one finding per rule, kind and judged entry."""
    if isinstance(fact.event, _KEPT):
        judgement.rulings.setdefault(fact.seq, []).append((rule, ruling))
    if ruling.kind is None:
        return
    finding = _finding(rule, ruling, ruling.kind, fact, judgement)
    if not (judgement.findings and judgement.findings[-1].key == finding.key):
        judgement.findings.append(finding)


def _finding(rule: Rule, ruling: Ruling, kind: Kind, fact: Fact, judgement: Judgement) -> Finding:
    entries = tuple(dict.fromkeys((fact, *ruling.entries)))
    engagements = dict.fromkeys(
        name for entry in entries if (name := getattr(entry.event, "engagement", None)) is not None
    )
    return Finding(
        rule=rule.id,
        kind=kind,
        judged=fact,
        entries=entries,
        client=client_of(fact.stream),
        practitioner=_practitioner(fact, judgement.case),
        engagements=tuple(engagements),
        message=ruling.message,
    )


def _practitioner(fact: Fact, case: Case | None) -> str | None:
    for name in ("practitioner", "from_practitioner", "to_practitioner"):
        own: str | None = getattr(fact.event, name, None)
        if own is not None:
            return own
    engagement = getattr(fact.event, "engagement", None)
    if case is not None and engagement in case.engagements:
        return case.engagements[engagement].practitioner
    return None


def what_is_due(client: str, case: Case, policies: Policies, as_of: str) -> list[Obligation]:
    """The obligations of one client's case, folded as of a stamp; nothing else is judged."""
    practice = case.practice
    view = View(case, practice, policies, DEFAULTS, as_of, practice.calendar.day_of(as_of), {})
    return [one for rule in _DUE for one in _obligations(rule, view, client)]


def _obligations(rule: Rule, view: View, client: str) -> Iterable[Obligation]:
    if rule.due is None:
        return
    for due in rule.due(view):
        moment = due.since or due.cause.order
        if rule.adopted and rule.id not in view.policies.at(moment).adopted:
            continue
        if due.met_on is not None:
            status = "met" if due.met_on <= due.due else "late"
        else:
            status = "open" if view.today <= due.due else "overdue"
        yield Obligation(rule.id, client, status, due)


def healed(recorded: Judgement, corrected: Judgement, history: History) -> list[Finding]:
    """COR-1: what stands as recorded and disappears by a correction; one finding per entry judged."""
    still = {finding.key for finding in corrected.findings}
    still_due = {one.key for one in corrected.obligations if one.status == "overdue"}
    gone: dict[tuple[str, int], list[tuple[str, Fact, tuple[str, ...]]]] = {}
    for finding in recorded.findings:
        if finding.key not in still:
            gone.setdefault(finding.judged.ref, []).append(
                (finding.rule, finding.judged, finding.engagements)
            )
    for one in recorded.obligations:
        if one.status == "overdue" and one.key not in still_due:
            named = (one.due.engagement,) if one.due.engagement is not None else ()
            gone.setdefault(one.due.cause.ref, []).append((one.rule, one.due.cause, named))
    findings = []
    for vanished in gone.values():
        _, fact, _ = vanished[0]
        rules = ", ".join(dict.fromkeys(rule for rule, _, _ in vanished))
        engagements = dict.fromkeys(name for _, _, names in vanished for name in names)
        findings.append(
            Finding(
                rule="COR-1",
                kind=Kind.WARNING,
                judged=fact,
                entries=(fact, *history.corrections),
                client=corrected.client,
                practitioner=_practitioner(fact, recorded.case),
                engagements=tuple(engagements),
                message=f"as first recorded there was {rules} on {fact.entry.type} ({fact.stream} {fact.seq}); "
                "a correction makes it disappear",
            )
        )
    return findings


def refuses(finding: Finding) -> bool:
    """Whether a finding on a proposed entry refuses it: gates exist for acts, SEQ-3 for every entry."""
    return finding.kind is Kind.GATE and (
        finding.rule == "SEQ-3" or isinstance(finding.judged.event, GATED_ACTS)
    )
