"""The desk flows and their options, taken from the classes of the facts they record."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from ledger.commands.options import options_of
from ledger.events.agreements import AgreementIssued, AgreementSigned
from ledger.events.base import Event
from ledger.events.clients import ClientRegistered
from ledger.events.engagements import EngagementClosed, EngagementOpened, RecordFiled, SessionHeld
from ledger.events.intakes import IntakeCompleted
from ledger.events.releases import DisclosureMade

ISSUING = ("template", "text_sha256", "text_sha256_of", "terms", "payer", "version", "valid_until")
SIGNING = (
    "signer",
    "signer_name",
    "consent_basis",
    "method",
    "meaning",
    "signed_copy_sha256",
    "signed_copy_sha256_of",
)


def COUNTER() -> list[click.Option]:  # noqa: N802 - a table like the others, made anew for each command
    """What every flow takes beside its own options."""
    return [
        click.Option(
            ["--yes"], is_flag=True, help="Take defaults unasked and record without a last question."
        )
    ]


def _from(event_type: type[Event], *names: str, without: tuple[str, ...] = ()) -> Iterator[click.Option]:
    """An event's options: those named, or all but some."""
    for option in options_of(event_type):
        name = str(option.name)
        if (name in names or not names) and name.removesuffix("_of") not in without:
            for marker in (" (required)", " (filled in where it can be known)"):
                option.help = str(option.help).replace(marker, "")
            yield option


def _register() -> list[click.Option]:
    return [
        *_from(ClientRegistered),
        *_from(IntakeCompleted, without=("client",)),
        click.Option(["--no-intake"], is_flag=True, help="Register only; the intake follows later."),
    ]


def _open() -> list[click.Option]:
    return [
        *_from(EngagementOpened),
        *_from(AgreementIssued, *ISSUING),
        *_from(AgreementSigned, *SIGNING),
    ]


def _change() -> list[click.Option]:
    return [
        click.Option(
            ["--to", "service"], type=click.Choice(["therapy", "coaching"]), help="The new service."
        ),
        *_from(EngagementOpened, without=("service",)),
        *_from(IntakeCompleted, without=("client", "intake", "practitioner")),
        click.Option(["--acknowledgement-template"], metavar="ID", help="The acknowledgement's template."),
        click.Option(
            ["--acknowledgement-file"],
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            metavar="PATH",
            help="The acknowledgement's text, where there is no template.",
        ),
        *_from(AgreementIssued, *ISSUING),
        *_from(AgreementSigned, *SIGNING),
    ]


def _session() -> list[click.Option]:
    return [
        *_from(SessionHeld),
        click.Option(
            ["--note-file"],
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            metavar="PATH",
            help="The session's note, to be filed with it.",
        ),
        *_from(RecordFiled, "record_set", "contains_diagnosis"),
    ]


@dataclass(frozen=True, slots=True)
class Flow:
    """One flow: what it is for, its function and where that is, its options."""

    text: str
    more: str
    function: str
    options: Callable[[], list[click.Option]]
    module: str = "ledger.commands.desk_flows"


FLOWS: dict[str, Flow] = {
    "register": Flow(
        "A new client: registration and intake.",
        "The client gets a random pseudonym unless --client names one.",
        "register",
        _register,
    ),
    "open": Flow(
        "Begin a service: agreement handed out and signed, engagement opened.",
        "A signed agreement and an intake that wait for an engagement are used; otherwise the agreement is made from "
        "the practice's template.",
        "open_",
        _open,
    ),
    "change-service": Flow(
        "From therapy to coaching, or back: intake, acknowledgement, agreement, opening.",
        "The service before must have been closed (for therapy after coaching a pause is enough).",
        "change_service",
        _change,
    ),
    "close": Flow(
        "End an engagement, with its closing summary.",
        "A closed engagement never reopens.",
        "close",
        lambda: list(_from(EngagementClosed)),
    ),
    "session": Flow(
        "A session held, and its note.", "The time is its start (--occurred-at).", "session", _session
    ),
    "disclose": Flow(
        "Something of the client's records is told to somebody.",
        "The release it rests on is found and named first: where none is in force, nothing else is asked (exit code "
        "3). What the release says is filled in.",
        "disclose",
        lambda: list(_from(DisclosureMade)),
        "ledger.commands.desk_disclosing",
    ),
}
