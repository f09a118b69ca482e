"""`may`: the gates asked, nothing recorded."""

import pytest

from ledger.commands.may import QUESTIONS
from tests.commands.program import Program


@pytest.mark.parametrize("question", QUESTIONS)
def test_asking_records_nothing(in_therapy: Program, question: str) -> None:
    before = in_therapy.count()

    done = in_therapy("may", question, "--client", "C-1")

    assert done.code in {0, 2, 3}
    assert in_therapy.count() == before, "not even that it was asked"


def test_yes(in_therapy: Program) -> None:
    done = in_therapy.good("may", "close", "--client", "C-1")

    assert "Yes." in done.out
    assert "engagement = E1" in done.out


def test_no_says_everything_and_what_to_do(in_therapy: Program) -> None:
    done = in_therapy("may", "open-coaching", "--client", "C-1")

    assert done.code == 3
    for words in ("ROLE-1", "AGR-1", "INT-1", "What to do", "desk close --client C-1"):
        assert words in done.told


def test_no_as_json(in_therapy: Program) -> None:
    done = in_therapy("may", "open-coaching", "--client", "C-1", "--json")

    assert done.code == 3
    assert done.json["allowed"] is False
    assert "ROLE-1" in {finding["rule"] for finding in done.json["refused"]}
    assert all(finding["remedy"] for finding in done.json["refused"])


def test_a_disclosure_without_a_release_would_stand_as_a_violation(in_therapy: Program) -> None:
    done = in_therapy(
        "may", "disclose", "--client", "C-1", "--recipient-kind", "attorney", "--scope", "clinical"
    )

    assert done.code == 3
    assert "CON-1" in done.out

    in_therapy.good(
        *("record", "release-granted", "--client", "C-1", "--recipient-kind", "attorney"),
        *("--scope", "clinical", "--purpose", "legal"),
    )
    done = in_therapy(
        "may", "disclose", "--client", "C-1", "--recipient-kind", "attorney", "--scope", "clinical"
    )
    assert done.code == 0, done.told


def test_what_was_never_recorded(program: Program) -> None:
    done = program("may", "close", "--client", "C-9")

    assert done.code == 5
    assert "client C-9" in done.err
