"""`checkpoint`: the signed heads of the log, sealing, what others said of them, going on after a restore."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ledger.commands import cosigned, signing_keys
from ledger.commands.files import write_file
from ledger.commands.recording import WHO_HELP, recorder_of
from ledger.commands.session import HELP, Session, json_option, print_json
from ledger.commands.showing import heading, say, say_wrapped, table
from ledger.storage.rows import COSIGNATURE, TIMESTAMP

if TYPE_CHECKING:
    from ledger.application import Ledger
    from ledger.storage.rows import CheckpointRow

SHOWN = 20

out_option = click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file."
)


@click.group(context_settings=HELP)
def checkpoint() -> None:
    """The ledger's signed heads: list, show, give away, seal.

    After every entry the ledger signs how many entries there are and the root of the tree over them. Whoever keeps
    such a checkpoint elsewhere can later see whether the ledger still holds what it held then.
    """


checkpoint.add_command(cosigned.attach)
checkpoint.add_command(cosigned.verify)
checkpoint.add_command(signing_keys.keys)


@checkpoint.command("list", context_settings=HELP)
@click.option("--all", "everything", is_flag=True, help=f"All of them, not only the last {SHOWN}.")
@json_option
@click.pass_context
def list_(ctx: click.Context, *, everything: bool, as_json: bool) -> None:
    """The checkpoints the ledger keeps, newest last."""
    with Session.of(ctx).ledger() as ledger:
        seals = {seal.position for seal in ledger.recorder.seals()}
        anchors: dict[int, list[str]] = {}
        for anchor in ledger.recorder.anchors():
            anchors.setdefault(anchor.size, []).append(anchor.kind)
        rows = [(row, _root(row)) for row in ledger.recorder.checkpoints()]
    documents = [
        {
            "size": row.size,
            "root": root,
            "sealed": row.size in seals,
            "anchors": anchors.get(row.size, []),
        }
        for row, root in rows
    ]
    if as_json:
        print_json({"checkpoints": documents})
        return
    shown = documents if everything else documents[-SHOWN:]
    table(
        ("entries", "root", "sealed", "anchors"),
        [
            (str(one["size"]), str(one["root"])[:32] + "…", "yes" if one["sealed"] else "", _kinds(one))
            for one in shown
        ],
    )
    if len(shown) < len(documents):
        say(f"{len(documents) - len(shown)} older ones: --all")


@checkpoint.command(context_settings=HELP)
@click.argument("size", type=int, required=False)
@json_option
@click.pass_context
def show(ctx: click.Context, *, size: int | None, as_json: bool) -> None:
    """One checkpoint (the newest by default), and the public key that verifies it."""
    from ledger.proving.key_history import signed_by

    with Session.of(ctx).ledger() as ledger:
        row = chosen(ledger, size)
        with ledger.recorder.snapshot() as reading:
            key = signed_by(reading, row.size, row.note, ledger.committing.signer.verifier.vkey)
        sealed = any(seal.position == row.size for seal in ledger.recorder.seals())
        anchors = ledger.recorder.anchors(row.size)
    if as_json:
        print_json(
            {
                "size": row.size,
                "root": _root(row),
                "sealed": sealed,
                "note": row.note,
                "key": key,
                "anchors": [anchor.kind for anchor in anchors],
            }
        )
        return
    heading(f"Checkpoint over {row.size} entries{', sealed' if sealed else ''}")
    say(row.note.rstrip("\n"))
    for anchor in anchors:
        if anchor.kind == COSIGNATURE:
            say(anchor.body.decode(errors="replace").rstrip("\n"))
    say()
    say_wrapped(f"Public key: {key or 'of another key than the ledger tells of in full'}")
    times = sum(anchor.kind == TIMESTAMP for anchor in anchors)
    say_wrapped(
        f"Outside anchors: {_counted(len(anchors) - times, 'cosignature')}, {_counted(times, 'time-stamp')}"
    )


@checkpoint.command(context_settings=HELP)
@click.argument("size", type=int, required=False)
@click.option(
    "--since", type=int, metavar="SIZE", help="For a witness: with the proof of growth since that size."
)
@click.option("--bare", is_flag=True, help="Without cosignatures: the text that is time-stamped.")
@out_option
@json_option
@click.pass_context
def export(
    ctx: click.Context, *, size: int | None, since: int | None, bare: bool, output: Path | None, as_json: bool
) -> None:
    """Write a checkpoint as a file to give away (the newest by default), with its cosignatures.

    With --since it is a request to a witness: the proof that the ledger only grew since the checkpoint the witness
    saw last (0: none yet), and the checkpoint.
    """
    from ledger.integrity.witness import Request
    from ledger.proving.anchoring import cosignatures
    from ledger.proving.proofs import Proofs

    with Session.of(ctx).ledger() as ledger:
        row = chosen(ledger, size)
        if since is None:
            text = row.note + "".join([] if bare else cosignatures(ledger.recorder.anchors(row.size)))
        else:
            with ledger.recorder.snapshot() as reading:
                proof = Proofs(reading, ledger.opened.origin, "").consistency(since, row.size)
            text = Request(since, tuple(proof), row.note).format()
    if as_json:
        print_json({"size": row.size, "since": since, "text": text})
    if output is not None or not as_json:
        _write(text, output, f"checkpoint over {row.size} entries")


@checkpoint.command(context_settings=HELP)
@click.option("--as", "own_actor", metavar="ACTOR", help=WHO_HELP)
@json_option
@click.pass_context
def seal(ctx: click.Context, *, own_actor: str | None, as_json: bool) -> None:
    """Commit the heads of all streams, so that completeness can be proved, and sign.

    The index of all streams becomes an entry (StreamIndexCommitted), the last one under the checkpoint signed
    with it.
    """
    from ledger.proving.index import seal as seal_streams

    session = Session.of(ctx)
    with session.ledger() as ledger:
        signed = seal_streams(ledger.committing, ledger.sealer, recorder_of(session, own_actor))
    if as_json:
        print_json({"size": signed.size, "root": signed.root.hex(), "note": signed.note})
        return
    heading(f"Sealed: {signed.size} entries.", "green")
    say(f"  root {signed.root.hex()}")
    say_wrapped(
        "Give it to others (`checkpoint export`, `timestamp request`): that shows later that nothing was changed."
    )


@checkpoint.command(context_settings=HELP)
@click.argument("stream")
@out_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON (as without an output file).")
@click.pass_context
def prove(ctx: click.Context, *, stream: str, output: Path | None, as_json: bool) -> None:
    """Prove that at the last seal STREAM had so many entries and no others, or was not there at all.

    STREAM is a client's id, or a stream such as client/C-7F3K9Q, practitioner/P-1, practice, ledger. Whoever gets
    the file checks it with `receipt verify`.
    """
    from ledger.errors import InputError
    from ledger.legible import on_one_line
    from ledger.proving.proofs import Proofs

    if not stream or on_one_line(stream) != stream:
        raise InputError(f"no stream can be named {stream[:100]!r}; name one such as client/C-7F3K9Q")
    name = stream if "/" in stream or stream in {"ledger", "practice"} else f"client/{stream}"
    with Session.of(ctx).ledger() as ledger, ledger.recorder.snapshot() as reading:
        vkey = ledger.committing.signer.verifier.vkey
        proof = Proofs(reading, ledger.opened.origin, vkey).completeness(name)
    what = f"proof that {name} had {_counted(len(proof.leaf_hashes), 'entry', 'entries')}"
    if as_json and output is not None:
        click.echo(proof.format(), nl=False)
    _write(proof.format(), output, what if proof.leaf_hashes else f"proof that there was no {name}")


@checkpoint.command(context_settings=HELP)
@click.option(
    "--restored", metavar="TEXT", required=True, help="What was restored, such as 'backup of 2 March'."
)
@click.option(
    "--reason", metavar="TEXT", required=True, help="Why. Kept in clear text: practice matters only."
)
@click.option("--as", "own_actor", metavar="ACTOR", help=WHO_HELP)
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@click.pass_context
def rebase(
    ctx: click.Context, *, restored: str, reason: str, own_actor: str | None, yes: bool, as_json: bool
) -> None:
    """Go on with an older copy of the ledger, openly: what was lost is named in an entry.

    Needed when the ledger was restored from a backup: the signer refuses a log that does not extend what it
    signed. Receipts of lost entries will no longer verify, and witnesses will see it.
    """
    from ledger.proving.restoring import rebase as go_on

    session = Session.of(ctx)
    with session.ledger() as ledger:
        mark = ledger.committing.signer.mark()
        if mark is not None and not yes and not as_json and not _extends(ledger):
            say_wrapped(
                f"{mark.size} entries were signed, the ledger holds {ledger.recorder.last_position()}. From here on "
                "it will say that what is missing was lost."
            )
            click.confirm("Go on from this copy?", abort=True, err=True)
        signed = go_on(ledger.committing, ledger.sealer, restored, reason, recorder_of(session, own_actor))
    if as_json:
        print_json({"size": signed.size, "root": signed.root.hex(), "note": signed.note})
        return
    heading(f"The ledger goes on from {signed.size} entries, and says so.", "green")


def _extends(ledger: "Ledger") -> bool:
    """Whether the log extends what was signed: then there is nothing to ask before it is said."""
    from ledger.errors import IntegrityError

    try:
        ledger.committing.signer.refuse_unless_extends(ledger.recorder)
    except IntegrityError:
        return False
    return True


def chosen(ledger: "Ledger", size: int | None) -> "CheckpointRow":
    """The checkpoint of a size, or the newest. InputError if it is not there."""
    from ledger.errors import InputError

    if size is not None and size not in range(2**63):  # more than the log can be asked for
        raise InputError(f"no checkpoint over {size} entries is kept. See `checkpoint list`.")
    found = ledger.recorder.last_checkpoint() if size is None else ledger.recorder.checkpoint_of(size)
    if found is None:
        near = ledger.recorder.checkpoint_of(size or 0, at_least=True)
        hint = f"; the next one covers {near.size}" if near is not None else ""
        raise InputError(f"no checkpoint over {size or 0} entries is kept{hint}. See `checkpoint list`.")
    return found


def _root(row: "CheckpointRow") -> str:
    from base64 import b64decode

    lines = row.note.split("\n")
    try:
        return b64decode(lines[2], validate=True).hex()
    except (IndexError, ValueError):
        return "unreadable"


def _kinds(document: dict[str, Any]) -> str:
    kinds: list[str] = document["anchors"]
    return ", ".join(_counted(kinds.count(kind), kind) for kind in dict.fromkeys(kinds))


def _counted(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _write(text: str, output: Path | None, what: str) -> None:
    if output is None:
        click.echo(text, nl=False)
        return
    write_file("--output", output, text)
    say(f"Written to {output}: {what}.", err=True)
