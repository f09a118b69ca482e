"""`retention erase`: asks, records that the keys are destroyed, destroys them, says what remains and where."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from ledger.commands.receipts import document_of, receipt_of, tell_not_erased, tell_receipt
from ledger.commands.recording import Recording, ungated_options
from ledger.commands.session import HELP, Session, print_json
from ledger.events.clients import KeysDestroyed
from ledger.values import DestructionGround

if TYPE_CHECKING:
    from ledger.application import Ledger, Recorded
    from ledger.entry import Override
    from ledger.retention import Kept

REMAINS = (
    "Coded facts remain, for ever: which entries there are and when, engagements, services, practitioners, places, "
    "codes chosen from lists, ids, digests of documents, reasons of overrides, and the day on which a minor comes of "
    "age. Hashes, proofs and verdicts stay what they were."
)
COPIES = (
    "Bundles, exports, printouts and copies that were given out with texts revealed stay readable: this program cannot "
    "reach them."
)
UNKNOWN_BACKUPS = (
    "Copies of the key database that were made by other means than `keys backup` are not known here; whoever has one "
    "and a role file can still read what was sealed."
)


@click.command(context_settings=HELP)
@click.argument("client", metavar="CLIENT")
@click.option(
    "--ground",
    required=True,
    type=click.Choice([one.value for one in DestructionGround]),
    help="Why: the years are over, the client asks for it, or other.",
)
@click.option("--override", is_flag=True, help="Erase before the day; needs --authorised-by and --reason.")
@click.option("--authorised-by", metavar="WHO", help="Who authorises erasing before the day.")
@click.option(
    "--reason", metavar="TEXT", help="Why before the day. Kept in clear text for ever: practice matters only."
)
@click.option("--yes", is_flag=True, help="Erase without being asked to type the client's id.")
@ungated_options
@click.pass_context
def erase(ctx: click.Context, /, **given: Any) -> None:
    """Erase a client's sealed texts, for good.

    The keys that open them are destroyed. It cannot be undone.

    Refused (exit code 3) under a legal hold, whoever asks, and before the day until which they are kept, unless
    somebody answers for it. It is recorded first (KeysDestroyed); then the keys go, and stay gone when an older key
    database is put back. Said is which known copies of the key database still hold them.
    """
    session = Session.of(ctx)
    with session.ledger() as ledger:
        recording = Recording.begin(session, ledger, given | {"override": None, "authorised_by": None})
        recording.override = _override(given)
        client = given["client"]
        case = recording.known(f"client/{client}").case
        if case is None:
            return
        found = _require_erasable(ledger, client, early=recording.override is not None)
        statement = recording.statement(KeysDestroyed, {"client": client, "ground": given["ground"]})
        kinds = Counter(fact.entry.type for fact in case.facts)
        if not given["yes"]:
            _ask(ledger, found, kinds)
        recorded = ledger.record([statement], override=recording.override, now=recording.now)
        receipt = receipt_of(ledger, recorded.positions, recorded.checkpoint)
        if recording.as_json:
            print_json(_document(client, recorded, kinds) | {"receipt": document_of(receipt)})
        else:
            _tell(client, recorded, kinds)
        tell_not_erased(recorded.unerased)
        tell_receipt(receipt, recording.receipt, quiet=recording.as_json)


def _override(given: dict[str, Any]) -> "Override | None":
    from pydantic import ValidationError

    from ledger.entry import Override
    from ledger.errors import UsageError

    stated = given["authorised_by"], given["reason"]
    if not given["override"]:
        if any(stated):
            raise UsageError("--authorised-by and --reason go with --override")
        return None
    if not all(stated):
        raise UsageError("--override needs both: --authorised-by WHO and --reason TEXT")
    try:
        return Override(authorised_by=given["authorised_by"], reason=given["reason"], rules=())
    except ValidationError as wrong:
        problems = "; ".join(f"{error['loc'][0]}: {error['msg']}" for error in wrong.errors())
        raise UsageError(f"override: {problems}") from None


def _require_erasable(ledger: "Ledger", client: str, *, early: bool) -> "Kept":
    """What stands in the way is told before anything is asked; it is decided anew when it is recorded."""
    from ledger.errors import InputError, NotDueError
    from ledger.retention import Terms, kept

    perspective = ledger.at()
    found = kept(perspective.case(client))
    found.refuse_held()
    if found.erased is not None and not found.sealed:
        day = ledger.calendar.day_of(found.erased.at)
        raise InputError(
            f"client {client}: erased already, on {day} (entry {found.erased.seq}); nothing was sealed since"
        )
    why = found.why_not(
        Terms.of(perspective.policies.current), ledger.calendar.day_of(perspective.when.as_of)
    )
    if why is not None and not early:
        raise NotDueError(client, why)
    return found


def _ask(ledger: "Ledger", found: "Kept", kinds: Counter[str]) -> None:
    """The last question: the client's id is to be typed."""
    from ledger.commands.asking import Asking, Question
    from ledger.commands.showing import say, say_wrapped

    client = found.client
    texts = len(ledger.recorder.disclosures_of(f"client/{client}"))
    last = f"; last served on {found.last_day}" if found.last_day is not None else ""
    say_wrapped(f"{client}: {sum(kinds.values())} entries, {texts} sealed texts{last}.", err=True)
    say_wrapped("The sealed texts would be gone for ever, for everybody. " + REMAINS, err=True)
    typed = Asking().ask(Question("--yes", f"To erase them, type the client's id ({client})"))
    if typed != client:
        say("Nothing was erased, nothing was recorded.", err=True)
        raise click.exceptions.Exit(130)


def _document(client: str, recorded: "Recorded", kinds: Counter[str]) -> dict[str, Any]:
    (entry,) = recorded.entries
    return {
        "client": client,
        "entry": {"stream": entry.stream, "seq": entry.seq, "position": recorded.positions[0]},
        "ground": entry.event.ground.value,
        "override": entry.override.model_dump(mode="json") if entry.override is not None else None,
        "keys_destroyed": sum(one.keys for one in recorded.erased),
        "pending": recorded.unerased.cause if recorded.unerased is not None else None,
        "backups": [{"file": file, "taken_at": at} for file, at in _backups(recorded)],
        "remaining": dict(kinds),
    }


def _backups(recorded: "Recorded") -> Sequence[tuple[str, str]]:
    return [(one.file, one.taken_at) for erased in recorded.erased for one in erased.backups]


def _tell(client: str, recorded: "Recorded", kinds: Counter[str]) -> None:
    from ledger.commands.findings import tell
    from ledger.commands.showing import heading, say, say_wrapped

    (entry,), keys = recorded.entries, sum(one.keys for one in recorded.erased)
    if recorded.unerased is None:
        heading(f"Erased: the {keys} data keys of {client} are destroyed.", "green")
    say_wrapped(f"Recorded as KeysDestroyed: entry {entry.seq} of {entry.stream}.")
    if entry.override is not None:
        say_wrapped(f"Before its day, authorised by {entry.override.authorised_by}: {entry.override.reason}")
    tell("The rules remark:", recorded.remarks, "yellow", advise=True)
    backups = _backups(recorded)
    if backups:
        say_wrapped(
            "These copies of the key database still hold them; destroy them, or take new ones in their place:"
        )
        for file, taken_at in backups:
            say(f"  {file} (taken {taken_at[:10]})")
    say_wrapped(UNKNOWN_BACKUPS)
    say_wrapped(COPIES)
    say_wrapped(REMAINS)
    listed = ", ".join(f"{number} {name}" for name, number in sorted(kinds.items()))
    say_wrapped(f"Of {client} they are: {listed}.")
