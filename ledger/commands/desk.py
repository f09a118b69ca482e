"""`desk`: a whole visit, asked for step by step, told back in plain words, recorded in one transaction."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import click

from ledger.commands.desk_options import COUNTER, FLOWS
from ledger.commands.elsewhere import HELP as SEALED_HELP
from ledger.commands.recording import COMMON


class Flows(click.Group):
    """Makes a flow's command when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every flow's name."""
        del ctx
        return list(FLOWS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of one flow."""
        del ctx
        flow = FLOWS.get(cmd_name)
        if flow is None:
            return None
        run: Callable[..., None] = getattr(import_module(flow.module), flow.function)

        @click.pass_context
        def callback(ctx: click.Context, /, **given: Any) -> None:
            run(ctx, given)

        command = click.Command(
            cmd_name,
            callback=callback,
            short_help=flow.text,
            help=f"{flow.text}\n\n{flow.more}\n\n{SEALED_HELP}",
            params=[*flow.options(), *COUNTER()],
            context_settings={"help_option_names": ["-h", "--help"]},
        )
        for option in COMMON:
            command = option(command)
        return command


@click.group(cls=Flows, context_settings={"help_option_names": ["-h", "--help"]})
def desk() -> None:
    """A whole visit in one prompted, confirmed step.

    Each flow asks what it needs, with defaults, tells back in plain words what will be recorded, and records all of
    it or nothing. Every answer can also be given as an option; --yes asks nothing that has a default.
    """
