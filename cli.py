"""engagement-ledger: the root of the command line. Global options, the table of commands, error to exit code.

Nothing heavy is imported here: `--help` must answer at once. A command's module is loaded when it is called.
"""

import sys
from importlib import import_module

import click

COMMANDS: dict[str, dict[str, tuple[str, str]]] = {
    "Begin": {
        "init": ("ledger.commands.init:init", "Make a new ledger."),
        "demo": ("projections.commands.demo:demo", "Import a made-up practice and look around."),
    },
    "Record": {
        "desk": ("ledger.commands.desk:desk", "A whole visit in one prompted, confirmed step."),
        "record": ("ledger.commands.record:record", "Record one event."),
        "import": ("ledger.commands.import_:import_", "Import history from NDJSON or CSV files."),
        "may": ("ledger.commands.may:may", "Ask the gates without recording."),
    },
    "Look": {
        "show": ("projections.commands.show:show", "The state of a client or practitioner at a moment."),
        "timeline": ("projections.commands.timeline:timeline", "A client's entries in order."),
        "replay": ("projections.commands.replay:replay", "A client's history step by step."),
    },
    "Keep track": {
        "caseload": ("projections.commands.caseload:caseload", "Who has how much running, and what is next."),
        "engagements": ("projections.commands.engagements:engagements", "The register of engagements."),
        "agreements": ("projections.commands.agreements:agreements", "The register of agreements."),
        "referrals": (
            "projections.commands.referrals:referrals",
            "Referrals open, and what became of others.",
        ),
        "licences": ("projections.commands.licences:licences", "What licences cover, and what is ending."),
        "obligations": ("projections.commands.obligations:obligations", "What is due, by whom, by when."),
        "disclosures": ("projections.commands.disclosures:disclosures", "What was told of clients' records."),
        "doubles": ("ledger.commands.doubles:doubles", "Clients who seem to be one person."),
        "overrides": ("projections.commands.overrides:overrides", "Gates broken knowingly, and refusals."),
        "projections": ("projections.commands.projections:projections", "The read models behind these."),
    },
    "Judge": {
        "audit": ("projections.commands.audit:audit", "What the rules say of every client."),
        "transitions": ("projections.commands.transitions:transitions", "A client's changes of role."),
        "statement": ("projections.commands.statement:statement", "One page of what the record shows."),
        "policy": ("projections.commands.policy:policy", "The practice's policy."),
    },
    "Prove": {
        "verify": ("ledger.commands.verify:verify", "Recompute everything from the stored bytes."),
        "checkpoint": ("ledger.commands.checkpoint:checkpoint", "The ledger's signed heads; sealing."),
        "bundle": ("projections.commands.bundle:bundle", "One client's record with its proof, as a file."),
        "receipt": ("ledger.commands.receipt:receipt", "Check a receipt, with no ledger at hand."),
        "witness": ("ledger.commands.witness:witness", "Be a witness to somebody's ledger."),
        "timestamp": ("ledger.commands.timestamp:timestamp", "An outside authority's time for a checkpoint."),
    },
    "Keep": {
        "status": ("projections.commands.status:status", "Where the ledger stands, on one screen."),
        "doctor": ("projections.commands.doctor:doctor", "What should be put right, and how."),
        "keys": ("ledger.commands.keys:keys", "Who may read what: role files and the keys behind them."),
        "backup": ("ledger.commands.backup:backup", "The whole ledger in one file, while others record."),
        "restore": ("ledger.commands.backup:restore", "A backup to where no ledger is, file or server."),
        "hold": ("projections.commands.hold:hold", "Legal holds: nothing of a client is erased."),
        "retention": ("projections.commands.retention:retention", "How long texts are kept; erasing them."),
        "export": ("projections.commands.export:export", "The whole ledger, or its entries, for elsewhere."),
    },
    "Explain": {
        "rules": ("projections.commands.rules:rules", "The rule catalogue."),
        "events": ("ledger.commands.events:events", "The types of entries."),
    },
}
INTERRUPTED = (
    "Stopped in the middle: what it was doing is done whole or not at all. Look before you record it once more, for "
    "instance with `engagement-ledger timeline CLIENT`."
)
_WHERE = {name: found for group in COMMANDS.values() for name, found in group.items()}


class Commands(click.Group):
    """Loads a command's module when the command is called; lists them from the table."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command's name."""
        del ctx
        return list(_WHERE)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command itself, its module loaded."""
        del ctx
        if cmd_name not in _WHERE:
            return None
        module, _, attribute = _WHERE[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table, by group."""
        del ctx
        for title, commands in COMMANDS.items():
            with formatter.section(title):
                formatter.write_dl([(name, text) for name, (_, text) in commands.items()])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--ledger",
    "url",
    envvar="ENGAGEMENT_LEDGER",
    default="sqlite:///engagements.db",
    show_default=True,
    help="The ledger, as a URL. Environment: ENGAGEMENT_LEDGER.",
)
@click.option("--as", "actor", envvar="ENGAGEMENT_LEDGER_ACTOR", help="Who is recording (an actor's id).")
@click.option("--tz", help="Show and read times in this time zone instead of the practice's.")
@click.version_option(package_name="engagement-ledger", message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context, url: str, actor: str | None, tz: str | None) -> None:
    """Record therapy and coaching engagements, and prove that the two roles were kept apart."""
    ctx.obj = {"url": url, "actor": actor, "tz": tz}


def main() -> None:
    """The program: runs a command; an error the program can explain ends with its exit code."""
    try:
        sys.exit(cli(standalone_mode=False, prog_name="engagement-ledger"))
    except click.Abort as stopped:
        interrupted = isinstance(stopped.__cause__, KeyboardInterrupt)
        click.echo(INTERRUPTED if interrupted else "Stopped; nothing was recorded.", err=True)
        sys.exit(130)
    except click.ClickException as wrong:
        from ledger.commands.usage import show

        show(wrong)
        sys.exit(wrong.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
    except Exception as wrong:  # noqa: BLE001  # the last to see it
        from ledger.errors import LedgerError
        from ledger.legible import legible

        if not isinstance(wrong, LedgerError):
            from ledger.commands.crash import EXIT_CODE, tell

            tell(wrong)
            sys.exit(EXIT_CODE)
        click.echo(legible(f"Error: {wrong}"), err=True)
        sys.exit(wrong.exit_code)


if __name__ == "__main__":
    main()
