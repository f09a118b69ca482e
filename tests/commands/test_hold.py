"""`hold place`, `hold release`: by matter, which only who may read the practice's texts can compare."""

import pytest

from tests.commands.program import Program

PLACE = ("hold", "place", "C-1", "--reason", "letter of counsel", "--matter")
RELEASE = ("hold", "release", "C-1", "--reason", "it is over", "--matter")


def test_a_hold_is_placed_by_matter_and_the_matter_is_sealed(client: Program) -> None:
    done = client.good(*PLACE, "Smith v. Jones")

    assert "C-1: a legal hold stands: nothing may be erased." in done.told
    assert "Smith" not in done.told
    entry = client.stream("client/C-1")[-1]
    assert entry.type == "HoldPlaced"
    assert client.plain("client/C-1", entry.seq)["matter"] == "Smith v. Jones"


def test_a_release_names_a_matter_that_stands_however_it_is_written(client: Program) -> None:
    client.good(*PLACE, "Smith v. Jones")
    client.good(*PLACE, "Board complaint 17")
    before = client.count()

    done = client(*RELEASE, "Smith v. Janes")
    assert (done.code, client.count()) == (5, before)
    assert "no hold of this matter stands, there are 2 of other matters" in done.told
    assert "Jones" not in done.told

    done = client.good(*RELEASE, "  SMITH  v. jones")
    assert "C-1: a legal hold stands" in done.told
    assert client(*RELEASE, "Smith v. Jones").code == 5  # it was released
    assert "no legal hold stands" in client.good(*RELEASE, "board complaint 17").told
    assert "there are none of other matters" in client(*RELEASE, "x").told


def test_matter_and_reason_may_stand_where_no_list_of_processes_shows_them(client: Program) -> None:
    (client.folder / "matter.txt").write_text("Smith v. Jones\n")

    client.good(
        *("hold", "place", "C-1", "--matter", f"@{client.folder}/matter.txt", "--reason", "-"),
        stdin="A letter.\n",
    )

    entry = client.stream("client/C-1")[-1]
    assert client.plain("client/C-1", entry.seq) == {"matter": "Smith v. Jones", "reason": "A letter."}


def test_what_record_releases_is_compared_too(client: Program) -> None:
    client.good(*PLACE, "Smith v. Jones")

    done = client("record", "hold-released", "--client", "C-1", "--matter", "x", "--reason", "y")

    assert done.code == 5
    assert "no hold of this matter stands" in done.told


def test_the_same_matter_is_not_held_twice(client: Program) -> None:
    client.good(*PLACE, "Smith v. Jones")
    before = client.count()

    done = client(*PLACE, "smith v. jones")

    assert (done.code, client.count()) == (5, before)
    assert "a hold of this matter stands already (entry 3)" in done.told


def test_without_the_practices_key_it_can_be_placed_and_not_released(
    client: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGAGEMENT_LEDGER_ROLE", str(client.folder / "none.role"))
    client.good(*PLACE, "Smith v. Jones")
    before = client.count()

    done = client(*RELEASE, "Smith v. Jones")

    assert (done.code, client.count()) == (7, before)
    assert "practice text stays sealed" in done.told
    assert "Name a role file that may read practice" in done.told


def test_a_hold_on_nobody(program: Program) -> None:
    done = program("hold", "place", "C-9", "--matter", "x", "--reason", "y")

    assert done.code == 5
    assert "client C-9" in done.told


def test_the_desk_says_that_a_hold_stands(client: Program) -> None:
    client.good(*PLACE, "Smith v. Jones")

    done = client("desk", "close", "--client", "C-1", "--yes")

    assert "C-1: a legal hold stands: nothing may be erased." in " ".join(done.err.split())
