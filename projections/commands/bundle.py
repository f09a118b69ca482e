"""`bundle`: one client's record with its proof, as a file that counsel opens and that checks itself."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ledger.commands.recording import WHO_HELP, recorder_of
from ledger.commands.session import HELP, Session, json_option, print_json
from projections.bundle.request import SCOPES
from projections.commands import bundle_disclosure
from projections.commands.asking import client_argument, dates_of, moment_options

if TYPE_CHECKING:
    from ledger.application import Ledger
    from projections.bundle.bundle import Bundle
    from projections.bundle.request import Request

_SHOWN = 5


@click.command(context_settings=HELP)
@client_argument
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The zip to write. A file that is there already is left alone, unless --force.",
)
@moment_options
@click.option(
    "--scope",
    type=click.Choice(SCOPES),
    default="all",
    show_default=True,
    help="Only what is of one service: entries that speak of the other are withheld.",
)
@click.option(
    "--reveal",
    metavar="DOMAIN[,DOMAIN...]",
    help="Show the sealed texts of these domains: identity, therapy, coaching. Default: none.",
)
@click.option(
    "--redact",
    "redact",
    multiple=True,
    metavar="SEQ.FIELD=REASON",
    help="Withhold one sealed text although its domain is revealed. Repeat for more.",
)
@click.option(
    "--withhold",
    multiple=True,
    metavar="SEQ=REASON",
    help="Withhold a whole entry: its place and leaf hash remain. Repeat for more.",
)
@click.option("--bates", metavar="PREFIX", help="What entry numbers begin with. Default: the client's id.")
@click.option(
    "--for", "recipient_line", metavar="TEXT", help="Whom it is made for; it is then --record-only."
)
@click.option(
    "--record-only/--with-analysis",
    "record_only",
    default=None,
    help="Leave the program's reading of the record out, or put it in. Default: in, unless --for.",
)
@click.option(
    "--last-seal",
    is_flag=True,
    help="Write nothing to the ledger: use the last seal, if it covers the client.",
)
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@bundle_disclosure.disclosure_options
@click.option("--as", "own_actor", metavar="ACTOR", help=WHO_HELP)
@json_option
@click.pass_context
def bundle(ctx: click.Context, /, **given: Any) -> None:
    """Write an evidence bundle of a client: the record, its proof, and what checks them.

    The ledger is sealed first, so that the bundle proves that no entry of the client is left out. Entries recorded for
    the wrong client are withheld by default. Who receives it needs nothing but a browser; `verify.py` in it checks it
    without one. Give the public key (`checkpoint show`) by another way.

    With --record the production is recorded as a disclosure (DisclosureMade, with the file's SHA-256): the rules are
    asked before anything is written, and where they would find a violation nothing is. Exit code 3: they would.
    """
    from ledger.commands.files import require_writable, write_file
    from ledger.errors import UsageError
    from projections.bundle.bundle import make

    session, output = Session.of(ctx), given["output"]
    request = _request(given)
    if output.exists() and not given["force"]:
        raise UsageError(
            f"--output: {str(output)[:200]!r} is there already; name another file, or add --force"
        )
    require_writable("--output", output)
    with session.ledger() as ledger:
        dates = dates_of(ledger, session)
        disclosing = bundle_disclosure.begin(session, ledger, request, given)
        made = make(
            ledger, request, recorder_of(session, given["own_actor"]), dates, earlier=given["last_seal"]
        )
        write_file("--output", output, made.content)
        disclosure = bundle_disclosure.finish(disclosing, made.sha256) if disclosing is not None else None
        if given["as_json"]:
            print_json(_document(output, made) | {"disclosure": disclosure})
        else:
            _tell(ledger, output, made)
            _tell_disclosure(disclosure)


def _request(given: dict[str, Any]) -> "Request":
    from projections.bundle.request import Request, domains, line, prefix, redactions, withholdings

    recipient = given["recipient_line"]
    record_only = given["record_only"] if given["record_only"] is not None else recipient is not None
    return Request(
        client=given["client"],
        as_of=given["as_of"],
        known_at=given["known_at"],
        scope=given["scope"],
        reveal=domains(given["reveal"]),
        redact=redactions(given["redact"]),
        withhold=withholdings(given["withhold"]),
        bates=prefix(given["bates"]),
        recipient=line("--for", recipient) if recipient is not None else None,
        with_analysis=not record_only,
    )


def _document(output: Path, made: "Bundle") -> dict[str, Any]:
    told = made.manifest
    return {
        "file": str(output),
        "sha256": made.sha256,
        "bytes": len(made.content),
        "entries": told["entries"],
        "withheld": told["withheld"],
        "texts": told["texts"],
        "contains_analysis": told["contains_analysis"],
        "moments": told["moments"],
        "checkpoint": told["checkpoint"],
        "key": told["key"],
        "anchors": [{"kind": one.kind, "name": one.name, "at": one.at} for one in made.evidence.anchors],
        "clear_texts": made.production.clear_texts,
    }


def _tell_disclosure(disclosure: dict[str, Any] | None) -> None:
    from ledger.commands.showing import say_wrapped

    if disclosure is not None:
        say_wrapped(f"Recorded as a disclosure: entry {disclosure['seq']} of {disclosure['stream']}.")
        return
    say_wrapped(
        "Not recorded as a disclosure. If you give it to somebody: `record disclosure-made --content-sha256` with the "
        "digest above, or make it with --record."
    )


def _tell(ledger: "Ledger", output: Path, made: "Bundle") -> None:
    from ledger.commands.showing import heading, say, say_wrapped
    from projections.dates import Dates
    from projections.wording import counted

    told, dates = made.manifest, Dates(ledger.calendar)
    entries = told["entries"]
    heading(f"Written to {output}: {entries['produced']} of {entries['in_file']} entries.", "green")
    withheld = [one["seq"] for one in told["withheld"]]
    if withheld:
        listed = ", ".join(map(str, withheld[:_SHOWN])) + (", ..." if len(withheld) > _SHOWN else "")
        say_wrapped(
            f"Withheld: {counted(len(withheld), 'entry', 'entries')} ({listed}); see privilege-log.csv.", "  "
        )
    closed = sum(one["status"] != "revealed" for one in told["texts"])
    say_wrapped(f"Sealed texts: {len(told['texts']) - closed} revealed, {closed} not.", "  ")
    moments = told["moments"]
    known = f", as known at {dates.moment(moments['known_at'])}" if moments["known_at"] else ""
    say_wrapped(
        f"As of {dates.moment(moments['as_of'])}{known}; sealed {dates.words(moments['sealed_at'])}.", "  "
    )
    if made.evidence.earlier_because is not None:
        say_wrapped(f"It rests on an earlier seal: {made.evidence.earlier_because}", "  ")
    kinds = [one.kind for one in made.evidence.anchors]
    anchors = ", ".join(counted(kinds.count(kind), kind) for kind in dict.fromkeys(kinds)) or "none"
    say_wrapped(f"Outside anchors of its checkpoint: {anchors}.", "  ")
    say_wrapped(
        "With the program's analysis." if told["contains_analysis"] else "The record only, no analysis.", "  "
    )
    if made.production.clear_texts:
        numbers = ", ".join(map(str, made.production.clear_texts))
        say_wrapped(
            f"Read before you give it away: free text in clear in entries {numbers} (override reasons).", "  "
        )
    say(f"  SHA-256    {made.sha256}")
    say(f"  public key {told['key']}")
    say_wrapped("Give the key, and the digest, by another way than the file.")
