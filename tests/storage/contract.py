"""What every log must do, whatever database keeps it. A backend subclasses `LogContract` and gives the fixtures."""

import random
import threading
from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise

import pytest
from eventsourcing.persistence import IntegrityError, StoredEvent
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.errors import LedgerError, LockedError, SourceTakenError, StorageError, UsageError
from ledger.storage.log import Log
from ledger.storage.reading import Reading
from ledger.storage.rows import DisclosureRow, Entry, Growth, Row, SourceRow
from tests.thoroughness import examples

MORNING = "2026-03-02T09:00:00.000000Z"
NOON = "2026-03-02T12:00:00.000000Z"
EVENING = "2026-03-02T20:00:00.000000Z"
STREAMS = ("client/C-1", "client/C-10", "client/C-2", "ledger", "practice", "practitioner/P-1")

# Every example asks `fresh` for logs of its own; and each engine runs the same function, as a method of its own class.
ANY_BATCHES = settings(
    max_examples=examples(25),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
)

Batches = list[tuple[list[str], str]]
"""For each batch the streams its entries go to, and when it was recorded."""


def event(stream: str, seq: int, state: bytes = b"{}", topic: str = "ClientRegistered") -> StoredEvent:
    return StoredEvent(originator_id=stream, originator_version=seq, topic=topic, state=state)


def entry(stream: str, seq: int, state: bytes = b"{}", topic: str = "ClientRegistered") -> Entry:
    return (stream, seq, topic, state)


def sealed(stream: str, seq: int, field: str = "name") -> DisclosureRow:
    return DisclosureRow(stream, seq, field, f"digest of {field}", "7", b"\x00\xff" + field.encode())


def everything(log: Reading) -> list[Row]:
    return [row for page in log.pages() for row in page]


def batches() -> st.SearchStrategy[Batches]:
    times = st.sampled_from((MORNING, NOON, EVENING))
    return st.lists(st.tuples(st.lists(st.sampled_from(STREAMS), max_size=6), times), max_size=6)


def numbered(batches: Batches) -> list[tuple[list[Entry], str]]:
    """The batches as entries, each with the next seq of its stream and a state of its own."""
    heads: dict[str, int] = {}
    made = []
    for streams, recorded_at in batches:
        entries = []
        for stream in streams:
            heads[stream] = heads.get(stream, 0) + 1
            entries.append(entry(stream, heads[stream], f"{stream} {heads[stream]}".encode()))
        made.append((entries, recorded_at))
    return made


def answers(log: Reading, until: int | None) -> dict[str, object]:
    """Every question about the log as it stood at `until`."""
    return {
        "count": log.count(until),
        "pages": [row for page in log.pages(until=until, size=2) for row in page],
        "streams": {
            prefix: list(log.streams(prefix, until)) for prefix in ("", "client/", "client/C-1", "x")
        },
        "stream_rows": {stream: log.stream_rows(stream, until) for stream in STREAMS},
        "rows_by_stream": list(log.rows_by_stream("client/", until)),
        "log_times": [time for page in log.log_times(until=until, size=2) for time in page],
    }


