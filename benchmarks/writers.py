"""Several processes appending to one PostgreSQL log, one entry a commit, beside the library's own recorder.

`python -m benchmarks.writers [URL]`: the sides take turns on one server, the library's bare events first. Without an
address a private server is started, with fsync on as always.
"""

import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from statistics import median
from typing import Any, NamedTuple

import psycopg
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict

from ledger.storage.postgres import create, open_log, remove
from ledger.storage.reading import Reading
from ledger.storage.rows import DisclosureRow, Growth
from tests.postgres.server import Server

WRITERS = 4
SECONDS = 3.0
ROUNDS = 5
STATE = 600
"""Bytes of an entry."""
A_STREAM = 20
"""Entries a stream gets before the next begins."""
SCHEMAS = {"library": "bench_library", "ours": "bench_ours"}


class Side(NamedTuple):
    """One way of appending: what it is called, in which schema, and how one entry is appended."""

    title: str
    schema: str
    writer: Callable[[str], Callable[[str, int, bytes], object]]


def _library(url: str) -> Callable[[str, int, bytes], object]:
    at = conninfo_to_dict(url)
    datastore = PostgresDatastore(
        str(at["dbname"]),
        str(at["host"]),
        str(at["port"]),
        str(at["user"]),
        str(at.get("password", "")),
        schema=SCHEMAS["library"],
        originator_id_type="text",
    )
    recorder = PostgresApplicationRecorder(datastore)
    return lambda stream, seq, state: recorder.insert_events([StoredEvent(stream, seq, "Topic", state)])


def _bare(url: str) -> Callable[[str, int, bytes], object]:
    log = open_log(url)
    return lambda stream, seq, state: log.insert_events([StoredEvent(stream, seq, "Topic", state)])


def _whole(url: str) -> Callable[[str, int, bytes], object]:
    """As the application records: sealed fields, the log's time, something before the commit."""
    log = open_log(url)

    def before(_: Reading, __: Growth | None) -> None: ...

    def write(stream: str, seq: int, state: bytes) -> None:
        sealed = [
            DisclosureRow(stream, seq, field, "d" * 43, "7", state[:200]) for field in ("name", "contact")
        ]
        log.insert_events(
            [StoredEvent(stream, seq, "Topic", state)],
            recorded_at=f"2026-03-02T09:00:00.{seq:06}Z",
            disclosures=sealed,
            before_commit=before,
        )

    return write


SIDES = (
    Side("eventsourcing's recorder, bare events", SCHEMAS["library"], _library),
    Side("ours: entry, tree, head", SCHEMAS["ours"], _bare),
    Side("ours, two sealed fields, before_commit", SCHEMAS["ours"], _whole),
)


def _write(side: int, url: str, name: str, begin: Any, counted: Any) -> None:
    """One writer: until the time is over, one entry a commit."""
    write = SIDES[side].writer(url)
    state = os.urandom(STATE // 2).hex().encode()
    begin.wait()
    until, done = time.perf_counter() + SECONDS, 0
    while time.perf_counter() < until:
        write(f"client/{name}-{done // A_STREAM}", done % A_STREAM + 1, state)
        done += 1
    counted.put(done)


def measure(side: int, url: str, round_: int) -> float:
    """Entries a second of all writers together."""
    context = multiprocessing.get_context("spawn")
    begin, counted = context.Barrier(WRITERS), context.Queue()
    place = f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3D{SIDES[side].schema}"
    names = [f"{round_}-{side}-{writer}" for writer in range(WRITERS)]
    writers = [context.Process(target=_write, args=(side, place, name, begin, counted)) for name in names]
    for writer in writers:
        writer.start()
    total = sum(counted.get() for _ in writers)
    for writer in writers:
        writer.join()
    return float(total) / SECONDS


@contextmanager
def prepared(url: str) -> Iterator[None]:
    """The schemas of both sides, for the block."""
    ours = f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3D{SCHEMAS['ours']}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {SCHEMAS['library']}")
        try:
            at = conninfo_to_dict(url)
            with PostgresDatastore(
                str(at["dbname"]),
                str(at["host"]),
                str(at["port"]),
                str(at["user"]),
                str(at.get("password", "")),
                schema=SCHEMAS["library"],
                originator_id_type="text",
            ) as datastore:
                PostgresApplicationRecorder(datastore).create_table()
            create(ours)
            yield
        finally:
            connection.execute(f"DROP SCHEMA {SCHEMAS['library']} CASCADE")
            remove(ours)


def run(url: str, rounds: int = ROUNDS) -> Mapping[str, float]:
    """Prints the entries a second of each side, medians of so many rounds in turn, and their ratios."""
    rates: list[list[float]] = [[] for _ in SIDES]
    with prepared(url):
        for round_ in range(rounds):
            for number in range(len(SIDES)):
                rates[number].append(measure(number, url, round_))
    print(
        f"{WRITERS} writers on different streams, {STATE} bytes an entry, one entry a commit; {rounds} rounds"
    )
    base = median(rates[0])
    for side, found in zip(SIDES, rates, strict=True):
        print(
            f"  {side.title:42} {median(found):7,.0f} entries/s ({min(found):,.0f} to {max(found):,.0f}), "
            f"{median(found) / base:.2f} of the library's (budget 1.0)"
        )
    return {side.title: median(found) / base for side, found in zip(SIDES, rates, strict=True)}


def main(url: str | None) -> None:
    """Runs it on the server named, or on one of its own."""
    if url is not None:
        run(url)
        return
    server = Server()
    try:
        run(server.init().start().url())
    finally:
        server.remove()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("EL_POSTGRES_URL"))
