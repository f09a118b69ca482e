"""`keys` as it is called: role files, new keys, passphrases, copies; and what still works without a key."""

import json
import secrets
import shutil
import stat
from collections.abc import Sequence
from pathlib import Path

import pytest

from cli import COMMANDS
from ledger.keys import passphrase_lock
from ledger.keys.passphrase_lock import ScryptCost
from tests.commands.program import Done, Program
from tests.keys.older import make_older
from tests.keys.practice import rows_of

DIED = "anxiety since her mother died"
INTAKE: tuple[str, ...] = (
    *(
        "record",
        "intake-completed",
        "--client",
        "C-1",
        "--practitioner",
        "P-1",
        "--service-sought",
        "therapy",
    ),
    *("--clinical-indication", "active", "--stable", "yes", "--no-wants-trauma-work", "--goal-focused"),
    *("--roles-explained", "--recommended", "therapy", "--rationale", DIED),
)


def registered(client: str) -> tuple[str, ...]:
    """The command that registers a client."""
    return (
        *("desk", "register", "--client", client, "--name", "Zoë Marsh", "--date-of-birth", "1990-01-01"),
        *("--contact", "zoe@x.example", "--jurisdiction", "US-NC", "--service-sought", "both"),
        *("--clinical-indication", "active", "--roles-explained", "--rationale", "sleepless", "--yes"),
    )


RELOCATED = ("record", "client-relocated", "--client", "C-1", "--jurisdiction", "US-NC")


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passphrase_lock, "NEW_FILES_COST", ScryptCost(n=2**14, r=8, p=1))
    for name in ("ROLE", "KEYS", "NEW_PASSPHRASE"):
        monkeypatch.delenv(f"ENGAGEMENT_LEDGER_{name}", raising=False)


def as_role(program: Program, name: str | None) -> Program:
    """From now on with this role file of `keys init`; None: with the owner's."""
    if name is None:
        program._monkeypatch.delenv("ENGAGEMENT_LEDGER_ROLE", raising=False)
    else:
        file = name if name.endswith(".role") else f"ledger.{name}.role"
        program._monkeypatch.setenv("ENGAGEMENT_LEDGER_ROLE", str(program.folder / file))
    return program


def revealed(program: Program, client: str = "C-1") -> str:
    """What the timeline shows of sealed texts to the role in use."""
    return program.good("timeline", client, "--reveal").told


@pytest.fixture
def practice(client: Program) -> Program:
    """Client C-1 with a therapy rationale ("anxiety"), and the role files of `keys init`."""
    client.good("keys", "init")
    return client


# -- role files -------------------------------------------------------------------------------------------


def test_init_makes_the_files_of_the_standard_roles_and_leaves_what_is_there(client: Program) -> None:
    (client.folder / "ledger.coach.role").write_text("dear")
    (client.folder / "out").mkdir()

    done = client.good("keys", "init", "--json").json
    again = client.good("keys", "init", "--json").json
    elsewhere = client.good("keys", "init", "--folder", str(client.folder / "out"))

    assert {one["role"]: one["domains"] for one in done["made"]} == {
        "therapist": ["identity", "therapy"],
        "front-desk": ["identity"],
        "counsel": ["coaching", "identity", "practice", "therapy"],
    }
    assert done["left"] == [str(client.folder / "ledger.coach.role")]
    assert (client.folder / "ledger.coach.role").read_text() == "dear"
    assert again["made"] == []
    assert len(again["left"]) == 4
    assert "No file for a reviewer" in elsewhere.told
    made = sorted((client.folder / "out").iterdir())
    assert len(made) == 4
    assert {stat.S_IMODE(file.stat().st_mode) for file in made} == {0o600}


def test_each_role_reads_its_own_and_no_more(practice: Program) -> None:
    reads = {name: revealed(as_role(practice, name)) for name in ("therapist", "coach", "front-desk")}

    assert {name: "anxiety" in told for name, told in reads.items()} == {
        "therapist": True,
        "coach": False,
        "front-desk": False,
    }
    assert all("Zoë Marsh" in told for told in reads.values())


def test_the_front_desk_records_what_it_cannot_read(practice: Program) -> None:
    as_role(practice, "front-desk")
    practice.good(*INTAKE)

    assert DIED not in revealed(practice)
    assert DIED in revealed(as_role(practice, "therapist"))
    assert DIED not in revealed(as_role(practice, "coach"))


