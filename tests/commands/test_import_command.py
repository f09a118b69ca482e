"""`import` as a command: options, what it tells, exit codes. What may be imported is tested with the importing."""

import json

import pytest

from ledger.events.clients import ClientRegistered, ClientRelocated
from ledger.events.engagements import EngagementPaused
from ledger.schema import example_of
from tests.commands.program import Program


def lines(*wanted: dict[str, object]) -> str:
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in wanted)


REGISTERED = {**example_of(ClientRegistered), "client": "C-9"}
MOVED = {**example_of(ClientRelocated), "client": "C-9"}
PAUSED = {**example_of(EngagementPaused), "client": "C-1"}


def test_it_says_what_was_imported(program: Program) -> None:
    file = program.file("h.ndjson", lines(REGISTERED, MOVED))

    done = program.good("import", file, "--source-system", "Old PMS")

    assert "Imported 2 entries" in done.out
    assert [entry.type for entry in program.stream("client/C-9")] == ["ClientRegistered", "ClientRelocated"]
    assert program.stream("ledger")[-1].event.source_system == "Old PMS"


def test_the_same_file_again_adds_nothing(program: Program) -> None:
    file = program.file("h.ndjson", lines(REGISTERED))
    program.good("import", file)
    before = program.count()

    done = program.good("import", file)

    assert "imported before" in done.out
    assert program.count() == before


def test_json(program: Program) -> None:
    file = program.file("h.ndjson", lines(REGISTERED))

    document = program.good("import", file, "--json").json

    assert (document["entries"], document["known"], document["files_known"]) == (1, 0, [])


def test_bad_lines_are_named_and_nothing_is_stored(program: Program) -> None:
    file = program.file("h.ndjson", lines(REGISTERED, {**MOVED, "a\x07": "x\x07"}))
    before = program.count()

    done = program("import", file)

    assert (done.code, program.count()) == (5, before)
    assert "line 2" in done.err
    assert "\x07" not in done.err
    assert "\\u0007" in done.err


def test_a_gate_refuses_a_whole_file(in_therapy: Program) -> None:
    file = in_therapy.file("h.ndjson", lines({**PAUSED, "occurred_at": "2026-01-02"}))

    done = in_therapy("import", file)

    assert done.code == 3
    assert "SEQ-1" in done.out
    assert "--as-found" in done.told
    assert in_therapy.stream("client/C-1")[-1].type == "EngagementOpened"


def test_later_history_is_brought_in_openly(in_therapy: Program) -> None:
    file = in_therapy.file("h.ndjson", lines({**PAUSED, "occurred_at": "2026-01-02"}))

    in_therapy.good("import", file, "--as-found", "--authorised-by", "director", "--reason", "migration")

    assert in_therapy.stream("client/C-1")[-1].admitted == "as-found"
    assert in_therapy.stream("ledger")[-1].event.authorised_by == "director"


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        ((), 2, "FILE"),
        (("nowhere.ndjson",), 5, "cannot be read"),
        (("h.txt",), 5, ".ndjson or .csv"),
        (("h.ndjson", "--as-found"), 2, "--authorised-by"),
        (("h.ndjson", "--as-found", "--authorised-by", "director"), 2, "--reason"),
        (("h.ndjson", "--authorised-by", "director"), 2, "--as-found"),
    ],
)
def test_how_it_cannot_be_called(program: Program, options: tuple[str, ...], code: int, words: str) -> None:
    before = program.count()

    done = program("import", *options)

    assert (done.code, program.count()) == (code, before)
    assert words in done.told
