"""`show`: how a client or a practitioner stands at a moment."""

from typing import TYPE_CHECKING, Any

import click

from ledger.commands.session import Session, json_option, print_json
from projections.commands.asking import (
    asked,
    client_argument,
    dates_of,
    id_argument,
    moment_of,
    moment_options,
    reveal_option,
)

if TYPE_CHECKING:
    from projections.commands.page import Page
    from projections.dates import Dates


@click.group()
def show() -> None:
    """Show how a client or a practitioner stands at a moment."""


@show.command("client")
@client_argument
@moment_options
@reveal_option
@json_option
@click.pass_context
def show_client(
    ctx: click.Context, *, client: str, as_of: str | None, known_at: str | None, reveal: bool, as_json: bool
) -> None:
    """Engagements and their state, agreements, open referrals, concerns and obligations, holds, place."""
    from projections.client_state import client_state

    session = Session.of(ctx)
    with session.ledger() as ledger:
        when = moment_of(ledger, as_of, known_at)
        found = client_state(ledger, client, when, reveal=reveal)
        if as_json:
            print_json(found)
            return
        from projections.commands.page import Page

        dates = dates_of(ledger, session)
        page = Page()
        page.title(f"{client} {asked(when, dates)}")
        _tell_client(page, found, dates)


@show.command("practitioner")
@id_argument("practitioner")
@moment_options
@json_option
@click.pass_context
def show_practitioner(
    ctx: click.Context, *, practitioner: str, as_of: str | None, known_at: str | None, as_json: bool
) -> None:
    """Services, licences as they stand that day, credentials."""
    from projections.practitioner_state import practitioner_state

    session = Session.of(ctx)
    with session.ledger() as ledger:
        when = moment_of(ledger, as_of, known_at)
        found = practitioner_state(ledger, practitioner, when)
        if as_json:
            print_json(found)
            return
        from projections.commands.page import Page

        page = Page()
        page.title(f"{practitioner} {asked(when, dates_of(ledger, session))}")
        _tell_practitioner(page, found)


# -- a client ---------------------------------------------------------------------------------------------


def _tell_client(page: "Page", found: dict[str, Any], dates: "Dates") -> None:
    from ledger.holds import words
    from projections.wording import VERDICT, counted

    minor = f", a minor until {found['minor_until']}" if found["minor"] else ""
    page.table(
        ("", ""),
        (
            ("name", found["name"] or "-"),
            ("born", found["date_of_birth"] or "-"),
            ("contact", found["contact"] or "-"),
            ("lives in", f"{found['jurisdiction'] or '-'}{minor}"),
            ("entries", f"{found['entries']}"),
            ("verdict", VERDICT[found["verdict"]] + _as_recorded(found)),
            *([("other file", _other_files(found))] if found["comparisons"] else []),
            ("holds", words(found["holds"]["standing"])),
        ),
        widths=(10,),
    )
    if found["keys_destroyed"]:
        page.say("The client's data keys were destroyed: sealed texts are gone, coded facts stay.", indent=2)
    _engagements(page, found["engagements"], dates)
    _agreements(page, found["agreements"], dates)
    _open_things(page, found, dates)
    if found["obligations"]:
        page.section(f"Due: {counted(len(found['obligations']), 'obligation')}")
        page.table(
            ("due", "status", "rule", "what"),
            ((one["due"], one["status"], one["rule"], one["message"]) for one in found["obligations"]),
        )


def _other_files(found: dict[str, Any]) -> str:
    """Where the same person has another file, and which files were found to be somebody else's."""
    told = {"same-person": "of the same person", "different-persons": "looked alike, of somebody else"}
    return "; ".join(
        f"{', '.join(names)}: {words}"
        for code, words in told.items()
        if (names := [one["other"] for one in found["comparisons"] if one["found"] == code])
    )


