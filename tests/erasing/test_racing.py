"""A hold and an erasure at the same moment, in two processes: exactly one is first, and the other knows it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import IO

import pytest

from ledger.application import Ledger
from tests import desk
from tests.erasing.test_erasing import AT_ONCE, texts

pytestmark = pytest.mark.usefixtures("each_engine")

CLIENTS = 6

RACING = """
import sys, time
from ledger import clock
from ledger.application import Ledger
from ledger.errors import HeldError
from ledger.places import Places
from tests import desk

def act(client):
    if sys.argv[1] == "hold":
        told = {"type_": "HoldPlaced", "matter": "Smith v. Jones", "reason": "letter"}
    else:
        told = {"type_": "KeysDestroyed", "ground": "retention"}
    return desk.fact(told.pop("type_"), clock.now(), client=client, **told)

ledger = Ledger(Places.of(sys.argv[2], keys=sys.argv[3], role=sys.argv[4]))
for number in range(int(sys.argv[5])):
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        ledger.record([act(f"C-{number}")])
        print("done", flush=True)
    except HeldError:
        print("held", flush=True)
"""


@contextmanager
def started(*args: str) -> Iterator[tuple[IO[str], IO[str]]]:
    """A process that acts each time it is told to: what it is told by, and what it says."""
    command = [sys.executable, "-c", RACING, *args]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield process.stdin, process.stdout
        except BaseException:
            process.kill()
            raise


def test_exactly_one_is_first(tmp_path: Path) -> None:
    # Given clients whose day has come, and two processes
    with closing(desk.new_ledger(tmp_path, policy=AT_ONCE)) as made:
        told = {"name": "Zoë", "date_of_birth": "1990-02-03", "contact": "x", "jurisdiction": "US-NC"}
        made.record(
            [desk.fact("ClientRegistered", client=f"C-{number}", **told) for number in range(CLIENTS)]
        )
    places = desk.places(tmp_path)
    url = places.url if places.is_file else places.place
    args = [url, str(places.keys), str(places.role), str(CLIENTS)]
    with ExitStack() as stack:
        racing = [stack.enter_context(started(which, *args)) for which in ("hold", "erase")]

        # When, client by client, one places a hold and the other erases
        said: list[list[str]] = [[], []]
        for _ in range(CLIENTS):
            for _, heard in racing:
                assert heard.readline() == "ready\n"
            for said_to, _ in racing:
                said_to.write("go\n")
            for place, (_, heard) in zip(said, racing, strict=True):
                place.append(heard.readline().strip())

    # Then every hold is recorded; where it was first nothing was erased, and where it came second everything was
    assert said[0] == ["done"] * CLIENTS
    with closing(Ledger(places)) as ledger:
        for number, erased in enumerate(said[1]):
            stream = f"client/C-{number}"
            types = [entry.type for _, entry in ledger.entries.stream(stream, None)][1:]
            opened = {name for _, name in texts(ledger, stream)}
            if erased == "held":
                assert types == ["HoldPlaced"]
                assert opened == {"name", "date_of_birth", "contact", "matter", "reason"}
            else:
                assert types == ["KeysDestroyed", "HoldPlaced"]
                assert opened == {"matter", "reason"}
