"""Two files of one person: found out, said in both files, taken back in both, and never a reason to judge otherwise."""

import json

import pytest

from tests.commands.program import Program

LINKED = ("--client", "C-1", "--other", "C-2", "--found", "same-person", "--basis", "client-told")


@pytest.fixture
def two(client: Program) -> Program:
    """C-1 with an intake, and C-2."""
    client.good(
        *("record", "client-registered", "--client", "C-2", "--name", "Zoe Marsh", "--contact", "x"),
        *("--date-of-birth", "1991-01-01", "--jurisdiction", "US-NC"),
    )
    return client


def others(program: Program, client: str) -> list[str]:
    told = program.good("show", "client", client, "--json").json["comparisons"]
    return [one["other"] for one in told if one["found"] == "same-person"]


def test_both_files_say_it(two: Program) -> None:
    # When the two are found to be one person's
    done = two.good("record", "clients-compared", *LINKED, "--json").json

    # Then one transaction put an entry into each file, and each names the other
    assert [(one["stream"], one["type"]) for one in done["recorded"]] == [
        ("client/C-1", "ClientsCompared"),
        ("client/C-2", "ClientsCompared"),
    ]
    assert (others(two, "C-1"), others(two, "C-2")) == (["C-2"], ["C-1"])
    assert "C-2: of the same person" in two.good("show", "client", "C-1").told
    assert "the file of C-1 was found to be of the same person, as the client told" in (
        two.good("timeline", "C-2").told
    )


def test_what_is_found_last_counts(two: Program) -> None:
    two.good("record", "clients-compared", *LINKED)

    two.good("record", "clients-compared", *LINKED[:-4], "--found", "different-persons", "--basis", "other")

    assert (others(two, "C-1"), others(two, "C-2")) == ([], [])
    assert "C-2: looked alike, of somebody else" in two.good("show", "client", "C-1").told


def test_it_is_taken_back_in_both(two: Program) -> None:
    # Given the link, as entry 3 of C-1
    two.good("record", "clients-compared", *LINKED)

    # When it is retracted in one file
    back = ("--client", "C-1", "--corrects", "3", "--retracted", "mistaken", "--reason", "another Zoë")
    done = two.good("record", "entry-corrected", *back, "--json").json

    # Then it is in the other, too
    assert [one["stream"] for one in done["recorded"]] == ["client/C-1", "client/C-2"]
    assert (others(two, "C-1"), others(two, "C-2")) == ([], [])


def test_another_file_is_another_fact(two: Program) -> None:
    two.good("record", "clients-compared", *LINKED)

    said = ("--client", "C-1", "--corrects", "3", "--set", "other=C-1", "--reason", "mistyped")
    done = two("record", "entry-corrected", *said)

    assert done.code == 5
    assert "retract this entry and record the right one" in done.told


@pytest.mark.parametrize(("other", "said"), [("C-1", "expected two clients"), ("C-9", "C-9 is not recorded")])
def test_there_must_be_two(two: Program, other: str, said: str) -> None:
    before = two.count()

    done = two("record", "clients-compared", *LINKED[:3], other, *LINKED[4:])

    assert done.code == 5
    assert said in done.told
    assert two.count() == before


def test_no_verdict_changes_by_it(two: Program) -> None:
    before = two.good("audit", "--json").json

    two.good("record", "clients-compared", *LINKED)

    after = two.good("audit", "--json").json
    assert after["findings"] == before["findings"]
    assert after["obligations"] == before["obligations"]
    assert after["verdicts"] == before["verdicts"]


def test_a_statement_and_a_bundle_say_what_they_do_not_hold(two: Program) -> None:
    # Given a link, and a seal over it
    two.good("record", "clients-compared", *LINKED)
    two.good("checkpoint", "seal")

    # Then whoever gets one file is told of the other
    limit = "The same person has another file, C-2: nothing of that file is in this."
    assert limit in two.good("statement", "C-1", "--json").json["limits"]
    two.good("bundle", "C-1", "-o", str(two.folder / "c1.zip"))
    from zipfile import ZipFile

    with ZipFile(two.folder / "c1.zip") as bundle:
        record = json.loads(
            next(bundle.read(name) for name in bundle.namelist() if name.endswith("record.json"))
        )
    assert record["other_files"] == ["C-2"]


@pytest.mark.parametrize("form", ["ndjson", "csv"])
def test_it_travels_in_both_formats(two: Program, form: str) -> None:
    # Given a link, exported
    two.good("record", "clients-compared", *LINKED)
    file = str(two.folder / f"lines.{form}")
    two.good("export", form, file, "--reveal")

    # When another ledger takes the lines
    elsewhere = Program(two.folder, two._monkeypatch, two._capsys)
    elsewhere.url = f"sqlite:///{two.folder}/elsewhere.db"
    elsewhere.good(
        "init", "--practice", "X", "--time-zone", "UTC", "--go-live", "2026-01-01", "--policy", "none"
    )
    elsewhere.good("import", file, "--as-found", "--authorised-by", "d", "--reason", "moved")

    # Then both sides came along
    assert (others(elsewhere, "C-1"), others(elsewhere, "C-2")) == (["C-2"], ["C-1"])
