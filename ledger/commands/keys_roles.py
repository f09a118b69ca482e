"""`keys init` and `keys grant`: role files for those who may read."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ledger.commands.keys_session import act_of, domains_given, new_passphrase, opened_keys, who_option
from ledger.commands.session import HELP, Session, json_option, print_json
from ledger.commands.showing import heading, say_wrapped

if TYPE_CHECKING:
    from ledger.keys.grant_store import Grant
    from ledger.values import Domain

_HAND_OVER = (
    "Give each file to its holder on a separate medium, and leave no copy here. Holders lock their own files with "
    "`engagement-ledger keys passphrase`."
)
_NO_FILE = "An audit rests on coded facts alone"


@click.command(context_settings=HELP)
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Where to write them. Default: beside the role file in use.",
)
@who_option
@json_option
@click.pass_context
def init(ctx: click.Context, *, folder: Path | None, own_actor: str | None, as_json: bool) -> None:
    """Make a role file for each standard role.

    These are therapist, coach, front-desk and counsel. Each file opens the domains its role needs and no others; a
    reviewer needs none. A file that is there already is left as it is. Made for several people of one role, `keys
    grant` gives each a file that can be revoked by itself.
    """
    from ledger.errors import UsageError
    from ledger.keys.granting import grant
    from ledger.keys.roles import OWNER, STANDARD

    session = Session.of(ctx)
    places = session.places
    where = folder if folder is not None else places.role.parent
    if not where.is_dir():
        raise UsageError(f"--folder: the folder {str(where)[:200]!r} is not there; make it, or name another")
    made: list[dict[str, Any]] = []
    left: list[str] = []
    with opened_keys(session) as keys:
        act = act_of(session, own_actor)
        for role, domains in STANDARD.items():
            file = where / f"{places.keys.stem}.{role}.role"
            if role == OWNER or not domains:
                continue
            if os.path.lexists(file):
                left.append(str(file))
                continue
            made.append(_document(file, grant(keys, file, role, domains, act), domains))
    if as_json:
        print_json({"made": made, "left": left})
        return
    for one in made:
        say_wrapped(f"{one['file']}: {one['role']}, opens {', '.join(one['domains'])}")
    for name in left:
        say_wrapped(f"{name}: was there already and is left as it is")
    say_wrapped(f"No file for a reviewer: {_NO_FILE[0].lower()}{_NO_FILE[1:]}.")
    if made:
        say_wrapped(_HAND_OVER)


@click.command(context_settings=HELP)
@click.argument("role")
@click.option(
    "-o",
    "--output",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    metavar="FILE",
    help="The new role file. Nothing is ever replaced.",
)
@click.option("--for", "holder", metavar="WHO", default="", help="Who gets it, as `keys status` will say.")
@click.option(
    "--domains",
    multiple=True,
    metavar="DOMAINS",
    help="What it opens, instead of what the standard role needs: identity, therapy, coaching, practice.",
)
@click.option(
    "--passphrase",
    "locked",
    is_flag=True,
    help="Lock it with a passphrase (asked for, or ENGAGEMENT_LEDGER_NEW_PASSPHRASE).",
)
@who_option
@json_option
@click.pass_context
def grant(
    ctx: click.Context,
    *,
    role: str,
    file: Path,
    holder: str,
    domains: tuple[str, ...],
    locked: bool,
    own_actor: str | None,
    as_json: bool,
) -> None:
    """Make one more role file.

    ROLE is therapist, coach, front-desk, counsel, owner, or a name of your own with --domains. The role file in use
    must open every domain it gives away. The grant stands in the key database, so that later keys reach the new file
    and it can be revoked.
    """
    from ledger.keys.granting import grant as granted

    session = Session.of(ctx)
    wanted = _domains_of(role, domains)
    with opened_keys(session) as keys:
        passphrase = new_passphrase(str(file)) if locked else None
        made = granted(
            keys,
            file,
            _checked("ROLE", role),
            wanted,
            act_of(session, own_actor),
            holder=_checked("--for", holder) if holder else "",
            passphrase=passphrase,
        )
    document = _document(file, made, wanted) | {"locked": locked}
    if as_json:
        print_json(document)
        return
    whose = f" for {made.holder}" if made.holder else ""
    heading(f"A role file{whose}: {file}", "green")
    say_wrapped(f"{made.role}, opens {', '.join(document['domains'])}; grant {made.id}", "  ")
    say_wrapped(_HAND_OVER)


def _domains_of(role: str, given: tuple[str, ...]) -> "frozenset[Domain]":
    from ledger.errors import UsageError
    from ledger.keys.roles import STANDARD, domains_of

    wanted = domains_given("--domains", given) or domains_of(role)
    if wanted is None:
        raise UsageError(
            f"ROLE: expected one of {', '.join(STANDARD)}, or a name of your own with --domains; came {role[:60]!r}"
        )
    if not wanted:
        raise UsageError(
            f"a {role} needs no role file: {_NO_FILE[0].lower()}{_NO_FILE[1:]}. To have the practice's own texts read "
            "too, add --domains practice"
        )
    return wanted


def _checked(what: str, text: str) -> str:
    from ledger.errors import UsageError
    from ledger.values import plain_text

    try:
        if len(text) > 100:
            raise UsageError(f"{what}: expected at most 100 characters, came {len(text)}")
        return plain_text(text)
    except ValueError as wrong:
        raise UsageError(f"{what}: {wrong}") from None


def _document(file: Path, made: "Grant", domains: "frozenset[Domain]") -> dict[str, Any]:
    return {
        "file": str(file),
        "grant": made.id,
        "role": made.role,
        "holder": made.holder,
        "domains": sorted(domain.value for domain in domains),
    }
