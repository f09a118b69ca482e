"""A server that restarts, dies or drops its connections while processes record: each is told what is so."""

import random
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

import psycopg
import pytest

from tests.faults.examining import examine
from tests.faults.mounts import filled, small
from tests.faults.saying import DONE, LOCKED, NEW_CONTACT, SESSION, STORAGE, next_command_works, require
from tests.faults.sites import Child, Site, on_server
from tests.faults.table import Tally
from tests.postgres.place import fresh_place, require_postgres
from tests.postgres.proxy import Proxy, proxied
from tests.postgres.server import Server

DEEDS = ("mixed", "one-client", "import", "seal")
LATER = 0.05
"""Seconds by which a fault comes after somebody's act at most."""

TERMINATE = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'engagement-ledger'"
)


@pytest.fixture
def at_server(own_postgres: Server, tmp_path: Path, left: ExitStack) -> Site:
    """A small practice on the server that tests may restart."""
    made = on_server(tmp_path, left.enter_context(fresh_place(own_postgres.url())))
    left.callback(made.leave)
    made.create()
    return made


@pytest.fixture
def proxy(at_server: Site, left: ExitStack) -> Proxy:
    """What stands between the children and the server from now on."""
    proxy, at_server.url = left.enter_context(proxied(at_server.url))
    return proxy


def disturbed(
    site: Site, fault: Callable[[], object], rounds: int, deeds: Sequence[str] = DEEDS, seed: int = 1
) -> None:
    """A fault so many times while children are at work; each time some act later."""
    chance = random.Random(seed)  # moments, not secrets
    children = [site.child(deed, deed) for deed in deeds]
    for number in range(rounds):
        for child in children:
            child.wait_for("acknowledged", number + 1)
        time.sleep(chance.random() * LATER)
        fault()
    go_on_and_stop(site, children)


def go_on_and_stop(site: Site, children: Sequence[Child]) -> None:
    """Waits until each child has recorded again, and stops them."""
    for child in children:
        child.wait_for("acknowledged", child.told("acknowledged") + 1)
    (site.folder / "stop").touch()
    for child in children:
        child.end()


def require_whole(site: Site, tally: Tally, rounds: int) -> None:
    next_command_works(site)
    found = examine(site)
    tally.rounds += rounds
    tally.add(found)
    found.require_clean()
    # the last: of an act that rests on one that was not recorded
    told = {"UnreachableError", "UnconfirmedError", "ReferenceNotRecordedError"}
    assert {error.split()[0] for error in found.errors} <= told


def rounds(short: int, long: int) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("rounds", [short, pytest.param(long, marks=pytest.mark.campaign)])


@rounds(1, 30)
@pytest.mark.parametrize("mode", ["fast", "immediate", "kill -9"])
def test_a_server_that_restarts_in_the_middle(
    own_postgres: Server, at_server: Site, tallies: Callable[[str, str], Tally], mode: str, rounds: int
) -> None:
    def restart() -> None:
        if mode == "kill -9":
            own_postgres.kill()
            own_postgres.start()
        else:
            own_postgres.restart(mode)

    disturbed(at_server, restart, rounds)
    require_whole(at_server, tallies("postgres", f"restart, {mode}"), rounds)


@rounds(3, 200)
def test_sessions_that_are_ended(
    own_postgres: Server, at_server: Site, tallies: Callable[[str, str], Tally], rounds: int
) -> None:
    disturbed(at_server, lambda: own_postgres.run(TERMINATE), rounds)
    require_whole(at_server, tallies("postgres", "sessions ended"), rounds)


@rounds(3, 200)
def test_connections_that_break(
    at_server: Site, proxy: Proxy, tallies: Callable[[str, str], Tally], rounds: int
) -> None:
    disturbed(at_server, proxy.drop, rounds)
    require_whole(at_server, tallies("postgres", "connections cut"), rounds)


@pytest.mark.parametrize("down", [False, True], ids=["tables", "log"])
def test_a_disk_of_the_server_that_is_full(
    left: ExitStack, open_folder: Path, tmp_path: Path, tallies: Callable[[str, str], Tally], *, down: bool
) -> None:
    """Where tables cannot grow, the server says so; where its own log cannot, it shuts down."""
    require_postgres()
    with small(open_folder / "disk", 128 * 1024) as disk:
        server = Server(disk)
        left.callback(server.remove)
        server.init().start()
        site = on_server(tmp_path, server.url())
        left.callback(site.leave)
        site.create()
        children = [site.child(deed, deed) for deed in ("record", "import")]
        for child in children:
            child.wait_for("acknowledged")
        with filled(disk, 64):
            if down:
                with suppress(psycopg.Error):
                    while True:
                        server.run("SELECT pg_switch_wal()", "CHECKPOINT")
            children[1].wait_for("failed")
            require(site.program(*NEW_CONTACT), LOCKED if down else STORAGE, "Nothing was recorded")
        if down:
            server.restart("immediate")
        go_on_and_stop(site, children)
        next_command_works(site)
        found = examine(site)
        found.require_clean()
        tally = tallies("postgres", f"full disk, {'log' if down else 'tables'}")
        tally.rounds += 1
        tally.add(found)


@rounds(3, 100)
@pytest.mark.parametrize("done", [True, False], ids=["after", "before"])
def test_an_answer_to_a_commit_that_is_lost(
    at_server: Site, proxy: Proxy, tallies: Callable[[str, str], Tally], rounds: int, *, done: bool
) -> None:
    """The server has committed, or has not been told to: either way the child learns which, and says no untruth."""
    disturbed(at_server, lambda: proxy.cut(is_commit, forward=done), rounds)
    assert proxy.cuts
    require_whole(at_server, tallies("postgres", f"cut {'after' if done else 'before'} the commit"), rounds)


def is_commit(sent: bytes) -> bool:
    return b"COMMIT\0" in sent  # and not the READ COMMITTED with which a transaction begins


def test_what_is_recorded_is_not_denied_when_its_receipt_cannot_be_made(
    at_server: Site, proxy: Proxy
) -> None:
    sent: list[bytes] = []  # what was read before the decision is past with the first COMMIT

    def after_the_commit(chunk: bytes) -> bool:
        sent.append(chunk)
        return b"REPEATABLE READ" in chunk and any(map(is_commit, sent))

    proxy.cut(after_the_commit, forward=False)

    said = at_server.program(*SESSION)

    require(
        said, DONE, "Recorded SessionHeld", "It is recorded and signed. Only its receipt could not be made"
    )
    assert "othing was recorded" not in said.told
    assert proxy.cuts == 1
    examine(at_server).require_clean()
