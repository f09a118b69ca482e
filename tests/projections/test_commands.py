"""Every reading command: its help, its JSON, its text at 80 columns without a single control character."""

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import click
import pytest

from cli import COMMANDS, cli
from tests.projections.conftest import Run, Tell, Told

READING = {
    name
    for group in COMMANDS.values()
    for name, (where, _) in group.items()
    if where.startswith("projections.")
}
CALLS: dict[str, tuple[str, ...]] = {
    "agreements": ("agreements",),
    "audit": ("audit",),
    "caseload": ("caseload",),
    "caseload of one": ("caseload", "--practitioner", "P-OSEI"),
    "disclosures": ("disclosures",),
    "engagements": ("engagements",),
    "hold": ("hold", "list"),
    "licences": ("licences",),
    "obligations": ("obligations",),
    "overrides": ("overrides",),
    "policy": ("policy", "show"),
    "projections": ("projections", "status"),
    "projections rebuild": ("projections", "rebuild"),
    "projections verify": ("projections", "verify"),
    "referrals": ("referrals", "--all"),
    "replay": ("replay", "C-ALDER"),
    "retention": ("retention", "status"),
    "retention of all": ("retention", "status", "--all"),
    "rules": ("rules", "list"),
    "rules explain": ("rules", "explain", "SCOPE-2"),
    "show": ("show", "client", "C-ALDER"),
    "show practitioner": ("show", "practitioner", "P-OSEI"),
    "statement": ("statement", "C-WILLOW"),
    "timeline": ("timeline", "C-WILLOW"),
    "transitions": ("transitions", "C-HOLLY"),
}
TIMELESS = {"rules", "rules explain", "projections", "projections rebuild", "projections verify"}
OF_NOBODY = {"policy", "audit", "obligations", "agreements", "caseload", "disclosures", "engagements"} | {
    "hold",
    "licences",
    "overrides",
    "referrals",
    "retention",
    "retention of all",
}
"""Commands that list, and of nobody have nothing to list."""
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def every_command() -> list[tuple[str, ...]]:
    """The reading commands and their sub-commands."""
    found: list[tuple[str, ...]] = []
    for name in sorted(READING):
        command = cli.get_command(click.Context(cli), name)
        found.append((name,))
        if isinstance(command, click.Group):
            found += [(name, sub) for sub in command.commands]
    return found


def test_every_reading_command_is_called_below() -> None:
    # `bundle` and `export` write files, `status` and `doctor` look around the ledger: their own tests call them
    elsewhere = {"demo", "bundle", "export", "status", "doctor"}
    assert {name.split()[0] for name in CALLS} | elsewhere == READING


@pytest.mark.parametrize("command", every_command(), ids=" ".join)
def test_help_tells_every_option(run: Run, command: tuple[str, ...]) -> None:
    ran = run(None, *command, "--help")

    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("Usage: engagement-ledger")
    assert max(map(len, ran.out.splitlines())) <= 80


def _options(command: click.Command) -> list[click.Option]:
    return [one for one in command.params if isinstance(one, click.Option)]


@pytest.mark.parametrize("command", every_command(), ids=" ".join)
def test_every_option_has_its_help(command: tuple[str, ...]) -> None:
    found: Any = cli.get_command(click.Context(cli), command[0])
    for name in command[1:]:
        found = found.commands[name]

    assert found.help
    assert [one.name for one in _options(found) if not one.help] == []


@pytest.mark.parametrize("name", sorted(CALLS))
def test_json_is_one_document_with_the_moment_it_is_about(lakeside: Told, run: Run, name: str) -> None:
    moment = () if name in TIMELESS else ("--as-of", "2025-06-30", "--known-at", "2027-01-01")

    ran = run(lakeside, *CALLS[name], *moment, "--json")

    assert ran.code in (0, 1)
    found = json.loads(ran.out)
    if name not in TIMELESS:
        assert (found["as_of"], found["known_at"]) == (
            "2025-07-01T03:59:59.999999Z",
            "2027-01-02T04:59:59.999999Z",
        )


