"""Lines are read strictly, and each problem is told with the physical line where its record starts."""

from pathlib import Path

import pytest

from ledger.errors import BadLinesError
from ledger.importing import import_files
from ledger.importing.lines import LINE_LIMIT, Line, lines
from tests.importing import files

HEADER = "type,occurred_at,by,client,name,date_of_birth,contact,jurisdiction\n"
ZOE = "ClientRegistered,2024-06-01,frontdesk,C-1,Zoë,1990-02-03,zoe@mail.example,US-NC\n"


def raw(folder: Path, content: bytes, name: str = "history.ndjson") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def of(path: Path) -> list[Line]:
    return list(lines(path))


# -- NDJSON -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b'{"a":1,"a":2}', "duplicate key"),
        (b'{"a":1, "a" :2}', "duplicate key"),
        (b'{"a" :1,"a":2,"b":"\\":"}', "duplicate key"),
        (b'{"a":{"b":1,"b":1}}', "duplicate key"),
        (b'{"a":1.0}', "expected an integer"),
        (b'{"a":1e3}', "expected an integer"),
        (b'{"a":[1.5]}', "expected an integer"),
        (b'{"a":9007199254740992}', "number too large"),
        (b'{"a":NaN}', "NaN"),
        (b'{"a":-Infinity}', "Infinity"),
        (b'{"a":01}', "not valid JSON"),
        (b'{"a":1}{"b":2}', "not valid JSON"),
        (b'{"a":"\x01"}', "not valid JSON"),
        (b'{"a":"\\ud800"}', "surrogate"),
        (b'{"a":"\xff"}', "not UTF-8"),
        (b"\xef\xbb\xbf{}", "byte-order mark"),
        (b'{"a":1', "not valid JSON"),
        (b"# a comment", "not valid JSON"),
        (b"[1]", "expected one JSON object, came an array"),
        (b'"text"', "expected one JSON object, came a str"),
        (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deep"),
        (b"[" * 100_000, "nested too deep"),
    ],
)
def test_a_line_that_is_no_strict_json_object(tmp_path: Path, line: bytes, says: str) -> None:
    good, bad, after = of(raw(tmp_path, b'{"a":"b"}\n' + line + b'\n{"c":true}\n'))
    assert (good.given, bad.given, after.given) == ({"a": "b"}, None, {"c": True})
    assert (good.number, bad.number, after.number) == (1, 2, 3)
    assert says in (bad.problem or "")


def test_blank_lines_carriage_returns_and_a_byte_order_mark_are_accepted(tmp_path: Path) -> None:
    found = of(raw(tmp_path, b'\xef\xbb\xbf{"a":"b"}\r\n\r\n \t\n {"c":1} \r\n{"d":[]}'))
    assert [(one.number, one.given) for one in found] == [(1, {"a": "b"}), (4, {"c": 1}), (5, {"d": []})]


def test_a_line_of_one_mebibyte_is_taken_and_a_longer_one_is_not(tmp_path: Path) -> None:
    def padded(size: int) -> bytes:
        return b'{"a":"' + b"x" * (size - 8) + b'"}'

    content = (
        padded(LINE_LIMIT) + b"\n" + padded(LINE_LIMIT + 1) + b"\n" + padded(3 * LINE_LIMIT) + b'\n{"b":1}\n'
    )
    most, more, far_more, after = of(raw(tmp_path, content))
    assert most.problem is None
    assert "at most 1 MiB" in (more.problem or "")
    assert "at most 1 MiB" in (far_more.problem or "")
    assert (after.number, after.given) == (4, {"b": 1})


def test_every_byte_of_a_file_is_counted(tmp_path: Path) -> None:
    content = b'{"a":1}\n\n{"b":' + b"1" * 50 + b"}\n" + b"x" * (2 * LINE_LIMIT) + b"\n"
    found = of(raw(tmp_path, content))
    assert [one.number for one in found] == [1, 3, 4]
    assert sum(one.size for one in found) <= len(content)


# -- CSV --------------------------------------------------------------------------------------------------


