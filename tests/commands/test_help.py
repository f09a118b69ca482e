"""Every command says what it does, describes each option, prints JSON; and the first help is fast."""

import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import click
import pytest

from cli import COMMANDS

ROOT = Path(__file__).resolve().parent.parent.parent


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command of the program with its full name, groups included."""
    for group in COMMANDS.values():
        for name, (place, _) in group.items():
            module, _, attribute = place.partition(":")
            if find_spec(module) is not None:
                yield from _with_subcommands(name, getattr(import_module(module), attribute))


def _with_subcommands(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        ctx = click.Context(command)
        for sub in command.list_commands(ctx):
            found = command.get_command(ctx, sub)
            assert found is not None, f"{name} {sub} is listed and not there"
            yield from _with_subcommands(f"{name} {sub}", found)


ALL = dict(commands())


@pytest.mark.parametrize("name", ALL)
def test_a_command_says_what_it_does(name: str) -> None:
    command = ALL[name]

    assert command.help or command.short_help, f"{name} has no help text"
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{name}: {parameter.opts} has no help text"
            assert "None" not in parameter.help


@pytest.mark.parametrize("name", ALL)
def test_its_help_fits_eighty_columns(name: str) -> None:
    command = ALL[name]

    text = command.get_help(click.Context(command, info_name=f"engagement-ledger {name}", terminal_width=80))

    assert [line for line in text.splitlines() if len(line) > 80] == []


TELLS_WHAT_OTHERS_PRINT = {"demo"}


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, command in ALL.items()
        if not isinstance(command, click.Group) and name not in TELLS_WHAT_OTHERS_PRINT
    ],
)
def test_it_prints_json(name: str) -> None:
    assert any("--json" in parameter.opts for parameter in ALL[name].params)


def test_the_first_help_loads_nothing_heavy() -> None:
    """Click and the standard library only: it must answer at once."""
    script = (
        "import sys, cli\n"
        "try:\n cli.cli(['--help'], standalone_mode=False)\nexcept SystemExit: pass\n"
        "heavy = {'pydantic', 'eventsourcing', 'rich', 'cryptography', 'sqlite3'} & set(sys.modules)\n"
        "sys.exit(f'loaded {heavy}' if heavy else 0)"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "Usage: " in done.stdout
