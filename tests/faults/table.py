"""The table a campaign prints at its end: what was done to the ledgers, and what was found of them."""

from collections import Counter
from dataclasses import dataclass, field

from tests.faults.examining import Outcome

COLUMNS = (
    "engine",
    "fault",
    "rounds",
    "acknowledged",
    "unanswered, there",
    "lost",
    "doubled",
    "torn",
    "verify",
    "ended",
)


@dataclass
class Tally:
    """One line of the table."""

    engine: str
    fault: str
    rounds: int = 0
    acknowledged: int = 0
    unanswered: int = 0
    lost: int = 0
    doubled: int = 0
    torn: int = 0
    unsound: int = 0
    ended: Counter[str] = field(default_factory=Counter)

    def add(self, found: Outcome) -> None:
        """Counts what an examination of one ledger found; the rounds are counted as they are done."""
        self.acknowledged += found.acknowledged
        self.unanswered += found.unanswered_there
        self.lost += len(found.lost)
        self.doubled += len(found.doubled)
        self.torn += len(found.torn) + len(found.denied)
        self.unsound += bool(found.faults)
        self.ended += found.errors

    @property
    def cells(self) -> tuple[str, ...]:
        """The line, as text."""
        counted = (self.rounds, self.acknowledged, self.unanswered, self.lost, self.doubled, self.torn)
        ended = ", ".join(f"{name} ({times})" for name, times in self.ended.most_common())
        verified = f"{self.unsound} NOT SOUND" if self.unsound else "clean"
        return (self.engine, self.fault, *map(str, counted), verified, ended or "-")


def table(tallies: list[Tally]) -> str:
    """The table, in columns as wide as they need to be."""
    rows = [COLUMNS, *(tally.cells for tally in tallies)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
