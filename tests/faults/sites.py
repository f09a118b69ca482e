"""Where a ledger of these tests lives: a file, or a database on a server."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ledger.application import Ledger
from ledger.opening import Opening
from ledger.places import Places
from tests import desk
from tests.faults.journal import lines

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Site:
    """One ledger, the folder of the children's journals, and how its children are started."""

    engine: str
    folder: Path
    url: str
    environment: dict[str, str] = field(default_factory=dict)
    before: Sequence[str] = ()
    """What runs a child: a program and its arguments, such as `unshare`."""

    @property
    def places(self) -> Places:
        """The ledger's places."""
        given = self.environment
        keys, role = given.get("ENGAGEMENT_LEDGER_KEYS"), given.get("ENGAGEMENT_LEDGER_ROLE")
        return Places.of(self.url, keys=keys, role=role)

    def create(self) -> None:
        """A practice with client C-1 in therapy E1, and papers for coaching."""
        opening = Opening(
            "Harbor Practice", "America/New_York", "director", go_live="2024-01-01", policy=desk.RECOMMENDED
        )
        with Ledger.create(self.places, opening) as ledger:
            desk.therapy_begun(ledger)

    def ledger(self) -> Ledger:
        """The ledger, opened in this process."""
        return Ledger(self.places)

    def child(
        self, name: str, deed: str, *more: str, environment: Mapping[str, str] | None = None
    ) -> "Child":
        """A child process that does a deed."""
        module = ["-m", "tests.faults.child", self.url, str(self.folder), name, deed, *more]
        return Child(self._start(module, environment or {}), self.folder / f"{name}.journal")

    def program(
        self, *args: str, environment: Mapping[str, str] | None = None, seconds: float = 60
    ) -> "Said":
        """One command of the program, as a person gives it."""
        process = self._start(["-m", "cli", "--ledger", self.url, *args], environment or {})
        out, err = process.communicate(timeout=seconds)
        return Said(process.returncode, out, err)

    @property
    def journals(self) -> list[Path]:
        """The journals of all children."""
        return sorted(self.folder.glob("*.journal"))

    def _start(self, module: Sequence[str], environment: Mapping[str, str]) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [*self.before, sys.executable, *module],
            cwd=ROOT,
            env={**os.environ, **self.environment, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> str:
        """Everything it said, on one line."""
        return " ".join((self.out + self.err).split())


class Child:
    """A running child."""

    def __init__(self, process: "subprocess.Popen[str]", journal: Path) -> None:
        self.process, self.journal = process, journal

    def wait_for(self, word: str, times: int = 1) -> None:
        """Waits until it has told its journal something so many times."""
        while sum(word in line or line.get("outcome") == word for line in lines(self.journal)) < times:
            assert self.process.poll() is None, self.process.communicate()
            self.pause()

    @staticmethod
    def pause() -> None:
        """A moment."""
        import time

        time.sleep(0.005)

    def ask(self, number: int) -> None:
        """Lets a child that waits to be asked do its next act."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{number}\n")
        self.process.stdin.flush()

    def kill(self) -> None:
        """`kill -9`."""
        self.process.kill()
        self.process.communicate()

    def end(self, seconds: float = 120) -> None:
        """Waits until it has ended by itself, well."""
        _, said = self.process.communicate(timeout=seconds)
        assert self.process.returncode == 0, said
