"""What the `keys` commands share: the key database opened, who acts, domains and new passphrases as given."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from ledger.commands.recording import recorder_of
from ledger.commands.session import Session, passphrase

if TYPE_CHECKING:
    from ledger.keys.database import KeyDatabase
    from ledger.keys.granting import Act
    from ledger.values import Domain

WHO_HELP = "Who does this (default: --as before the command, else the operating-system user's name)."

who_option: Callable[[Any], Any] = click.option("--as", "own_actor", metavar="ACTOR", help=WHO_HELP)


@contextmanager
def opened_keys(session: Session) -> "Iterator[KeyDatabase]":
    """The key database, with the role file in use; its passphrase is asked for when it is needed."""
    from ledger.keys.database import KeyDatabase

    places = session.places
    with KeyDatabase.open(places.keys, places.role, passphrase=passphrase) as keys:
        yield keys


def act_of(session: Session, own_actor: str | None) -> "Act":
    """When and by whom."""
    from ledger import clock
    from ledger.keys.granting import Act

    return Act(clock.now(), recorder_of(session, own_actor))


def domains_given(option: str, texts: tuple[str, ...]) -> "frozenset[Domain]":
    """Domains as typed, one or several to an option. UsageError for what is none."""
    from ledger.errors import UsageError
    from ledger.values import Domain

    names = [name.strip() for text in texts for name in text.replace(",", ";").split(";") if name.strip()]
    known = [domain.value for domain in Domain]
    for name in names:
        if name not in known:
            raise UsageError(f"{option}: expected some of {', '.join(known)}, came {name[:60]!r}")
    return frozenset(Domain(name) for name in names)


def new_passphrase(whose: str) -> str:
    """A new passphrase: from the environment, or asked for twice. UsageError where there is nobody to ask."""
    from ledger.errors import UsageError

    given = os.environ.get("ENGAGEMENT_LEDGER_NEW_PASSPHRASE")
    if given:
        return given
    if not sys.stdin.isatty():
        raise UsageError("there is nobody to ask for a new passphrase; set ENGAGEMENT_LEDGER_NEW_PASSPHRASE")
    typed: str = click.prompt(
        f"A passphrase for {whose}", hide_input=True, confirmation_prompt=True, err=True
    )
    return typed
