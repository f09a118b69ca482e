"""The primary dies in the middle of the work, its synchronous standby takes over: nothing acknowledged is lost."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.faults.examining import examine
from tests.faults.saying import next_command_works
from tests.faults.sites import Site, on_server
from tests.faults.table import Tally
from tests.faults.test_server import go_on_and_stop
from tests.postgres.place import private_server
from tests.postgres.server import Server

WRITERS = ("mixed", "one-client", "import", "seal")


@pytest.mark.parametrize(
    ("rounds", "before"), [(1, 2), pytest.param(12, 15, marks=pytest.mark.campaign)], ids=["short", "long"]
)
def test_a_standby_takes_over(
    tmp_path: Path, tallies: Callable[[str, str], Tally], rounds: int, before: int
) -> None:
    tally = tallies("postgres", "primary killed, standby promoted")
    for number in range(rounds):
        with private_server() as primary, ExitStack() as copies:
            standby = primary.standby()
            copies.callback(standby.remove)
            standby.start()
            primary.require_standby()
            folder = tmp_path / str(number)
            folder.mkdir()
            hosts = f"127.0.0.1:{primary.port},127.0.0.1:{standby.port}"
            site = on_server(
                folder, f"postgresql://postgres@{hosts}/postgres?target_session_attrs=read-write"
            )
            copies.callback(site.leave)
            taken_over(site, primary, standby, before + number)
            found = examine(site)
            tally.rounds += 1
            tally.add(found)
            found.require_clean()


def taken_over(site: Site, primary: Server, standby: Server, before: int) -> None:
    """The primary killed while all record; they go on with the standby, the signer from its last mark."""
    site.create()
    children = [site.child(deed, deed) for deed in WRITERS]
    for child in children:
        child.wait_for("acknowledged", before)
    with site.ledger() as ledger:
        marked = ledger.committing.signer.mark()
    primary.kill()
    standby.promote()
    go_on_and_stop(site, children)
    next_command_works(site)
    with site.ledger() as ledger:
        mark = ledger.committing.signer.mark()
    assert marked is not None
    assert mark is not None
    assert mark.size > marked.size
