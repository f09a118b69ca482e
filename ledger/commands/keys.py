"""`keys`: who may read what. Each subcommand's module is loaded when it is called."""

from importlib import import_module

import click

from ledger.commands.session import HELP

SUBCOMMANDS = {
    "init": "ledger.commands.keys_roles:init",
    "status": "ledger.commands.keys_status:status",
    "grant": "ledger.commands.keys_roles:grant",
    "revoke": "ledger.commands.keys_rotating:revoke",
    "rotate": "ledger.commands.keys_rotating:rotate",
    "trust": "ledger.commands.keys_rotating:trust",
    "passphrase": "ledger.commands.keys_passphrase:passphrase",
    "backup": "ledger.commands.keys_copies:backup",
    "restore": "ledger.commands.keys_copies:restore",
    "rotate-signing": "ledger.commands.keys_signing:rotate_signing",
}
"""Where each subcommand is."""


class KeysCommands(click.Group):
    """Loads a subcommand's module when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every subcommand's name."""
        del ctx
        return list(SUBCOMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The subcommand itself, its module loaded."""
        del ctx
        if cmd_name not in SUBCOMMANDS:
            return None
        module, _, attribute = SUBCOMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command


@click.group(cls=KeysCommands, context_settings=HELP)
def keys() -> None:
    """Say who may read what: role files, the keys behind them, their copies.

    Sealed text is kept in four domains: identity, therapy, coaching, practice. A role file opens some of them and
    nothing else; whoever has none can still record everything.
    """
