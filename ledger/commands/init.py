"""`init`: a new ledger with its key database and role file."""

import os
import re
import sys
from pathlib import Path
from typing import Any

import click

from ledger.commands.recording import WHO_HELP, recorder_of
from ledger.commands.session import Session, json_option, print_json

DEFAULT_PRACTICE = "The practice"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--practice", metavar="NAME", help=f"The practice's name. Default: {DEFAULT_PRACTICE}.")
@click.option(
    "--time-zone",
    metavar="IANA",
    help="The practice's time zone, such as America/New_York. Default: this machine's.",
)
@click.option(
    "--go-live",
    metavar="DAY",
    help="From this day on entries are enforced; older history may be imported as found. Default: today.",
)
@click.option(
    "--policy",
    metavar="recommended|none|FILE.toml",
    default="recommended",
    show_default=True,
    help="The rules and deadlines the practice adopts at go-live. A file gives adopts, drops, parameters, reason.",
)
@click.option(
    "--passphrase",
    "locked",
    is_flag=True,
    help="Lock the role file with a passphrase (asked for, or ENGAGEMENT_LEDGER_PASSPHRASE).",
)
@click.option("--as", "own_actor", metavar="ACTOR", help=WHO_HELP)
@json_option
@click.pass_context
def init(
    ctx: click.Context,
    *,
    practice: str | None,
    time_zone: str | None,
    go_live: str | None,
    policy: str,
    locked: bool,
    own_actor: str | None,
    as_json: bool,
) -> None:
    """Make a new ledger.

    Three files are made: the ledger, the key database, and the role file that opens sealed texts. At a terminal
    the name and the time zone are asked for; elsewhere nothing is.
    """
    from ledger.application import Ledger
    from ledger.opening import Opening

    session = Session.of(ctx)
    places = session.places
    places.refuse_taken()
    by = _checked_actor(recorder_of(session, own_actor))
    asking = sys.stdin.isatty() and not as_json
    opening = Opening(
        practice=_checked_name(practice or _asked("The practice's name", DEFAULT_PRACTICE, asking=asking)),
        time_zone=time_zone or _asked("Its time zone", machine_time_zone(), asking=asking),
        by=by,
        go_live=_checked_day(go_live),
        policy=_policy(policy),
        origin="engagement-ledger/" + (re.sub(r"[^!-*,-~]+", "-", places.name) or "ledger"),
    )
    ledger = Ledger.create(places, opening, _passphrase() if locked else None)
    try:
        opened = ledger.opened
        made: dict[str, Any] = {
            "ledger": str(places.database) if places.is_file else places.url,
            "keys": str(places.keys),
            "role": str(places.role),
            "practice": opened.practice,
            "time_zone": opened.time_zone,
            "go_live": opened.go_live,
            "policy": policy,
            "origin": opened.origin,
            "by": by,
            "done": list(ledger.made),
        }
    finally:
        ledger.close()
    if as_json:
        print_json(made)
    else:
        _tell(made, locked=locked)


def machine_time_zone() -> str:
    """This machine's time zone: TZ, else what /etc/localtime points to, else UTC."""
    from zoneinfo import ZoneInfo

    named = os.environ.get("TZ", "").removeprefix(":")
    try:
        linked = os.path.realpath("/etc/localtime")
    except OSError:
        linked = ""
    for name in (named, linked.partition("zoneinfo/")[2]):
        try:
            if name and ZoneInfo(name).key == name:
                return name
        except (KeyError, ValueError, OSError):
            continue
    return "UTC"


def _asked(text: str, default: str, *, asking: bool) -> str:
    if not asking:
        return default
    answer: str = click.prompt(text, default=default, err=True)
    return answer


def _checked_actor(by: str) -> str:
    from ledger.errors import UsageError
    from ledger.values import ID_WORDING

    if not _ID.fullmatch(by):
        raise UsageError(f"--as: expected an actor's id ({ID_WORDING}), came {by[:60]!r}")
    return by


def _checked_name(name: str) -> str:
    from ledger.errors import UsageError
    from ledger.values import plain_text

    try:
        if len(name) > 200:
            raise UsageError(f"--practice: expected at most 200 characters, came {len(name)}; shorten it")
        return plain_text(name)
    except ValueError as wrong:
        raise UsageError(f"--practice: {wrong}") from None


def _checked_day(day: str | None) -> str | None:
    from ledger.errors import UsageError
    from ledger.values import is_day, moment

    if day is None:
        return None
    try:
        if is_day(moment(day)):
            return day
    except ValueError:
        pass
    raise UsageError(f"--go-live: expected a day such as 2026-03-02, came {day[:60]!r}")


def _policy(policy: str) -> dict[str, Any] | None:
    from ledger.errors import UsageError
    from ledger.policy_file import RECOMMENDED, read_policy

    if policy == "none":
        return None
    if policy == "recommended":
        return RECOMMENDED
    if not Path(policy).is_file():
        raise UsageError(
            f"--policy: expected recommended, none or a TOML file that is there, came {policy[:200]!r}"
        )
    return read_policy(Path(policy))


def _passphrase() -> str:
    from ledger.errors import UsageError

    given = os.environ.get("ENGAGEMENT_LEDGER_PASSPHRASE")
    if given:
        return given
    if not sys.stdin.isatty():
        raise UsageError("--passphrase: there is nobody to ask; set ENGAGEMENT_LEDGER_PASSPHRASE")
    typed: str = click.prompt(
        "A passphrase for the role file", hide_input=True, confirmation_prompt=True, err=True
    )
    return typed


def _tell(made: dict[str, Any], *, locked: bool) -> None:
    from ledger.commands.showing import heading, say, say_wrapped

    heading(
        f"A new ledger for {made['practice']}, in {made['time_zone']}, live from {made['go_live']}.", "green"
    )
    kept = "locked with the passphrase" if locked else "without a passphrase"
    say_wrapped(f"{made['ledger']}: the ledger; back it up like any record", "  ")
    for done in made["done"]:
        say_wrapped(done, "    ")
    say_wrapped(f"{made['keys']}: the key database; back it up apart from the ledger", "  ")
    say_wrapped(f"{made['role']}: the role file, {kept}; whoever holds it reads sealed text", "  ")
    say_wrapped(
        "Keep copies of all three in separate places. Without key database and role file nobody, you included, can "
        "read what is sealed; whoever gets all three can read everything."
    )
    policy = {"none": "no policy is adopted", "recommended": "the recommended policy is adopted"}
    say_wrapped(
        f"Recorded by {made['by']}: the ledger is opened, and "
        f"{policy.get(made['policy'], 'the policy of ' + made['policy'] + ' is adopted')}."
    )
    say("Next:")
    for command, what in (
        ("record practitioner-registered -i", "who works here"),
        ("record licence-recorded -i", "where they may practise"),
        ("record template-adopted -i", "the texts clients sign"),
        ("desk register", "the first client"),
        ("import FILE.ndjson", "or the history you have"),
    ):
        say(f"  {'engagement-ledger ' + command:<52}{what}")
