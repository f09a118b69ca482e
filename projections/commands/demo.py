"""`demo`: a made-up practice to look around in, and what to try on it."""

import shutil
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ledger.application import Ledger

FILE = "lakeside-practice.ndjson"
AS_OF = "2025-12-31"
GO_LIVE = "2026-01-01"
CLIENT = "C-BIRCH"
TRY = (
    ("the whole audit, findings and all", f"audit --as-of {AS_OF}"),
    (
        "a client coached across a state line, on the day trauma surfaced",
        "show client C-ALDER --as-of 2023-05-05",
    ),
    ("the same client's story, one sentence an entry", "timeline C-ALDER"),
    ("step by step: n, p, q", "replay C-HOLLY"),
    ("coaching opened while therapy ran on", f"transitions C-OAK --as-of {AS_OF}"),
    ("a correction: what was known, and what is", f"statement C-WILLOW --as-of {AS_OF}"),
    ("what is due", f"obligations --as-of {AS_OF}"),
    ("why a rule is there", "rules explain ROLE-2"),
    ("that nothing was changed since it was recorded", "verify"),
)


@click.command()
@click.option(
    "--dir",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to make the ledger. Default: a new temporary folder.",
)
def demo(folder: Path | None) -> None:
    """Import three years of an invented practice, show its audit and one client's changes of role.

    Nobody in it exists. The ledger stays, so that you can go on with it.
    """
    from contextlib import closing

    from ledger.errors import UsageError

    if folder is None:
        folder = Path(tempfile.mkdtemp(prefix="engagement-ledger-demo-"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as wrong:
        raise UsageError(f"--dir: {str(folder)[:200]!r} cannot be made: {wrong.strerror}") from None
    url = f"sqlite:///{folder.resolve() / 'engagements.db'}"
    with closing(_made(url)) as ledger:
        _look_around(ledger)
    click.echo("\nTry next (the ledger stays where it is):\n")
    if shutil.which("engagement-ledger") is None:
        click.echo(f"  export PATH={_quoted(str(Path(sys.executable).parent))}:$PATH")
    click.echo(f"  export ENGAGEMENT_LEDGER={_quoted(url)}")
    for tells, command in TRY:
        click.echo(f"\n  # {tells}\n  engagement-ledger {command}")


def _quoted(text: str) -> str:
    import shlex

    return shlex.quote(text)


def example_file() -> Path:
    """The example's file: beside `cli.py` in a source tree, else where an installation puts shared files."""
    from ledger.errors import UsageError

    installed = Path(sysconfig.get_path("data")) / "share" / "engagement-ledger" / "examples" / FILE
    for place in (Path(__file__).resolve().parents[2] / "examples" / FILE, installed):
        if place.is_file():
            return place
    raise UsageError(f"the example {FILE} is not there: expected it at {installed}")


def _made(url: str) -> "Ledger":
    from ledger.application import Ledger
    from ledger.importing import import_files
    from ledger.opening import Opening
    from ledger.places import Places
    from ledger.policy_file import RECOMMENDED

    file = example_file()
    ledger = Ledger.create(
        Places.of(url),
        Opening("The Lakeside Practice", "America/New_York", "demo", go_live=GO_LIVE, policy=RECOMMENDED),
    )
    try:
        done = import_files(ledger, [file], by="demo")
    except BaseException:
        ledger.close()
        raise
    click.echo(f"Imported {done.entries:,} entries of an invented practice from {file.name}, as found.\n")
    return ledger


def _look_around(ledger: "Ledger") -> None:
    from projections.audit import Question, audit
    from projections.commands import audit_report, transitions
    from projections.commands.asking import asked
    from projections.commands.page import Page
    from projections.dates import Dates
    from projections.wording import VERDICT

    page, dates = Page(), Dates(ledger.calendar)
    when = ledger.moment(AS_OF)
    document = audit(ledger, Question(when))
    audit_report.summary(
        page, document, audit_report.heading(ledger.opened.practice, None, asked(when, dates))
    )
    page.blank()
    found: dict[str, list[str]] = {}
    for one in (*document["findings"], *document["obligations"]):
        if one.get("status", "overdue") in ("overdue", "late", "open"):
            found.setdefault(one["client"], []).append(one["rule"])
    page.table(
        ("client", "verdict", "rules"),
        (
            (client, VERDICT[verdict], ", ".join(dict.fromkeys(found.get(client, ["-"]))))
            for client, verdict in document["verdicts"].items()
            if verdict != "clean"
        ),
    )
    page.blank()
    own = [one for one in document["transitions"] if one["client"] == CLIENT]
    transitions.tell(page, own, f"{CLIENT}: changes of role {asked(when, dates)}", dates)
