"""What a check says: a verdict, what was found, and what to do."""

from enum import StrEnum
from typing import NamedTuple


class Verdict(StrEnum):
    """How much it matters."""

    FINE = "fine"
    NOTE = "note"
    """Nothing is wrong; it is said because only people can judge it."""
    WARNING = "warning"
    """Nothing is lost, but something should be put right."""
    BROKEN = "broken"
    """The record's integrity is at stake."""


class Check(NamedTuple):
    """One check: what was looked at, the verdict, what was found, and what to do where something is to be done."""

    name: str
    verdict: Verdict
    found: str
    remedy: str | None = None


def fine(name: str, found: str) -> Check:
    """Nothing is wrong."""
    return Check(name, Verdict.FINE, found)


def note(name: str, found: str, remedy: str | None = None) -> Check:
    """For people to judge."""
    return Check(name, Verdict.NOTE, found, remedy)


def warning(name: str, found: str, remedy: str) -> Check:
    """To be put right."""
    return Check(name, Verdict.WARNING, found, remedy)


def broken(name: str, found: str, remedy: str) -> Check:
    """Integrity is at stake."""
    return Check(name, Verdict.BROKEN, found, remedy)


def size_words(size: float) -> str:
    """A number of bytes, in words."""
    for unit in ("bytes", "KB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