def _as_recorded(found: dict[str, Any]) -> str:
    from projections.wording import VERDICT, counted

    if found["verdict"] == found["verdict_as_recorded"]:
        number = counted(found["findings"], "finding")
        return f" ({number}, warnings and advice included)" if found["findings"] else ""
    return f" (as first recorded: {VERDICT[found['verdict_as_recorded']]})"


def _engagements(page: "Page", engagements: list[dict[str, Any]], dates: "Dates") -> None:
    from projections.context import words

    page.section("Engagements")
    if not engagements:
        page.say("none", indent=2)
        return
    page.table(
        ("engagement", "with", "state", "since", "on", "where", "sessions"),
        (
            (
                f"{one['service']} {one['engagement']}",
                one["practitioner"],
                one["state"] + (f" ({words(one['state_reason'])})" if one["state_reason"] else ""),
                dates.column(one["state_since"] or one["opened_at"])[:10],
                " ".join(filter(None, (one["intake"], one["agreement"]))) or "-",
                one["place"] or "-",
                f"{one['sessions']}",
            )
            for one in engagements
        ),
    )


def _agreements(page: "Page", agreements: list[dict[str, Any]], dates: "Dates") -> None:
    if not agreements:
        return
    from projections.context import words

    page.section("Agreements")
    page.table(
        ("agreement", "with", "state", "issued", "signed, by"),
        (
            (
                f"{words(one['kind'])} {one['agreement']}",
                one["practitioner"] or "practice-wide",
                one["state"],
                dates.column(one["issued_at"])[:10],
                f"{dates.column(one['signed_at'])[:10]}, {', '.join(one['signers'])}"
                if one["signed_at"]
                else "-",
            )
            for one in agreements
        ),
    )


def _open_things(page: "Page", found: dict[str, Any], dates: "Dates") -> None:
    """What is still open; what is settled stands in the timeline."""
    rows = [
        (f"referral {one['referral']}", one["state"], f"{one['service']}, to {one['to_practitioner']}")
        for one in found["referrals"]
        if one["state"] in ("unanswered", "accepted")
    ]
    rows += [
        (
            f"concern {one['concern']}",
            one["state"],
            f"{one['severity']}, in {one['engagement']}, since {dates.column(one['raised_at'])[:10]}",
        )
        for one in found["concerns"]
        if one["state"] == "unresolved"
    ]
    rows += [
        (
            f"release {one['release']}",
            one["state"],
            f"{', '.join(one['scope'])}: {one['from_practitioner']} to {one['to']}",
        )
        for one in found["releases"]
        if one["state"] == "live"
    ]
    rows += [
        ("care elsewhere", "noted", f"{one['service']} since {one['since']}, until {one['until'] or 'open'}")
        for one in found["outside_care"]
    ]
    if rows:
        page.section("Open")
        page.table(("what", "state", "about"), rows)


# -- a practitioner ---------------------------------------------------------------------------------------


def _tell_practitioner(page: "Page", found: dict[str, Any]) -> None:
    from projections.context import words

    page.table(
        ("", ""),
        (
            ("name", found["name"]),
            ("of", "the practice" if found["internal"] else found["organisation"] or "the referral network"),
            ("offers", ", ".join(found["services"]) or "nothing"),
            *([("left", found["left"])] if found["left"] else []),
            ("entries", f"{found['entries']}"),
        ),
        widths=(9,),
    )
    page.section("Licences")
    if not found["licences"]:
        page.say("none on record", indent=2)
    else:
        page.table(
            ("id", "basis", "status", "days", "where"),
            (
                (
                    one["licence"],
                    words(one["basis"]),
                    one["status"] + ("" if one["covers"] else ", no cover"),
                    f"{one['valid_from']} to {one['valid_until'] or 'open'}",
                    ", ".join(one["jurisdictions"]),
                )
                for one in found["licences"]
            ),
        )
    if found["credentials"]:
        page.section("Credentials")
        page.table(
            ("credential", "issuer", "days"),
            (
                (one["credential"], one["issuer"], f"{one['valid_from']} to {one['valid_until'] or 'open'}")
                for one in found["credentials"]
            ),
        )