@pytest.mark.parametrize("name", sorted(CALLS))
def test_text_fits_eighty_columns_and_carries_no_colour_when_piped(
    lakeside: Told, run: Run, name: str
) -> None:
    moment = () if name in TIMELESS else ("--as-of", "2025-06-30")

    ran = run(lakeside, *CALLS[name], *moment)

    assert ran.code in (0, 1)
    assert ran.err == ""
    assert CONTROL.search(ran.out) is None
    lines = [line for line in ran.out.splitlines() if "/lakeside/" not in line]  # a path stands on one line
    assert max(map(len, lines)) <= 80
    assert not any(line != line.rstrip() for line in ran.out.splitlines())


@pytest.mark.parametrize("name", sorted(set(CALLS) - TIMELESS))
@pytest.mark.parametrize("option", ["--as-of", "--known-at"])
def test_a_moment_that_is_none_names_its_option(lakeside: Told, run: Run, name: str, option: str) -> None:
    ran = run(lakeside, *CALLS[name], option, "2025-02-30")

    assert (ran.code, ran.out) == (5, "")
    assert f"{option}: expected a date" in ran.err


@pytest.mark.parametrize("name", sorted(set(CALLS) - TIMELESS - OF_NOBODY))
def test_before_anything_was_recorded_there_is_nobody(lakeside: Told, run: Run, name: str) -> None:
    ran = run(lakeside, *CALLS[name], "--known-at", "2020-01-01")

    assert (ran.code, ran.out) == (5, "")


@pytest.mark.parametrize("name", ["replay", "show", "statement", "timeline", "transitions"])
@pytest.mark.parametrize("client", ["C-NOBODY", "C\x1b[2J", "../x", ""])
def test_an_unknown_client_is_bad_input_everywhere(lakeside: Told, run: Run, name: str, client: str) -> None:
    ran = run(lakeside, *CALLS[name][:-1], client)

    assert (ran.code, ran.out) == (5, "")
    assert CONTROL.search(ran.err.rstrip("\n")) is None


def test_brackets_and_colons_in_a_text_are_shown_as_they_are(tell: Tell, run: Run) -> None:
    told = tell(
        """
        2024-01-08 client-registered C-7 name="[red]Ada[/red] :smile: [link=x]y"
        2024-02-08 practitioner-registered P-5 name="[bold]Bo[/] :warning:"
        """
    )

    assert "[red]Ada[/red] :smile: [link=x]y" in run(told, "show", "client", "C-7", "--reveal").out
    assert "[bold]Bo[/] :warning:" in run(told, "show", "practitioner", "P-5").out


def test_the_policy_says_since_when_and_by_which_entry(tell: Tell, run: Run) -> None:
    told = tell(
        """
        2021-01-04 policy-adopted recommended
        2024-03-04 10:00 policy-adopted drops=ROLE-8 parameters.session_note_days=3 reason="busy"
        """
    )

    before = json.loads(run(told, "policy", "show", "--as-of", "2024-03-03", "--json").out)
    after = json.loads(run(told, "policy", "show", "--json").out)

    def role_8(found: dict[str, Any]) -> dict[str, Any]:
        rule: dict[str, Any] = next(one for one in found["rules"] if one["rule"] == "ROLE-8")
        return rule

    def days(found: dict[str, Any]) -> dict[str, Any]:
        parameter: dict[str, Any] = next(
            one for one in found["parameters"] if one["name"] == "session_note_days"
        )
        return parameter

    assert role_8(before)["adopted"]
    assert not role_8(after)["adopted"]
    assert (days(before)["value"], days(before)["set_by"]) == (7, None)
    assert (days(after)["value"], days(after)["default"]) == (3, 7)
    assert days(after)["set_by"] == {"stream": "practice", "seq": 2}
    assert "session_note_days = 3 (default: 7)" in run(told, "policy", "show").out


def test_a_rule_is_found_in_any_case_and_an_unknown_one_is_not(run: Run) -> None:
    assert "SCOPE-2" in run(None, "rules", "explain", "scope-2").out
    assert run(None, "rules", "explain", "SCOPE-99").code == 5


