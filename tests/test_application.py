"""Recording: one path, decided on the history with and without the entry, all or nothing."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ledger.application import Ledger
from ledger.errors import (
    DuplicateIdError,
    FieldError,
    InputError,
    LedgerExistsError,
    NoLedgerError,
    ReferenceNotRecordedError,
    RefusedError,
    SealedError,
)
from ledger.recording.statement import Statement
from ledger.rules.judge import Finding
from tests import desk

pytestmark = pytest.mark.usefixtures("each_engine")


def types(ledger: Ledger, stream: str) -> list[str]:
    return [entry.type for _, entry in ledger.entries.stream(stream, None)]


def test_a_new_ledgers_files_are_private(tmp_path: Path) -> None:
    with desk.new_ledger(tmp_path) as ledger:
        assert types(ledger, "ledger") == ["LedgerOpened"]
        assert types(ledger, "practice") == ["PolicyAdopted"]
    files = desk.places(tmp_path).files
    assert [file.stat().st_mode & 0o777 for file in files] == [0o600] * len(files)


def test_init_writes_nothing_where_something_stands(tmp_path: Path) -> None:
    (tmp_path / "practice.keys").write_text("mine")
    with pytest.raises(LedgerExistsError):
        desk.new_ledger(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"practice.keys"}


def test_opening_makes_no_ledger(tmp_path: Path) -> None:
    with pytest.raises(NoLedgerError, match="init"):
        Ledger(desk.places(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_therapy_opens_on_its_papers(tmp_path: Path) -> None:
    with desk.new_ledger(tmp_path) as ledger:
        recorded = desk.therapy_begun(ledger)
        assert [entry.type for entry in recorded.entries] == ["EngagementOpened"]
        assert recorded.entries[0].admitted == "enforced"
        assert ledger.at().case("C-1").engagements["E1"].state_at(("9", 0)) == "running"


def test_the_chain_runs_through_each_stream(tmp_path: Path) -> None:
    from ledger.recording.sealer import leaf_hash

    with desk.new_ledger(tmp_path) as ledger:
        desk.therapy_begun(ledger)
        rows = ledger.recorder.stream_rows("client/C-1")
        entries = [entry for _, entry in ledger.entries.stream("client/C-1", None)]
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    assert entries[0].prev == "0" * 64
    assert [entry.prev for entry in entries[1:]] == [leaf_hash(row.state) for row in rows[:-1]]


def test_a_gate_refuses_and_the_attempt_is_noted(tmp_path: Path) -> None:
    with desk.new_ledger(tmp_path) as ledger:
        desk.therapy_begun(ledger)
        before = types(ledger, "client/C-1")
        with pytest.raises(RefusedError) as refused:
            ledger.record(
                [
                    desk.intake(2, "coaching"),
                    *desk.papers(2, "coaching-contract"),
                    desk.opening(2, "coaching"),
                ]
            )
        rules = {finding.rule for finding in refused.value.findings if isinstance(finding, Finding)}
        assert rules >= {"ROLE-1"}
        assert types(ledger, "client/C-1") == before
        noted = ledger.entries.stream("ledger", None)[-1][1]
        assert noted.event.type == "EngagementOpened"
        assert "ROLE-1" in noted.event.rules
        assert ledger.plain(noted) == {"client": "C-1"}


def test_may_asks_and_stores_nothing(tmp_path: Path) -> None:
    with desk.new_ledger(tmp_path) as ledger:
        desk.therapy_begun(ledger)
        size = ledger.recorder.last_position()
        asked = ledger.may([desk.opening(2, "coaching", intake="I1", agreement="A1")])
        assert {finding.rule for finding in asked.refused} >= {"ROLE-1", "AGR-1", "AGR-2"}
        assert ledger.recorder.last_position() == size


def test_an_override_is_recorded_with_its_rules(tmp_path: Path) -> None:
    with desk.new_ledger(tmp_path) as ledger:
        ledger.record([*desk.staff(), desk.client()])
        entry = ledger.record([desk.opening(intake=None, agreement=None)], override=desk.override()).entries[
            0
        ]
        assert entry.admitted == "override"
        assert entry.override is not None
        assert set(entry.override.rules) == {"AGR-1", "INT-1"}
        judgement = ledger.at().judged("C-1").judgement
        assert {f.rule for f in judgement.findings if f.kind == "gate"} == {"AGR-1", "INT-1"}
        assert judgement.verdict == "violations"


def test_an_override_nobody_needed_leaves_no_mark(tmp_path: Path) -> None:
    with desk.new_ledger(tmp_path) as ledger:
        entry = ledger.record([*desk.staff(), desk.client()], override=desk.override()).entries[-1]
        assert (entry.admitted, entry.override) == ("enforced", None)


def test_what_happened_late_is_recordable_and_told(tmp_path: Path) -> None:
    with desk.new_ledger(tmp_path) as ledger:
        ledger.record(
            [*desk.staff(), desk.client(), desk.intake(1, "coaching"), *desk.papers(1, "coaching-contract")]
        )
        ledger.record([desk.opening(1, "coaching")])
        ledger.record(
            [desk.of_client("EngagementPaused", "2024-06-10T10:00:00-04:00", engagement="E1", reason="leave")]
        )
        ledger.record(
            [
                desk.of_client(
                    "EngagementResumed", "2024-06-20T10:00:00-04:00", engagement="E1", reason="return"
                )
            ]
        )
        late = desk.of_client(
            "ConcernRaised",
            "2024-06-12T10:00:00-04:00",
            engagement="E1",
            concern="K1",
            severity="clinical",
            details="panic",
        )
        recorded = ledger.record([late])
        assert {finding.rule for finding in recorded.raised} == {"SCOPE-1", "SCOPE-4"}


def test_a_suspension_tells_what_it_raises_on_clients(tmp_path: Path) -> None:
    with desk.new_ledger(tmp_path) as ledger:
        desk.therapy_begun(ledger)
        ledger.record(
            [
                desk.of_client(
                    "SessionHeld",
                    "2024-07-01",
                    engagement="E1",
                    session="S1",
                    modality="video",
                    purpose="service",
                )
            ]
        )
        suspended = desk.fact(
            "LicenceStatusChanged",
            practitioner="P-1",
            licence="L1",
            status="suspended",
            effective="2024-06-30",
        )
        assert {finding.rule for finding in ledger.record([suspended]).raised} == {"LIC-2"}


@pytest.mark.parametrize(
    ("statement", "error", "says"),
    [
        (desk.opening(engagement="E1", practitioner="P-404"), ReferenceNotRecordedError, "P-404"),
        (desk.opening(intake="I404"), ReferenceNotRecordedError, "I404"),
        (desk.opening(agreement="A404"), ReferenceNotRecordedError, "A404"),
        (desk.client(), DuplicateIdError, "C-1"),
        (desk.intake(), DuplicateIdError, "I1"),
        (
            desk.fact("ClientRelocated", client="C-404", jurisdiction="US-NC"),
            ReferenceNotRecordedError,
            "C-404",
        ),
        (
            desk.of_client("EntryCorrected", corrects=99, retracted="mistaken", reason="x"),
            ReferenceNotRecordedError,
            "99",
        ),
        (
            desk.of_client("EntryCorrected", corrects=1, changes={"mood": "good"}, reason="x"),
            FieldError,
            "mood",
        ),
        (
            desk.of_client("EntryCorrected", corrects=1, changes={"client": "C-2"}, reason="x"),
            FieldError,
            "own id",
        ),
        (
            desk.of_client("EntryCorrected", corrects=2, changes={"intake": "I7"}, reason="x"),
            FieldError,
            "own id",
        ),
        (
            desk.of_client("EntryCorrected", corrects=2, changes={"recommended": None}, reason="x"),
            FieldError,
            "null",
        ),
        (
            desk.of_client("EntryCorrected", corrects=2, changes={"practitioner": "P-404"}, reason="x"),
            ReferenceNotRecordedError,
            "P-404",
        ),
        (
            desk.fact("PolicyAdopted", adopts=["ROLE-99"], drops=[], parameters={}, reason="x"),
            FieldError,
            "ROLE-99",
        ),
    ],
)
def test_what_is_no_fact_is_refused_in_every_mode(
    tmp_path: Path, statement: Statement, error: type[InputError], says: str
) -> None:
    with desk.new_ledger(tmp_path) as ledger:
        ledger.record([*desk.staff(), desk.client(), desk.intake(), *desk.papers()])
        size = ledger.recorder.last_position()
        with pytest.raises(error, match=says):
            ledger.record([statement], override=desk.override())
        assert ledger.recorder.last_position() == size


def test_a_source_is_recorded_once(tmp_path: Path) -> None:
    moved = desk.of_client("ClientRelocated", jurisdiction="US-VA", source="pms-9")
    with desk.new_ledger(tmp_path) as ledger:
        ledger.record([desk.client()])
        ledger.record([moved])
        with pytest.raises(InputError, match="pms-9 is recorded already, as entry 2 of client/C-1"):
            ledger.record([moved])


def test_nothing_is_dated_ahead(tmp_path: Path) -> None:
    with desk.new_ledger(tmp_path) as ledger:
        ledger.record([desk.client()])
        with pytest.raises(RefusedError, match="refused by a gate"):
            ledger.record([desk.of_client("ClientRelocated", "2199-01-01", jurisdiction="US-VA")])


def test_sealed_texts_stand_nowhere_in_clear(tmp_path: Path) -> None:
    with desk.new_ledger(tmp_path) as ledger:
        ledger.record([desk.client("Secretname Person")])
        assert ledger.plain(ledger.entries.stream("client/C-1", None)[0][1])["name"] == "Secretname Person"
    for path in tmp_path.iterdir():
        assert b"Secretname" not in path.read_bytes()


def test_without_the_role_file_every_coded_field_is_read_and_no_sealed_one(tmp_path: Path) -> None:
    with desk.new_ledger(tmp_path) as ledger:
        desk.therapy_begun(ledger)
    (tmp_path / "practice.role").unlink()
    with Ledger(desk.places(tmp_path)) as ledger:
        entries = [entry for _, entry in ledger.entries.stream("client/C-1", None)]
        assert entries[0].event.jurisdiction == "US-NC"
        assert [ledger.plain(entry) for entry in entries] == [{} for _ in entries]
        june = ledger.at(ledger.moment("2024-06-30"))
        assert june.judged("C-1").judgement.verdict == "clean"
        ledger.record([desk.of_client("ClientDetailsChanged", name="Zoë Park")])  # who may not read may write


def test_two_ledgers_open_at_once_never_fork_a_stream(tmp_path: Path) -> None:
    with desk.new_ledger(tmp_path) as one:
        one.record([*desk.staff(), desk.client()])
        with Ledger(desk.places(tmp_path)) as other:
            for number in range(1, 6):
                one.record([desk.intake(2 * number)])
                other.record([desk.intake(2 * number + 1)])
            seqs = [entry.seq for _, entry in one.entries.stream("client/C-1", None)]
    assert seqs == list(range(1, 12))


def test_the_stored_entries_refuse_update_and_delete(tmp_path: Path, each_engine: str) -> None:
    desk.new_ledger(tmp_path).close()
    place = desk.places(tmp_path).place
    connection: Any
    refusal: type[Exception]
    if each_engine == "sqlite":
        connection, refusal = sqlite3.connect(place), sqlite3.IntegrityError
    else:
        connection, refusal = psycopg.connect(place, autocommit=True), psycopg.errors.RestrictViolation
    with closing(connection):
        for statement in ("UPDATE stored_events SET topic = 'x'", "DELETE FROM stored_events"):
            with pytest.raises(refusal, match="never changed or removed"):
                connection.execute(statement)


def test_known_at_reads_what_a_ledger_cut_there_would_say(tmp_path: Path) -> None:
    with desk.new_ledger(tmp_path) as ledger:
        desk.therapy_begun(ledger)
        then = ledger.recorder.log_time()
        ledger.record(
            [
                desk.of_client(
                    "EntryCorrected", corrects=2, changes={"roles_explained": False}, reason="misread"
                )
            ]
        )
        now = ledger.at(ledger.moment("2024-06-30")).judged("C-1")
        assert (now.judgement.verdict, now.verdict_as_recorded) == ("violations", "clean")
        assert ledger.at(ledger.moment("2024-06-30", then)).judged("C-1").judgement.verdict == "clean"


@pytest.mark.parametrize("go_live", ["2023-01-01", "2190-01-01", None])
def test_a_new_ledger_has_nothing_against_its_own_policy(tmp_path: Path, go_live: str | None) -> None:
    with desk.new_ledger(tmp_path, go_live=go_live) as ledger:
        later = ledger.at(ledger.moment("2200-01-01"))
        assert later.own().judgement.findings == []
        assert "ROLE-4" in later.policies.current.adopted


@pytest.mark.parametrize(
    ("opening", "says"),
    [
        ({"go_live": "2023-02-30"}, "go_live: .*expected a date"),
        ({"go_live": "2023-02-03T10:00:00Z"}, "go_live"),
        ({"policy": desk.RECOMMENDED | {"adopts": ["ROLE-1"]}}, "adopts: expected the id of a rule marked"),
        ({"policy": desk.RECOMMENDED | {"parameters": {"min_gap_days": -1}}}, "min_gap_days: .*not negative"),
    ],
)
def test_a_wrong_opening_leaves_nothing_behind(tmp_path: Path, opening: dict[str, object], says: str) -> None:
    with pytest.raises(InputError, match=says):
        desk.new_ledger(tmp_path, **opening)
    assert list(tmp_path.iterdir()) == []


def test_without_key_database_and_role_file_the_coded_record_is_read_all_the_same(tmp_path: Path) -> None:
    with desk.new_ledger(tmp_path) as ledger:
        desk.therapy_begun(ledger)
    (tmp_path / "practice.role").unlink()
    (tmp_path / "practice.keys").unlink()
    with Ledger(desk.places(tmp_path)) as ledger:
        assert ledger.at(ledger.moment("2024-06-30")).judged("C-1").judgement.verdict == "clean"
        with pytest.raises(SealedError, match=r"practice\.keys"):
            ledger.record([desk.of_client("ClientDetailsChanged", name="Zoë Park")])
