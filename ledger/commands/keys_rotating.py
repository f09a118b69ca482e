"""`keys rotate`, `keys revoke`, `keys trust`: new keys in the place of old ones."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ledger.commands.keys_session import act_of, domains_given, new_passphrase, opened_keys, who_option
from ledger.commands.session import HELP, Session, json_option, print_json, progress_of
from ledger.commands.showing import heading, say_wrapped

if TYPE_CHECKING:
    from ledger.keys.database import KeyDatabase
    from ledger.keys.grant_store import Grant
    from ledger.keys.rotation import Rotated
    from ledger.values import Domain

_WRAPPING = "Wrapping data keys anew"
_yes_option = click.option("--yes", is_flag=True, help="Do not ask.")
_domain_option = click.option(
    "--domain",
    "domains",
    multiple=True,
    metavar="DOMAIN",
    help="Only this domain (may be given again). Default: every domain the role file in use opens.",
)


@click.command(context_settings=HELP)
@_domain_option
@click.option(
    "--lost",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Nobody has the old keys any more: make new ones without them, and a new role file FILE that holds them. "
    "What was sealed before stays sealed until an old role file is found.",
)
@click.option(
    "--passphrase",
    "locked",
    is_flag=True,
    help="With --lost: lock FILE with a passphrase (asked for, or ENGAGEMENT_LEDGER_NEW_PASSPHRASE).",
)
@_yes_option
@who_option
@json_option
@click.pass_context
def rotate(
    ctx: click.Context,
    *,
    domains: tuple[str, ...],
    file: Path | None,
    locked: bool,
    yes: bool,
    own_actor: str | None,
    as_json: bool,
) -> None:
    """Replace keys by new ones, while others work.

    The new keys are delivered through the key database to every role file that was granted and not revoked: no files
    are exchanged. No entry is touched. Stopped in the middle, run it again: it goes on.
    """
    from ledger.errors import UsageError
    from ledger.keys.rotation import rotate as new_keys

    session = Session.of(ctx)
    given = domains_given("--domain", domains)
    if file is not None:
        _replace_lost(session, file, given, act_by=own_actor, locked=locked, asks=not yes, as_json=as_json)
        return
    if locked:
        raise UsageError(
            "--passphrase goes with --lost; `keys passphrase` changes that of the role file in use"
        )
    with opened_keys(session) as keys, progress_of(_WRAPPING) as progress:
        wanted = given or (keys.role.domains if keys.role is not None else frozenset())
        if not wanted:
            keys.rights.require(_any_domain())
        done = new_keys(keys, wanted, act_of(session, own_actor), progress)
    if as_json:
        print_json(_document(done))
        return
    for domain, number in sorted(done.generations.items()):
        heading(f"New {domain} keys: generation {number}.", "green")
    for domain in sorted(set(done.rewrapped.done) - set(done.generations)):
        heading(f"The {domain} keys had been replaced before; that was gone on with.", "green")
    _tell(done)


@click.command(context_settings=HELP)
@click.argument("who", metavar="NAME|ID")
@_yes_option
@who_option
@json_option
@click.pass_context
def revoke(ctx: click.Context, *, who: str, yes: bool, own_actor: str | None, as_json: bool) -> None:
    """Shut out the holder of a role file.

    All domains it opened get new keys at once, which are not delivered to it. NAME is the role or the holder as `keys
    status` shows them, ID the grant. What was copied before can still be read: the texts in a copy of the ledger,
    with a copy of the key database from before.
    """
    from ledger.commands.asking import Asking
    from ledger.keys.rotation import revoke as shut_out

    session = Session.of(ctx)
    with opened_keys(session) as keys:
        meant = _meant(keys, who)
        whose = f"{meant.holder or meant.role} (grant {meant.id}, {meant.role})"
        question = f"Shut out {whose} and replace the keys of its domains?"
        if not yes and not Asking().confirm(question, default=False):
            raise click.Abort
        with progress_of(_WRAPPING) as progress:
            done = shut_out(keys, meant, act_of(session, own_actor), progress)
    if as_json:
        print_json({"grant": meant.id, "role": meant.role, "holder": meant.holder} | _document(done))
        return
    heading(f"Shut out: {whose}.", "green")
    _tell(done)
    say_wrapped(
        "This key database opens nothing for that role file any more. What it opened until now can still be read where "
        "copies are: an older copy of the key database, together with a copy of the ledger. Ask for the file and such "
        "copies back; backups of the key database from before today are among them."
    )


@click.command(context_settings=HELP)
@click.argument("domains", nargs=-1, required=True, metavar="DOMAIN...")
@_yes_option
@json_option
@click.pass_context
def trust(ctx: click.Context, *, domains: tuple[str, ...], yes: bool, as_json: bool) -> None:
    """Take over keys that nobody stands behind.

    After `keys rotate --lost` every role file that was made before refuses to seal for the new keys, since anybody who
    can write the key database could have put them there. Ask whoever made them for their fingerprint, and compare.
    """
    from ledger.commands.asking import Asking
    from ledger.keys.granting import trust as believe

    session = Session.of(ctx)
    wanted = sorted(domains_given("DOMAIN", domains))
    with opened_keys(session) as keys:
        shown = {domain: _fingerprint(keys, domain) for domain in wanted}
        if not yes:
            for domain, text in shown.items():
                say_wrapped(f"{domain}: {text}", "  ", err=True)
            if not Asking().confirm("Are these the practice's keys?", default=False):
                raise click.Abort
        believed = believe(keys, wanted)
    if as_json:
        print_json({"trusted": {domain.value: one.number for domain, one in sorted(believed.items())}})
        return
    for domain, one in sorted(believed.items()):
        heading(f"The role file in use seals {domain} texts for generation {one.number}.", "green")


def _replace_lost(
    session: Session,
    file: Path,
    given: "frozenset[Domain]",
    *,
    act_by: str | None,
    locked: bool,
    asks: bool,
    as_json: bool,
) -> None:
    from ledger.commands.asking import Asking
    from ledger.errors import UsageError
    from ledger.keys.roles import OWNER
    from ledger.keys.rotation import replace_lost
    from ledger.values import Domain

    wanted = given or frozenset(Domain)
    with opened_keys(session) as keys:
        if asks:
            say_wrapped(
                f"New keys will be made for {', '.join(sorted(wanted))} without the old ones. Every text sealed there "
                "until now stays sealed until somebody finds an old role file or its passphrase. Role files that open "
                "these domains now will not open what comes.",
                err=True,
            )
            for one in _others(keys, wanted):
                say_wrapped(
                    f"Ask first: {one.holder or one.role} (grant {one.id}) opens some of them.", err=True
                )
            if not Asking().confirm("Are the old keys lost for good?", default=False):
                raise click.Abort
        passphrase = new_passphrase(str(file)) if locked else None
        if passphrase == "":
            raise UsageError("the passphrase is empty; give one, or leave --passphrase out")
        made = replace_lost(keys, file, OWNER, wanted, act_of(session, act_by), passphrase=passphrase)
        prints = {domain.value: _fingerprint(keys, domain) for domain in sorted(wanted)}
    if as_json:
        print_json({"file": str(file), "grant": made.id, "role": made.role, "keys": prints})
        return
    heading(f"New keys, and the role file that holds them: {file}", "green")
    for domain, text in prints.items():
        say_wrapped(f"{domain}: {text}", "  ")
    say_wrapped(
        "Tell these fingerprints to whoever has a role file from before; each takes the new keys with "
        "`engagement-ledger keys trust DOMAIN`. Name the new file with ENGAGEMENT_LEDGER_ROLE, or put it in the old "
        "one's place; keep the old one: should its passphrase be found, it opens the old texts."
    )


def _meant(keys: "KeyDatabase", who: str) -> "Grant":
    """The grant that is meant. UsageError where none is, or several."""
    from ledger.errors import UsageError

    grants = keys.store.grants()
    found = [one for one in grants if who == one.id]
    found = found or [one for one in grants if who in {one.holder, one.role}]
    live = [one for one in found if one.revoked_at is None] or found
    if len(live) == 1:
        return live[0]
    listed = ", ".join(
        f"{one.id} ({one.role}{', ' + one.holder if one.holder else ''})" for one in live or grants
    )
    if not live:
        raise UsageError(f"no grant is called {who[:60]!r}; there are: {listed or 'none'}")
    raise UsageError(f"several grants are called {who[:60]!r}, say which by its id: {listed}")


def _others(keys: "KeyDatabase", wanted: "frozenset[Domain]") -> "Sequence[Grant]":
    from ledger.keys.overview import overview

    return [one.grant for one in overview(keys).grants if wanted & set(one.opens)]


def _fingerprint(keys: "KeyDatabase", domain: "Domain") -> str:
    """That of the newest keys of a domain, believed or not."""
    from ledger.keys.trust import fingerprint, newest_of

    newest = newest_of(domain, keys.store.generations())
    return "no keys" if newest is None else fingerprint(newest)


def _any_domain() -> "Domain":
    from ledger.values import Domain

    return Domain.IDENTITY


def _document(done: "Rotated") -> dict[str, Any]:
    return {
        "generations": {domain.value: number for domain, number in sorted(done.generations.items())},
        "served": sorted(done.served),
        "unserved": sorted(done.unserved),
        "rewrapped": {domain.value: count for domain, count in sorted(done.rewrapped.done.items())},
        "left": {domain.value: count for domain, count in sorted(done.rewrapped.left.items()) if count},
        "wiped": done.rewrapped.wiped,
    }


def _tell(done: "Rotated") -> None:
    if done.served:
        names = sorted({one.holder or one.role for one in done.served.values()})
        say_wrapped(f"Delivered to {len(done.served)} role files: {', '.join(names)}.", "  ")
    say_wrapped(f"{sum(done.rewrapped.done.values()):,} data keys wrapped anew; no entry was touched.", "  ")
    for domain, count in sorted(done.rewrapped.left.items()):
        if count:
            say_wrapped(
                f"{count:,} {domain} data keys stay as they were: the role file in use cannot open them. A role file "
                "from before may; with it run the command again.",
                "  ",
            )
    for one in done.unserved.values():
        say_wrapped(
            f"Nothing was delivered to {one.holder or one.role} (grant {one.id}): no holder signed that grant. If it "
            "is rightful, grant it anew; if nobody knows it, somebody has changed the key database.",
            "  ",
        )
    if not done.rewrapped.wiped:
        say_wrapped(
            "Somebody was reading the key database: what the data keys were wrapped as before may remain in its log "
            "until it is next closed by everybody.",
            "  ",
        )
