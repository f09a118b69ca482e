"""Recording one entry beside a plain eventsourcing application and raw sqlite3; importing beside raw sqlite3."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from benchmarks.setting import EVENTS_TABLE, described, history, new_ledger, places, raw_database
from ledger.application import Ledger
from ledger.recording.statement import Statement, state

HISTORY = 20
"""Entries a client, or an aggregate, has when one more is recorded."""
INSERT_RAW = "INSERT INTO stored_events VALUES (?, ?, ?, ?)"


class File(Aggregate):
    """A plain aggregate of one client."""

    @event("Opened")
    def __init__(self, client: str) -> None:
        self.client = client
        self.sessions = 0

    @event("Held")
    def hold(self, session: str, modality: str, purpose: str, minutes: int, engagement: str) -> None:
        """One more session."""
        del session, modality, purpose, minutes, engagement
        self.sessions += 1


def _plain(folder: Path, rounds: int) -> float:
    """Seconds a round: get an aggregate of 20 events, trigger one event, save it."""
    folder.mkdir()
    raw_database(folder / "plain.db").close()
    app: Application[UUID] = Application(
        {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": f"{folder}/plain.db"}
    )
    ids = []
    for number in range(rounds):
        file = File(f"C-{number}")
        for session in range(HISTORY - 1):
            file.hold(f"S{session}", "video", "service", 50, "E1")
        app.save(file)
        ids.append(file.id)
    begun = time.perf_counter()
    for identifier in ids:
        found: File = app.repository.get(identifier)
        found.hold("S99", "video", "service", 50, "E1")
        app.save(found)
    taken = (time.perf_counter() - begun) / rounds
    app.close()
    return taken


def _session(client: str, number: int, day: str) -> Statement:
    fields = {"client": client, "engagement": "E1", "session": f"S{number}", "modality": "video"}
    more = {"purpose": "service", "minutes": 50}
    return state({"type": "SessionHeld", "occurred_at": day, "by": "desk", **fields, **more})


def _with_history(ledger: Ledger, client: str) -> None:
    """A client of 20 entries: registration, intake, papers, opening, sessions."""
    common = {"by": "desk", "client": client, "occurred_at": "2024-01-08"}
    signed = {
        "agreement": "A1",
        "signer": "client",
        "signer_name": "x",
        "method": "typed",
        "meaning": "agreed",
    }
    issued = {
        "agreement": "A1",
        "kind": "coaching-contract",
        "practitioner": "P-1",
        "payer": "private",
        "text_sha256": "ab" * 32,
        "terms": [
            "goals",
            "private-pay",
            "no-diagnosis-or-treatment",
            "confidentiality-limits",
            "not-therapy",
        ],
    }
    intake = {
        "intake": "I1",
        "practitioner": "P-1",
        "service_sought": "coaching",
        "clinical_indication": "none",
        "wants_trauma_work": False,
        "goal_focused": True,
        "roles_explained": True,
        "recommended": "coaching",
        "rationale": "x",
    }
    person = {"name": "x", "date_of_birth": "1990-01-01", "contact": "x", "jurisdiction": "US-NC"}
    opened = {
        "engagement": "E1",
        "practitioner": "P-1",
        "service": "coaching",
        "intake": "I1",
        "agreement": "A1",
    }
    given = (
        ("ClientRegistered", person),
        ("IntakeCompleted", intake),
        ("AgreementIssued", issued),
        ("AgreementSigned", signed),
        ("EngagementOpened", {**opened, "focus": ["goals"]}),
    )
    statements = [state({"type": name, **common, **fields}) for name, fields in given]
    statements += [_session(client, n, f"2024-02-{n:02}") for n in range(1, HISTORY - len(statements) + 1)]
    ledger.record(statements)


def _ours(folder: Path, rounds: int) -> float:
    """Seconds a round: record one entry that a gate judges, for a client of 20 entries."""
    with new_ledger(folder, "2024-01-01") as ledger:
        registered = {
            "practitioner": "P-1",
            "name": "x",
            "services": ["therapy", "coaching"],
            "internal": True,
        }
        common = {"occurred_at": "2023-12-01", "by": "desk"}
        ledger.record([state({"type": "PractitionerRegistered", **common, **registered})])
        for number in range(rounds):
            _with_history(ledger, f"C-{number}")
        paused = {"type": "EngagementPaused", "occurred_at": "2024-03-01", "by": "desk", "reason": "leave"}
        begun = time.perf_counter()
        for number in range(rounds):
            ledger.record([state({**paused, "client": f"C-{number}", "engagement": "E1"})])
        return (time.perf_counter() - begun) / rounds


def _raw_inserts(path: Path, rows: list[tuple[Any, ...]], rounds: int) -> float:
    """Seconds a round: one raw insert and commit of each of the last `rounds` rows, after all those before."""
    connection = raw_database(path)
    connection.execute(EVENTS_TABLE)
    before, timed = rows[:-rounds], rows[-rounds:]
    connection.execute("BEGIN")
    connection.executemany(INSERT_RAW, before)
    connection.execute("COMMIT")
    begun = time.perf_counter()
    for row in timed:
        connection.execute(INSERT_RAW, row)  # no transaction is open: each is its own
    taken = (time.perf_counter() - begun) / rounds
    connection.close()
    return taken


def recording(folder: Path, rounds: int, repetitions: int) -> None:
    """Prints all three, alternating, and the ratios of the medians."""
    plain, ours, raw = [], [], []
    rows: list[tuple[Any, ...]] = []
    for repetition in range(repetitions):
        place = folder / f"ours-{repetition}"
        plain.append(_plain(folder / f"plain-{repetition}", rounds))
        ours.append(_ours(place, rounds))
        rows = _tables(places(place).database)["stored_events"]  # the very rows that ours has just written
        raw.append(_raw_inserts(folder / f"raw-{repetition}.db", rows, rounds))
    size = sum(len(row[3]) for row in rows[-rounds:]) // rounds
    print(f"record one entry, client with {HISTORY} entries, gates checked; warm, medians of {repetitions}")
    print(f"  ours: {described(places(folder / 'ours-0').database)}; keys written before the commit")
    print(f"  plain eventsourcing application  {1e6 * median(plain):9.0f} us")
    print(f"  ledger                           {1e6 * median(ours):9.0f} us")
    print(f"  raw insert, one a commit         {1e6 * median(raw):9.0f} us, rows of {size} bytes of state")
    print(
        "  in ours: two commits that wait for the disk, the ledger's and the key database's (the signer's mark),"
    )
    print(
        "  with tree, stream head, checkpoint and signature; in plain and raw: one commit, nothing of these"
    )
    print(f"  ratio plain / ours {median(plain) / median(ours):.2f} (budget 1.5)")
    print(f"  entries a second: ours {1 / median(ours):,.0f}, raw {1 / median(raw):,.0f}; ", end="")
    print(f"ratio ours / raw {median(raw) / median(ours):.2f} (aim 0.35)")


# -- import ------------------------------------------------------------------------------------------------


def importing(folder: Path, entries: int, repetitions: int) -> None:
    """Prints rows a second of an import beside raw executemany of rows of the same size, 1,000 a commit."""
    from ledger.importing.importing import import_files

    lines = history(folder, entries)
    imported, raw, all_rows = [], [], []
    for repetition in range(repetitions):
        place = folder / f"import-{repetition}"
        with new_ledger(place) as ledger:
            imported.append(_timed(lambda ledger=ledger: import_files(ledger, [lines], by="bench")))  # type: ignore[misc]
        tables = _tables(places(place).database)
        raw.append(_raw(folder / "raw.db", {"stored_events": tables["stored_events"]}))
        all_rows.append(_raw(folder / "raw.db", tables))
        if repetition:
            shutil.rmtree(place)
    size = sum(len(row[3]) for row in tables["stored_events"]) // entries
    stored = sum(map(len, tables.values()))
    print(
        f"import {entries:,} lines of NDJSON, one transaction; medians of {repetitions}; {size} bytes an entry"
    )
    print(f"  {described(places(folder / 'import-0').database)}; key database writes included")
    print(f"  raw executemany, entries only    {entries / median(raw):9,.0f} entries/s")
    print(f"  raw executemany, all three tables{entries / median(all_rows):9,.0f} entries/s")
    print(f"  import                           {entries / median(imported):9,.0f} entries/s")
    print(f"  ratio by entries {median(raw) / median(imported):.3f} (budget 0.20); ", end="")
    print(f"the same {stored:,} rows {median(all_rows) / median(imported):.3f}")


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _tables(database: Path) -> dict[str, list[tuple[Any, ...]]]:
    connection = raw_database(database)
    chosen = {
        "stored_events": "SELECT originator_id, originator_version, topic, state FROM stored_events ORDER BY position",
        "disclosures": "SELECT * FROM disclosures ORDER BY rowid",
        "sources": "SELECT source, stream, seq, fingerprint FROM sources",
    }
    tables = {name: connection.execute(query).fetchall() for name, query in chosen.items()}
    connection.close()
    return tables


def _raw(path: Path, tables: dict[str, list[tuple[Any, ...]]]) -> float:
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    connection = raw_database(path)
    connection.execute(EVENTS_TABLE)
    connection.execute("CREATE TABLE disclosures (a, b, c, d, e, f, PRIMARY KEY (a, b, c))")
    connection.execute("CREATE TABLE sources (a PRIMARY KEY, b, c, d)")
    begun = time.perf_counter()
    for name, rows in tables.items():
        marks = ",".join("?" * len(rows[0]))
        for start in range(0, len(rows), 1000):
            connection.execute("BEGIN")
            connection.executemany(f"INSERT INTO {name} VALUES ({marks})", rows[start : start + 1000])
            connection.execute("COMMIT")
    taken = time.perf_counter() - begun
    connection.close()
    return taken
