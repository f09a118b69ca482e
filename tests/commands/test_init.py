"""`init`: three files, never a question where nobody answers, nothing written where something stands."""

import stat
from pathlib import Path

import pytest

from tests.commands.program import Program


def test_without_options_it_takes_the_machines_time_zone(
    empty: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "UTC")

    done = empty.good("init")

    assert "in UTC" in done.out
    opened, *_ = empty.stream("ledger")
    assert (opened.event.time_zone, opened.event.practice) == ("UTC", "The practice")
    assert [entry.type for entry in empty.stream("practice")] == ["PolicyAdopted"]
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in empty.folder.iterdir()}
    assert modes == {"ledger.db": 0o600, "ledger.keys": 0o600, "ledger.role": 0o600}


def test_it_says_what_to_keep_where(empty: Program) -> None:
    done = empty.good("init")

    for part in ("ledger.db", "ledger.keys", "ledger.role", "back it up apart", "Next:"):
        assert part in done.out


def test_json_names_the_files(empty: Program) -> None:
    made = empty.good(
        "init", "--practice", "Harbor", "--go-live", "2026-01-01", "--as", "director", "--json"
    ).json

    assert made["practice"] == "Harbor"
    assert made["go_live"] == "2026-01-01"
    assert made["by"] == "director"
    assert Path(made["keys"]).exists()


def test_what_stands_there_is_not_touched(empty: Program) -> None:
    empty.good("init")
    before = (empty.folder / "ledger.db").read_bytes()

    again = empty("init")

    assert again.code == 2
    assert "exists already" in again.err
    assert (empty.folder / "ledger.db").read_bytes() == before


def test_no_policy(empty: Program) -> None:
    empty.good("init", "--policy", "none")

    assert empty.stream("practice") == []


def test_a_policy_from_a_file(empty: Program) -> None:
    file = empty.file(
        "own.toml",
        'adopts = ["recommended"]\ndrops = ["ROLE-7"]\nreason = "Decided."\n[parameters]\nconcern_action_days = 5\n',
    )

    empty.good("init", "--policy", file)

    (adopted,) = empty.stream("practice")
    assert adopted.event.drops == ("ROLE-7",)
    assert adopted.event.parameters == {"concern_action_days": 5}


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--time-zone", "Atlantis"), 2, "IANA"),
        (("--go-live", "soon"), 2, "--go-live"),
        (("--go-live", "2026-01-01T00:00:00Z"), 2, "a day"),
        (("--practice", "a\x1bb"), 2, "control character"),
        (("--practice", "x" * 201), 2, "200 characters"),
        (("--policy", "nowhere.toml"), 2, "--policy"),
        (("--as", "two words"), 2, "actor's id"),
        (("--passphrase",), 2, "ENGAGEMENT_LEDGER_PASSPHRASE"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made(
    empty: Program, options: tuple[str, ...], code: int, words: str
) -> None:
    done = empty("init", *options)

    assert done.code == code
    assert words in done.told
    assert "\x1b" not in done.out + done.err
    assert list(empty.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("adopts = [", "TOML"),
        ("adobts = []", "'adobts'"),
        ('adopts = ["ROLE-99"]', "ROLE-99"),
        ("[parameters]\nno_such = 1", "no_such"),
        ("[parameters]\nconcern_action_days = -1", "concern_action_days"),
    ],
)
def test_a_policy_file_that_is_none(empty: Program, text: str, words: str) -> None:
    file = empty.file("own.toml", text)

    done = empty("init", "--policy", file)

    assert done.code == 5
    assert words in done.told
    assert {path.name for path in empty.folder.iterdir()} == {"own.toml"}


def test_a_role_file_locked_with_a_passphrase(empty: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENGAGEMENT_LEDGER_PASSPHRASE", "correct horse")
    done = empty.good("init", "--passphrase")
    assert "locked with the passphrase" in done.out

    register = ("--name", "Zoë", "--date-of-birth", "1990-01-01", "--contact", "x", "--jurisdiction", "US-NC")
    empty.good("record", "client-registered", "--client", "C-1", *register)

    assert "correct horse" not in (empty.folder / "ledger.role").read_text()


def test_without_a_ledger_recording_says_how_to_make_one(empty: Program) -> None:
    done = empty("record", "agreement-revoked", "--client", "C-1")

    assert done.code == 2
    assert "init" in done.err