def test_grant_gives_what_is_named_to_whom_is_named(practice: Program) -> None:
    made = practice.good(
        *("keys", "grant", "supervisor", "-o", str(practice.folder / "eve.role"), "--for", "Eve"),
        *("--domains", "practice, therapy", "--json"),
    ).json
    assert (made["domains"], made["holder"]) == (["practice", "therapy"], "Eve")
    told = practice.good("keys", "status").told
    assert "supervisor Eve practice, therapy" in told
    assert "anxiety" in revealed(as_role(practice, "eve.role"))


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (("grant", "reviewer", "-o", "new.role"), 2, "a reviewer needs no role file"),
        (("grant", "cook", "-o", "new.role"), 2, "expected one of owner, therapist"),
        (("grant", "cook", "-o", "new.role", "--domains", "surgery"), 2, "came 'surgery'"),
        (("grant", "coach", "-o", "ledger.coach.role"), 2, "exists already"),
        (("grant", "coach", "-o", "absent/new.role"), 7, "No such file or directory"),
        (("grant", "coach", "-o", "new.role", "--for", "a\x1b[31m"), 2, "--for"),
        (("grant", "coach", "-o", "new.role", "--passphrase"), 2, "ENGAGEMENT_LEDGER_NEW_PASSPHRASE"),
        (("revoke", "nobody", "--yes"), 2, "no grant is called 'nobody'"),
        (("revoke", "owner", "--yes"), 2, "is the role file of this grant"),
        (("revoke", "coach"), 2, "add --yes"),
        (("rotate", "--domain", "surgery"), 2, "came 'surgery'"),
        (("rotate", "--passphrase"), 2, "goes with --lost"),
        (("rotate", "--lost", "new.role", "--yes"), 2, "not lost"),
        (("rotate", "--lost", "new.role"), 2, "add --yes"),
        (("trust", "therapy"), 2, "add --yes"),
        (("backup", "ledger.db"), 2, "never replaced"),
        (("backup", "absent/copy.keys"), 7, "No such file or directory"),
        (("restore", "ledger.db"), 2, "never replaced"),
        (("init", "--folder", "absent"), 2, "is not there"),
        (("passphrase",), 2, "ENGAGEMENT_LEDGER_NEW_PASSPHRASE"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    practice: Program, args: tuple[str, ...], code: int, says: str
) -> None:
    practice._monkeypatch.chdir(practice.folder)
    before = (practice.folder / "ledger.role").read_bytes(), practice.good("keys", "status", "--json").json

    done = practice("keys", *args)

    assert (done.code, says in done.told) == (code, True), done.told
    after = (practice.folder / "ledger.role").read_bytes(), practice.good("keys", "status", "--json").json
    assert before == after
    assert not (practice.folder / "new.role").exists()


# -- new keys ---------------------------------------------------------------------------------------------


def test_rotating_touches_no_entry_and_everybody_reads_on(practice: Program) -> None:
    with rows_of(practice.folder / "ledger.db") as rows:
        before = rows.execute("SELECT * FROM stored_events").fetchall()
        disclosures = rows.execute("SELECT * FROM disclosures").fetchall()

    done = practice.good("keys", "rotate", "--json").json

    assert done["generations"] == dict.fromkeys(("coaching", "identity", "practice", "therapy"), 2)
    assert (done["left"], done["unserved"], len(done["served"])) == ({}, [], 5)
    assert sum(done["rewrapped"].values()) > 1
    with rows_of(practice.folder / "ledger.db") as rows:
        assert rows.execute("SELECT * FROM stored_events").fetchall() == before
        assert rows.execute("SELECT * FROM disclosures").fetchall() == disclosures
    assert "anxiety" in revealed(as_role(practice, "therapist"))
    practice.good("verify")
    as_role(practice, "coach")
    assert "therapy" not in practice.good("keys", "rotate", "--json").json["generations"]
    assert practice("keys", "rotate", "--domain", "therapy").code == 7


def test_who_is_revoked_reads_nothing_any_more(practice: Program) -> None:
    told = practice.good("keys", "revoke", "therapist", "--yes").told
    assert "can still be read where copies are" in told
    assert "anxiety" in revealed(practice)

    shut_out = as_role(practice, "therapist")("timeline", "C-1", "--reveal")
    assert "anxiety" not in shut_out.told
    assert "Zoë Marsh" not in shut_out.told
    (row,) = (
        one for one in practice.good("keys", "status", "--json").json["grants"] if one["role"] == "therapist"
    )
    assert (row["opens"], row["revoked_at"] is None) == ([], False)


