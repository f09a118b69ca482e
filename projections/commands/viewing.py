"""What the commands that read a read model share: the tables caught up for now, or made for another moment."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ledger.commands.session import Session, progress_of
from projections.commands.asking import checked_id, dates_of, moment_of

if TYPE_CHECKING:
    from ledger.application import Ledger
    from ledger.perspective import Moment
    from projections.dates import Dates
    from projections.models.base import Asked, View

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Viewed:
    """A ledger's tables as they stand at the moment asked about."""

    ledger: "Ledger"
    when: "Moment"
    dates: "Dates"
    view: "View"
    asked: "Asked"

    @property
    def moment(self) -> dict[str, Any]:
        """The two clocks, as every JSON document begins."""
        return {"as_of": self.when.as_of, "known_at": self.when.known_at}


@contextmanager
def viewed(
    session: Session,
    as_of: str | None,
    known_at: str | None,
    models: tuple[str, ...],
    client: str | None = None,
) -> Iterator[Viewed]:
    """The tables of some models at a moment, as named on the command line; InputError for an unknown client."""
    from projections.models.views import Question, Views

    with session.ledger() as ledger, closing(Views(ledger)) as views:
        when = moment_of(ledger, as_of, known_at)
        dates = dates_of(ledger, session)
        question = Question(when, models, client, now=as_of is None and known_at is None)
        with progress_of("Catching up with the ledger") as progress, views.asked(question, progress) as found:
            yield Viewed(ledger, when, dates, *found)


def practitioner_option(text: str = "Only this practitioner.") -> Callable[[Command], Command]:
    """`--practitioner`."""
    return click.option("--practitioner", metavar="ID", callback=checked_id, help=text)


def refuse_unknown_practitioner(view: "View", practitioner: str | None) -> None:
    """InputError if nothing is recorded of the practitioner asked about (model `practitioners`)."""
    from ledger.errors import InputError

    if practitioner is not None and not view.all(
        "SELECT practitioner FROM {practitioners} WHERE practitioner = ?", [practitioner]
    ):
        raise InputError(
            f"practitioner {practitioner}: nothing is recorded of this practitioner at that moment"
        )
