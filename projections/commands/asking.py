"""What the reading commands share: when is asked, and of whom."""

import json
import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ledger.commands.session import Session
from ledger.legible import escaped

if TYPE_CHECKING:
    from ledger.application import Ledger
    from ledger.perspective import Moment
    from projections.dates import Dates

Command = TypeVar("Command", bound=Callable[..., Any])

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def moment_options(command: Command) -> Command:
    """`--as-of` and `--known-at`."""
    for option in (
        click.option(
            "--known-at",
            metavar="WHEN",
            help="Use only what was recorded by then. A day means its end. Default: everything.",
        ),
        click.option(
            "--as-of",
            metavar="WHEN",
            help="What had happened by then: a day (2026-03-02, meaning its end) or a date and time with its "
            "offset (2026-03-02T15:00:00-05:00). Default: now.",
        ),
    ):
        command = option(command)
    return command


reveal_option = click.option(
    "--reveal", is_flag=True, help="Show the sealed texts that the role in use may read."
)


def checked_id(_ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """An id as ids are; anything else is bad input before a ledger is opened."""
    if value is not None and not _ID.fullmatch(value):
        from ledger.errors import InputError
        from ledger.values import ID_WORDING

        raise InputError(
            f"{parameter.human_readable_name}: expected an id ({ID_WORDING}), came {value[:60]!r}"
        )
    return value


def id_argument(name: str) -> Callable[[Command], Command]:
    """An argument that is an id."""
    return click.argument(name, callback=checked_id)


client_argument = id_argument("client")
client_option = click.option("--client", metavar="ID", callback=checked_id, help="Only this client.")


def moment_of(ledger: "Ledger", as_of: str | None, known_at: str | None) -> "Moment":
    """The moment that the two options name. InputError says which of them is wrong."""
    from ledger.errors import InputError
    from ledger.perspective import stamp_of

    for option, given in (("--as-of", as_of), ("--known-at", known_at)):
        if given is not None:
            try:
                stamp_of(given, ledger.calendar)
            except InputError as wrong:
                raise InputError(f"{option}: {wrong}") from None
    return ledger.moment(as_of, known_at)


def dates_of(ledger: "Ledger", session: Session) -> "Dates":
    """How times are shown in this call."""
    from projections.dates import Dates

    return Dates(ledger.calendar, session.tz)


def asked(when: "Moment", dates: "Dates") -> str:
    """The two clocks' setting, for a heading."""
    known = f"as known at {dates.moment(when.known_at)}" if when.known_at is not None else "as known now"
    return f"as of {dates.moment(when.as_of)}, {known}"


def print_long_json(document: dict[str, Any]) -> None:
    """One JSON document, a line for each item of its lists: written in portions, never held as one text."""
    pieces = _json_pieces(document)
    while portion := "".join(islice(pieces, 1_000)):
        click.echo(escaped(portion), nl=False)


def _json_pieces(document: dict[str, Any]) -> Iterator[str]:
    opening = "{"
    for name, value in document.items():
        yield f"{opening}\n {json.dumps(name)}: "
        opening = ","
        if isinstance(value, list) and value:
            for index, item in enumerate(value):
                yield f"{',' if index else '['}\n  {json.dumps(item, ensure_ascii=False)}"
            yield "\n ]"
        else:
            yield json.dumps(value, ensure_ascii=False)
    yield "\n}\n"
