"""Long random histories: what happens in a practice, out of order, on several clocks, corrected and uncorrected.

Each move is one number: it seeds the choices of what happens next, so that a failing history shrinks by leaving
moves out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TypeVar
from zoneinfo import ZoneInfo

from tests.agreement import corrections, moves_of_client, moves_of_practice, visits
from tests.agreement.worlds import ZONE, Body, Log
from tests.oracle import Line

BEGIN = datetime(2024, 1, 8, 15, tzinfo=UTC)
CLIENTS = ("C-1", "C-2")
WRITERS = (timedelta(0), timedelta(minutes=-3), timedelta(minutes=7), timedelta(hours=-30), timedelta(days=2))
"""By how much each writer's clock is off."""

DAY = len("2024-01-08")

Chosen = TypeVar("Chosen")


@dataclass
class Telling:
    """A history while it is told: the log, the time, and the ids there are to name."""

    log: Log = field(default_factory=Log)
    now: datetime = BEGIN
    ids: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    random: Random = field(default_factory=lambda: Random(0))
    recorded_at: datetime = BEGIN
    steps: int = 0
    by_the_day: bool = False

    # -- choosing ----------------------------------------------------------------------------------------

    def one_of(self, *choices: Chosen) -> Chosen:
        """One of some values, each as likely."""
        return self.random.choice(choices)

    def chance(self, percent: int) -> bool:
        """Whether something of that likelihood comes to pass."""
        return self.random.randrange(100) < percent

    def new(self, client: str, thing: str, prefix: str) -> str:
        """A new id of a client's."""
        known = self.ids.setdefault((client, thing), [])
        known.append(f"{prefix}{len(known) + 1}")
        return known[-1]

    def known(self, client: str, thing: str) -> str | None:
        """One of the ids of a client's, the latest more often than others; None where there is none."""
        known = self.ids.get((client, thing), [])
        if not known:
            return None
        return known[-1] if self.chance(60) else self.random.choice(known)

    def client(self) -> str:
        """A client: mostly the first, so that its history grows long."""
        return CLIENTS[0] if self.chance(85) else CLIENTS[1]

    # -- time --------------------------------------------------------------------------------------------

    def step(self) -> None:
        """Time goes on, by nothing, minutes, hours, days or weeks; another writer sits at the desk."""
        self.now += self.random.choice(
            (
                timedelta(0),
                timedelta(minutes=20),
                timedelta(hours=5),
                timedelta(days=1),
                timedelta(days=7),
                timedelta(days=14),
                timedelta(days=40),
                timedelta(days=90),
            )
        )
        self.steps += 1
        skew = self.random.choice(WRITERS) if self.chance(35) else timedelta(0)
        self.recorded_at = self.now + skew + timedelta(microseconds=self.steps)
        self.by_the_day = self.chance(15)

    def when(self) -> str:
        """When something is said to have happened: now, at another entry's time, earlier, or only a day."""
        kind = self.random.randrange(20)
        if kind < 11:
            return _text(self.now)
        if kind < 13 and self.log.lines:
            return str(self.random.choice(self.log.lines).body["occurred_at"])
        if kind < 15:
            return _text(self.now - timedelta(hours=self.random.randrange(1, 24 * 90)))
        if kind == 15:
            return _text(self.recorded_at + timedelta(minutes=self.random.choice((4, 5, 5, 6, 600))))
        day = self.now - timedelta(days=self.random.choice((0, 0, 0, 1, 5, 30)))
        return day.astimezone(ZoneInfo(ZONE)).date().isoformat()

    def after(self, hours: int) -> str:
        """So many hours later, told then."""
        self.now += timedelta(hours=hours)
        self.recorded_at += timedelta(hours=hours)
        return _text(self.now)

    def day(self, *offsets: int) -> str:
        """A day so many days from now."""
        day = self.now + timedelta(days=self.random.choice(offsets))
        return day.astimezone(ZoneInfo(ZONE)).date().isoformat()

    # -- telling -----------------------------------------------------------------------------------------

    def tell(self, body: Body, *, occurred_at: str | None = None, stream: str | None = None) -> Line:
        """Records one entry, enforced, overridden or as found."""
        when = occurred_at or self.when()
        if self.by_the_day and len(when) > DAY:
            when = datetime.fromisoformat(when).astimezone(ZoneInfo(ZONE)).date().isoformat()
        full = {**body, "occurred_at": when, "by": body.get("by", "frontdesk")}
        full = {name: value for name, value in full.items() if value is not None}
        kind = self.random.randrange(12)
        override = None
        if kind == 0:
            reason = {"reason": "by phone"} if self.chance(70) else {}
            who = self.one_of("director", "frontdesk", "trainee")
            override = {"authorised_by": who, "rules": ["INT-1"], **reason}
        admitted = "override" if override else "as-found" if kind < 4 else "enforced"
        return self.log.append(full, self.recorded_at, stream=stream, admitted=admitted, override=override)


def _text(when: datetime) -> str:
    return when.astimezone(UTC).isoformat()


MOVES: tuple[tuple[int, Callable[[Telling], None]], ...] = (
    *moves_of_client.MOVES,
    *visits.MOVES,
    *moves_of_practice.MOVES,
    *corrections.MOVES,
)
_WEIGHTS = [weight for weight, _ in MOVES]
_ACTS = [act for _, act in MOVES]


def history(moves: Sequence[int], longest: int = 80) -> list[Line]:
    """The log that these moves tell, at most so many entries."""
    telling = Telling()
    moves_of_practice.open_practice(telling, CLIENTS)
    telling.random = Random(moves[0] if moves else 0)
    moves_of_practice.begin_policy(telling)
    for move in moves:
        telling.random = Random(move)
        telling.step()
        telling.random.choices(_ACTS, _WEIGHTS)[0](telling)
        if len(telling.log.lines) >= longest:
            break
    return telling.log.lines[:longest]


def moments(lines: Sequence[Line], seed: int) -> list[datetime]:
    """Moments worth asking about: the end of time, and one within the history."""
    random = Random(seed)
    last = max(line.recorded_at for line in lines)
    within = random.choice(lines).recorded_at + timedelta(days=random.choice((0, 0, 8, 15, 100)))
    return [last + timedelta(days=random.choice((1, 400))), within]


def seeds(seed: int, least: int = 14, most: int = 45) -> list[int]:
    """Moves drawn from one number."""
    random = Random(seed)
    return [random.randrange(2**32) for _ in range(random.randrange(least, most))]
