"""A disclosure's release is looked for before anything else is asked, and named: at the desk, by `may`, in accounts."""

import pytest

from tests.commands.program import Program

NETWORK = (
    *(
        "record",
        "practitioner-registered",
        "--practitioner",
        "P-9",
        "--name",
        "Bo Hart",
        "--services",
        "therapy",
    ),
    *("--no-internal", "--organisation", "Hart & Co"),
)
RELEASED = ("record", "release-granted", "--client", "C-1", "--scope", "clinical", "--purpose", "legal")
TO_ATTORNEY = ("--recipient-kind", "attorney", "--recipient", "Ms Fox")
DESK = ("desk", "disclose", "--client", "C-1")


@pytest.fixture
def released(in_therapy: Program) -> Program:
    """C-1 has released clinical records to an attorney, until the end of 2099."""
    in_therapy.good(*RELEASED, *TO_ATTORNEY, "--valid-until", "2099-12-31")
    return in_therapy


def disclosed(program: Program) -> int:
    return sum(entry.type == "DisclosureMade" for entry in program.stream("client/C-1"))


def test_without_a_release_nothing_else_is_asked(in_therapy: Program) -> None:
    done = in_therapy(*DESK, stdin="\n")

    assert done.code == 3
    assert done.err.count("[") == 1  # one question, with its default: on what footing
    assert "No release allows it." in done.told
    assert (
        "CON-1: expected a release in force, from who tells to who is told; there is none at all."
        in done.told
    )
    assert "record release-granted --client C-1" in done.told
    assert "`record disclosure-made` records it all the same" in done.told
    assert disclosed(in_therapy) == 0


def test_what_there_is_instead_is_told(released: Program) -> None:
    released.good(*RELEASED, "--recipient-kind", "insurer", "--valid-until", "2020-01-01")
    released.good(*RELEASED, "--recipient-kind", "school")
    released.good("record", "release-revoked", "--client", "C-1", "--release", "X3")

    done = released(*DESK, "--recipient-kind", "court", "--yes")

    assert done.code == 3
    assert "X1 (in force, from P-1 to attorney); X2 (ended on 2020-01-01); X3 (revoked on " in done.told
    done = released(*DESK, "--release", "X2", "--yes")
    assert "expected release X2 in force" in done.told


def test_the_release_it_rests_on_is_named_and_what_it_says_is_not_asked(released: Program) -> None:
    done = released.good(*DESK, stdin="\nclinical\n\n\n\n\n")

    words = " ".join(done.err.split())
    assert "Rests on release X1: P-1 may tell attorney clinical, for legal, until 2099-12-31." in words
    assert "Who told" not in words
    event = released.stream("client/C-1")[-1].event
    assert (event.release, event.from_practitioner, event.recipient_kind, event.purpose) == (
        "X1",
        "P-1",
        "attorney",
        "legal",
    )


def test_of_several_the_one_that_is_meant_is_asked_for(released: Program) -> None:
    released.good(*NETWORK)
    released.good(*RELEASED, "--to-practitioner", "P-9", "--recipient-kind", "practitioner")

    done = released(*DESK, "--scope", "clinical", "--yes")
    assert done.code == 2
    assert "--release is needed" in done.told

    released.good(*DESK, "--scope", "clinical", "--release", "X2", "--yes")
    assert released.stream("client/C-1")[-1].event.to_practitioner == "P-9"


def test_what_the_release_does_not_cover_is_told_as_soon_as_it_is_known(released: Program) -> None:
    done = released(*DESK, "--scope", "psychotherapy-notes", stdin="\n")

    assert done.code == 3
    assert "psychotherapy notes need one of their own" in done.told
    assert "File with what was disclosed" not in done.told
    assert disclosed(released) == 0


def test_a_bare_subpoena_is_warned_of_before_the_rest(in_therapy: Program) -> None:
    subpoena = (*DESK, "--basis", "subpoena", "--recipient-kind", "court", "--scope", "clinical")

    done = in_therapy(*subpoena, stdin="P-1\n\nno\n")
    assert done.code == 3
    assert "CON-5 (warning)" in done.told
    assert "File with what was disclosed" not in done.told
    assert disclosed(in_therapy) == 0

    in_therapy.good(*subpoena, "--from-practitioner", "P-1", "--purpose", "legal", stdin="\nyes\n\n\nyes\n")
    assert disclosed(in_therapy) == 1


def test_an_order_needs_no_release(in_therapy: Program) -> None:
    in_therapy.good(
        *(*DESK, "--basis", "court-order", "--recipient-kind", "court", "--scope", "clinical"),
        *("--from-practitioner", "P-1", "--purpose", "legal", "--yes"),
    )

    assert disclosed(in_therapy) == 1


def test_json_at_the_desk(in_therapy: Program) -> None:
    done = in_therapy(*DESK, "--yes", "--json")

    assert done.code == 3
    assert (done.json["allowed"], done.json["rule"], done.json["recorded"]) == (False, "CON-1", [])


def test_may_names_the_release_or_what_is_missing(released: Program) -> None:
    done = released.good(
        "may", "disclose", "--client", "C-1", "--recipient-kind", "attorney", "--scope", "clinical"
    )
    assert "Rests on release X1: P-1 may tell attorney clinical, for legal, until 2099-12-31." in done.told

    done = released("may", "disclose", "--client", "C-1", "--recipient-kind", "court")
    assert done.code == 3
    assert "there is X1 (in force, from P-1 to attorney)" in done.told
    assert released("may", "disclose", "--client", "C-1", "--recipient-kind", "court", "--json").json[
        "lacking"
    ]


def test_the_accounting_names_who_received_it(released: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given one disclosure to an attorney, and one to a colleague elsewhere
    released.good(*NETWORK)
    released.good(*DESK, "--scope", "clinical", "--recipient", "Ms Fox", "--yes")
    released.good(*RELEASED, "--to-practitioner", "P-9", "--recipient-kind", "practitioner")
    released.good(*DESK, "--scope", "clinical", "--release", "X2", "--yes")

    # Then a registered recipient is named, another one only to whoever may read identity, and asks
    done = released.good("disclosures", "C-1", "--json").json["disclosures"]
    assert [one["recipient"] for one in done] == ["sealed: identity", None]
    assert [(one["from_name"], one["to_name"], one["to_organisation"]) for one in done] == [
        ("Ann Lee", None, None),
        ("Ann Lee", "Bo Hart", "Hart & Co"),
    ]
    assert "Fox" not in released.good("disclosures", "C-1").told
    assert "P-9 (Bo Hart," in released.good("disclosures", "C-1").told
    assert "Fox" in released.good("disclosures", "C-1", "--reveal").told
    monkeypatch.setenv("ENGAGEMENT_LEDGER_ROLE", "none.role")
    assert "Fox" not in released.good("disclosures", "C-1", "--reveal").told
