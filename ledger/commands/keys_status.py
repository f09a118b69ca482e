"""`keys status`: the key database, the generations of its keys, and the role file in use."""

from typing import Any

import click

from ledger.commands.session import HELP, Session, json_option, print_json


@click.command(context_settings=HELP)
@json_option
@click.pass_context
def status(ctx: click.Context, *, as_json: bool) -> None:
    """Show the key database, the generations of its keys, and what the role file in use opens.

    Asks for no passphrase and changes nothing.
    """
    from ledger.keys.database import KeyDatabase

    places = Session.of(ctx).places
    with KeyDatabase.open(places.keys, places.role) as keys:
        found: dict[str, Any] = {
            "keys": str(places.keys),
            "ledger_id": keys.ledger_id,
            "domains": [
                {"domain": domain.value, "generation": generation, "opens": keys.may_open(domain)}
                for domain, generation in keys.generations().items()
            ],
            "role": None if keys.role is None else _role(keys.role),
            "warnings": list(keys.warnings),
        }
    if as_json:
        print_json(found)
    else:
        _tell(found, places.role)


def _role(role: Any) -> dict[str, Any]:
    return {
        "file": str(role.path),
        "role": role.role,
        "domains": sorted(domain.value for domain in role.domains),
        "locked": role.is_locked,
    }


def _tell(found: dict[str, Any], role_path: object) -> None:
    from ledger.commands.showing import heading, say_wrapped, table

    heading(f"Keys of ledger {found['ledger_id']}, in {found['keys']}")
    role = found["role"]
    if role is None:
        say_wrapped(f"No role file at {role_path}: everything can be recorded, no sealed text read.", "  ")
    else:
        lock = "locked with a passphrase" if role["locked"] else "no passphrase"
        say_wrapped(f"Role file {role['file']}: {role['role']}; {lock}.", "  ")
    table(
        ("domain", "generation", "opened by it"),
        (
            (one["domain"], str(one["generation"]), "yes" if one["opens"] else "no")
            for one in found["domains"]
        ),
    )
    for warning in found["warnings"]:
        say_wrapped(warning, "  ")
