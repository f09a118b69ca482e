"""`keys passphrase`: sets, changes or removes the passphrase of the role file in use."""

import click

from ledger.commands.keys_session import act_of, new_passphrase, opened_keys, who_option
from ledger.commands.session import HELP, Session, json_option, print_json
from ledger.commands.showing import heading, say_wrapped


@click.command(context_settings=HELP)
@click.option("--remove", is_flag=True, help="Leave the role file without a passphrase.")
@who_option
@json_option
@click.pass_context
def passphrase(ctx: click.Context, *, remove: bool, own_actor: str | None, as_json: bool) -> None:
    """Set, change or remove the role file's passphrase.

    The old one is asked for (or ENGAGEMENT_LEDGER_PASSPHRASE), and the new one (or ENGAGEMENT_LEDGER_NEW_PASSPHRASE).
    Copies of the file made before go on to open with the old passphrase, or with none.
    """
    from ledger.keys.granting import registered

    session = Session.of(ctx)
    with opened_keys(session) as keys:
        role, secrets = keys.rights.in_file()  # the old passphrase first
        if role.contents.grant_id is None:  # what is written is of version 2
            registered(keys, act_of(session, own_actor))
            role, secrets = keys.rights.in_file()
        was_locked = role.is_locked
        typed = None if remove else new_passphrase(str(role.path))
        keys.rights.rewrite(role.contents, secrets, typed)
    if as_json:
        print_json({"file": str(role.path), "locked": not remove, "was_locked": was_locked})
        return
    if remove:
        heading(f"{role.path} has no passphrase any more.", "yellow")
        say_wrapped("Whoever gets the file reads what it opens.")
        return
    heading(f"{role.path} is locked with {'the new' if was_locked else 'a'} passphrase.", "green")
    say_wrapped(
        "Nobody can open it without. Should the passphrase be lost, another holder grants a new file. Copies of the "
        "file made before open as they did; replace them."
    )