def test_one_of_several_is_meant_by_holder_or_id(practice: Program) -> None:
    for name in ("Ann", "Ben"):
        practice.good("keys", "grant", "coach", "-o", str(practice.folder / f"{name}.role"), "--for", name)
    several = practice("keys", "revoke", "coach", "--yes")
    assert (several.code, "say which by its id" in several.told) == (2, True)
    practice.good("keys", "revoke", "Ann", "--yes")
    ids = {one["holder"]: one["id"] for one in practice.good("keys", "status", "--json").json["grants"]}
    practice.good("keys", "revoke", ids["Ben"], "--yes", "--json")
    as_role(practice, "coach")
    assert "Zoë Marsh" in revealed(practice)


def test_lost_keys_are_replaced_and_the_others_told_to_trust_the_new(practice: Program) -> None:
    """Given nobody has the owner's, the therapist's or counsel's file any more."""
    practice._monkeypatch.chdir(practice.folder)
    for name in ("ledger.role", "ledger.therapist.role", "ledger.counsel.role"):
        Path(name).rename(f"{name}.gone")
    done = practice.good(
        "keys", "rotate", "--lost", "new.role", "--domain", "therapy", "--yes", "--json"
    ).json
    assert done["keys"]["therapy"].startswith("generation 2, ")

    as_role(practice, "front-desk")
    refused = practice(*INTAKE)
    assert (refused.code, "keys trust therapy" in refused.told) == (7, True)
    assert (
        done["keys"]["therapy"].rpartition("generation 2, ")[2] in practice("keys", "trust", "therapy").told
    )
    practice.good("keys", "trust", "therapy", "--yes")
    practice.good(*INTAKE)
    read = revealed(as_role(practice, "new.role"))
    assert DIED in read
    assert "Zoë Marsh" not in read
    as_role(practice, "ledger.therapist.role.gone"[: -len(".gone")])
    Path("ledger.therapist.role.gone").rename("ledger.therapist.role")
    assert "anxiety" in revealed(practice)  # the old file was found: what it opened it opens


# -- the lost passphrase ----------------------------------------------------------------------------------


def test_a_passphrase_is_set_changed_and_removed(practice: Program) -> None:
    set_env = practice._monkeypatch.setenv
    set_env("ENGAGEMENT_LEDGER_NEW_PASSPHRASE", "one")
    assert practice.good("keys", "passphrase", "--json").json["locked"]
    assert "anxiety" not in (practice.folder / "ledger.role").read_text()
    assert practice("timeline", "C-1", "--reveal").code == 7
    set_env("ENGAGEMENT_LEDGER_PASSPHRASE", "one")
    assert "anxiety" in revealed(practice)
    set_env("ENGAGEMENT_LEDGER_NEW_PASSPHRASE", "two")
    practice.good("keys", "passphrase")
    assert practice("timeline", "C-1", "--reveal").code == 7
    assert practice("keys", "passphrase").code == 7
    set_env("ENGAGEMENT_LEDGER_PASSPHRASE", "two")
    assert practice.good("keys", "passphrase", "--remove", "--json").json["was_locked"]
    practice._monkeypatch.delenv("ENGAGEMENT_LEDGER_PASSPHRASE")
    assert "anxiety" in revealed(practice)


def test_with_the_passphrase_lost_everything_but_reading_works_and_another_holder_helps(
    practice: Program,
) -> None:
    practice._monkeypatch.setenv("ENGAGEMENT_LEDGER_NEW_PASSPHRASE", "forgotten")
    as_role(practice, "therapist").good("keys", "passphrase")

    working: Sequence[tuple[str, ...]] = (
        INTAKE,
        ("timeline", "C-1"),
        ("show", "client", "C-1"),
        ("statement", "C-1"),
        ("verify",),
        ("status",),
        ("keys", "status"),
        ("keys", "backup", str(practice.folder / "copy.keys")),
        ("checkpoint", "seal"),
    )
    for args in working:
        practice.good(*args)
    for args in (
        ("timeline", "C-1", "--reveal"),
        ("keys", "rotate"),
        ("keys", "grant", "x", "-o", "x", "--domains", "therapy"),
    ):
        assert practice(*args).code == 7, args

    as_role(practice, None)
    practice.good("keys", "grant", "therapist", "-o", str(practice.folder / "ann.role"), "--for", "Ann")
    assert "anxiety" in revealed(as_role(practice, "ann.role"))


