"""Recording a production as a disclosure: the rules are asked before anything is written."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ledger.commands.options import options_of, values_of
from ledger.commands.resting import tell_resting, usable_releases
from ledger.commands.session import Session
from ledger.events.releases import DisclosureMade
from ledger.values import RecordSet, Service

if TYPE_CHECKING:
    from ledger.application import Ledger
    from ledger.commands.recording import Recording
    from ledger.filling.filling import Filled
    from projections.bundle.request import Request

CommandT = TypeVar("CommandT", bound=Callable[..., Any])

_ASKED = (
    "from_practitioner",
    "to_practitioner",
    "recipient_kind",
    "recipient",
    "purpose",
    "basis",
    "release",
)
_SETS = {Service.THERAPY: RecordSet.CLINICAL, Service.COACHING: RecordSet.COACHING}


@dataclass(slots=True)
class Disclosing:
    """A disclosure that the rules allow, to be recorded once the file is there."""

    recording: "Recording"
    filled: "Filled"


def disclosure_options(command: CommandT) -> CommandT:
    """`--record` and what a disclosure says, as `record disclosure-made` takes it."""
    made = {str(option.name): option for option in options_of(DisclosureMade)}
    parameters = [
        click.Option(["--record"], is_flag=True, help="Record the production as a disclosure. With it:"),
        *(made[name] for name in _ASKED),
        click.Option(
            ["--record-set", "record_sets"],
            multiple=True,
            type=click.Choice([one.value for one in RecordSet]),
            help="Which record sets it discloses; repeat for more. Default: what the entries produced are of.",
        ),
    ]
    for option in parameters:
        option.help = str(option.help).replace(" (required)", "")
    own: list[click.Parameter] = getattr(command, "__click_params__", [])
    command.__click_params__ = [*own, *reversed(parameters)]  # type: ignore[attr-defined]
    return command


def begin(session: Session, ledger: "Ledger", request: "Request", given: dict[str, Any]) -> Disclosing | None:
    """The disclosure as it will be recorded, found to be one the rules do not call a violation. Exits with 3 if not.

    None where it is not to be recorded. At a terminal it is offered, if it is made for somebody.
    """
    if not given["record"]:
        stated = [name for name in (*_ASKED, "record_sets") if given[name]]
        if stated:
            from ledger.errors import UsageError

            raise UsageError(
                f"--{stated[0].replace('_', '-')} says how a disclosure is recorded: add --record"
            )
        if request.recipient is None or given["as_json"] or not sys.stdin.isatty():
            return None
        if not click.confirm("Record this production as a disclosure?", default=True, err=True):
            return None
    from ledger.commands.findings import tell
    from ledger.commands.recording import Recording

    recording = Recording.begin(session, ledger, given)
    filled = _filled(recording, ledger, request, given, ask=not given["record"])
    answer = ledger.may([recording.statement(DisclosureMade, filled.fields)])
    against = [*answer.refused, *(one for one in answer.remarks if one.serious)]
    if against:
        tell("Not produced, nothing was written. The disclosure would be:", against, "red", advise=True)
        raise click.exceptions.Exit(3)
    if not given["as_json"]:
        tell("The rules remark on the disclosure:", answer.remarks, "yellow", advise=True)
    return Disclosing(recording, filled)


def finish(disclosing: Disclosing, sha256: str) -> dict[str, Any]:
    """Records the disclosure with the file's digest; what was recorded, as JSON values."""
    fields = {**disclosing.filled.fields, "content_sha256": sha256}
    ledger = disclosing.recording.ledger
    recorded = ledger.record([disclosing.recording.statement(DisclosureMade, fields)])
    (entry,), (position,) = recorded.entries, recorded.positions
    return {
        "type": entry.type,
        "stream": entry.stream,
        "seq": entry.seq,
        "position": position,
        "recorded_at": entry.recorded_at,
        "by": entry.by,
        "scope": [one.value for one in entry.event.scope],
    }


def _filled(
    recording: "Recording", ledger: "Ledger", request: "Request", given: dict[str, Any], *, ask: bool
) -> "Filled":
    from ledger.filling.filling import fill

    stated = {name: given[name] for name in _ASKED}
    fields = {"client": request.client, **values_of(DisclosureMade, stated)}
    fields["scope"] = list(given["record_sets"]) or _sets(ledger, request)
    if request.recipient is not None:
        fields.setdefault("recipient", request.recipient)
    known = recording.known(f"client/{request.client}")
    if ask and "basis" not in fields:
        fields["basis"] = _ask_basis()
    found = usable_releases(
        known, fields, as_json=given["as_json"], advice="It was not produced: nothing was written."
    )
    if len(found) == 1:
        fields["release"] = found[0].id
        if not given["as_json"]:
            tell_resting(found[0], err=True)
    if ask:
        from ledger.commands.asking import Asking
        from ledger.commands.fields import ask_fields

        return ask_fields(DisclosureMade, fields, known, Asking())
    filled = fill(DisclosureMade, fields, known)
    filled.require()
    return filled


def _ask_basis() -> Any:
    """On what footing: asked first, since it says whether a release is needed."""
    from ledger.commands.asking import Asking
    from ledger.commands.fields import question_for

    return Asking().ask(question_for(DisclosureMade, "basis", "release", "On what footing"))


def _sets(ledger: "Ledger", request: "Request") -> list[str]:
    """The record sets that the entries produced are of; what belongs to the client as such is administrative."""
    from projections.bundle.production import produce

    reading = ledger.recorder
    production = produce(ledger, request, reading.last_position(), reading.log_time() or "")
    sets = {_SETS[service] for service in production.services} | {RecordSet.ADMINISTRATIVE}
    return sorted(one.value for one in sets)
