"""`keys backup` and `keys restore`: the key database to a file and back."""

from pathlib import Path

import click

from ledger.commands.keys_session import act_of, opened_keys, who_option
from ledger.commands.session import HELP, Session, json_option, print_json
from ledger.commands.showing import heading, say_wrapped

_file = click.Path(path_type=Path, dir_okay=False)


@click.command(context_settings=HELP)
@click.argument("file", type=_file)
@who_option
@json_option
@click.pass_context
def backup(ctx: click.Context, *, file: Path, own_actor: str | None, as_json: bool) -> None:
    """Copy the key database to a new FILE.

    Others may use it meanwhile. The copy is registered, so that an erasure can say which copies still hold what it
    destroys. Role files are not in it: without one of them it opens nothing.
    """
    from ledger.keys.copies import back_up

    session = Session.of(ctx)
    with opened_keys(session) as keys:
        taken = back_up(keys, file, act_of(session, own_actor))
    if as_json:
        print_json({"file": taken.file, "taken_at": taken.taken_at, "by": taken.taken_by})
        return
    heading(f"The key database is copied to {file}.", "green")
    say_wrapped(
        "No role file is in it: keep copies of those elsewhere; without one the copy opens nothing. The key that signs "
        "checkpoints is in it: keep it where nobody else can read it, and apart from the ledger's backups.",
        "  ",
    )
    say_wrapped(
        "Keys that are destroyed from now on remain in it: an erasure is complete only when copies from before are "
        "gone too. `engagement-ledger keys status` lists them.",
        "  ",
    )


@click.command(context_settings=HELP)
@click.argument("file", type=_file)
@json_option
@click.pass_context
def restore(ctx: click.Context, *, file: Path, as_json: bool) -> None:
    """Put a copy of the key database back.

    FILE is copied to where the ledger looks for its keys. Nothing is ever overwritten. It must be that of this
    ledger. What an older copy lacks is said: texts sealed since stay sealed for good, and whoever was shut out since
    must be shut out again.
    """
    from ledger.copying.restoring_keys import restore_keys

    restored = restore_keys(Session.of(ctx).places, file)
    behind = restored.entries - restored.signed if restored.signed is not None else None
    if as_json:
        print_json(
            {
                "file": str(restored.file),
                "data_keys": restored.data_keys,
                "lacking": restored.lacking,
                "signed": restored.signed,
                "entries": restored.entries,
            }
        )
        return
    heading(f"The key database is back: {restored.file}, {restored.data_keys:,} data keys.", "green")
    if restored.lacking:
        say_wrapped(
            f"{restored.lacking:,} data keys that this ledger's texts name are not in it: it is older than they are, "
            "and those texts stay sealed. A newer copy has them.",
            "  ",
        )
    if behind:
        say_wrapped(
            f"Its signer had signed {restored.signed:,} of the ledger's {restored.entries:,} entries; it goes on from "
            "there when the ledger is next used.",
            "  ",
        )
    if restored.lacking or behind:
        say_wrapped(
            "Whoever was shut out since this copy was taken is let in by it again: see `engagement-ledger keys "
            "status`, and revoke again. Keys of clients who were erased since are destroyed again when the ledger is "
            "next used.",
            "  ",
        )