def test_the_statement_names_its_limits_and_the_entries_it_rests_on(lakeside: Told, run: Run) -> None:
    said = " ".join(run(lakeside, "statement", "C-WILLOW", "--as-of", "2025-12-31").out.split())

    assert "closed 10 September 2024 at 10:50 [61]" in said
    assert "as first recorded: requirements not shown" in said
    assert "Nobody attests to anything by it." in said


def test_the_demo_shows_an_audit_and_says_what_to_try(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "a demo"

    ran = run(None, "demo", "--dir", str(folder))

    assert ran.code == 0
    assert "Verdict: requirements not shown" in ran.out
    assert "C-BIRCH: changes of role" in ran.out
    commands = re.findall(r"^  engagement-ledger (.*)$", ran.out, re.MULTILINE)
    told = Told(None, f"sqlite:///{folder / 'engagements.db'}")  # type: ignore[arg-type]
    assert len(commands) >= 5
    for command in commands:
        assert run(told, *command.split()).code in (0, 1), command


def test_the_demo_does_not_write_over_a_ledger(run: Run, tmp_path: Path) -> None:
    run(None, "demo", "--dir", str(tmp_path))

    assert run(None, "demo", "--dir", str(tmp_path)).code == 2


def test_the_statement_names_the_proof_and_the_checkpoint(lakeside: Told, run: Run) -> None:
    # Given a ledger that was never sealed: there is no proof, and the statement says so
    unsealed = json.loads(run(lakeside, "statement", "C-WILLOW", "--json").out)
    assert unsealed["proof"] is None
    assert "none yet: seal the ledger" in run(lakeside, "statement", "C-WILLOW").out

    # When it is sealed, and an entry of the client recorded after that
    run(lakeside, "checkpoint", "seal")
    run(lakeside, "record", "client-relocated", "--client", "C-WILLOW", "--jurisdiction", "US-NY")

    # Then the statement says what the seal proves, and what is not covered yet
    proof = json.loads(run(lakeside, "statement", "C-WILLOW", "--json").out)["proof"]
    assert (proof["entries"], proof["entries_since"]) == (78, 1)
    assert proof["anchors"] == {"cosignatures": 0, "time_stamps": 0}
    said = " ".join(run(lakeside, "statement", "C-WILLOW").out.split())
    assert (
        "this client's file had 78 entries and no others; 1 entry recorded since are not covered yet" in said
    )
    assert proof["checkpoint"]["root"] in said
    assert proof["key"] in said
    assert "hashed anew and compared with the last seal" in said


def test_a_statement_is_not_made_of_altered_entries(lakeside: Told, run: Run) -> None:
    run(lakeside, "checkpoint", "seal")
    lakeside.ledger.close()
    with closing(sqlite3.connect(lakeside.url.removeprefix("sqlite:///"), isolation_level=None)) as database:
        database.execute("DROP TRIGGER stored_events_refuse_update")
        database.execute(
            "UPDATE stored_events SET state = CAST(replace(CAST(state AS TEXT), 'goals-met', 'no-contact') AS BLOB) "
            "WHERE originator_id = 'client/C-WILLOW'"
        )

    done = run(lakeside, "statement", "C-WILLOW")

    assert done.code == 4
    assert "was altered since it was recorded" in done.err


def test_the_audits_page_links_the_bundles_that_are_there(lakeside: Told, run: Run, tmp_path: Path) -> None:
    # Given a bundle of one client in a folder beside the page
    folder = tmp_path / "bundles of counsel"
    folder.mkdir()
    run(lakeside, "bundle", "C-WILLOW", "-o", str(folder / "C-WILLOW.zip"))

    # When the audit's page is made with that folder
    run(lakeside, "audit", "--html", str(tmp_path / "audit.html"), "--bundles", str(folder))

    # Then this client is linked to it, by a relative place, and no other client is
    page = (tmp_path / "audit.html").read_text(encoding="utf-8")
    assert re.findall(r'href="([^"#]+)"', page) == ["bundles%20of%20counsel/C-WILLOW.zip"]
    assert 'id="client-C-OAK"' in page
    assert run(lakeside, "audit", "--bundles", str(folder)).code == 2
