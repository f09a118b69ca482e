"""The reference pages, written from the code: `python -m docs.generate`; with `--check` they are only compared.

Events come from their classes, rules from the catalogue, commands from click. The same code gives the same bytes.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from cli import COMMANDS, cli
from docs.generate_events import events_page
from docs.generate_rules import rules_page
from docs.generate_verifier import verifier_page

REFERENCE = Path(__file__).resolve().parent / "reference"
NOTE = "<!-- Written by `python -m docs.generate` from the code; do not edit. -->"


def pages() -> dict[str, Callable[[], Iterator[str]]]:
    """Each page's file name, and what writes its lines."""
    return {
        "commands.md": commands_page,
        "events.md": events_page,
        "rules.md": rules_page,
        "verifier.md": verifier_page,
    }


def main(arguments: Sequence[str]) -> int:
    """Writes the pages; with `--check` names those that are not current and returns 1 if there is one."""
    texts = {name: "\n".join([NOTE, "", *lines()]) + "\n" for name, lines in pages().items()}
    return keep(texts, arguments, "docs.generate")


def keep(texts: Mapping[str, str], arguments: Sequence[str], module: str) -> int:
    """Writes pages of the reference, by file name; with `--check` only names those that are not current.

    The exit code: 1 if `--check` named one, 2 for other arguments to the `module`.
    """
    if arguments not in ([], ["--check"]):
        click.echo(f"usage: python -m {module} [--check]", err=True)
        return 2
    stale = [name for name, text in texts.items() if not _is_current(REFERENCE / name, text)]
    if arguments:
        for name in stale:
            click.echo(f"docs/reference/{name} is not current; `make docs` writes it", err=True)
        return int(bool(stale))
    REFERENCE.mkdir(exist_ok=True)
    for name in stale:
        (REFERENCE / name).write_text(texts[name], encoding="utf-8", newline="\n")
        click.echo(f"docs/reference/{name}")
    return 0


def _is_current(file: Path, text: str) -> bool:
    return file.is_file() and file.read_bytes() == text.encode("utf-8")


# -- commands ---------------------------------------------------------------------------------------------


def commands_page() -> Iterator[str]:
    """Every command with its arguments and options."""
    yield "# Commands"
    yield ""
    context = click.Context(cli, info_name="engagement-ledger")
    yield f"    {context.command.get_usage(context).removeprefix('Usage: ')}"
    yield ""
    yield _prose(cli)
    yield ""
    yield from _options(_own(cli, context))
    for title, group in COMMANDS.items():
        yield f"## {title}"
        yield ""
        for name in group:
            command = cli.get_command(context, name)
            if command is not None:
                yield from _command(command, click.Context(command, info_name=name, parent=context), "###")


def _command(
    command: click.Command, context: click.Context, level: str, shared: Sequence[tuple[str, str]] = ()
) -> Iterator[str]:
    yield f"{level} {context.command_path.removeprefix('engagement-ledger ')}"
    yield ""
    yield _prose(command)
    yield ""
    usage = command.get_usage(context).removeprefix("Usage: ")
    yield f"    {' '.join(usage.split())}"
    yield ""
    yield from _options([one for one in _own(command, context) if one not in shared])
    if isinstance(command, click.Group):
        yield from _members(command, context, level)


def _members(group: click.Group, context: click.Context, level: str) -> Iterator[str]:
    """A group's commands; what all of them take is said once."""
    members = [
        (member, click.Context(member, info_name=name, parent=context))
        for name in group.list_commands(context)
        if (member := group.get_command(context, name)) is not None
    ]
    taken = [_own(member, each) for member, each in members]
    shared = [one for one in taken[0] if all(one in others for others in taken)] if len(taken) > 1 else []
    if shared:
        yield f"Every command of `{context.info_name}` takes:"
        yield ""
        yield from _options(shared)
    for member, each in members:
        yield from _command(member, each, level + "#", shared)


def _own(command: click.Command, context: click.Context) -> list[tuple[str, str]]:
    """A command's options and arguments with their help, but for `--help`."""
    found = []
    for parameter in command.params:
        record = parameter.get_help_record(context)
        if record is not None:
            found.append((record[0], " ".join(record[1].split())))
    return found


def _options(found: Sequence[tuple[str, str]]) -> Iterator[str]:
    for option, text in found:
        yield f"- `{option}`" + (f": {escaped(text)}" if text else "")
    if found:
        yield ""


def _prose(command: click.Command) -> str:
    paragraphs = (command.help or "").split("\n\n")
    return "\n\n".join(escaped(" ".join(paragraph.split())) for paragraph in paragraphs)


def escaped(text: Any) -> str:
    """Text that Markdown leaves alone, outside of `code`."""
    parts = str(text).split("`")
    return "`".join(
        part.replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_") if index % 2 == 0 else part
        for index, part in enumerate(parts)
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
