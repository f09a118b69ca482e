"""`audit`: what the rules say of every client, or of one."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ledger.commands.files import write_file
from ledger.commands.session import Session, json_option
from projections.commands.asking import (
    asked,
    client_option,
    dates_of,
    moment_of,
    moment_options,
    print_long_json,
)

if TYPE_CHECKING:
    from ledger.application import Ledger
    from projections.audit import Question


@click.command()
@client_option
@moment_options
@click.option(
    "--policy",
    metavar="current|FILE",
    help="What if: judge everything by the current policy, or by the one in a TOML file "
    "(adopts, drops, a table of parameters).",
)
@click.option(
    "--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes to judge with."
)
@click.option("--strict", is_flag=True, help="Exit with 1 also where requirements are due.")
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the audit as one page that needs no network.",
)
@click.option(
    "--bundles",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    metavar="FOLDER",
    help="With --html: link each client whose evidence bundle lies there as CLIENT.zip.",
)
@json_option
@click.pass_context
def audit(
    ctx: click.Context,
    *,
    client: str | None,
    as_of: str | None,
    known_at: str | None,
    policy: str | None,
    jobs: int,
    strict: bool,
    html: Path | None,
    bundles: Path | None,
    as_json: bool,
) -> None:
    """Say what the record shows of every client: findings, what is due, each change of role.

    Exit code 1 means that requirements are not shown; 0 that there are no findings, or only some that never
    count against a client (warnings, advice), or requirements still due.
    """
    from projections.audit import audit as make

    session = Session.of(ctx)
    if bundles is not None and html is None:
        from ledger.errors import UsageError

        raise UsageError("--bundles makes links in the page: it goes with --html FILE")
    with session.ledger() as ledger:
        question = _question(ledger, client=client, as_of=as_of, known_at=known_at, policy=policy, jobs=jobs)
        document = make(ledger, question)
        if html is not None:
            from projections.audit_page import render

            page = render(
                document,
                practice=ledger.opened.practice,
                dates=dates_of(ledger, session),
                bundles=_links(document["verdicts"], bundles, html) if bundles is not None else None,
            )
            write_file("--html", html, page)
        if as_json:
            print_long_json(document)
        else:
            _tell(ledger, session, document, question, html)
    ctx.exit(exit_code(document["verdict"], strict=strict))


def _links(clients: Iterable[str], bundles: Path, html: Path) -> dict[str, str]:
    """Where the bundles lie, as seen from the page: relative, so that both can be handed on together."""
    import os
    from urllib.parse import quote

    folder = quote(Path(os.path.relpath(bundles.resolve(), html.resolve().parent)).as_posix())
    return {one: f"{folder}/{quote(one)}.zip" for one in clients if (bundles / f"{one}.zip").is_file()}


def exit_code(verdict: str, *, strict: bool) -> int:
    """1 for violations, and for what is due if strict; else 0."""
    return int(verdict == "violations" or (strict and verdict == "pending"))


def _question(
    ledger: "Ledger",
    *,
    client: str | None,
    as_of: str | None,
    known_at: str | None,
    policy: str | None,
    jobs: int,
) -> "Question":
    from dataclasses import replace

    from projections.audit import Question

    when = moment_of(ledger, as_of, known_at)
    if policy is None:
        return Question(when, client=client, jobs=jobs)
    from projections.policy_question import asked_policy

    when = replace(when, policy=asked_policy(policy, ledger.at(when)))
    return Question(when, policy_name=Path(policy).name, client=client, jobs=jobs)


def _tell(
    ledger: "Ledger", session: Session, document: dict[str, Any], question: "Question", html: Path | None
) -> None:
    from projections.commands.audit_report import heading, report
    from projections.commands.page import Page

    dates = dates_of(ledger, session)
    page = Page()
    report(
        page,
        document,
        heading(ledger.opened.practice, question.client, asked(question.when, dates)),
        dates,
    )
    if html is not None:
        page.path("The page is in", html)
