"""The log in a PostgreSQL database: the contract, and what only a server has."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from ledger.storage.log import Log
from ledger.storage.postgres import LedgerRecorder, create, open_log
from tests.postgres.place import fresh_place
from tests.storage.contract import LogContract


@pytest.fixture
def opened() -> Iterator[list[LedgerRecorder]]:
    """The logs a test has opened; closed when it is over."""
    logs: list[LedgerRecorder] = []
    yield logs
    for log in logs:
        log.close()


class TestPostgresLog(LogContract):
    @pytest.fixture
    def places(self) -> dict[int, str]:
        return {}

    @pytest.fixture
    def fresh(
        self, postgres_url: str, opened: list[LedgerRecorder], places: dict[int, str]
    ) -> Iterator[Callable[[], Log]]:
        with ExitStack() as stack:

            def make() -> Log:
                place = stack.enter_context(fresh_place(postgres_url))
                create(place)
                log = open_log(place)
                places[id(log)] = place
                opened.append(log)
                return log

            yield make
            for log in opened:
                log.close()

    @pytest.fixture
    def another(self, log: Log, opened: list[LedgerRecorder], places: dict[int, str]) -> Callable[[], Log]:
        def open_again() -> Log:
            opened.append(open_log(places[id(log)], lock_timeout=1))
            return opened[-1]

        return open_again
