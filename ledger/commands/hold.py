"""`hold place`, `hold release`: legal holds, each known by its matter."""

from typing import TYPE_CHECKING, Any

import click

from ledger.commands.elsewhere import METAVAR, from_elsewhere
from ledger.commands.recording import Recording, ungated_options
from ledger.commands.session import HELP, Session
from ledger.events.base import Event
from ledger.events.clients import HoldPlaced, HoldReleased

if TYPE_CHECKING:
    from ledger.application import Ledger
    from ledger.history import Fact

HOW = (
    "What is typed here is seen in this machine's list of processes while the program runs: @FILE reads it from a "
    "file, - from a line of standard input."
)
_sealed: dict[str, Any] = {"required": True, "metavar": f"TEXT{METAVAR}", "callback": from_elsewhere}
_matter = click.option("--matter", **_sealed, help="The matter it is about. Sealed: practice.")
_reason = click.option("--reason", **_sealed, help=f"Why. Sealed: practice. {HOW}")


@click.command(context_settings=HELP)
@click.argument("client", metavar="CLIENT")
@_matter
@_reason
@ungated_options
@click.pass_context
def place(ctx: click.Context, /, **given: Any) -> None:
    """Place a legal hold on a client.

    As long as it stands, nothing of the client is erased.

    Several may stand, each of its own matter. Who may not read what matters are about can place one all the same.
    """
    _record(ctx, HoldPlaced, given)


@click.command(context_settings=HELP)
@click.argument("client", metavar="CLIENT")
@_matter
@_reason
@ungated_options
@click.pass_context
def release(ctx: click.Context, /, **given: Any) -> None:
    """Release the legal hold of a matter that is over.

    The matter must be one that stands; capitals and spaces make no difference. To compare them, the role file in use
    must read the practice's texts. Exit code 7: it does not. 5: no hold of that matter stands.
    """
    _record(ctx, HoldReleased, given)


def _record(ctx: click.Context, event_type: type[Event], given: dict[str, Any]) -> None:
    session = Session.of(ctx)
    fields = {name: given[name] for name in ("client", "matter", "reason")}
    with session.ledger() as ledger:
        recording = Recording.begin(session, ledger, given)
        case = recording.known(f"client/{given['client']}").case
        statement = recording.statement(event_type, fields)
        if event_type is HoldPlaced and case is not None:
            _refuse_again(ledger, given["client"], case.holds, given["matter"])
        recording.carry_out([statement])
        if case is not None and not recording.as_json:
            _tell(ledger, given["client"])


def _refuse_again(ledger: "Ledger", client: str, holds: "list[Fact]", matter: str) -> None:
    """HeldAlreadyError, where the matters can be read without asking anybody for a passphrase."""
    from ledger.errors import HeldAlreadyError
    from ledger.holds import normal, standing
    from ledger.values import Domain

    if not ledger.keys.reads_unasked(Domain.PRACTICE):
        return
    for stands, fact in standing(holds, ledger.matter_of):
        if normal(stands) == normal(matter):
            raise HeldAlreadyError(client, fact.seq)


def _tell(ledger: "Ledger", client: str) -> None:
    """How many holds stand now; and that what was erased before stays so."""
    from ledger.commands.showing import say_wrapped
    from ledger.holds import words
    from ledger.retention import kept

    found = kept(ledger.at().case(client))
    say_wrapped(f"{client}: {words(found.holds)}.")
    if found.erased is not None and found.holds:
        day = ledger.calendar.day_of(found.erased.at)
        say_wrapped(
            f"What was sealed before {day} was erased then (entry {found.erased.seq}): no hold brings it back."
        )
