"""Where a ledger of these tests lives: a file, or a database on a server."""

import multiprocessing
import os
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from ledger.application import Ledger
from ledger.opening import Opening
from ledger.places import Places
from tests import desk
from tests.faults.child import forked, program
from tests.faults.journal import lines

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0
"""Seconds after which something that was to end by itself is taken to hang."""

PRELOADED = ["tests.faults.child"]
READY = multiprocessing.get_context("forkserver")


@dataclass
class Site:
    """One ledger, the folder of the children's journals, and how its children are started."""

    engine: str
    folder: Path
    url: str
    environment: dict[str, str] = field(default_factory=dict)
    before: Sequence[str] = ()
    """What runs a child, such as `faketime`: a program and its arguments."""

    _children: list["Child"] = field(default_factory=list)

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

    def child(self, name: str, deed: str, *more: str, asked: bool = False) -> "Child":
        """A child process that does a deed; where nothing stands before it, forked from one that is ready."""
        args, journal = [self.url, str(self.folder), name, deed, *more], self.folder / f"{name}.journal"
        child = (
            Started(self._start(["-m", "tests.faults.child", *args], {}), journal)
            if self.before
            else Forked(args, self.environment, journal, asked=asked)
        )
        self._children.append(child)
        return child

    def leave(self) -> None:
        """Kills the children that are still there."""
        for child in self._children:
            if child.code is None:
                child.kill()

    def program(self, *args: str) -> "Said":
        """One command of the program, as a person gives it."""
        args = ("--ledger", self.url, *args)
        if self.before:
            process = self._start(["-m", "cli", *args], {})
            out, err = process.communicate(timeout=PATIENCE)
            return Said(process.returncode, out, err)
        with TemporaryDirectory() as folder:  # not the ledger's, which may be read-only
            said = Path(folder, "out"), Path(folder, "err")
            return self._run(args, *said)

    def _run(self, args: Sequence[str], out: Path, err: Path) -> "Said":
        READY.set_forkserver_preload(PRELOADED)
        running = READY.Process(target=program, args=(args, self.environment, out, err))
        running.start()
        running.join(PATIENCE)
        assert running.exitcode is not None, args
        return Said(running.exitcode, out.read_text(), err.read_text())

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


def in_file(folder: Path) -> Site:
    """A ledger in a file in the folder."""
    return Site("sqlite", folder, f"sqlite:///{folder}/practice.db")


def on_server(folder: Path, url: str) -> Site:
    """A ledger on a server; its key files are in the folder."""
    keys = {
        "ENGAGEMENT_LEDGER_KEYS": f"{folder}/practice.keys",
        "ENGAGEMENT_LEDGER_ROLE": f"{folder}/practice.role",
    }
    return Site("postgres", folder, url, keys)


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


class Child(ABC):
    """A running child."""

    def __init__(self, journal: Path) -> None:
        self.journal = journal

    @property
    @abstractmethod
    def code(self) -> int | None:
        """How it ended; None while it runs."""

    def ask(self, number: int | None) -> None:
        """Lets a child that waits to be asked do its next act, or end."""
        raise NotImplementedError(number)

    @abstractmethod
    def kill(self) -> None:
        """`kill -9`, and waits for the end of it."""

    @abstractmethod
    def end(self) -> None:
        """Waits until it has ended by itself, well."""

    def told(self, word: str) -> int:
        """How often it has told its journal something: an outcome, or another word."""
        return sum(word in line or line.get("outcome") == word for line in lines(self.journal))

    def wait_for(self, word: str, times: int = 1) -> None:
        """Waits until it has told its journal something so many times."""
        until = time.monotonic() + PATIENCE
        while self.told(word) < times:
            assert self.code is None, (self.code, lines(self.journal)[-3:])
            assert time.monotonic() < until, lines(self.journal)[-3:]
            time.sleep(0.002)


class Forked(Child):
    """A child forked from a process that holds nothing but the code."""

    def __init__(
        self, args: Sequence[str], environment: Mapping[str, str], journal: Path, *, asked: bool
    ) -> None:
        super().__init__(journal)
        READY.set_forkserver_preload(PRELOADED)
        heard, self._asking = READY.Pipe(duplex=False)
        self._process = READY.Process(target=forked, args=(args, dict(environment), heard if asked else None))
        self._process.start()
        heard.close()

    @property
    def code(self) -> int | None:
        return self._process.exitcode

    def ask(self, number: int | None) -> None:
        """Lets a child that waits to be asked do its next act, or end."""
        self._asking.send(number)

    def kill(self) -> None:
        self._process.kill()
        self._process.join()

    def end(self) -> None:
        self._process.join(PATIENCE)
        assert self.code == 0, (self.code, lines(self.journal)[-3:])


class Started(Child):
    """A child started by way of another program."""

    def __init__(self, process: "subprocess.Popen[str]", journal: Path) -> None:
        super().__init__(journal)
        self._process = process

    @property
    def code(self) -> int | None:
        return self._process.poll()

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()

    def end(self) -> None:
        _, said = self._process.communicate(timeout=PATIENCE)
        assert self.code == 0, said
