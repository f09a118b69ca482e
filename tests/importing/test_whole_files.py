"""A file counts as a whole: all of it is recorded, once, or nothing."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import BadLinesError, FieldError, InputError
from ledger.importing import import_files
from tests.importing import files

pytestmark = pytest.mark.usefixtures("each_engine")


def told(folder: Path, *lines: files.Given | str) -> list[tuple[int, str]]:
    """The problems that an import of these lines tells; nothing is stored."""
    with files.new_ledger(folder) as ledger:
        before = files.stored(ledger)
        with pytest.raises(BadLinesError) as wrong:
            import_files(ledger, [files.ndjson(folder, lines)], by="director")
        assert files.stored(ledger) == before
        assert ledger.recorder.sources_known(["a", "b"]) == {}
    return [(number, reason) for _, number, reason in wrong.value.problems]


def test_a_good_file_is_recorded_with_a_note_of_it(tmp_path: Path) -> None:
    path = files.ndjson(tmp_path, files.begun())
    with files.new_ledger(tmp_path) as ledger:
        done = import_files(
            ledger, [path], by="director", source_system="paper", authorised_by="board", reason="moved house"
        )

        assert (done.entries, done.known, done.files_known, done.positions) == (4, 0, (), (2, 6))
        assert files.types(ledger, "client/C-1") == ["ClientRegistered", "EngagementOpened", "SessionHeld"]
        assert {entry.admitted for entry in files.entries(ledger, "client/C-1")} == {"as-found"}
        noted = files.entries(ledger, "ledger")[-1].event
        assert noted.model_dump(exclude_none=True) == {
            "file_sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "entries": 4,
            "source_system": "paper",
            "authorised_by": "board",
            "reason": "moved house",
        }


def test_lines_chain_as_they_stand(tmp_path: Path) -> None:
    from ledger.recording.sealer import leaf_hash

    with files.new_ledger(tmp_path) as ledger:
        import_files(ledger, [files.ndjson(tmp_path, files.begun())], by="director")
        rows = ledger.recorder.stream_rows("client/C-1")
        chain = files.entries(ledger, "client/C-1")
    assert [entry.seq for entry in chain] == [1, 2, 3]
    assert [entry.prev for entry in chain] == ["0" * 64, *(leaf_hash(row.state) for row in rows[:2])]


def test_sealed_texts_come_back_and_do_not_stand_in_the_entry(tmp_path: Path) -> None:
    with files.new_ledger(tmp_path) as ledger:
        import_files(ledger, [files.ndjson(tmp_path, files.begun())], by="director")
        entry = files.entries(ledger, "client/C-1")[0]
        assert ledger.plain(entry) == {
            "name": "Zoë",
            "date_of_birth": "1990-02-03",
            "contact": "zoe@mail.example",
        }
        assert not any("Zoë".encode() in state for state in files.stored(ledger))


def test_a_text_is_sealed_in_the_service_of_its_engagement_opened_further_down(tmp_path: Path) -> None:
    concern = files.line(
        "ReassessmentHeld", client="C-1", engagement="E1", outcome="continue", rationale="as before"
    )
    lines = [concern, files.practitioner(), files.registered(), files.opened(service="coaching")]
    with files.new_ledger(tmp_path) as ledger:
        import_files(ledger, [files.ndjson(tmp_path, lines)], by="director")
        (row,) = ledger.recorder.disclosures_of("client/C-1", 1)
        stored = ledger.keys._store.find(int(row.key_id))
        assert stored is not None
        assert stored.domain == "coaching"


def test_every_bad_line_is_told_by_its_number(tmp_path: Path) -> None:
    problems = told(
        tmp_path,
        files.practitioner(),
        "{",
        files.registered(),
        "",
        {**files.session(), "minutes": "50"},
        files.session(2, mood=1),
        files.opened(),
    )
    assert [number for number, _ in problems] == [2, 5, 6]
    assert "not valid JSON" in problems[0][1]
    assert "minutes: expected a whole number" in problems[1][1]
    assert "mood: unknown field" in problems[2][1]


def test_bad_lines_hide_no_others(tmp_path: Path) -> None:
    """One source with two contents, in different batches, is told beside a line that cannot be read."""
    many = [files.session(1, session=f"T{number}") for number in range(1_100)]
    problems = told(
        tmp_path,
        "nonsense",
        *files.begun()[:3],
        files.session(1, source="a"),
        *many,
        files.session(2, source="a"),
    )
    assert [number for number, _ in problems] == [1, 1_106]
    assert "source a: recorded already with another content" in problems[1][1]


def test_references_may_point_forward(tmp_path: Path) -> None:
    with files.new_ledger(tmp_path) as ledger:
        done = import_files(ledger, [files.ndjson(tmp_path, reversed(files.begun()))], by="director")
        assert done.entries == 4


def test_a_reference_to_nothing_is_told(tmp_path: Path) -> None:
    (problem,) = told(tmp_path, files.practitioner(), files.registered(), files.session())
    assert problem[0] == 3
    assert "engagement E1" in problem[1]


def test_another_client_s_engagement_is_none_of_this_one(tmp_path: Path) -> None:
    (problem,) = told(tmp_path, *files.begun(), files.registered("C-2"), files.session(client="C-2"))
    assert (problem[0], "engagement E1" in problem[1]) == (6, True)


@pytest.mark.parametrize(
    ("again", "says"),
    [
        (files.opened(), "engagement E1"),
        (files.session(), "session S1"),
        (files.registered(), "client C-1"),
        (files.practitioner(), "practitioner P-1"),
    ],
)
def test_an_id_given_twice_in_a_file_is_told(tmp_path: Path, again: files.Given, says: str) -> None:
    (problem,) = told(tmp_path, *files.begun(), again)
    assert (problem[0], says in problem[1]) == (5, True)


def test_an_id_the_ledger_has_is_told(tmp_path: Path) -> None:
    with files.new_ledger(tmp_path) as ledger:
        import_files(ledger, [files.ndjson(tmp_path, files.begun())], by="director")
        second = files.ndjson(tmp_path, [files.session(2), files.opened()], "second.ndjson")
        before = files.stored(ledger)
        with pytest.raises(BadLinesError, match=r"line 2: .*engagement E1"):
            import_files(ledger, [second], by="director")
        assert files.stored(ledger) == before


def test_what_the_ledger_has_may_be_referred_to(tmp_path: Path) -> None:
    with files.new_ledger(tmp_path) as ledger:
        import_files(ledger, [files.ndjson(tmp_path, files.begun())], by="director")
        second = files.ndjson(tmp_path, [files.session(2)], "second.ndjson")
        assert import_files(ledger, [second], by="director").entries == 1
        assert [entry.seq for entry in files.entries(ledger, "client/C-1")] == [1, 2, 3, 4]


def test_the_same_file_again_adds_nothing(tmp_path: Path) -> None:
    path = files.ndjson(tmp_path, files.begun())
    copy = files.ndjson(tmp_path, files.begun(), "copy.ndjson")
    with files.new_ledger(tmp_path) as ledger:
        import_files(ledger, [path], by="director")
        before = files.stored(ledger)
        for again in (path, copy):
            done = import_files(ledger, [again], by="director")
            assert (done.entries, done.files_known, done.positions) == (0, (str(again),), None)
        assert files.stored(ledger) == before


def test_two_files_of_one_content_are_one(tmp_path: Path) -> None:
    lines = [
        files.practitioner(),
        files.registered(),
        files.line("ClientRelocated", client="C-1", jurisdiction="US-SC"),
    ]
    paths = [files.ndjson(tmp_path, lines, name) for name in ("a.ndjson", "b.ndjson")]
    with files.new_ledger(tmp_path) as ledger:
        done = import_files(ledger, [*paths, paths[0]], by="director")
        assert (done.entries, done.files_known) == (3, (str(paths[1]),))
        assert files.types(ledger, "ledger").count("HistoryImported") == 1


def test_equal_lines_without_a_source_are_two_facts(tmp_path: Path) -> None:
    moved = files.line("ClientRelocated", client="C-1", jurisdiction="US-SC")
    with files.new_ledger(tmp_path) as ledger:
        done = import_files(
            ledger, [files.ndjson(tmp_path, [files.registered(), moved, moved])], by="director"
        )
        assert done.entries == 3


def test_a_source_is_recorded_once(tmp_path: Path) -> None:
    """Within a file, and again in another file whatever the order of its fields."""
    moved = files.line("ClientRelocated", client="C-1", jurisdiction="US-SC", source="pms-7")
    turned = dict(reversed(moved.items()))
    with files.new_ledger(tmp_path) as ledger:
        first = files.ndjson(tmp_path, [files.registered(), moved, moved])
        assert (done := import_files(ledger, [first], by="director")).entries == 2
        assert done.known == 1
        second = files.ndjson(tmp_path, [turned, files.registered("C-2")], "second.ndjson")
        assert (done := import_files(ledger, [second], by="director")).entries == 1
        assert done.known == 1
        assert files.types(ledger, "client/C-1") == ["ClientRegistered", "ClientRelocated"]


@pytest.mark.parametrize(
    "changes",
    [
        {"jurisdiction": "US-VA"},
        {"by": "director"},
        {"occurred_at": "2024-06-04"},
        {"type": "ClientRegistered"},
    ],
)
def test_a_source_with_two_contents_is_bad_input(tmp_path: Path, changes: dict[str, Any]) -> None:
    moved = files.line("ClientRelocated", client="C-1", jurisdiction="US-SC", source="a")
    other = moved | changes
    if changes.get("type"):
        other = files.registered("C-9", source="a")
    problems = told(tmp_path, files.registered(), moved, other)
    assert problems == [(3, problems[0][1])]
    assert "source a: recorded already with another content" in problems[0][1]


def test_a_source_the_ledger_knows_with_another_content_is_bad_input(tmp_path: Path) -> None:
    moved = files.line("ClientRelocated", client="C-1", jurisdiction="US-SC", source="a")
    with files.new_ledger(tmp_path) as ledger:
        import_files(ledger, [files.ndjson(tmp_path, [files.registered(), moved])], by="director")
        second = files.ndjson(tmp_path, [moved | {"jurisdiction": "US-VA"}], "second.ndjson")
        with pytest.raises(BadLinesError, match="line 1: source a"):
            import_files(ledger, [second], by="director")


def test_problems_name_the_file_they_are_in(tmp_path: Path) -> None:
    """Names are checked when all files are read; each problem still belongs to its own file."""
    first = files.ndjson(tmp_path, [files.registered(), files.session()], "first.ndjson")
    second = files.ndjson(tmp_path, [files.registered("C-2")], "second.ndjson")
    with files.new_ledger(tmp_path) as ledger, pytest.raises(BadLinesError) as wrong:
        import_files(ledger, [first, second], by="director")
    assert [(file, number) for file, number, _ in wrong.value.problems] == [(str(first), 2)]


def test_several_files_count_together(tmp_path: Path) -> None:
    first = files.ndjson(tmp_path, [files.session(), files.opened()], "first.ndjson")
    second = files.ndjson(tmp_path, [files.practitioner(), files.registered()], "second.ndjson")
    with files.new_ledger(tmp_path) as ledger:
        assert import_files(ledger, [first, second], by="director").entries == 4
        assert files.types(ledger, "ledger") == ["LedgerOpened", "HistoryImported", "HistoryImported"]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.ndjson", b"", "is empty"),
        ("blank.ndjson", b"\xef\xbb\xbf\n  \n", "is empty"),
        ("empty.csv", b"", "is empty"),
        ("history.xlsx", b"PK", "named .ndjson or .csv, came .xlsx"),
        ("history", b"{}", "came no suffix"),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(content)
    with files.new_ledger(tmp_path) as ledger, pytest.raises(InputError, match=says):
        import_files(ledger, [tmp_path / name], by="director")


def test_a_file_that_is_absent_is_refused(tmp_path: Path) -> None:
    with files.new_ledger(tmp_path) as ledger, pytest.raises(InputError, match="cannot be read"):
        import_files(ledger, [tmp_path / "absent.ndjson"], by="director")


def test_progress_tells_every_byte_once(tmp_path: Path) -> None:
    path = files.ndjson(
        tmp_path, [*files.begun(), *(files.session(2, session=f"T{n}") for n in range(2_500))]
    )
    told: list[int] = []
    with files.new_ledger(tmp_path) as ledger:
        import_files(ledger, [path], by="director", progress=told.append)
    assert len(told) > 1
    assert sum(told) == path.stat().st_size


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"by": "Ann Lee"}, "by"),
        ({"by": "desk", "source_system": "\x07"}, "source_system"),
        ({"by": "desk", "as_found": True, "authorised_by": "Ann Lee", "reason": "x"}, "authorised_by"),
        ({"by": "desk", "as_found": True, "authorised_by": "ann", "reason": "\x07"}, "reason"),
    ],
)
def test_what_cannot_be_said_of_an_import_is_refused_before_it_begins(
    tmp_path: Path, given: dict[str, Any], named: str
) -> None:
    file = tmp_path / "history.ndjson"
    file.write_text('{"type":"ActorRegistered"}\n')  # not even looked at
    with files.new_ledger(tmp_path) as ledger:
        before = ledger.recorder.count()
        with pytest.raises(FieldError, match=named):
            import_files(ledger, [file], **given)
        assert ledger.recorder.count() == before
