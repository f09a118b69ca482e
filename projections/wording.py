"""How verdicts and statuses are said to people: what the record shows, never that something is in order."""

from collections.abc import Iterable, Mapping
from typing import Any

STATUS = {
    "satisfied": "shown",
    "violated": "not shown",
    "pending": "due",
    "not-applicable": "not applicable",
    "not-determinable": "not determinable",
}
"""A requirement's status."""

VERDICT = {
    "clean": "no findings",
    "pending": "requirements due",
    "violations": "requirements not shown",
}
"""A verdict."""

SOFT = ("warning", "advice")
"""Kinds of findings that never spoil a verdict."""


def verdict_words(verdict: str, remarks: int = 0) -> str:
    """A verdict in words; where nothing spoils it, warnings and advice are still named."""
    if verdict == "clean" and remarks:
        return f"no findings but {counted(remarks, 'remark')} (warnings, advice)"
    return VERDICT[verdict]


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """`1 entry`, `1,559 entries`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def seqs(entries: Iterable[Mapping[str, Any]], stream: str | None = None) -> str:
    """Entry references: numbers within the stream at hand, else with the stream's name."""
    said = []
    for entry in entries:
        own = entry["stream"] == stream
        said.append(str(entry["seq"]) if own else f"{entry['stream']} {entry['seq']}")
    return ", ".join(said)


def value_words(value: Any) -> str:
    """A parameter's value: `yes`, `14`, `therapy, coaching`, `nothing`."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return (", ".join(value) or "nothing") if isinstance(value, list | tuple) else str(value)