# -- copies -----------------------------------------------------------------------------------------------


def test_a_copy_is_whole_private_registered_and_restored(practice: Program) -> None:
    copy, keys = practice.folder / "copy.keys", practice.folder / "ledger.keys"
    told = practice.good("keys", "backup", str(copy)).told
    assert "No role file is in it" in told
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    (taken,) = practice.good("keys", "status", "--json").json["backups"]
    assert taken["file"] == str(copy)
    assert practice("keys", "restore", str(copy)).code == 2
    before = copy.read_bytes()

    keys.unlink()
    assert practice("timeline", "C-1", "--reveal").code == 7
    done = practice.good("keys", "restore", str(copy), "--json").json

    assert (done["lacking"], done["signed"] == done["entries"]) == (0, True)
    assert copy.read_bytes() == before
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    assert "anxiety" in revealed(practice)
    practice.good(*INTAKE)
    practice.good("verify")


def test_an_older_copy_says_what_it_lacks(practice: Program) -> None:
    copy = practice.folder / "copy.keys"
    practice.good("keys", "backup", str(copy))
    practice.good(*registered("C-2"))
    (practice.folder / "ledger.keys").unlink()

    told = practice.good("keys", "restore", str(copy)).told

    assert "2 data keys that this ledger's texts name are not in it" in told
    assert "revoke again" in told
    assert "anxiety" in revealed(practice)
    assert practice("timeline", "C-2", "--reveal").code == 7
    practice.good("timeline", "C-2")
    practice.good(*registered("C-3"))
    assert "Zoë Marsh" in revealed(practice, "C-3")
    assert "unknown-data-key" in practice("verify").told


