"""A rule as its module tells it, as JSON values: for `rules`, and for the reference pages."""

import inspect
from typing import Any

from ledger.errors import InputError
from ledger.policy import Parameter
from ledger.rules.catalogue import BY_ID, RULES
from ledger.rules.rule import Example, Rule


def rule_pages() -> list[dict[str, Any]]:
    """Every rule, in the catalogue's order."""
    return [rule_page(rule) for rule in RULES]


def rule_named(name: str) -> dict[str, Any]:
    """One rule by its id, in any case. InputError where there is none."""
    rule = BY_ID.get(name.upper())
    if rule is None:
        raise InputError(f"expected the id of a rule (`engagement-ledger rules list`), came {name[:60]!r}")
    return rule_page(rule)


def rule_page(rule: Rule) -> dict[str, Any]:
    """One rule."""
    return {
        "id": rule.id,
        "title": rule.title,
        "kind": rule.kind.value,
        "adopted": rule.adopted,
        "pending": rule.pending,
        "late": rule.late.value if rule.due is not None else None,
        "why": rule.why,
        "sources": list(rule.sources),
        "judged_on": [event_type.TOPIC for event_type in rule.judges],
        "parameters": [parameter_page(parameter) for parameter in rule.parameters],
        "exceptions": rule.exceptions,
        "allowed": [example_page(example) for example in rule.allowed],
        "denied": [example_page(example) for example in rule.denied],
        "module": f"ledger/rules/{rule.id.lower().replace('-', '_')}.py",
    }


def parameter_page(parameter: Parameter) -> dict[str, Any]:
    """A parameter with its default."""
    default = parameter.default
    return {
        "name": parameter.name,
        "default": list(default) if isinstance(default, tuple) else default,
        "meaning": parameter.meaning,
        "codes": list(parameter.codes),
    }


def example_page(example: Example) -> dict[str, str]:
    """An example, its story without the indentation of its module."""
    return {"tells": example.tells, "story": inspect.cleandoc(example.story)}
