"""`doubles`: clients who seem to be one person; brings the index of clients up to date first."""

from typing import TYPE_CHECKING, Any

import click

from ledger.commands.session import HELP, Session, json_option, print_json, progress_of

if TYPE_CHECKING:
    from ledger.application import Ledger
    from ledger.directory.doubles import Pair


@click.command(context_settings=HELP)
@click.option("--all", "everything", is_flag=True, help="Also the pairs that people have compared already.")
@json_option
@click.pass_context
def doubles(ctx: click.Context, *, everything: bool, as_json: bool) -> None:
    """Clients who seem to be one person: born the same day, with names that are alike.

    What was registered or changed since is compared first, which takes a role file that reads identity; without one the
    pairs found so far are shown. Say what you found of a pair with `record clients-compared`.
    """
    from ledger.directory.doubles import PAIRS_AT_ONCE, pairs

    with Session.of(ctx).ledger() as ledger:
        wrong, unreadable = _bring_up_to_date(ledger)
        found = pairs(ledger.keys.client_tokens, ledger.recorder, ledger.entries, ledger.calendar)
    more = len(found) == PAIRS_AT_ONCE
    shown = [one for one in found if everything or one.compared is None]
    if as_json:
        print_json(
            {
                "pairs": [_document(one) for one in shown],
                "more": more,
                "not_compared_because": None if wrong is None else wrong.cause,
                "unreadable": unreadable,
            }
        )
    else:
        _tell(shown, unreadable, more=more)
    if wrong is not None:
        from ledger.commands.alike import tell_uncompared

        tell_uncompared(wrong)
        raise click.exceptions.Exit(wrong.exit_code)


def _bring_up_to_date(ledger: "Ledger") -> tuple[Any, list[str]]:
    """Follows the log to its end; why not, and whose particulars do not open."""
    from ledger.errors import LedgerError

    unreadable: list[str] = []
    with progress_of("Comparing clients") as progress:
        try:
            whole = done = 0
            while True:
                step = ledger.directory.follow()
                unreadable += step.unreadable
                done += step.looked_through
                whole = whole or done + step.behind
                progress(done, whole)
                if not step.behind:
                    return None, unreadable
        except LedgerError as wrong:
            return wrong, unreadable


def _document(one: "Pair") -> dict[str, Any]:
    told: dict[str, Any] = {"client": one.client, "other": one.other, "found": None, "entry": None}
    if one.compared is not None:
        told["found"] = one.compared.event.found.value
        told["entry"] = {"stream": one.compared.stream, "seq": one.compared.seq}
    return told


def _tell(shown: "list[Pair]", unreadable: list[str], *, more: bool) -> None:
    from ledger.commands.showing import say, say_wrapped, table

    if shown:
        table(
            ("client", "other", "found"),
            (
                (one.client, one.other, "-" if one.compared is None else one.compared.event.found.value)
                for one in shown
            ),
        )
    else:
        say("No two clients seem to be one person without anybody having looked.")
    if more:
        say("There are more; these are the first.")
    if unreadable:
        say_wrapped(
            f"Not compared, their sealed particulars do not open: {', '.join(unreadable)}. See `verify`."
        )
