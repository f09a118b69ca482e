"""Large histories as import lines: the same number and seed give the same bytes.

    python -m benchmarks.histories 200000 out.ndjson [--seed 1]

A practice of ten years at most takes in clients at an even pace; every client has 30 to 80 entries, and all
are through by the end of 2025. Lines come in the order of what happened, clients interleaved. Only those in
care at one time are held in memory. A few in a hundred have one planted problem; `planted` says which.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from heapq import heappop, heappush
from pathlib import Path
from random import Random

from benchmarks.charts import Chart
from benchmarks.journeys import JOURNEYS, THERAPY_FLAWS, partner
from benchmarks.roster import DAY, HOUR, WEEK, Line, Roster, at_day

LAST_MONDAY = at_day(date(2025, 12, 29))
LONGEST_JOURNEY = 90 * WEEK
SHORTEST_PRACTICE, LONGEST_PRACTICE = 52, 520  # weeks in which new clients come
SMALLEST, TYPICAL, LARGEST = 30, 50, 80  # entries of a client
FLAWED = 0.04
WEIGHTS = {"therapy": 38, "coaching": 24, "therapy-then-coaching": 18, "paused": 10, "couple": 5, "minor": 5}


@dataclass(frozen=True)
class Visitor:
    """One client as planned: when, on which journey, with how many entries and which planted problem."""

    number: int
    arrives: int
    week: int
    journey: str
    size: int
    flaw: str
    unit: str

    @property
    def client(self) -> str:
        """The client's id."""
        return f"C-{self.number:06}"


def generate(entries: int, seed: int = 1) -> Iterator[Line]:
    """Exactly `entries` import lines, in the order of what happened. Raises ValueError for fewer than 200."""
    roster, clients, weeks = _scale(entries)
    pending: list[tuple[int, int, Line]] = []
    serial = 0
    for at, line in roster.entries:
        heappush(pending, (at, serial, line))
        serial += 1
    for visitor in _visitors(entries - len(roster.entries), clients, weeks, roster.start, seed):
        while pending and pending[0][0] < visitor.week:
            yield heappop(pending)[2]
        for at, line in _chart(visitor, roster, seed).entries:
            heappush(pending, (at, serial, line))
            serial += 1
    while pending:
        yield heappop(pending)[2]


def planted(entries: int, seed: int = 1) -> Iterator[tuple[str, str]]:
    """The clients of that history who have a planted problem, each with the id of the rule it breaks."""
    roster, clients, weeks = _scale(entries)
    for visitor in _visitors(entries - len(roster.entries), clients, weeks, roster.start, seed):
        if visitor.flaw:
            yield visitor.client, visitor.flaw


def _scale(entries: int) -> tuple[Roster, int, int]:
    """A practice for that many entries, its number of clients, and in how many weeks they come."""
    if entries < 200:
        raise ValueError(f"a practice needs at least 200 entries, not {entries}")
    clients = entries // TYPICAL
    weeks = max(SHORTEST_PRACTICE, min(LONGEST_PRACTICE, clients // 8))
    start = LAST_MONDAY - LONGEST_JOURNEY - weeks * WEEK
    roster = Roster(start=start, end=LAST_MONDAY, staff=6 + clients // 400)
    return roster, max(1, (entries - len(roster.entries)) // TYPICAL), weeks


def _visitors(entries: int, clients: int, weeks: int, start: int, seed: int) -> Iterator[Visitor]:
    """So many clients with so many entries together, in the order of the weeks in which they come."""
    rng = Random(seed)
    journeys, weights = list(WEIGHTS), list(WEIGHTS.values())
    first_of_couple: Visitor | None = None
    for number in range(clients):
        left = clients - number
        smallest = max(SMALLEST, entries - LARGEST * (left - 1))
        largest = min(LARGEST, entries - SMALLEST * (left - 1))
        size = max(smallest, min(largest, entries // left + rng.randrange(-20, 24)))
        entries -= size
        week = start + WEEK + number * weeks // clients * WEEK
        arrives = week + rng.randrange(5) * DAY + rng.randrange(9, 15) * HOUR
        journey = rng.choices(journeys, weights)[0]
        flawed = rng.random() < FLAWED
        if first_of_couple:
            journey, week, arrives = "couple", first_of_couple.week, first_of_couple.arrives
            unit, first_of_couple = first_of_couple.unit, None
        elif journey == "couple" and left > 1:
            unit = f"U-{number:06}"
        else:
            journey, unit = ("therapy" if journey == "couple" else journey), ""
        flaws = THERAPY_FLAWS if unit else JOURNEYS[journey][1]
        visitor = Visitor(number, arrives, week, journey, size, rng.choice(flaws) if flawed else "", unit)
        if unit == f"U-{number:06}":
            first_of_couple = visitor
        yield visitor


def _chart(visitor: Visitor, roster: Roster, seed: int) -> Chart:
    chart = Chart(Random(f"{seed}/{visitor.number}"), visitor.client)
    if visitor.unit:
        who = Random(f"{seed}/{visitor.unit}").choice(roster.therapists)
        partner(chart, visitor.arrives, visitor.size, visitor.flaw, who=who, unit=visitor.unit)
    else:
        JOURNEYS[visitor.journey][0](chart, roster, visitor.arrives, visitor.size, visitor.flaw)
    return chart


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Write a large history as import lines.")
    parser.add_argument("entries", type=int)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with given.file.open("w", encoding="utf-8", newline="\n") as file:
        for line in generate(given.entries, given.seed):
            file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
