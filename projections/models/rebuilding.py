"""Making every row anew: one pass over the log into fresh tables, in batches, swapped in at the end.

Each client is folded once, and a batch of rows is all that is held, whatever the size of the log. The log is only read,
and the tables in use stay in use until the new ones take over: nobody waits.
"""

from collections.abc import Callable
from dataclasses import dataclass

from projections.models.base import OF_PRACTICE, Table
from projections.models.filling import Summed, Values
from projections.models.source import Source
from projections.models.store import State, Store

BATCH = 1000
"""Of how many entries (of clients, that is) the rows are written with one transaction."""


@dataclass(frozen=True, slots=True)
class Order:
    """At which moment the rows are made, by which shape, and which state was found wanting (None: none was there)."""

    as_of: str
    shape: str
    seen: State | None


def rebuild(store: Store, source: Source, order: Order, progress: Callable[[int, int], None]) -> State:
    """Makes every row anew; the state reached. Where another process has just done so, that one's."""
    with store.alone():
        state = store.state()
        if (
            state is not None
            and state != order.seen
            and state.shape == order.shape
            and _newer(state, order.seen)
        ):
            return state
        generation = 1 + (state.generation if state is not None else 0)
        last = source.last_position()
        store.begin(generation)
        _fill(store, source, (generation, last, order.as_of), progress)
        store.index(generation)
        after = State(
            generation=generation,
            version=1 + (state.version if state is not None else 0),
            position=last,
            root=source.root(last),
            shape=order.shape,
            caught_up_at=order.as_of,
        )
        store.swap(after)
        return after


def _newer(state: State, seen: State | None) -> bool:
    return seen is None or state.generation > seen.generation


def _fill(
    store: Store, source: Source, what: tuple[int, int, str], progress: Callable[[int, int], None]
) -> None:
    generation, last, as_of = what
    practice = source.standing(last, as_of).at(as_of)
    sums: Summed = {}
    with store.filling(generation) as filling:
        filling.fill({table: {OF_PRACTICE: table.practice_rows(practice)} for table in store.tables}, sums)
    batch: dict[Table, dict[str, Values]] = {table: {} for table in store.tables}
    done = held = 0
    for entries, seen in source.clients(last, as_of):
        for table, rows in batch.items():
            rows[seen.client] = table.client_rows(seen)
        done, held = done + entries, held + entries
        if held >= BATCH:
            with store.filling(generation) as filling:
                filling.fill(batch, sums)
            for rows in batch.values():
                rows.clear()
            held = 0
            progress(done, last)
    with store.filling(generation) as filling:
        filling.fill(batch, sums)
        filling.add(sums)
    progress(last, last)
