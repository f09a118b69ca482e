"""A connection that is cut while entries are appended: nothing is lost, doubled, or called a conflict with oneself."""

from collections.abc import Callable, Iterator

import psycopg
import pytest
from eventsourcing.persistence import IntegrityError

from ledger.errors import UnconfirmedError, UnreachableError
from ledger.integrity.compact_range import extend
from ledger.integrity.merkle import leaf_hash
from ledger.storage.postgres import LedgerRecorder, create, open_log
from ledger.storage.postgres_faults import is_cut
from ledger.storage.reading import Reading
from ledger.storage.rows import Growth, SourceRow
from tests.postgres.proxy import Proxy, proxied
from tests.storage.contract import entry, event, everything, sealed

Cut = tuple[Proxy, LedgerRecorder]


def commits(chunk: bytes) -> bool:
    return b"COMMIT\0" in chunk  # BEGIN ISOLATION LEVEL READ COMMITTED holds the word, too


def anything(_: bytes) -> bool:
    return True


def appends(chunk: bytes) -> bool:
    """The entries themselves, after BEGIN was said."""
    return b"mine" in chunk


def nothing_more(_: Reading, __: Growth | None) -> None:
    """What is to be done before a commit; with it, BEGIN and COMMIT are said openly."""


@pytest.fixture
def through(postgres_place: str) -> Iterator[Cut]:
    """A log with two entries, opened through a proxy.

    What the tests append was prepared in its session before: then one message carries it, and not a preparation.
    """
    create(postgres_place)
    with proxied(postgres_place) as (proxy, place):
        log = open_log(place, lock_timeout=2)
        log.datastore.connections.patience = 2.0
        log.insert_events([event("ledger", 1)])
        log.insert_events(
            [event("client/C-1", 1)],
            disclosures=[sealed("client/C-1", 1)],
            sources=[SourceRow("r", "client/C-1", 1, b"f")],
        )
        log.insert_events([], disclosures=[sealed("ledger", 1, "first")])
        yield proxy, log
        log.close()


def is_whole(log: LedgerRecorder) -> bool:
    """Positions without gaps, and the tree of exactly these entries."""
    rows = everything(log)
    leaves = [leaf_hash(row.state) for row in rows]
    return [row.position for row in rows] == list(range(1, len(rows) + 1)) and log.tree_nodes(
        0, 10_000
    ) == extend([], 0, leaves)


WAYS = pytest.mark.parametrize(
    ("when", "before_commit"),
    [(anything, None), (commits, nothing_more), (appends, nothing_more)],
    ids=["in one statement", "at COMMIT", "before COMMIT"],
)


@WAYS
@pytest.mark.parametrize(
    ("forward", "after"),
    [(True, 0), (True, 0.5), (False, 0)],
    ids=["the server got it", "the server got it late", "the server got nothing"],
)
def test_entries_are_recorded_once_whatever_became_of_the_answer(
    through: Cut,
    postgres_place: str,
    when: Callable[[bytes], bool],
    before_commit: Callable[[Reading, Growth | None], None] | None,
    forward: bool,
    after: float,
) -> None:
    proxy, log = through
    proxy.cut(when, forward=forward, after=after)

    positions = log.insert_events(
        [event("client/C-1", 2, b"mine"), event("ledger", 2, b"mine too")],
        disclosures=[sealed("client/C-1", 2)],
        sources=[SourceRow("s", "client/C-1", 2, b"f")],
        before_commit=before_commit,
    )

    assert positions == [3, 4]
    assert [row.state for row in everything(log)[2:]] == [b"mine", b"mine too"]
    assert log.disclosures_of("client/C-1", 2) == [sealed("client/C-1", 2)]
    assert log.count() == 4
    assert is_whole(log)
    proxy.close()  # which waits for what comes late
    assert proxy.cuts == 1
    again = open_log(postgres_place)
    assert again.count() == 4
    assert is_whole(again)
    again.close()


@pytest.mark.parametrize("before_commit", [None, nothing_more], ids=["in one statement", "at COMMIT"])
def test_a_conflict_with_somebody_else_stays_one(
    through: Cut, before_commit: Callable[[Reading, Growth | None], None] | None
) -> None:
    proxy, log = through
    log.insert_events([event("client/C-1", 2, b"somebody else's")])
    proxy.cut(anything, forward=True)

    with pytest.raises(IntegrityError):
        log.insert_events([event("client/C-1", 2, b"mine")], before_commit=before_commit)

    assert log.count() == 3
    assert proxy.cuts == 1


