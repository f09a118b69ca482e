"""`may`: asks the gates, records nothing, not even that it was asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from ledger.commands.options import HASH, options_of, values_of
from ledger.commands.recording import Recording
from ledger.commands.resting import tell_resting, usable_releases
from ledger.commands.session import Session, print_json
from ledger.events.agreements import AgreementSigned
from ledger.events.base import Event
from ledger.events.engagements import EngagementClosed, EngagementOpened, EngagementRenewed, EngagementResumed
from ledger.events.referrals import ReferralMade
from ledger.events.releases import DisclosureMade

if TYPE_CHECKING:
    from ledger.case import Release
    from ledger.filling.filling import Filled, Known
    from ledger.recording.admission import Admitting

_UNTOLD = "asked, not recorded"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: the act it is about, what it fixes, and what is assumed where nothing is said."""

    text: str
    event_type: type[Event]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    assumed: Mapping[str, Any] = field(default_factory=dict)


QUESTIONS: dict[str, Asked] = {
    "open-coaching": Asked(
        "May coaching be opened?", EngagementOpened, {"service": "coaching"}, {"focus": ["goals"]}
    ),
    "open-therapy": Asked(
        "May therapy be opened?", EngagementOpened, {"service": "therapy"}, {"focus": ["other"]}
    ),
    "resume": Asked("May a paused engagement go on?", EngagementResumed, {}, {"reason": "other"}),
    "close": Asked(
        "May an engagement be closed?",
        EngagementClosed,
        {},
        {"reason": "other", "goals_met": True, "stable": "not-assessed"},
    ),
    "renew": Asked("May a new agreement take over?", EngagementRenewed),
    "sign": Asked(
        "May an agreement be signed?",
        AgreementSigned,
        {"signer_name": _UNTOLD, "meaning": _UNTOLD},
        {"signer": "client", "method": "wet-ink"},
    ),
    "refer": Asked(
        "May the client be referred?",
        ReferralMade,
        {"details": _UNTOLD},
        {"service": "therapy", "reason": "other", "client_answer": "accepted"},
    ),
    "disclose": Asked(
        "May something of the client's records be disclosed?",
        DisclosureMade,
        {},
        {"basis": "release", "purpose": "other", "recipient_kind": "other"},
    ),
}


class Questions(click.Group):
    """Makes a question's command when it is asked."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every question's name."""
        del ctx
        return list(QUESTIONS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of one question."""
        del ctx
        asked = QUESTIONS.get(cmd_name)
        return _command(cmd_name, asked) if asked is not None else None


@click.group(cls=Questions, context_settings={"help_option_names": ["-h", "--help"]})
def may() -> None:
    """Ask the gates without recording.

    Exit code 0: allowed. 3: refused, or it would stand as a violation; every finding is told, and what to do first.
    """


def _command(name: str, asked: Asked) -> click.Command:
    @click.pass_context
    def callback(ctx: click.Context, /, **given: Any) -> None:
        _answer(ctx, asked, given)

    facts = asked.event_type.FACTS
    kept = [
        option
        for option in options_of(asked.event_type)
        if option.name not in asked.fixed
        and not str(option.name).removesuffix("_of").endswith(HASH)
        and facts[str(option.name)].sealed is None
    ]
    for option in kept:
        if option.name in asked.assumed:
            told = str(option.help).replace(" (required)", "")
            option.help = f"{told} Assumed: {_shown(asked.assumed[option.name])}."
    return click.Command(
        name,
        callback=callback,
        help=f"{asked.text} Nothing is recorded. What can be known is filled in, as in `record`.",
        params=[
            *kept,
            click.Option(["--occurred-at"], metavar="TIME", help="When it would happen. Default: now."),
            click.Option(["--as", "own_actor"], metavar="ACTOR", help="Who would record it."),
            click.Option(["--json", "as_json"], is_flag=True, help="Print JSON."),
        ],
        context_settings={"help_option_names": ["-h", "--help"]},
    )


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ";".join(value) if isinstance(value, list) else str(value)


def _answer(ctx: click.Context, asked: Asked, given: dict[str, Any]) -> None:
    from ledger.filling.filling import fill

    session = Session.of(ctx)
    fields = {**values_of(asked.event_type, given), **asked.fixed}
    with session.ledger() as ledger:
        recording = Recording.begin(session, ledger, given)
        known = recording.known(f"client/{fields.get('client', '')}")
        resting = _resting(asked, fields, known, as_json=given["as_json"])
        filled = fill(asked.event_type, fields, known)
        if filled.fields.get("scope") is None and "scope" in asked.event_type.FACTS:
            filled.fields["scope"] = []
        for name, value in asked.assumed.items():
            filled.fields.setdefault(name, value)
        filled.require()
        answer = ledger.may([recording.statement(asked.event_type, filled.fields)])
    allowed = not answer.refused and not any(each.serious for each in answer.remarks)
    if given["as_json"]:
        _print(asked, filled, answer, allowed=allowed)
    else:
        if resting is not None:
            tell_resting(resting, err=False)
        _tell(asked, filled, answer, allowed=allowed)
    if not allowed:
        raise click.exceptions.Exit(3)


def _resting(asked: Asked, fields: dict[str, Any], known: "Known", *, as_json: bool) -> "Release | None":
    """For a disclosure: the release it rests on, looked for first. Exits with 3 where there must be one and is none."""
    if asked.event_type is not DisclosureMade or "client" not in fields:
        return None
    found = usable_releases(known, {**asked.assumed, **fields}, as_json=as_json)
    return found[0] if len(found) == 1 else None


def _print(asked: Asked, filled: "Filled", answer: "Admitting", *, allowed: bool) -> None:
    from ledger.commands.findings import document
    from ledger.filling.filling import discreet

    print_json(
        {
            "allowed": allowed,
            "type": asked.event_type.TOPIC,
            "fields": {
                name: value
                for name, value in discreet(asked.event_type, filled.fields).items()
                if filled.fields[name] != _UNTOLD
            },
            "filled": {
                name: {"value": value, "why": filled.found[name].why}
                for name, value in filled.shown().items()
            },
            "refused": [document(each, proposed=True) for each in answer.refused],
            "remarks": [document(each, proposed=True) for each in answer.remarks],
            "raised": [document(each) for each in answer.raised],
        }
    )


def _tell(asked: Asked, filled: "Filled", answer: "Admitting", *, allowed: bool) -> None:
    from ledger.commands.findings import tell
    from ledger.commands.showing import heading, say, say_wrapped

    if filled.found:
        say("Asked with:")
    for name, value in filled.shown().items():
        say_wrapped(f"{name} = {_shown(value)} ({filled.found[name].why})", "  ")
    if allowed:
        heading(f"Yes. {asked.event_type.TOPIC} would be recorded.", "green")
    tell("No. A gate refuses:", answer.refused, "red", advise=True)
    tell(
        "No. It could be recorded, and would stand as a violation:",
        [each for each in answer.remarks if each.serious],
        "red",
        advise=True,
    )
    tell(
        "The rules would remark:",
        [each for each in answer.remarks if not each.serious],
        "yellow",
        advise=True,
    )
    tell("It would raise on earlier entries:", answer.raised, "yellow")
