"""`projections`: how far the read models are; making them anew; comparing them with a replay of the log."""

from typing import TYPE_CHECKING, Any

import click

from ledger.commands.session import Session, json_option, print_json, progress_of
from projections.commands.asking import dates_of, print_long_json

if TYPE_CHECKING:
    from projections.models.base import Model
    from projections.models.verifying import Difference

DIFFERENT = 4
"""The exit code where a stored row is not what a replay gives."""

SHOWN = 50


@click.group()
def projections() -> None:
    """Look after the read models: the tables from which caseload, obligations and registers are answered.

    They hold nothing that is not in the ledger, catch up by themselves, and may be thrown away at any time.
    """


@projections.command()
@json_option
@click.pass_context
def status(ctx: click.Context, *, as_json: bool) -> None:
    """Show how far each read model is, how many rows it has, and when it was last caught up."""
    from projections.models.status import status as of

    session = Session.of(ctx)
    with session.ledger() as ledger:
        found = of(ledger)
        if as_json:
            print_json(found)
            return
        from projections.commands.page import Page
        from projections.wording import counted

        page = Page()
        page.path("Read models in", found["place"])
        if found["position"] is None:
            page.say(f"None yet: {found['why']} They are made when first asked for.")
            return
        dates = dates_of(ledger, session)
        behind = f"{counted(found['lag'], 'entry', 'entries')} behind" if found["lag"] else "nothing behind"
        page.say(
            f"Up to entry {found['position']:,} of {found['last_position']:,} ({behind}), last caught up "
            f"{dates.words(found['caught_up_at'])}; {found['bytes']:,} bytes."
        )
        if found["why"]:
            page.say(f"They are made anew when next asked for: {found['why']}")
        page.table(
            ("model", "rows", "what it tells"),
            ((one["model"], f"{one['rows']:,}", one["title"]) for one in found["models"]),
        )


@projections.command()
@json_option
@click.pass_context
def rebuild(ctx: click.Context, *, as_json: bool) -> None:
    """Make all read models anew from the log, beside those in use, and swap them in at the end.

    Nobody waits for it, neither who reads nor who records. A damaged file is taken away first.
    """
    from time import monotonic

    from projections.models.mending import rebuilt

    session = Session.of(ctx)
    with session.ledger() as ledger:
        begun = monotonic()
        with progress_of("Making the read models anew") as progress:
            state = rebuilt(ledger, progress)
        seconds = monotonic() - begun
        if as_json:
            print_json({"position": state.position, "seconds": round(seconds * 1000) / 1000})
            return
        from projections.commands.page import Page
        from projections.wording import counted

        entries = counted(state.position, "entry", "entries")
        Page().say(f"Read models made anew from {entries} in {seconds:.1f} seconds.")


def _models(_ctx: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> list["Model"]:
    """The models named, or all."""
    from ledger.errors import InputError
    from projections.models.registry import MODELS

    known = {model.name: model for model in MODELS}
    for name in values:
        if name not in known:
            raise InputError(f"model: expected one of {', '.join(known)}, came {name[:60]!r}")
    return [known[name] for name in values or known]


@projections.command()
@click.argument("models", nargs=-1, metavar="[MODEL]...", callback=_models)
@json_option
@click.pass_context
def verify(ctx: click.Context, *, models: list["Model"], as_json: bool) -> None:
    """Compare every stored row with a fresh replay of the log, and report each difference.

    Exit code 4 means that some row is not what the log gives; `projections rebuild` makes them anew.
    """
    from projections.models.mending import verified

    session = Session.of(ctx)
    with session.ledger() as ledger:
        with progress_of("Comparing the read models with a replay") as progress:
            found = verified(ledger, models, progress)
        if as_json:
            print_long_json(
                {
                    "position": found.position,
                    "models": [model.name for model in models],
                    "clients": found.clients,
                    "rows": found.rows,
                    "differences": [_document(one) for one in found.differences],
                }
            )
        else:
            _tell(found.rows, found.position, found.differences)
    ctx.exit(DIFFERENT if found.differences else 0)


def _document(one: "Difference") -> dict[str, Any]:
    return {
        "model": one.model,
        "table": one.table,
        "client": one.client or None,
        "key": dict(one.key),
        "column": one.column,
        "stored": one.stored,
        "expected": one.expected,
    }


def _tell(rows: int, position: int, differences: list["Difference"]) -> None:
    from projections.commands.page import Page
    from projections.wording import counted

    page = Page()
    compared = f"{counted(rows, 'row')} compared with a replay of {counted(position, 'entry', 'entries')}"
    if not differences:
        page.say(f"{compared}: all as they should be.", code="clean")
        return
    page.say(f"{compared}: {counted(len(differences), 'difference')}.", code="violations")
    page.table(
        ("table", "client", "row", "column", "stored", "expected"),
        (
            (
                one.table,
                one.client or "-",
                ", ".join(str(value) for value in one.key.values()) or "-",
                one.column,
                str(one.stored),
                str(one.expected),
            )
            for one in differences[:SHOWN]
        ),
        indent=0,
    )
    if len(differences) > SHOWN:
        page.say(f"and {len(differences) - SHOWN:,} more; --json gives all")
    page.say(
        "Make them anew with `engagement-ledger projections rebuild`. The ledger itself is not concerned."
    )
