"""A child process: `python -m tests.faults.child URL FOLDER NAME DEED` does one deed over and over, and tells it.

It ends after `--acts`, or when a file `stop` appears in the folder. A child that is asked does each act when it is
told so. After an error it opens the ledger anew, as the next command of a person would.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path

import cli
from ledger.application import Ledger
from ledger.errors import LedgerError
from ledger.places import Places
from tests.faults.doing import DEEDS, Doing
from tests.faults.journal import Journal

STOP = "stop"
PATIENCE = 60.0
"""Seconds after which a ledger that cannot be opened is given up."""


def main(args: Sequence[str] | None = None, asked: Iterable[int] | None = None) -> None:
    """One child, from the command line; `asked` are the numbers of the acts it is asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("folder", type=Path)
    parser.add_argument("name")
    parser.add_argument("deed", choices=DEEDS)
    parser.add_argument("--acts", type=int)
    given = parser.parse_args(args)
    journal = Journal(given.folder / f"{given.name}.journal")
    ledger = opened(given.url, journal)
    journal.say(ready=True)
    try:
        for number in asked or (range(given.acts) if given.acts is not None else count()):
            if (given.folder / STOP).exists():
                break
            failed = journal.failed
            DEEDS[given.deed](Doing(given.name, given.folder, journal, ledger), number)
            if journal.failed > failed:
                ledger.close()
                ledger = opened(given.url, journal)
    finally:
        ledger.close()
    journal.say(ended=True)


def forked(args: Sequence[str], environment: Mapping[str, str], asked: Connection | None) -> None:
    """The same in a process forked from one that has read all the code already, which saves most of a second."""
    os.environ.update(environment)
    main(args, None if asked is None else iter(asked.recv, None))


def program(args: Sequence[str], environment: Mapping[str, str], out: Path, err: Path) -> None:
    """One command of the program, likewise; what it says goes to two files."""
    os.environ.update(environment)
    sys.argv = ["engagement-ledger", *args]
    with out.open("w") as said, err.open("w") as told, redirect_stdout(said), redirect_stderr(told):
        cli.main()


def opened(url: str, journal: Journal) -> Ledger:
    """The ledger; tried again for a while, since what is broken is being mended."""
    keys, role = os.environ.get("ENGAGEMENT_LEDGER_KEYS"), os.environ.get("ENGAGEMENT_LEDGER_ROLE")
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return Ledger(Places.of(url, keys=keys, role=role))
        except LedgerError as error:
            journal.say(unopened=type(error).__name__, code=error.exit_code, said=str(error))
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


if __name__ == "__main__":
    main()
