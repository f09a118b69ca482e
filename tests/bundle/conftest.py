"""One eventful ledger for all tests of bundles, and a production of it with everything in it."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ledger import clock
from ledger.application import Ledger
from ledger.values import Domain
from projections.bundle.bundle import Bundle, make
from projections.bundle.request import Request
from projections.dates import Dates
from tests.bundle.eventful import eventful
from tests.bundle.mutations import Tools

REDACTED = (9, "narrative")
WITHHELD = 7


def dates(ledger: Ledger) -> Dates:
    return Dates(ledger.calendar)


@pytest.fixture(scope="package")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """The ledger; while these tests run its clock stands still, so that it is sealed once."""
    with (
        pytest.MonkeyPatch.context() as patch,
        closing(eventful(tmp_path_factory.mktemp("file"), patch)) as made,
    ):
        yield made


@pytest.fixture(scope="package")
def earlier(ledger: Ledger) -> Bundle:
    """A production that reveals and withholds nothing."""
    return make(ledger, Request("C-1"), "director", dates(ledger))


@pytest.fixture(scope="package")
def bundle(ledger: Ledger, earlier: Bundle) -> Bundle:
    """A production of everything but one text and one entry."""
    assert earlier.files
    request = Request(
        "C-1",
        reveal=frozenset({Domain.IDENTITY, Domain.THERAPY, Domain.COACHING}),
        redact={REDACTED: "privileged"},
        withhold={WITHHELD: "work product"},
    )
    return make(ledger, request, "director", dates(ledger))


@pytest.fixture(scope="package")
def tools(ledger: Ledger, earlier: Bundle) -> Tools:
    """What a forger may have got hold of."""
    everything = make(
        ledger,
        Request("C-1", reveal=frozenset({Domain.IDENTITY, Domain.THERAPY, Domain.COACHING})),
        "director",
        dates(ledger),
    )
    texts = {one.digest: one.disclosure or "" for one in everything.production.texts}
    foreign = ledger.recorder.stream_rows("client/C-2")[0].state.decode()
    entries = {row.seq: row.state.decode() for row in everything.production.rows}
    return Tools(foreign, texts, entries, earlier.files)


@pytest.fixture
def frozen(monkeypatch: pytest.MonkeyPatch) -> str:
    """The clock stands still."""
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    return now


@pytest.fixture
def zipped(tmp_path: Path, bundle: Bundle) -> Path:
    """The production as a file."""
    place = tmp_path / "bundle.zip"
    place.write_bytes(bundle.content)
    return place
