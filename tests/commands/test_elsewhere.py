"""Sealed texts kept out of the list of processes: from a file, from standard input."""

import pytest

from tests.commands.program import Program

REST = ("--client", "C-2", "--jurisdiction", "US-NC")


def test_from_a_file_and_from_standard_input(program: Program) -> None:
    # When a name stands in a file, and the rest comes a line each
    name = program.file("name.txt", "Zoë Marsh\n")
    given = ("--name", f"@{name}", "--date-of-birth", "-", "--contact", "-")
    program.good("record", "client-registered", *REST, *given, stdin="1990-01-01\nzoe@x.example\n")

    # Then they are what was recorded
    assert program.plain("client/C-2", 1) == {
        "name": "Zoë Marsh",
        "date_of_birth": "1990-01-01",
        "contact": "zoe@x.example",
    }


def test_at_the_desk_too(program: Program) -> None:
    given = ("--name", "-", "--date-of-birth", "-", "--contact", "@@zoe")
    program.good("desk", "register", *REST, *given, "--no-intake", "--yes", stdin="Zoë Marsh\n1990-01-01\n")

    assert program.plain("client/C-2", 1)["contact"] == "@zoe"
    assert program.plain("client/C-2", 1)["name"] == "Zoë Marsh"


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [("-", 2, "standard input ended before it"), ("@nowhere.txt", 5, "cannot be read")],
)
def test_what_is_not_there_is_said(program: Program, given: str, code: int, said: str) -> None:
    done = program("record", "client-registered", *REST, "--name", given)

    assert done.code == code
    assert said in done.told