class LogContract:
    """The contract. `fresh` makes empty logs; `another` opens the place of `log` as another process would."""

    @pytest.fixture
    def fresh(self) -> Callable[[], Log]:
        raise NotImplementedError

    @pytest.fixture
    def log(self, fresh: Callable[[], Log]) -> Log:
        return fresh()

    @pytest.fixture
    def another(self, log: Log) -> Callable[[], Log]:
        raise NotImplementedError

    # -- appending ----------------------------------------------------------------------------------------

    def test_an_empty_log_answers(self, log: Log) -> None:
        assert (log.last_position(), log.count(), log.log_time()) == (0, 0, None)
        assert (log.position_at(EVENING), log.head("ledger"), log.at(1), log.entry("ledger", 1)) == (
            0,
            None,
            None,
            None,
        )
        assert (everything(log), list(log.rows_by_stream()), list(log.streams())) == ([], [], [])
        assert log.streams_split("client/", 4) == [("client/", "client/\U0010ffff")]

    def test_positions_run_from_one_without_gaps(self, log: Log) -> None:
        assert log.insert_events([event("ledger", 1), event("client/C-1", 1)]) == [1, 2]
        assert log.insert_events([event("client/C-1", 2)]) == [3]

        assert [row.position for row in everything(log)] == [1, 2, 3]

    def test_what_was_appended_is_read_back(self, log: Log) -> None:
        log.insert_events([event("client/C-1", 1, b"\x00\xff", "IntakeCompleted")])

        assert everything(log) == [Row(1, "client/C-1", 1, "IntakeCompleted", b"\x00\xff")]
        assert log.at(1) == log.entry("client/C-1", 1) == everything(log)[0]
        assert log.head("client/C-1") == (1, b"\x00\xff")

    def test_a_refused_append_leaves_no_gap(self, log: Log) -> None:
        log.insert_events([event("ledger", 1)])

        with pytest.raises(IntegrityError):
            log.insert_events([event("client/C-1", 1), event("ledger", 1)])

        assert log.insert_events([event("client/C-1", 1)]) == [2]
        assert log.count() == 2

    def test_nothing_to_append_is_nothing(self, log: Log) -> None:
        assert log.insert_events([]) == []
        assert log.last_position() == 0

    def test_keywords_of_an_application_are_let_through(self, log: Log) -> None:
        assert log.insert_events([event("ledger", 1)], tracking=None) == [1]

    def test_disclosures_and_sources_are_written_with_their_entries(self, log: Log) -> None:
        named, contact = sealed("client/C-1", 1, "name"), sealed("client/C-1", 1, "contact")
        later = sealed("client/C-1", 2, "name")
        source = SourceRow("sheet-1:7", "client/C-1", 1, b"\x01" * 32)

        log.insert_events([event("client/C-1", 1)], disclosures=[named, contact], sources=[source])
        log.insert_events([event("client/C-1", 2)], disclosures=[later])
        log.insert_events([event("practice", 1)], disclosures=[sealed("practice", 1)])

        assert log.disclosures_of("client/C-1") == [contact, named, later]
        assert log.disclosures_of("client/C-1", 2) == [later]
        assert log.disclosures_of("client/C-1", until=1) == [contact, named]
        assert log.disclosures_of("client/C-1", 2, until=1) == []
        assert list(log.disclosures_by_stream("client/")) == [("client/C-1", [contact, named, later])]
        assert [stream for stream, _ in log.disclosures_by_stream(start="client/D")] == ["practice"]
        assert log.find_source("sheet-1:7") == source
        assert log.find_source("sheet-1:8") is None

    def test_known_sources_are_found_among_many(self, log: Log) -> None:
        known = [SourceRow(f"row {n}", "ledger", 1, b"f") for n in range(0, 1700, 2)]
        log.insert_events([event("ledger", 1)], sources=known)

        found = log.sources_known([f"row {n}" for n in range(1700)])

        assert found == {row.source: row for row in known}
        assert log.sources_known([]) == {}

    def test_a_source_that_is_taken_is_named_and_nothing_is_recorded(self, log: Log) -> None:
        log.insert_events([event("client/C-1", 1)], sources=[SourceRow("s", "client/C-1", 1, b"f")])
        fine = SourceRow("t", "client/C-1", 2, b"f")

        with pytest.raises(SourceTakenError, match=r"source s is already recorded, as entry 1 of client/C-1"):
            log.insert_events([event("client/C-1", 2)], sources=[fine, SourceRow("s", "client/C-1", 2, b"g")])

        assert log.count() == 1
        assert log.find_source("t") is None

    def test_a_source_twice_in_one_batch_is_taken(self, log: Log) -> None:
        twice = [SourceRow("s", "ledger", 1, b"f")] * 2

        with pytest.raises(SourceTakenError):
            log.insert_events([event("ledger", 1)], sources=twice)

        assert log.count() == 0

    @pytest.mark.parametrize(
        "stray",
        [
            {"disclosures": [sealed("client/C-1", 9)]},
            {"disclosures": [sealed("client/C-1", 1)] * 2},
            {"sources": [SourceRow("s", "client/C-9", 1, b"f")]},
        ],
        ids=["disclosure of no entry", "disclosure twice", "source of no entry"],
    )
    def test_rows_that_do_not_fit_are_refused(
        self, log: Log, stray: dict[str, Sequence[DisclosureRow | SourceRow]]
    ) -> None:
        with pytest.raises(StorageError, match="do not fit together"):
            log.insert_events([event("client/C-1", 1)], **stray)  # type: ignore[arg-type]

        assert log.count() == 0

    def test_before_commit_runs_with_everything_written_and_nothing_visible(
        self, log: Log, another: Callable[[], Log]
    ) -> None:
        other, seen = another(), []

        def look(reading: Reading, _: Growth | None) -> None:
            seen.append((reading.count(), other.count()))

        log.insert_events([event("ledger", 1)], before_commit=look)
        with log.bulk(before_commit=look) as writer:
            writer.append([entry("ledger", 2)])

        assert seen == [(1, 0), (2, 1)]
        assert other.count() == 2

    def test_a_failing_before_commit_rolls_back(self, log: Log) -> None:
        def fail(_: Reading, __: Growth | None) -> None:
            raise OSError("the key database is full")

        with pytest.raises(OSError, match="key database"):
            log.insert_events([event("ledger", 1)], before_commit=fail)
        with pytest.raises(OSError, match="key database"), log.bulk(before_commit=fail) as writer:
            writer.append([entry("ledger", 1)])

        assert log.count() == 0
        assert log.insert_events([event("ledger", 1)]) == [1]

    # -- log time -----------------------------------------------------------------------------------------

    def test_log_time_is_the_running_maximum(self, log: Log) -> None:
        for seq, recorded_at in enumerate((NOON, MORNING, EVENING, None), 1):
            log.insert_events([event("ledger", seq)], recorded_at=recorded_at)

        assert [time for page in log.log_times(size=3) for _, time in page] == [NOON, NOON, EVENING, EVENING]
        assert log.log_time() == EVENING

    def test_position_at_is_the_last_entry_known_by_then(self, log: Log) -> None:
        log.insert_events([event("ledger", 1), event("ledger", 2)], recorded_at=MORNING)
        log.insert_events([event("ledger", 3)], recorded_at=EVENING)

        assert log.position_at("2026-03-02T08:59:59.999999Z") == 0
        assert log.position_at(MORNING) == log.position_at(NOON) == 2
        assert log.position_at(EVENING) == log.position_at("2099-01-01T00:00:00.000000Z") == 3

    @pytest.mark.parametrize(
        "time", ["2026-03-02", "2026-03-02T09:00:00Z", "2026-03-02T09:00:00.000000+00:00", ""]
    )
    def test_a_time_that_does_not_compare_as_text_is_refused(self, log: Log, time: str) -> None:
        with pytest.raises(UsageError, match="a log time is written"):
            log.position_at(time)
        with pytest.raises(UsageError, match="a log time is written"):
            log.insert_events([event("ledger", 1)], recorded_at=time)

        assert log.count() == 0

    # -- reading ------------------------------------------------------------------------------------------

    @ANY_BATCHES
    @given(made=batches(), cut=st.integers(0, 40))
    def test_a_read_until_a_position_is_a_read_of_the_log_cut_off_there(
        self, fresh: Callable[[], Log], made: Batches, cut: int
    ) -> None:
        whole, cut_off, left = fresh(), fresh(), cut

        for entries, recorded_at in numbered(made):
            with whole.bulk() as writer:
                writer.append(entries, recorded_at=recorded_at)
            with cut_off.bulk() as writer:
                writer.append(entries[:left], recorded_at=recorded_at)
            left = max(0, left - len(entries))

        assert answers(whole, cut) == answers(cut_off, None) == answers(cut_off, cut)

    @ANY_BATCHES
    @given(made=batches())
    def test_reads_agree_with_a_plain_list(self, fresh: Callable[[], Log], made: Batches) -> None:
        log, batches = fresh(), numbered(made)
        for entries, recorded_at in batches:
            log.insert_events([event(*one[:2], one[3]) for one in entries], recorded_at=recorded_at)
        flat = [one for entries, _ in batches for one in entries]
        rows = [Row(position, *one) for position, one in enumerate(flat, 1)]
        times = list(accumulate((time for entries, time in batches for _ in entries), max))

        assert everything(log) == rows
        assert [time for page in log.log_times() for time in page] == list(enumerate(times, 1))
        assert [log.position_at(time) for time in (MORNING, NOON, EVENING)] == [
            sum(known <= time for known in times) for time in (MORNING, NOON, EVENING)
        ]
        for stream in STREAMS:
            mine = [row for row in rows if row.stream == stream]
            assert log.stream_rows(stream) == mine
            assert log.head(stream) == ((mine[-1].seq, mine[-1].state) if mine else None)
        expected = {s: [row for row in rows if row.stream == s] for s in sorted({row.stream for row in rows})}
        assert dict(log.rows_by_stream()) == expected
        assert list(log.streams()) == list(expected)

    def test_pages_hold_the_log_once(self, log: Log) -> None:
        log.insert_events([event("ledger", seq) for seq in range(1, 8)])

        assert [[r.position for r in page] for page in log.pages(size=3)] == [[1, 2, 3], [4, 5, 6], [7]]
        assert [[r.position for r in page] for page in log.pages(2, 6, size=2)] == [[3, 4], [5, 6]]

    def test_a_prefix_is_not_a_stream(self, log: Log) -> None:
        log.insert_events([event("client/C-1", 1), event("client/C-10", 1), event("client", 1)])

        assert list(log.streams("client/C-1")) == ["client/C-1", "client/C-10"]
        assert [row.stream for row in log.stream_rows("client/C-1")] == ["client/C-1"]
        assert [stream for stream, _ in log.rows_by_stream("client/")] == ["client/C-1", "client/C-10"]

    @pytest.mark.parametrize("order", ["by stream", "round and round", "at random"])
    @pytest.mark.parametrize("parts", [1, 2, 3, 8])
    def test_the_parts_of_a_split_hold_every_stream_once(self, log: Log, order: str, parts: int) -> None:
        # Given 200 streams of 20 entries
        entries = [entry(f"client/C-{client}", seq) for client in range(200) for seq in range(1, 21)]
        if order == "round and round":
            entries.sort(key=lambda one: one[1])
        elif order == "at random":
            random.Random(parts).shuffle(entries)  # not for secrets
        with log.bulk() as writer:
            writer.append([*entries, entry("ledger", 1), entry("practitioner/P-1", 1)])

        # When they are split
        ranges = log.streams_split("client/", parts)

        # Then the ranges follow on one another, hold everything once, and none is much larger than the rest
        assert all(before[1] == after[0] for before, after in pairwise(ranges))
        read = [list(log.rows_by_stream(start=start, stop=stop)) for start, stop in ranges]
        assert [pair for part in read for pair in part] == list(log.rows_by_stream("client/"))
        assert len(ranges) == parts
        assert max(sum(len(rows) for _, rows in part) for part in read) < 1.6 * 4000 / parts

    def test_a_snapshot_does_not_see_what_is_appended_meanwhile(
        self, log: Log, another: Callable[[], Log]
    ) -> None:
        log.insert_events([event("ledger", 1)])

        with another().snapshot() as snapshot:
            log.insert_events([event("ledger", 2)])

            assert (snapshot.last_position(), [s for s, _ in snapshot.rows_by_stream()]) == (1, ["ledger"])
        assert log.last_position() == 2

    def test_a_stream_being_read_does_not_hold_up_a_writer(
        self, log: Log, another: Callable[[], Log]
    ) -> None:
        log.insert_events([event("client/C-1", 1), event("client/C-2", 1)])
        read = another().rows_by_stream()
        next(read)

        log.insert_events([event("client/C-2", 2)])

        assert [len(rows) for _, rows in read] == [1]

    def test_a_read_that_is_given_up_gives_its_connection_back(self, log: Log) -> None:
        log.insert_events([event(f"client/C-{n}", 1) for n in range(50)])

        for _ in range(40):  # more than there are connections
            next(log.rows_by_stream())
            next(log.streams())

        assert log.count() == 50

    # -- bulk ---------------------------------------------------------------------------------------------

    def test_bulk_is_one_transaction_over_all_batches(self, log: Log, another: Callable[[], Log]) -> None:
        other = another()

        with log.bulk() as writer:
            assert writer.append([entry("ledger", 1), entry("ledger", 2)], recorded_at=NOON) == 1
            assert writer.append([], recorded_at=NOON) == 3
            assert writer.append([entry("client/C-1", 1)], recorded_at=MORNING) == 3
            assert other.count() == 0

        assert other.count() == 3
        assert other.log_time() == NOON

    def test_a_writer_reads_what_it_has_appended(self, log: Log) -> None:
        log.insert_events([event("ledger", 1)])

        with log.bulk() as writer:
            writer.append(
                [entry("client/C-1", 1, b"new")],
                recorded_at=NOON,
                disclosures=[sealed("client/C-1", 1)],
                sources=[SourceRow("s", "client/C-1", 1, b"f")],
            )
            assert writer.head("client/C-1") == (1, b"new")
            assert list(writer.streams()) == ["client/C-1", "ledger"]
            assert writer.sources_known(["s", "t"]).keys() == {"s"}
            assert [len(rows) for _, rows in writer.rows_by_stream()] == [1, 1]
            assert writer.position_at(NOON) == 2
            assert writer.disclosures_of("client/C-1") == [sealed("client/C-1", 1)]

    def test_an_exception_in_bulk_passes_and_leaves_nothing(self, log: Log) -> None:
        def import_a_broken_file() -> None:
            with log.bulk() as writer:
                writer.append([entry("ledger", 1)])
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            import_a_broken_file()

        assert log.count() == 0
        assert log.insert_events([event("ledger", 1)]) == [1]

    def test_a_batch_that_failed_is_never_committed(self, log: Log) -> None:
        taken = SourceRow("s", "ledger", 1, b"f")

        def import_and_carry_on() -> None:
            with log.bulk() as writer:
                writer.append([entry("ledger", 1)], sources=[taken])
                with pytest.raises(SourceTakenError):
                    writer.append([entry("ledger", 2)], sources=[taken])
                with pytest.raises(StorageError, match="an earlier batch"):
                    writer.append([entry("ledger", 2)])

        with pytest.raises(StorageError, match="an earlier batch"):
            import_and_carry_on()

        assert log.count() == 0

    def test_a_double_entry_in_bulk_is_a_conflict(self, log: Log) -> None:
        with pytest.raises(IntegrityError), log.bulk() as writer:
            writer.append([entry("ledger", 1), entry("ledger", 1)])

        assert log.count() == 0

    # -- beside one another -------------------------------------------------------------------------------

    def test_a_log_that_stays_locked_is_a_conflict(self, log: Log, another: Callable[[], Log]) -> None:
        other = another()

        with log.bulk() as writer:
            writer.append([entry("ledger", 1)])
            with pytest.raises(LockedError, match="locked by another process"):
                other.insert_events([event("practice", 1)])
            assert other.count() == 0

        assert other.insert_events([event("practice", 1)]) == [2]

    def test_threads_append_without_gaps(self, log: Log) -> None:
        problems: list[LedgerError] = []

        def write(number: int) -> None:
            try:
                for seq in range(1, 26):
                    log.insert_events([event(f"client/C-{number}", seq)])
            except LedgerError as error:
                problems.append(error)

        threads = [threading.Thread(target=write, args=[number]) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert problems == []
        assert [row.position for row in everything(log)] == list(range(1, 101))
        assert all([r.seq for r in rows] == list(range(1, 26)) for _, rows in log.rows_by_stream())
