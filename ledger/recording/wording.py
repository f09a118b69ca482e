"""What a field takes and what came instead, in words; of a sealed field never a word of what came."""

from enum import Enum
from typing import Any

from ledger.events.base import FieldFacts
from ledger.values import ID_WORDING

_SAYS_NOTHING = ("expected plain text", "expected text, came nothing but blanks")
"""How messages begin that name at most a control character."""


def wording(facts: FieldFacts) -> str:
    """What a field takes, in words."""
    name, plain = facts.name, facts.plain
    if facts.mapping:
        return "an object of names and values"
    if facts.many:
        return f"a list of {_wording_of(name, plain.__args__[0])}"
    if name == "corrects":
        return "the seq of the corrected entry (a whole number from 1), or its source"
    return _wording_of(name, plain, facts)


_WORDINGS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("jurisdiction",), "an ISO 3166-2 code such as US-NC"),
    (("terms", "focus"), "codes in lower case, words joined by hyphens"),
    (("adopts", "drops", "rules"), "rule ids such as ROLE-4"),
    (("unit",), f"an id ({ID_WORDING})"),
    (
        ("valid_", "effective", "since", "until", "left", "verified", "minor_", "date_of"),
        "a date such as 2026-03-02",
    ),
)
"""By how a field's name begins."""


def _wording_of(name: str, plain: Any, facts: FieldFacts | None = None) -> str:
    while hasattr(plain, "__metadata__"):
        plain = plain.__origin__
    if isinstance(plain, type) and issubclass(plain, Enum):
        return "one of " + ", ".join(str(member.value) for member in plain)
    if plain is bool:
        return "true or false"
    if plain is int:
        most = "minutes, at most 1440" if name == "minutes" else "at most 9007199254740991"
        return f"a whole number, not negative, {most}"
    if facts is not None and (facts.assigns or facts.refers_to):
        return f"an id ({ID_WORDING})"
    if name.endswith("sha256"):
        return "a SHA-256 of 64 lower-case hexadecimal digits"
    return next((text for begins, text in _WORDINGS if name.startswith(begins)), "text (a string)")


def came_words(value: Any) -> str:
    """What came, short enough to show."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list | tuple):
        return "a list"
    shown = repr(value) if isinstance(value, str) else str(value)[:400]
    return shown if len(shown) <= 60 else shown[:57] + "..."


def sealed_problem(facts: FieldFacts, error: Any) -> str:
    """What is wrong with a sealed field's value, without a word of it: an error is read by more people, and kept."""
    message = str(error.get("ctx", {}).get("error", ""))
    if message.startswith(_SAYS_NOTHING):
        return message
    return f"expected {wording(facts)}, came something else (not repeated here: the field is sealed)"
