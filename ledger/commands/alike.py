"""Telling that clients seem to be one person: before a registration, after it, and where it could not be found out."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ledger.commands.showing import say_wrapped

if TYPE_CHECKING:
    from ledger.application import Ledger, Recorded
    from ledger.directory.directory import Alike
    from ledger.errors import LedgerError

COMPARE = "engagement-ledger record clients-compared --client {} --other {}"


def tell_before(ledger: "Ledger", fields: Mapping[str, Any]) -> None:
    """Before a client is registered: who seems to be the same person."""
    from ledger.errors import LedgerError

    try:
        followed = ledger.directory.follow()
        others = ledger.directory.like(fields["name"], fields["date_of_birth"], fields["client"])
    except LedgerError as wrong:
        tell_uncompared(wrong)
        return
    if followed.behind:
        say_wrapped(NOT_ALL, "  ", err=True)
    for other in others:
        say_wrapped(
            f"{other} seems to be the same person (born the same day, the names are alike). If so, register nobody and "
            f"go on with {other}.",
            "  ",
            err=True,
        )


def tell_after(recorded: "Recorded", *, quiet: bool) -> None:
    """After something was recorded: who seems to be the same person as whom, or why that is not known."""
    for one in () if quiet else recorded.same_person:
        say_wrapped(sentence(one), err=True)
        compare = COMPARE.format(one.client, one.others[0])
        say_wrapped(f"Look at both files, then say what was found: `{compare}`.", "  ", err=True)
    if recorded.uncompared is not None:
        tell_uncompared(recorded.uncompared)


def sentence(one: "Alike") -> str:
    """Whom a client is like."""
    others = ", ".join(one.others)
    return f"{one.client} seems to be the same person as {others} (born the same day, the names are alike)."


def tell_uncompared(wrong: "LedgerError") -> None:
    """Why a client is not compared with the others, and who does it."""
    say_wrapped(
        f"Not compared with the other clients: {wrong.cause} Whoever reads identity does it with "
        "`engagement-ledger doubles`.",
        err=True,
    )


NOT_ALL = "Not all clients are in the index yet: `engagement-ledger doubles` compares them all."


def documents(alike: Iterable["Alike"]) -> list[dict[str, Any]]:
    """Clients alike as JSON values."""
    return [{"client": one.client, "others": list(one.others)} for one in alike]
