"""What every recording command shares: who records and when, what is known, carrying it out, telling the outcome."""

import getpass
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

import click

from ledger.commands.receipts import document_of, receipt_of, tell_not_erased, tell_receipt
from ledger.commands.session import Session, print_json

if TYPE_CHECKING:
    from ledger.application import Ledger, Recorded
    from ledger.entry import Override
    from ledger.events.base import Event
    from ledger.filling.filling import Filled, Known
    from ledger.recording.statement import Statement

WHO_HELP = (
    "Who is recording (default: --as before the command, else the operating-system user's name, else system)."
)
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_UNAMBIGUOUS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

CommandT = TypeVar("CommandT", bound=Callable[..., Any])


def recorder_of(session: Session, own: str | None = None) -> str:
    """Who records: as named, else the operating-system user where that is a valid id, else `system`."""
    if own or session.actor:
        return own or session.actor or ""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        return "system"
    return name if _ID.fullmatch(name) else "system"


COMMON: tuple[Callable[[CommandT], CommandT], ...] = (
    click.option(
        "--occurred-at",
        metavar="TIME",
        help="When it happened: 2026-03-02, '2026-03-02 15:00' (the practice's time zone, or --tz), a time with "
        "its offset, 15:00, today, yesterday. Default: now.",
    ),
    click.option("--as", "own_actor", metavar="ACTOR", help=WHO_HELP),
    click.option("--override", metavar="REASON", help="Record although a gate refuses, and say why."),
    click.option("--authorised-by", metavar="WHO", help="Who authorises the override."),
    click.option(
        "--receipt",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Write the receipt to a file: it shows later that the entry is still there, unchanged.",
    ),
    click.option("--json", "as_json", is_flag=True, help="Print JSON."),
)


def common_options(command: CommandT) -> CommandT:
    """Adds what every recording command takes beside its own options."""
    for option in reversed(COMMON):
        command = option(command)
    return command


def ungated_options(command: CommandT) -> CommandT:
    """The same for an act that no gate refuses: there is nothing to override."""
    for option in reversed((*COMMON[:2], *COMMON[4:])):
        command = option(command)
    return command