def test_what_has_no_entries_is_known_again_too(through: Cut) -> None:
    proxy, log = through
    proxy.cut(anything, forward=True)

    assert log.insert_events([], disclosures=[sealed("ledger", 1)]) == []

    assert log.disclosures_of("ledger") == [sealed("ledger", 1, "first"), sealed("ledger", 1)]
    assert proxy.cuts == 1


def test_an_import_whose_answer_is_lost_is_there(through: Cut) -> None:
    proxy, log = through

    with log.bulk() as writer:
        writer.append([entry("client/C-1", seq) for seq in range(2, 300)])
        writer.append(
            [entry("client/C-2", seq) for seq in range(1, 300)], disclosures=[sealed("client/C-2", 1)]
        )
        proxy.cut(commits, forward=True)

    assert log.count() == 599
    assert is_whole(log)


@pytest.mark.parametrize("keep", ["checkpoint", "seal", "anchor"])
def test_what_else_is_kept_is_known_again(through: Cut, keep: str) -> None:
    proxy, log = through

    with log.bulk() as writer:
        if keep == "checkpoint":
            writer.keep_checkpoint(2, "note")
        elif keep == "seal":
            writer.keep_seal(2, 7)
        else:
            writer.keep_anchor(2, "timestamp", b"token")
        proxy.cut(commits, forward=True)

    kept = {"checkpoint": log.last_checkpoint(), "seal": log.last_seal(), "anchor": log.anchors()}
    assert kept[keep]


def test_an_import_whose_commit_the_server_never_got_says_that_nothing_was_recorded(through: Cut) -> None:
    proxy, log = through

    def import_and_lose_the_way() -> None:
        with log.bulk() as writer:
            writer.append([entry("client/C-1", seq) for seq in range(2, 300)])
            proxy.cut(commits, forward=False)

    with pytest.raises(UnreachableError, match="Nothing was recorded"):
        import_and_lose_the_way()

    assert log.count() == 2
    assert log.insert_events([event("ledger", 2)]) == [3]


def test_an_import_that_is_cut_in_the_middle_says_that_nothing_was_recorded(through: Cut) -> None:
    proxy, log = through

    def import_and_lose_the_way() -> None:
        with log.bulk() as writer:
            writer.append([entry("client/C-1", 2)])
            proxy.drop()
            writer.append([entry("client/C-1", 3)])

    with pytest.raises(UnreachableError, match="Nothing was recorded"):
        import_and_lose_the_way()

    assert log.count() == 2


@pytest.mark.parametrize("forward", [True, False])
def test_where_no_server_answers_any_more_it_is_said_that_it_is_not_known(
    through: Cut, postgres_place: str, forward: bool
) -> None:
    proxy, log = through
    log.datastore.connections.patience = 0.5
    proxy.cut(anything, forward=forward, then_down=True)

    with pytest.raises(
        UnconfirmedError, match=r"not known whether this was recorded.*look before you record it"
    ):
        log.insert_events([event("client/C-1", 2)])

    straight = open_log(postgres_place)
    assert straight.count() == (3 if forward else 2)
    straight.close()


def test_a_lost_connection_is_replaced_when_something_is_read(through: Cut) -> None:
    proxy, log = through

    proxy.drop()

    assert log.count() == 2
    proxy.cut(anything, forward=True)
    assert [row.seq for row in log.stream_rows("ledger")] == [1]


def test_a_snapshot_that_is_cut_says_so(through: Cut) -> None:
    proxy, log = through

    with log.snapshot() as reading:
        proxy.drop()
        with pytest.raises(UnreachableError, match="Try again"):
            reading.count()


def test_a_subscription_goes_on_after_a_cut(through: Cut, postgres_place: str) -> None:
    proxy, log = through
    straight = open_log(postgres_place)

    with log.subscribe(gt=2) as subscription:
        straight.insert_events([event("ledger", 2)])
        assert next(subscription).id == 3
        proxy.drop()
        straight.insert_events([event("ledger", 3)])
        assert next(subscription).id == 4

    straight.close()


def test_an_answer_that_is_cut_in_the_middle_is_a_cut_and_no_trouble_of_the_server() -> None:
    """As psycopg told a session that was ended during a FETCH, once in two hundred rounds of `tests/faults`."""
    torn = psycopg.InternalError("received 2 results from command 'FETCH FORWARD 500 FROM \"each_396\"'")

    assert is_cut(torn)
    assert not is_cut(psycopg.ProgrammingError("the cursor is closed"))
    assert not is_cut(psycopg.errors.InvalidCursorName())
