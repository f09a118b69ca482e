"""How far the read models of a ledger are, without catching up and without making anything."""

from typing import Any

from ledger.application import Ledger
from ledger.places import Places, program_version
from projections.models.filling import Tables
from projections.models.registry import MODELS, tables
from projections.models.shape import shape_of
from projections.models.source import Source
from projections.models.store import State, Store
from projections.models.views import open_store, stored_place, stores_anything

NOTHING_YET = "nothing was asked of them so far."
OTHER_SHAPE = "another version of the program made them."
OTHER_LOG = (
    "they were made from another log than this one (an older copy put back, or a ledger of the same name)."
)


def status(ledger: Ledger) -> dict[str, Any]:
    """As JSON values: `position` None where there are none, `lag` in entries, `why` they would be made anew."""
    source = Source(ledger.recorder, ledger.entries, ledger.calendar)
    last = source.last_position()
    empty = {
        "place": stored_place(ledger.places),
        "position": None,
        "last_position": last,
        "lag": last,
        "caught_up_at": None,
        "bytes": 0,
        "why": NOTHING_YET,
        "models": [{"model": model.name, "title": model.title, "rows": 0} for model in MODELS],
    }
    if not stores_anything(ledger.places):
        return empty
    store = open_store(ledger.places, tables(MODELS))
    try:
        with store.reading() as found:
            return empty if found is None else empty | _told(store, source, found, last)
    finally:
        store.close()


def position_of(places: Places) -> int | None:
    """Up to which entry they are, without opening the ledger; None where there are none. Raises as `open_store`."""
    if not stores_anything(places):
        return None
    store = open_store(places, tables(MODELS))
    try:
        state = store.state()
    finally:
        store.close()
    return None if state is None else state.position


def _told(store: Store, source: Source, found: tuple[State, Tables], last: int) -> dict[str, Any]:
    state, view = found
    why = ""
    if state.shape != shape_of(tables(MODELS), source.calendar.time_zone, program_version()):
        why = OTHER_SHAPE
    elif state.position > last or state.root != source.root(state.position):
        why = OTHER_LOG
    told: dict[str, Any] = {
        "position": state.position,
        "lag": max(0, last - state.position),
        "caught_up_at": state.caught_up_at,
        "bytes": store.size(),
        "why": why,
    }
    if why != OTHER_SHAPE:
        told["models"] = [
            {
                "model": model.name,
                "title": model.title,
                "rows": sum(
                    int(view.all(f"SELECT count(*) AS rows FROM {{{table.name}}}")[0]["rows"])
                    for table in model.tables
                ),
            }
            for model in MODELS
        ]
    return told