def test_the_key_database_of_another_ledger_is_refused(practice: Program, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    program = Program(other, practice._monkeypatch, practice._capsys)
    program.good("init", "--practice", "Elsewhere", "--time-zone", "UTC")
    (practice.folder / "ledger.keys").unlink()
    by_role = practice("keys", "restore", str(other / "ledger.keys"))
    (practice.folder / "ledger.role").rename(practice.folder / "away.role")
    by_signer = practice("keys", "restore", str(other / "ledger.keys"))
    nothing = practice("keys", "restore", str(other / "absent"))
    no_database = practice("keys", "restore", str(practice.folder / "ledger.db"))

    assert [done.code for done in (by_role, by_signer, nothing, no_database)] == [7, 7, 7, 7]
    assert "of another ledger" in by_role.told
    assert "it signs as" in by_signer.told
    assert not (practice.folder / "ledger.keys").exists()


# -- key files of an older program ------------------------------------------------------------------------


def test_files_of_an_older_program_go_on_and_are_brought_up_to_date(client: Program) -> None:
    make_older(client.folder / "ledger.keys", client.folder / "ledger.role")
    assert "anxiety" in revealed(client)
    client.good(*registered("C-2"))
    assert "of version 1" in client.good("keys", "status").told
    client.good("keys", "rotate")
    assert json.loads((client.folder / "ledger.role").read_text())["version"] == 2
    assert "anxiety" in revealed(client)
    assert "Zoë Marsh" in revealed(client, "C-2")


# -- wrong and missing keys -------------------------------------------------------------------------------

CODED: Sequence[tuple[str, ...]] = (
    ("show", "client", "C-1"),
    ("timeline", "C-1"),
    ("audit",),
    ("audit", "--client", "C-1"),
    ("statement", "C-1"),
    ("transitions", "C-1"),
    ("caseload",),
    ("engagements",),
    ("agreements",),
    ("referrals",),
    ("licences",),
    ("obligations",),
    ("disclosures",),
    ("overrides",),
    ("policy", "show"),
    ("may", "open-coaching", "--client", "C-1"),
    ("status",),
    ("doctor",),
    ("verify",),
    ("checkpoint", "list"),
    ("replay", "C-1"),
    ("hold", "list"),
    ("retention", "status"),
    ("rules", "list"),
    ("events", "list"),
    ("projections", "rebuild"),
    ("projections", "verify"),
    ("backup", "FRESH.db"),
    ("export", "ndjson", "FRESH.ndjson"),
)
"""What rests on coded facts alone."""

SIGNS: Sequence[tuple[str, ...]] = (("bundle", "C-1", "-o", "FRESH.zip"), ("checkpoint", "seal"))
"""What needs the key database, because the ledger signs it, and no right to read."""

NEEDS_A_RIGHT: Sequence[tuple[str, ...]] = (
    ("keys", "grant", "therapist", "-o", "new.role"),
    ("keys", "rotate", "--domain", "therapy"),
    ("keys", "revoke", "therapist", "--yes"),
)
"""What only a holder of therapy may do."""

NEEDS_THE_DATABASE: Sequence[tuple[str, ...]] = (
    ("keys", "status"),
    ("keys", "init"),
    ("keys", "rotate"),
    ("keys", "revoke", "therapist", "--yes"),
    ("keys", "trust", "therapy", "--yes"),
    ("keys", "backup", "copy.keys"),
    ("keys", "passphrase", "--remove"),
    INTAKE,
    RELOCATED,
    ("import", "more.ndjson"),
    ("doubles",),
    ("hold", "place", "C-1", "--matter", "Doe v. Roe", "--reason", "A letter came."),
    registered("C-8"),
    *SIGNS,
)
"""What is not done without the key database."""


ASK_NO_KEYS = {"init", "demo", "restore", "receipt", "witness", "timestamp"}
"""What makes a ledger, or is called where there is none."""


def test_every_command_is_in_one_of_the_tables() -> None:
    named = {args[0] for args in (*CODED, *SIGNS, *NEEDS_A_RIGHT, *NEEDS_THE_DATABASE)}

    assert {name for group in COMMANDS.values() for name in group} == named | ASK_NO_KEYS


def _codes(program: Program, commands: Sequence[tuple[str, ...]]) -> dict[tuple[str, ...], int]:
    """The exit code of each; a file it writes is a new one each time."""
    made = f"{secrets.token_hex(8)}"
    return {args: program(*(word.replace("FRESH", made) for word in args)).code for args in commands}


@pytest.mark.parametrize("role", ["coach", "front-desk", "absent.role"])
def test_the_coded_view_needs_no_right(practice: Program, role: str) -> None:
    practice._monkeypatch.chdir(practice.folder)
    as_role(practice, None)
    with_everything = _codes(practice, [*CODED, *SIGNS])
    as_role(practice, role)

    assert _codes(practice, [*CODED, *SIGNS]) == with_everything
    assert set(with_everything.values()) <= {0, 1, 3}
    assert set(_codes(practice, NEEDS_A_RIGHT).values()) == {7}


def test_the_coded_view_needs_no_key_database(practice: Program) -> None:
    practice._monkeypatch.chdir(practice.folder)
    with_everything = _codes(practice, CODED)
    (practice.folder / "ledger.keys").rename(practice.folder / "away")

    (practice.folder / "more.ndjson").write_text(
        '{"type":"ClientRelocated","client":"C-1","jurisdiction":"US-NC"}'
    )
    without = _codes(practice, CODED)

    assert {args: code for args, code in without.items() if code != with_everything[args]} == {}
    assert set(_codes(practice, NEEDS_THE_DATABASE).values()) == {7}
    (practice.folder / "away").rename(practice.folder / "ledger.keys")
    practice.good("verify")


@pytest.mark.parametrize(
    "wrong", ["another ledger's role file", "a damaged role file", "a damaged key database"]
)
def test_wrong_keys_are_said_with_exit_code_7(practice: Program, tmp_path: Path, wrong: str) -> None:
    practice._monkeypatch.chdir(practice.folder)
    if wrong == "another ledger's role file":
        other = tmp_path / "other"
        other.mkdir()
        Program(other, practice._monkeypatch, practice._capsys).good("init", "--time-zone", "UTC")
        shutil.copy2(other / "ledger.role", practice.folder / "ledger.role")
    elif wrong == "a damaged role file":
        (practice.folder / "ledger.role").write_text("{}")
    else:
        (practice.folder / "ledger.keys").write_bytes(b"no database at all " * 300)

    for args in (("timeline", "C-1", "--reveal"), *NEEDS_A_RIGHT, RELOCATED):
        done: Done = practice(*args)
        assert done.code == 7, (args, done.told)
        assert "Traceback" not in done.told
    coded: Sequence[tuple[str, ...]] = (("timeline", "C-1"), ("audit",), ("statement", "C-1"))
    for args in coded:
        assert practice(*args).code in (0, 1), args
