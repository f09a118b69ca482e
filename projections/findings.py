"""Findings, obligations, transitions and overrides as the JSON of DESIGN section 8."""

from collections.abc import Iterable
from typing import Any

from ledger.entry import client_of
from ledger.history import Fact
from ledger.rules.judge import Finding, Obligation
from ledger.values import Admission
from projections.transitions import Assessed

RANK = {"clean": 0, "pending": 1, "violations": 2}
"""Verdicts from best to worst."""


def worst(verdicts: Iterable[str]) -> str:
    """The verdict of several together: one violation spoils it; nothing at all is clean."""
    return max(verdicts, key=RANK.__getitem__, default="clean")


def entry_refs(entries: Iterable[Fact]) -> list[dict[str, Any]]:
    """Entries as stream and seq, each once."""
    return [entry_ref(fact) for fact in dict.fromkeys(entries)]


def entry_ref(fact: Fact) -> dict[str, Any]:
    """One entry as stream and seq."""
    return {"stream": fact.entry.stream, "seq": fact.entry.seq}


def finding_document(finding: Finding) -> dict[str, Any]:
    """One finding."""
    entry = finding.judged.entry
    return {
        "rule": finding.rule,
        "kind": finding.kind.value,
        "client": finding.client,
        "practitioner": finding.practitioner,
        "engagements": list(finding.engagements),
        "entries": entry_refs(finding.entries),
        "occurred_at": finding.judged.occurred_at,
        "overridden": entry.override is not None and finding.rule in entry.override.rules,
        "as_found": entry.admitted is Admission.AS_FOUND,
        "message": finding.message,
    }


def finding_order(finding: dict[str, Any]) -> tuple[Any, ...]:
    """By the moment, then the rule; the rest only makes the order total."""
    judged = finding["entries"][0]
    return (
        finding["occurred_at"],
        finding["rule"],
        judged["stream"],
        judged["seq"],
        finding["kind"],
        finding["message"],
    )


def obligation_document(obligation: Obligation) -> dict[str, Any]:
    """One obligation, with what shows that it was met."""
    due = obligation.due
    return {
        "rule": obligation.rule,
        "client": obligation.client,
        "engagements": [due.engagement] if due.engagement is not None else [],
        "due": due.due,
        "status": obligation.status,
        "entries": entry_refs((due.cause, *due.met_by)),
        "message": due.message,
    }


def obligation_order(obligation: dict[str, Any]) -> tuple[Any, ...]:
    """Soonest first; the rest only makes the order total."""
    cause = obligation["entries"][0]
    return (obligation["due"], obligation["rule"], cause["stream"], cause["seq"], obligation["engagements"])


def transition_document(client: str, assessed: Assessed) -> dict[str, Any]:
    """One change of role with the requirements that apply."""
    transition = assessed.transition
    origin, target = transition.origin, transition.target
    return {
        "client": client,
        "from": origin.id,
        "to": target.id,
        "from_service": origin.service.value,
        "to_service": target.service.value,
        "from_practitioner": origin.practitioner,
        "to_practitioner": target.practitioner,
        "at": transition.act.occurred_at,
        "verdict": assessed.verdict,
        "requirements": [
            {
                "rule": requirement.rule,
                "status": requirement.status,
                "entries": entry_refs(requirement.entries),
                "message": requirement.message,
            }
            for requirement in assessed.requirements
        ],
    }


def override_document(fact: Fact) -> dict[str, Any]:
    """Who broke which gates knowingly, on whose authority, and why."""
    override = fact.entry.override
    return {
        "client": client_of(fact.stream),
        "type": fact.entry.type,
        "rules": list(override.rules) if override is not None else [],
        "by": fact.by,
        "authorised_by": override.authorised_by if override is not None else None,
        "reason": override.reason if override is not None else None,
        "occurred_at": fact.occurred_at,
        "recorded_at": fact.entry.recorded_at,
        "entry": entry_ref(fact),
    }


def refusal_document(fact: Fact) -> dict[str, Any]:
    """An attempt that gates refused. For which client is sealed."""
    return {
        "type": fact.event.type,
        "rules": list(fact.event.rules),
        "by": fact.event.by,
        "at": fact.occurred_at,
        "client": "sealed: identity" if fact.event.client is not None else None,
        "entry": entry_ref(fact),
    }