@dataclass(slots=True)
class Recording:
    """One recording command under way."""

    session: Session
    ledger: "Ledger"
    by: str
    zone: ZoneInfo
    now: str
    occurred_at: str
    override: "Override | None" = None
    as_json: bool = False
    receipt: Path | None = None
    filled: list["Filled"] = field(default_factory=list)

    @classmethod
    def begin(cls, session: Session, ledger: "Ledger", options: Mapping[str, Any]) -> "Recording":
        """From the common options. UsageError for a time or time zone that is none, half an override."""
        from ledger import clock
        from ledger.commands.files import require_writable
        from ledger.commands.times import typed_time, zone_named

        if options.get("receipt") is not None:
            require_writable("--receipt", options["receipt"])
        zone = zone_named(session.tz or ledger.calendar.time_zone)
        now = clock.now()
        return cls(
            session,
            ledger,
            recorder_of(session, options.get("own_actor")),
            zone,
            now,
            typed_time(options.get("occurred_at"), zone, now),
            _override(options.get("override"), options.get("authorised_by")),
            bool(options.get("as_json")),
            options.get("receipt"),
        )

    def known(self, stream: str, *, new: bool = False) -> "Known":
        """What is known of a stream when this happened. ReferenceNotRecordedError for a client nobody registered,
        unless it is to be a new one.
        """
        from ledger.entry import client_of
        from ledger.errors import ReferenceNotRecordedError
        from ledger.filling.filling import Known
        from ledger.perspective import Moment
        from ledger.values import is_day

        ledger = self.ledger
        at = ledger.calendar.end_of(self.occurred_at) if is_day(self.occurred_at) else self.occurred_at
        perspective = ledger.at(Moment(as_of=at))
        client = client_of(stream)
        case = None
        if client and _ID.fullmatch(client):
            if ledger.recorder.head(stream) is not None:
                case = perspective.case(client)
            elif not new:
                raise ReferenceNotRecordedError("client", client, "this ledger")
        return Known(
            practice=perspective.practice,
            names=ledger.names_of(stream),
            stream=stream,
            at=at,
            case=case,
            read=lambda sealed: self._read(stream, sealed),
            fresh_client=self._fresh_client,
        )

    def _read(self, stream: str, sealed: Any) -> str | None:
        from ledger.errors import InputError, SealedError

        try:
            return str(self.ledger.text_of(stream, sealed[0]))
        except (SealedError, InputError):
            return None

    def _fresh_client(self) -> str:
        while True:
            name = "C-" + "".join(secrets.choice(_UNAMBIGUOUS) for _ in range(6))
            if self.ledger.recorder.head(f"client/{name}") is None:
                return name

    def statement(self, event_type: type["Event"], fields: Mapping[str, Any], **header: Any) -> "Statement":
        """A statement by whom and when this command says."""
        from ledger.recording.statement import state

        told = {"occurred_at": self.occurred_at, "by": self.by, **header}
        return state({"type": event_type.TOPIC, **fields, **told})

    def carry_out(self, statements: Sequence["Statement"]) -> None:
        """Records, and tells what was recorded; a refusal is told with what to do first, and ends with 3."""
        from ledger.commands import findings
        from ledger.commands.alike import tell_after
        from ledger.commands.showing import say_wrapped
        from ledger.errors import RefusedError

        try:
            recorded = self.ledger.record(statements, override=self.override, now=self.now)
        except RefusedError as refused:
            noted = bool(self.ledger.at().policies.current.parameters.get("record_refusals", True))
            if self.as_json:
                told = [findings.document(each, proposed=True) for each in refused.findings]  # type: ignore[arg-type]
                print_json({"recorded": [], "refused": told, "noted": noted})
            else:
                what = " + ".join(dict.fromkeys(one.type for one in statements))
                findings.tell_refusal(what, refused.findings, noted=noted)  # type: ignore[arg-type]
            raise click.exceptions.Exit(refused.exit_code) from None
        receipt = receipt_of(self.ledger, recorded.positions, recorded.checkpoint)
        if self.as_json:
            print_json(self._document(recorded) | {"receipt": document_of(receipt)})
        else:
            self._tell(recorded)
        tell_after(recorded, quiet=self.as_json)
        tell_not_erased(recorded.unerased)
        if recorded.unseen is not None:
            say_wrapped(
                f"It is recorded. What it raises on earlier entries could not be looked up ({recorded.unseen.cause}): "
                "see `engagement-ledger audit`.",
                err=True,
            )
        tell_receipt(receipt, self.receipt, quiet=self.as_json)

    def _document(self, recorded: "Recorded") -> dict[str, Any]:
        from ledger.commands.alike import documents
        from ledger.commands.findings import document

        return {
            "recorded": [
                {
                    "type": entry.type,
                    "stream": entry.stream,
                    "seq": entry.seq,
                    "position": position,
                    "occurred_at": entry.occurred_at,
                    "recorded_at": entry.recorded_at,
                    "by": entry.by,
                    "admitted": entry.admitted.value,
                }
                for entry, position in zip(recorded.entries, recorded.positions, strict=True)
            ],
            "filled": [
                {"type": one.event_type.TOPIC, "field": name, "value": value, "why": one.found[name].why}
                for one in self.filled
                for name, value in one.shown().items()
            ],
            "overridden": [document(each) for each in recorded.overridden],
            "remarks": [document(each) for each in recorded.remarks],
            "raised": [document(each) for each in recorded.raised],
            "same_person": documents(recorded.same_person),
        }

    def _tell(self, recorded: "Recorded") -> None:
        from ledger.commands.findings import tell
        from ledger.commands.showing import heading, say, say_wrapped

        for entry, position in zip(recorded.entries, recorded.positions, strict=True):
            heading(
                f"Recorded {entry.type}: entry {entry.seq} of {entry.stream}, log position {position}.",
                "green",
            )
        if any(one.found for one in self.filled):
            say("Filled in:")
        for one in self.filled:
            for name, each in one.shown().items():
                value = ";".join(each) if isinstance(each, list) else each
                say_wrapped(f"{name} = {value if value != {} else 'none'} ({one.found[name].why})", "  ")
        if recorded.overridden:
            tell("Recorded against a gate, on the authority named:", recorded.overridden, "yellow")
        early = [
            entry for entry in recorded.entries if entry.override is not None and not entry.override.rules
        ]
        if early:
            say("Recorded before its day, on the authority named.")
        elif self.override is not None and not recorded.overridden:
            say("No gate refused it: the override was not needed and is not recorded.")
        for erased in recorded.erased:
            say(f"{erased.keys} data keys of {erased.stream} were destroyed.")
        tell("The rules remark:", recorded.remarks, "yellow", advise=True)
        tell("Raised on earlier entries:", recorded.raised, "yellow")


def _override(reason: str | None, authorised_by: str | None) -> "Override | None":
    from pydantic import ValidationError

    from ledger.entry import Override
    from ledger.errors import UsageError

    if reason is None and authorised_by is None:
        return None
    if reason is None or authorised_by is None:
        raise UsageError("an override needs both: --override REASON and --authorised-by WHO")
    try:
        return Override(authorised_by=authorised_by, reason=reason, rules=())
    except ValidationError as wrong:
        problems = "; ".join(f"{error['loc'][0]}: {error['msg']}" for error in wrong.errors())
        raise UsageError(f"override: {problems}") from None
