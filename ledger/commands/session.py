"""What every command shares: the ledger in use, who is recording, times as typed and shown, output as JSON."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from ledger.legible import escaped

if TYPE_CHECKING:
    from ledger.application import Ledger
    from ledger.places import Places
    from ledger.storage.log import Progress

HELP = {"help_option_names": ["-h", "--help"]}
"""What every command is made with."""

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


class Session:
    """One call of the program."""

    def __init__(self, url: str, actor: str | None, tz: str | None) -> None:
        self.url = url
        self.actor = actor
        self.tz = tz

    @classmethod
    def of(cls, ctx: click.Context) -> "Session":
        """The session of a command's context."""
        return cls(**ctx.find_root().obj)

    @property
    def places(self) -> "Places":
        """The ledger's files; ENGAGEMENT_LEDGER_KEYS and ENGAGEMENT_LEDGER_ROLE name other key files."""
        from ledger.places import Places

        return Places.of(
            self.url,
            keys=os.environ.get("ENGAGEMENT_LEDGER_KEYS"),
            role=os.environ.get("ENGAGEMENT_LEDGER_ROLE"),
        )

    @contextmanager
    def ledger(self) -> Iterator["Ledger"]:
        """The ledger, opened for this command."""
        from ledger.application import Ledger

        with progress_of("Adding proofs to this ledger") as progress:
            ledger = Ledger(self.places, passphrase, progress)
        try:
            yield ledger
        finally:
            ledger.close()


@contextmanager
def progress_of(what: str) -> Iterator["Progress"]:
    """Shows, at a terminal, how far something is that may turn out to have nothing to do."""
    if not sys.stderr.isatty():
        yield lambda _done, _of: None
        return
    shown: list[Any] = []  # a bar is made only when there is something to show

    def tell(done: int, of: int) -> None:
        if not shown:
            from rich.console import Console
            from rich.progress import Progress as Bar

            bar = Bar(console=Console(stderr=True), transient=True)
            bar.start()
            shown.extend((bar, bar.add_task(what, total=of)))
        shown[0].update(shown[1], completed=done)

    try:
        yield tell
    finally:
        if shown:
            shown[0].stop()


def passphrase() -> str:
    """The role file's passphrase: ENGAGEMENT_LEDGER_PASSPHRASE, or asked for at a terminal."""
    given = os.environ.get("ENGAGEMENT_LEDGER_PASSPHRASE")
    if given is not None:
        return given
    if not sys.stdin.isatty():
        return ""
    typed: str = click.prompt("Passphrase of the role file", hide_input=True, err=True)
    return typed


def print_json(document: Any) -> None:
    """One JSON document on standard output."""
    click.echo(escaped(json.dumps(document, ensure_ascii=False, indent=2)))
