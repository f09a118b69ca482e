"""What a child process meant to do and what came of it, told line by line to a file that outlives the child.

A line is one `write` to a file opened for appending: whoever is killed has told everything before. An act that has a
first line and no second was under way; nobody was promised anything about it.
"""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Fact = tuple[str, str]
"""Who recorded it, and when it happened: no two facts of a test agree in both."""

NOW = ".now."
"""In the name of who recorded one single fact, which happened as it was recorded: nobody knew when before."""

NOTHING = "othing was recorded"
"""What an error says that promises that nothing is there."""


def fact(by: str, occurred_at: str) -> Fact:
    """A fact by what is said of it."""
    return (by, "" if NOW in by else occurred_at)


@dataclass(frozen=True, slots=True)
class Act:
    """One act: the facts it meant to record, and its outcome: acknowledged, refused, failed, or none told."""

    number: int
    statements: Sequence[dict[str, Any]]
    outcome: str = ""
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def facts(self) -> list[Fact]:
        """The facts, as the log names them."""
        return [fact(one["by"], one["occurred_at"]) for one in self.statements]

    @property
    def promised_absent(self) -> bool:
        """Whether somebody was told that nothing of it is there."""
        return self.outcome == "refused" or (self.outcome == "failed" and NOTHING in self.told["said"])


class Journal:
    """The journal of one child."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        self._number = 0
        self.failed = 0

    def begin(self, statements: Sequence[dict[str, Any]]) -> None:
        """An act begins."""
        self._number += 1
        self._tell({"act": self._number, "statements": list(statements)})

    def end(self, outcome: str, **told: Any) -> None:
        """The act under way ended so."""
        self.failed += outcome == "failed"
        self._tell({"act": self._number, "outcome": outcome, **told})

    def say(self, **told: Any) -> None:
        """Something that is no act."""
        self._tell(told)

    def _tell(self, line: dict[str, Any]) -> None:
        os.write(self._file, json.dumps(line).encode() + b"\n")


def lines(path: Path) -> list[dict[str, Any]]:
    """Every whole line of a journal, or none where it was never begun."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]]


def acts(paths: Iterable[Path]) -> Iterator[Act]:
    """The acts of some journals."""
    for path in paths:
        begun: dict[int, Act] = {}
        for line in lines(path):
            number = line.get("act")
            if number is None:
                continue
            if "statements" in line:
                begun[number] = Act(number, line["statements"])
            else:
                outcome = line.pop("outcome")
                begun[number] = Act(number, begun[number].statements, outcome, line)
        yield from begun.values()
