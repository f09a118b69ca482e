"""Role transitions with the requirements that apply, each with the entries that show it (DESIGN section 4)."""

from collections.abc import Iterator
from dataclasses import dataclass

from ledger.changes import Transition, TransitionKind
from ledger.events.engagements import EngagementOpened
from ledger.history import Fact
from ledger.rules.catalogue import BY_ID
from ledger.rules.judge import Judgement, Obligation
from ledger.rules.rule import SERIOUS, Rule, Ruling

_AGREEMENT = ("AGR-1", "AGR-2", "AGR-3", "AGR-4", "AGR-5", "AGR-6")
REQUIREMENTS: dict[TransitionKind, tuple[str, ...]] = {
    TransitionKind.TO_COACHING: (
        *("ROLE-1", "ROLE-2", "ROLE-3", "ROLE-4", "ROLE-5", "ROLE-8", "SCOPE-1", "SCOPE-5"),
        *_AGREEMENT,
        *("INT-1", "INT-2", "REC-4"),
    ),
    TransitionKind.TO_THERAPY: (
        *("ROLE-1", "ROLE-3", "ROLE-4", "ROLE-5", "SCOPE-5", "LIC-1"),
        *_AGREEMENT,
        *("INT-1", "INT-2"),
    ),
    TransitionKind.RESUMED_AFTER_THERAPY: (
        *("ROLE-1", "ROLE-2", "ROLE-4", "ROLE-8", "SCOPE-1", "SCOPE-4", "REC-4"),
    ),
    TransitionKind.HANDOVER: ("SCOPE-1", "LIC-1", "SCOPE-5", *_AGREEMENT, "INT-1", "INT-2"),
    TransitionKind.RETURN: ("SCOPE-1", "SCOPE-4"),
}
"""RULES.md, "Transitions: which requirements apply"."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement of a transition: shown, not shown, due, or not applicable, and by which entries."""

    rule: str
    status: str
    entries: tuple[Fact, ...]
    message: str


@dataclass(frozen=True, slots=True)
class Assessed:
    """A transition with its requirements; its verdict follows from them."""

    transition: Transition
    requirements: tuple[Requirement, ...]

    @property
    def verdict(self) -> str:
        """`violations` if one is violated, `pending` if one is due, else `clean`."""
        statuses = {requirement.status for requirement in self.requirements}
        if "violated" in statuses:
            return "violations"
        return "pending" if "pending" in statuses else "clean"


def assess(judgement: Judgement) -> Iterator[Assessed]:
    """The transitions of one client, in effective order."""
    for transition in judgement.transitions:
        requirements = tuple(
            _requirement(rule, transition, judgement) for rule in REQUIREMENTS[transition.kind]
        )
        yield Assessed(transition, requirements)


def _requirement(rule_id: str, transition: Transition, judgement: Judgement) -> Requirement:
    rule = BY_ID[rule_id]
    if rule.due is not None:
        return _due(rule, transition, judgement)
    judged = _signatures(transition, judgement) if rule_id == "AGR-4" else [transition.act]
    rulings = [
        (fact, ruling)
        for fact in judged
        for said, ruling in judgement.rulings.get(fact.seq, ())
        if said.id == rule_id
    ]
    against = [(fact, ruling) for fact, ruling in rulings if ruling.kind in SERIOUS]
    if against:
        return Requirement(
            rule_id, "violated", _entries(against), "; ".join(ruling.message for _, ruling in against)
        )
    if rulings:
        fact, ruling = next((one for one in rulings if one[1].kind is None), rulings[0])
        return Requirement(rule_id, "satisfied", _entries([(fact, ruling)]), ruling.message)
    adopted = not rule.adopted or _adopted(rule, transition, judgement)
    return Requirement(
        rule_id, "not-applicable", (), "not judged here" if adopted else "not adopted by the practice then"
    )


def _entries(rulings: list[tuple[Fact, Ruling]]) -> tuple[Fact, ...]:
    return tuple(dict.fromkeys(entry for fact, ruling in rulings for entry in (fact, *ruling.entries)))


def _adopted(rule: Rule, transition: Transition, judgement: Judgement) -> bool:
    return rule.id in judgement.policies.at(transition.act.order).adopted


def _signatures(transition: Transition, judgement: Judgement) -> list[Fact]:
    """The consenting signatures, by then, on the agreement the new engagement opens on."""
    if judgement.case is None or not isinstance(transition.act.event, EngagementOpened):
        return []
    agreement = judgement.case.agreements.get(transition.act.event.agreement or "")
    if agreement is None:
        return []
    return [fact for fact in agreement.consents() if fact.at <= transition.act.at]


def _due(rule: Rule, transition: Transition, judgement: Judgement) -> Requirement:
    """REC-4: the discharge summary of the therapy left behind."""
    found = [
        one
        for one in judgement.obligations
        if one.rule == rule.id and one.due.engagement == transition.origin.id
    ]
    if not found:
        return Requirement(rule.id, "not-applicable", (), "nothing was due")
    return _of_obligation(found[0])


def _of_obligation(one: Obligation) -> Requirement:
    status = {"open": "pending", "met": "satisfied", "late": "satisfied", "overdue": "violated"}[one.status]
    if one.status == "late" and one.serious:
        status = "violated"
    words = {
        "open": f"due by {one.due.due}",
        "overdue": f"was due by {one.due.due}",
        "met": f"done on {one.due.met_on}",
        "late": f"done late, on {one.due.met_on}, was due by {one.due.due}",
    }
    message = f"{one.due.message} ({words[one.status]})"
    return Requirement(one.rule, status, (one.due.cause, *one.due.met_by), message)
