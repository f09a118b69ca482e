"""`keys status`: the key database, whose keys it holds, who may read what, and its copies."""

from typing import TYPE_CHECKING, Any

import click

from ledger.commands.keys_session import opened_keys
from ledger.commands.session import HELP, Session, json_option, print_json

if TYPE_CHECKING:
    from ledger.keys.database import KeyDatabase
    from ledger.keys.overview import Overview
    from ledger.places import Places


@click.command(context_settings=HELP)
@json_option
@click.pass_context
def status(ctx: click.Context, *, as_json: bool) -> None:
    """Show who may read what.

    Also the generations of the keys, what the role file in use opens, and the copies taken of the key database. Asks
    for no passphrase and changes nothing.
    """
    from ledger.keys.overview import overview

    session = Session.of(ctx)
    with opened_keys(session) as keys:
        found = _document(session.places, keys, overview(keys))
    if as_json:
        print_json(found)
    else:
        _tell(found, str(session.places.role))


def _document(places: "Places", keys: "KeyDatabase", seen: "Overview") -> dict[str, Any]:
    return {
        "keys": str(places.keys),
        "ledger_id": keys.ledger_id,
        "signing_key": _signing_key(places),
        "role": _role(keys),
        "domains": [
            {
                "domain": one.domain.value,
                "generation": one.generation,
                "opens": one.opens,
                "waiting": one.waiting,
                "problem": one.problem,
            }
            for one in seen.domains
        ],
        "grants": [
            {
                "id": one.grant.id,
                "role": one.grant.role,
                "holder": one.grant.holder,
                "opens": [domain.value for domain in one.opens],
                "unsigned": [domain.value for domain in one.unsigned],
                "granted_at": one.grant.granted_at,
                "granted_by": one.grant.granted_by,
                "revoked_at": one.grant.revoked_at,
                "revoked_by": one.grant.revoked_by,
            }
            for one in seen.grants
        ],
        "backups": [{"file": one.file, "taken_at": one.taken_at, "by": one.taken_by} for one in seen.backups],
        "warnings": list(keys.warnings),
    }


def _role(keys: "KeyDatabase") -> dict[str, Any] | None:
    role = keys.role
    if role is None:
        return None
    return {
        "file": str(role.path),
        "role": role.role,
        "holder": role.contents.holder,
        "grant": role.contents.grant_id,
        "domains": sorted(domain.value for domain in role.domains),
        "locked": role.is_locked,
    }


def _signing_key(places: "Places") -> str | None:
    """Name and id of the key that signs checkpoints."""
    from ledger.verification.keys import at_hand

    verifier = at_hand(places).verifier
    return None if verifier is None else f"{verifier.name}+{verifier.key_id:08x}"


def _tell(found: dict[str, Any], role_path: str) -> None:
    from ledger.commands.showing import heading, say, say_wrapped, table

    heading(f"Keys in {found['keys']}")
    role = found["role"]
    if role is None:
        say_wrapped(f"No role file at {role_path}: everything can be recorded, no sealed text read.", "  ")
    else:
        lock = "locked with a passphrase" if role["locked"] else "no passphrase"
        grant = f"grant {role['grant']}" if role["grant"] else "of version 1, not yet among the grants"
        say_wrapped(f"Role file in use: {role['file']}, {role['role']}; {lock}; {grant}", "  ")
    signs = found["signing_key"] or "nothing yet"
    say_wrapped(f"Signs checkpoints as {signs}; that key reads nothing.", "  ")
    say()
    table(
        ("domain", "generation", "role file in use", ""),
        (
            (
                one["domain"],
                str(one["generation"]),
                "opens it" if one["opens"] else "does not open it",
                "some data keys still under older keys" if one["waiting"] else "",
            )
            for one in found["domains"]
        ),
    )
    for one in found["domains"]:
        if one["problem"]:
            say_wrapped(one["problem"], "  ")
        if one["waiting"]:
            say_wrapped(f"`engagement-ledger keys rotate --domain {one['domain']}` goes on with them.", "  ")
    say()
    table(
        ("grant", "role", "for", "opens", "granted"),
        (
            (
                one["id"],
                one["role"],
                one["holder"],
                _opens(one),
                f"{one['granted_at'][:10]} {one['granted_by']}",
            )
            for one in found["grants"]
        ),
    )
    say()
    if not found["backups"]:
        say_wrapped("No copy was ever taken with `engagement-ledger keys backup`.", "  ")
    for one in found["backups"]:
        say_wrapped(f"Copy of {one['taken_at'][:10]} by {one['by']}: {one['file']}", "  ")
    for warning in found["warnings"]:
        say_wrapped(warning, "  ")


def _opens(one: dict[str, Any]) -> str:
    from ledger.values import Domain

    if one["revoked_at"]:
        return f"revoked {one['revoked_at'][:10]}"
    everything = len(one["opens"]) == len(Domain)
    opens = "everything" if everything else ", ".join(one["opens"]) or "nothing any more"
    return opens + (f"; unsigned: {', '.join(one['unsigned'])}" if one["unsigned"] else "")
