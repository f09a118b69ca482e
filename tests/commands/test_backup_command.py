"""`backup`, `restore`, `export ledger` and `import` of a whole ledger, as people call them."""

from pathlib import Path

import pytest

from ledger.application import Ledger
from ledger.places import Places
from tests.commands.program import Program


@pytest.fixture
def backup(in_therapy: Program) -> Path:
    in_therapy.good("backup", str(in_therapy.folder / "b.db"))
    return in_therapy.folder / "b.db"


def beside(program: Program, name: str = "again") -> Program:
    """The program on a ledger that is not there yet."""
    other = Program(program.folder, program._monkeypatch, program._capsys)
    other.url = f"sqlite:///{program.folder}/{name}.db"
    return other


def with_keys(program: Program) -> None:
    program._monkeypatch.setenv("ENGAGEMENT_LEDGER_KEYS", str(program.folder / "ledger.keys"))
    program._monkeypatch.setenv("ENGAGEMENT_LEDGER_ROLE", str(program.folder / "ledger.role"))


def test_a_backup_says_what_is_in_it_and_what_is_not(in_therapy: Program) -> None:
    file = in_therapy.folder / "b.db"

    done = in_therapy.good("backup", str(file))

    told = done.told
    assert f"Backup: {in_therapy.count()} entries of {in_therapy.url}" in told
    assert f"Last checkpoint: over {in_therapy.count()} entries." in told
    assert "NOT in it" in told
    assert f"key database: {in_therapy.folder / 'ledger.keys'}" in told
    assert f"role file: {in_therapy.folder / 'ledger.role'}" in told
    assert all(len(line) <= 80 or "SHA-256" in line or "/" in line for line in done.out.splitlines())


def test_a_backup_as_json(in_therapy: Program) -> None:
    file = in_therapy.folder / "b.db"

    told = in_therapy.good("backup", str(file), "--json").json

    assert (told["file"], told["entries"], told["unsigned_entries"]) == (str(file), in_therapy.count(), 0)
    assert told["checkpoint"]["size"] == told["entries"]
    assert [one["what"] for one in told["not_included"]] == ["key database", "role file"]
    assert told["bytes"] == file.stat().st_size


def test_a_backup_is_itself_a_ledger(in_therapy: Program, backup: Path) -> None:
    copy = beside(in_therapy, backup.stem)

    assert copy.good("audit", "--json").json["entries"] == in_therapy.good("audit", "--json").json["entries"]


def test_a_restored_ledger_goes_on(in_therapy: Program, backup: Path) -> None:
    again = beside(in_therapy)
    with_keys(again)

    done = again.good("restore", str(backup))
    again.good("record", "concern-raised", "--client", "C-1", "--severity", "watch", "--details", "x")

    assert "The key database goes with it: recording can go on." in done.told
    assert again.count() == in_therapy.count() + 1
    again.good("verify")


def test_the_command_that_is_printed_is_the_one_that_helps(in_therapy: Program, backup: Path) -> None:
    import shlex

    in_therapy.good("record", "concern-raised", "--client", "C-1", "--severity", "watch", "--details", "x")
    again = beside(in_therapy)
    with_keys(again)

    done = again.good("restore", str(backup))
    refused = again("record", "client-relocated", "--client", "C-1", "--jurisdiction", "US-NC")
    command = again.good("restore", "--help").told and next(
        line for line in done.out.splitlines() if "checkpoint rebase" in line
    )
    words = shlex.split(command)

    assert "1 are missing" in done.told
    assert refused.code == 4
    assert words[:3] == ["engagement-ledger", "--ledger", again.url]
    again.good(*words[3:], "--yes")
    again.good("record", "client-relocated", "--client", "C-1", "--jurisdiction", "US-NC")
    assert "says openly that the log was restored" in again.good("verify").told


def test_a_restore_as_json_names_what_to_do(in_therapy: Program, backup: Path) -> None:
    in_therapy.good("record", "concern-raised", "--client", "C-1", "--severity", "watch", "--details", "x")
    again = beside(in_therapy)
    with_keys(again)

    told = again.good("restore", str(backup), "--json").json

    assert told["keys"]["signed_entries"] == told["entries"] + 1
    assert "checkpoint rebase" in told["keys"]["recording_refused"]
    assert told["next"].startswith("engagement-ledger --ledger")


def test_without_keys_it_is_said_what_can_and_cannot_be_done(in_therapy: Program, backup: Path) -> None:
    again = beside(in_therapy)

    told = again.good("restore", str(backup)).told
    refused = again("record", "client-relocated", "--client", "C-1", "--jurisdiction", "US-NC")

    assert "nothing can be recorded and no sealed text opened" in told
    assert refused.code == 7
    again.good("audit")


def test_without_a_role_file_sealed_texts_stay_closed(in_therapy: Program, backup: Path) -> None:
    again = beside(in_therapy)
    with_keys(again)
    again._monkeypatch.setenv("ENGAGEMENT_LEDGER_ROLE", str(again.folder / "absent.role"))

    assert "sealed texts stay closed until it is put there" in again.good("restore", str(backup)).told


def test_nothing_is_overwritten(in_therapy: Program, backup: Path) -> None:
    for command in (("backup", str(backup)), ("restore", str(backup)), ("export", "ledger", str(backup))):
        done = in_therapy(*command)
        assert (done.code, "exists already" in done.told) == (2, True), command


def test_damage_is_told_with_what_to_do(in_therapy: Program) -> None:
    from tests.verification.edited import change

    (in_therapy.folder / "ledger.db").rename(in_therapy.folder / "practice.db")
    change(in_therapy.folder, "UPDATE tree SET hash = zeroblob(32) WHERE number = 3")
    (in_therapy.folder / "practice.db").rename(in_therapy.folder / "ledger.db")

    refused = in_therapy("backup", str(in_therapy.folder / "b.db"))
    kept = in_therapy.good("backup", "--as-is", str(in_therapy.folder / "evidence.db"), "--json")

    assert refused.code == 4
    assert "no copy of it was kept" in refused.told
    assert kept.json["as_is"]
    assert not (in_therapy.folder / "b.db").exists()


# -- export ledger, import of a whole ledger --------------------------------------------------------------


def test_an_exported_ledger_is_imported_where_none_is(in_therapy: Program) -> None:
    file = in_therapy.folder / "whole.ledger"
    in_therapy.good("export", "ledger", str(file))
    again = beside(in_therapy)

    told = again.good("import", str(file), "--json").json

    first, second = Ledger(Places.of(in_therapy.url)), Ledger(Places.of(again.url))
    with first, second:
        assert [row for page in first.recorder.pages() for row in page] == [
            row for page in second.recorder.pages() for row in page
        ]
    assert told["entries"] == in_therapy.count()
    asked = ("audit", "--json", "--as-of", "2030-01-01")
    assert again(*asked).out == in_therapy(*asked).out


def test_a_whole_ledger_is_not_imported_into_one(in_therapy: Program, backup: Path) -> None:
    refused = in_therapy("import", str(backup))
    together = beside(in_therapy)("import", str(backup), in_therapy.file("a.ndjson"))
    told_of = beside(in_therapy)("import", str(backup), "--source-system", "old")

    assert (refused.code, together.code, told_of.code) == (2, 2, 2)
    assert "comes in as it is" in told_of.told
    assert "needs an empty place" in refused.told
    assert "imported alone" in together.told
