"""Making the read models of a ledger anew, even where their place is damaged, and checking them."""

from collections.abc import Callable, Sequence
from contextlib import closing

from ledger import clock
from ledger.application import Ledger
from ledger.errors import ConflictError, DamagedViewsError
from projections.models.base import Model
from projections.models.catching_up import ATTEMPTS
from projections.models.store import State
from projections.models.verifying import Caught, Compared, verify
from projections.models.views import Views, throw_away

Progress = Callable[[int, int], None]


def rebuilt(ledger: Ledger, progress: Progress) -> State:
    """Makes every row anew; the state reached. A damaged place is thrown away first."""
    try:
        return _rebuilt(ledger, progress)
    except DamagedViewsError:
        throw_away(ledger.places)
        return _rebuilt(ledger, progress)


def _rebuilt(ledger: Ledger, progress: Progress) -> State:
    with closing(Views(ledger)) as views:
        models = views.read_models
        return models.rebuild(clock.now(), progress, seen=models.store.state())


def verified(ledger: Ledger, models: Sequence[Model], progress: Progress) -> Compared:
    """Catches up, and compares the rows of some models with a replay of the log up to there."""
    with closing(Views(ledger)) as views:
        for _ in range(ATTEMPTS):
            as_of = clock.now()
            caught = Caught(views.read_models.catch_up(as_of), as_of)
            found = verify(views.read_models.store, views.source, models, caught, progress)
            if found is not None:
                return found
    raise ConflictError("other processes kept the read models busy; nothing is lost. Try again.")
