"""One line of a story taken apart, and what its words mean in the fields of a fact (see `story.py`)."""

import re
import shlex
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from ledger.errors import InputError
from ledger.events.base import FieldFacts

_DAY, _CLOCK = r"\d{4}-\d\d-\d\d", r"\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?"


@dataclass
class Line:
    """One line: its verb, its day and time, words, `key=value` and `part@when`."""

    verb: str
    day: str
    hour: str
    words: list[str] = field(default_factory=list)
    given: dict[str, str] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> "Line":
        """Takes a line apart. InputError or ValueError where it cannot be."""
        stated = re.match(rf"({_DAY}) +(?:({_CLOCK}) +)?([a-z-]+)(?: +|$)", text)
        if stated is None:
            raise InputError("expected DATE [TIME] verb ..., for instance 2024-01-08 12:00 therapy E1")
        line = cls(verb=stated[3], day=stated[1], hour=stated[2] or "")
        for word in shlex.split(text[stated.end() :]):
            named = re.match(r"([\w.]+)([=@])", word)
            if named is None:
                line.words.append(word)
            else:
                (line.given if named[2] == "=" else line.moved)[named[1]] = word[named.end() :]
        return line

    def when(self, part: str, hour: str) -> str:
        """The stated time of a part: moved to a DATE, TIME or DATETTIME, else this line's day at an hour."""
        return self.time(self.moved[part], hour) if part in self.moved else self.time(self.day, hour)

    def time(self, text: str, hour: str) -> str:
        """A DATE, TIME or DATETTIME as an import line has it; the day alone where there is no hour."""
        stated = re.fullmatch(rf"({_DAY})?T?({_CLOCK})?", text)
        if stated is None or not text:
            raise InputError(f"expected DATE, TIME or DATETTIME, came {text!r}")
        clock = stated[2] or hour
        return f"{stated[1] or self.day}T{clock}Z" if clock else f"{stated[1] or self.day}"


def value(facts: FieldFacts, text: str) -> Any:
    """What a word means in a field; nothing said means absent, or an empty list."""
    if facts.many:
        return text.split(",") if text else ([] if facts.required else None)
    if not text:
        return None
    if facts.plain is bool:
        return parameter(text)
    if facts.plain is int:
        return int(text)
    if facts.name.endswith("_sha256") and not re.fullmatch(r"[0-9a-f]{64}", text):
        return sha256(text.encode()).hexdigest()
    return text


def parameter(text: str) -> int | bool | list[str]:
    """A number, yes or no, else a list of codes."""
    if text in ("yes", "no"):
        return text == "yes"
    return int(text) if text.isdecimal() else text.split(",") if text else []
