"""The practice's policy at a moment: what is adopted since when, every parameter with its value and meaning."""

from collections.abc import Iterator
from typing import Any

from ledger.application import Ledger
from ledger.history import Fact
from ledger.perspective import Moment
from ledger.policy import Parameter, Policy
from ledger.rules.catalogue import DEFAULTS, OF_NO_RULE, RECOMMENDED, RULES
from projections.findings import entry_ref


def policy_state(ledger: Ledger, when: Moment) -> dict[str, Any]:
    """The policy as JSON values."""
    perspective = ledger.at(when)
    policy, since, set_by = Policy(), dict[str, Fact](), dict[str, Fact]()
    for decision in perspective.practice.policies:
        after = policy.after(decision, RECOMMENDED)
        for rule in after.adopted - policy.adopted:
            since[rule] = decision
        for name in decision.event.parameters:
            set_by[name] = decision
        policy = after
    return {
        "as_of": when.as_of,
        "known_at": when.known_at,
        "decisions": [_decision(fact) for fact in perspective.practice.policies],
        "rules": [
            {
                "rule": rule.id,
                "title": rule.title,
                "adopted": rule.id in policy.adopted,
                "since": since[rule.id].occurred_at if rule.id in policy.adopted else None,
                "entry": entry_ref(since[rule.id]) if rule.id in policy.adopted else None,
            }
            for rule in RULES
            if rule.adopted
        ],
        "parameters": [
            {
                "name": parameter.name,
                "value": _plain(policy.parameters.get(parameter.name, DEFAULTS[parameter.name])),
                "default": _plain(parameter.default),
                "rule": rule,
                "meaning": parameter.meaning,
                "set_by": entry_ref(set_by[parameter.name]) if parameter.name in set_by else None,
            }
            for rule, parameter in _parameters()
        ],
    }


def _parameters() -> Iterator[tuple[str | None, Parameter]]:
    """Each parameter with the rule it belongs to; those of the ledger itself belong to none."""
    yield from ((rule.id, parameter) for rule in RULES for parameter in rule.parameters)
    yield from ((None, parameter) for parameter in OF_NO_RULE)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _decision(fact: Fact) -> dict[str, Any]:
    return {
        "occurred_at": fact.occurred_at,
        "by": fact.by,
        "adopts": list(fact.event.adopts),
        "drops": list(fact.event.drops),
        "parameters": {name: _plain(value) for name, value in fact.event.parameters.items()},
        "reason": fact.event.reason,
        "entry": entry_ref(fact),
    }
