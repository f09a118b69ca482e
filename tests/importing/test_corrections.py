"""Corrections in an import: by source wherever their target stands, by seq with the client."""

from pathlib import Path
from typing import Any

import pytest

from ledger.errors import BadLinesError
from ledger.importing import import_files
from tests.importing import files

pytestmark = pytest.mark.usefixtures("each_engine")

BEGUN = [
    files.practitioner(),
    files.registered(source="pms-1"),
    files.opened(source="pms-2"),
    files.session(source="pms-3"),
]


def problems(folder: Path, *lines: files.Given) -> list[tuple[int, str]]:
    with files.new_ledger(folder) as ledger, pytest.raises(BadLinesError) as wrong:
        import_files(ledger, [files.ndjson(folder, lines)], by="director")
    return [(number, reason) for _, number, reason in wrong.value.problems]


def minutes_of_session(folder: Path, *lines: files.Given) -> int | None:
    """The session's minutes after these lines, as they are told then."""
    with files.new_ledger(folder) as ledger:
        import_files(ledger, [files.ndjson(folder, lines)], by="director")
        facts = ledger.at().history("C-1").facts
        found: list[int | None] = [fact.event.minutes for fact in facts if fact.entry.type == "SessionHeld"]
    return found[0] if found else None


@pytest.mark.parametrize("first", [True, False], ids=["before its target", "after it"])
def test_by_source(tmp_path: Path, *, first: bool) -> None:
    fix = files.correction(corrects="pms-3", changes={"minutes": 45})
    assert minutes_of_session(tmp_path, *([fix, *BEGUN] if first else [*BEGUN, fix])) == 45


def test_by_seq_with_the_client(tmp_path: Path) -> None:
    fix = files.correction(corrects=3, client="C-1", changes={"minutes": 40})
    assert minutes_of_session(tmp_path, fix, *BEGUN) == 40


def test_a_correction_of_a_correction(tmp_path: Path) -> None:
    fix = files.correction(corrects="pms-3", changes={"minutes": 45}, source="pms-4")
    undo = files.correction(corrects="pms-4", retracted="mistaken")
    assert minutes_of_session(tmp_path, undo, fix, *BEGUN) is None


def test_a_correction_of_a_correction_in_other_words(tmp_path: Path) -> None:
    fix = files.correction(corrects="pms-3", changes={"minutes": 45}, source="pms-4")
    better = files.correction(corrects="pms-4", changes={"changes": {"minutes": 50}})
    assert minutes_of_session(tmp_path, better, *BEGUN, fix) == 50


def test_an_entry_of_an_earlier_import(tmp_path: Path) -> None:
    with files.new_ledger(tmp_path) as ledger:
        import_files(ledger, [files.ndjson(tmp_path, BEGUN)], by="director")
        fix = [files.correction(corrects="pms-3", retracted="duplicate")]
        import_files(ledger, [files.ndjson(tmp_path, fix, "fix.ndjson")], by="director")
        corrected = files.entries(ledger, "client/C-1")[-1]
        assert (corrected.seq, corrected.event.corrects) == (4, 3)
        assert [fact.seq for fact in ledger.at().history("C-1").retracted] == [3]


def test_a_corrected_sealed_field_is_sealed(tmp_path: Path) -> None:
    fix = files.correction(corrects="pms-1", changes={"name": "Zoë Lindqvist"})
    with files.new_ledger(tmp_path) as ledger:
        import_files(ledger, [files.ndjson(tmp_path, [*BEGUN, fix])], by="director")
        assert ledger.plain(files.entries(ledger, "client/C-1")[-1])["changes.name"] == "Zoë Lindqvist"
        assert not any(b"Lindqvist" in state for state in files.stored(ledger))


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        (
            {"corrects": "pms-9", "retracted": "mistaken"},
            "source pms-9 is not recorded, neither here nor in this file",
        ),
        ({"corrects": "fix", "source": "fix", "retracted": "mistaken"}, "is the correction itself"),
        ({"corrects": 9, "client": "C-1", "retracted": "mistaken"}, "corrects: entry 9"),
        ({"corrects": 4, "client": "C-1", "retracted": "mistaken"}, "cannot correct itself"),
        ({"corrects": 1, "client": "C-2", "retracted": "mistaken"}, "corrects: entry"),
        ({"corrects": "pms-3", "changes": {"mood": 1}}, "changes.mood: unknown field"),
        ({"corrects": "pms-3", "changes": {"minutes": "45"}}, "changes.minutes: expected a whole number"),
        ({"corrects": "pms-3", "changes": {"session": "S2"}}, "own id and stream cannot be corrected"),
        ({"corrects": "pms-3", "changes": {"modality": None}}, "null cannot take it away"),
        ({"corrects": "pms-3", "changes": {"engagement": "E7"}}, "engagement E7"),
    ],
)
def test_a_correction_that_is_none(tmp_path: Path, fields: dict[str, Any], says: str) -> None:
    (problem,) = problems(tmp_path, *BEGUN, files.correction(**fields))
    assert (problem[0], says in problem[1]) == (5, True), problem


def test_a_bad_correction_is_told_beside_other_bad_lines(tmp_path: Path) -> None:
    """But not one of a line that is bad itself, nor one of that correction."""
    told = problems(
        tmp_path,
        *BEGUN,
        files.session(2, source="pms-4", minutes="x"),
        files.correction(corrects="pms-4", retracted="mistaken", source="pms-5"),
        files.correction(corrects="pms-5", retracted="mistaken"),
        files.correction(corrects="pms-3", changes={"mood": 1}),
    )
    assert [number for number, _ in told] == [5, 8]


def test_corrections_that_do_not_fit_together_are_told(tmp_path: Path) -> None:
    """Each alone leaves an entry that can be read; both together say to change it and to retract it."""
    fix = files.correction(corrects="pms-3", changes={"minutes": 45}, source="pms-4")
    either = files.correction(corrects="pms-4", changes={"changes": None, "retracted": "mistaken"})
    other = files.correction(corrects="pms-4", changes={"changes": {"minutes": 50}})
    (problem,) = problems(tmp_path, *BEGUN, fix, either, other)
    assert (problem[0], "together do not fit" in problem[1]) == (7, True)


def test_a_correction_with_a_source_is_recorded_once(tmp_path: Path) -> None:
    fix = files.correction(corrects="pms-3", changes={"minutes": 45}, source="fix")
    with files.new_ledger(tmp_path) as ledger:
        done = import_files(ledger, [files.ndjson(tmp_path, [fix, *BEGUN, fix])], by="director")
        assert (done.entries, done.known) == (5, 1)


@pytest.mark.parametrize("apart", [0, 1_200], ids=["in one batch", "batches apart"])
def test_a_correction_and_another_fact_with_its_source_is_bad_input(tmp_path: Path, apart: int) -> None:
    fix = files.correction(corrects="pms-3", changes={"minutes": 45}, source="fix")
    between = [files.session(2, session=f"T{number}") for number in range(apart)]
    (problem,) = problems(tmp_path, fix, *BEGUN, *between, files.session(3, source="fix"))
    assert (problem[0], "source fix" in problem[1]) == (6 + apart, True)