def test_cells_become_what_their_field_takes(tmp_path: Path) -> None:
    columns = (
        "type,occurred_at,by,source,client,engagement,session,modality,purpose,minutes,focus,contains_diagnosis,"
        "corrects,changes,rationale\n"
    )
    rows = (
        "SessionHeld,2024-06-01,x,,C-1,E1,S1,video,service,50,,,,,\n"
        "EngagementOpened,2024-06-01,x,7,C-1,E1,,,,,goals; career ;,,,,\n"
        "RecordFiled,2024-06-01,x,,C-1,E1,,,,,,TRUE,,,\n"
        'EntryCorrected,2024-06-01,x,,C-1,,,,,,,,3,"{""minutes"": 45}",\n'
        "IntakeCompleted,2024-06-01,x,,C-1,,,,,,,,,, as told \n"
    )
    session, opened, filed, corrected, intake = (
        one.given or {} for one in of(raw(tmp_path, (columns + rows).encode(), "a.csv"))
    )
    assert session["minutes"] == 50
    assert (opened["focus"], opened["source"]) == (["goals", "career"], "7")
    assert filed["contains_diagnosis"] is True
    assert (corrected["corrects"], corrected["changes"]) == (3, {"minutes": 45})
    assert intake["rationale"] == " as told "
    assert "engagement" not in intake


def test_a_csv_history_is_imported(tmp_path: Path) -> None:
    with files.new_ledger(tmp_path) as ledger:
        done = import_files(ledger, [files.csv(tmp_path, "\ufeff" + HEADER + ZOE)], by="director")
        assert done.entries == 1
        assert ledger.plain(files.entries(ledger, "client/C-1")[0])["name"] == "Zoë"


def test_a_record_is_told_by_the_line_it_starts_on(tmp_path: Path) -> None:
    """A cell with line breaks, blank lines and the header all count as physical lines."""
    twoline = ZOE.replace("Zoë", '"Zoë\nof Cary"').replace("C-1", "C-2")
    content = (
        HEADER + twoline + "\n" + ZOE.replace("US-NC", "Nowhere") + ZOE.replace("1990-02-03", "1990-02-31")
    )
    with files.new_ledger(tmp_path) as ledger, pytest.raises(BadLinesError) as wrong:
        import_files(ledger, [files.csv(tmp_path, content)], by="director")
    assert [(number, reason.split(":")[1].strip()) for _, number, reason in wrong.value.problems] == [
        (5, "jurisdiction"),
        (6, "date_of_birth"),
    ]


@pytest.mark.parametrize(
    ("content", "number", "says"),
    [
        (b"a,b\n1,2\n", 1, "a header with a `type` column"),
        (b"type,mood\nx,y\n", 1, "no event type has a field of that name"),
        (b"type,client,client\nx,y,z\n", 1, "stands twice"),
        (b"type,,client\nx,y,z\n", 1, "a column has no name"),
        (b"type,client\nClientRelocated,C-1,US-NC\n", 2, "expected 2 cells as in the header, came 3"),
        (b'type,client\nClientRelocated,"C-1\n', 2, "not valid CSV"),
        (b"\xff\xfet\0y\0p\0e\0", 1, "came UTF-16"),
        (b"type,client\nClientRelocated,\xe9\n", 1, "byte 28 cannot be decoded"),
        (b"PK\x03\x04", 1, "a spreadsheet"),
        (b"type,client\nClient\0,C-1\n", 1, "NUL"),
    ],
)
def test_a_csv_file_that_cannot_be_taken(tmp_path: Path, content: bytes, number: int, says: str) -> None:
    bad = of(raw(tmp_path, content, "history.csv"))[-1]
    assert (bad.number, bad.given) == (number, None)
    assert says in (bad.problem or "")


def test_a_changes_cell_that_is_no_json_is_told(tmp_path: Path) -> None:
    content = (
        b"type,occurred_at,by,client,corrects,changes,reason\nEntryCorrected,2024-06-01,x,C-1,1,minutes=5,y\n"
    )
    (bad,) = of(raw(tmp_path, content, "history.csv"))
    assert (bad.problem or "").startswith("changes: not valid JSON")
