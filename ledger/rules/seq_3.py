"""SEQ-3: dated in the future."""

from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache

from ledger.history import Fact
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken
from ledger.values import instant, stamp

ALLOWED_AHEAD = timedelta(minutes=5)


@lru_cache(maxsize=4096)
def _latest(recorded_at: str) -> str:
    return stamp(instant(recorded_at) + ALLOWED_AHEAD)


def check(act: Fact, _view: View) -> Iterable[Ruling]:
    """Nothing is dated more than five minutes after it is recorded."""
    recorded_at = act.entry.recorded_at
    if act.at <= recorded_at or act.at <= _latest(recorded_at):
        return ()
    return (
        broken(
            Kind.GATE,
            f"{act.entry.type} is dated {act.occurred_at}, recorded {recorded_at}: expected nothing dated more "
            "than five minutes ahead",
        ),
    )


RULE = Rule(
    id="SEQ-3",
    title="An entry is dated in the future",
    kind=Kind.GATE,
    why="The ledger records what happened, not what is planned.",
    sources=("FRE 803(6)(A) as a model",),
    check=check,
    judges_unfit=True,
    exceptions="Five minutes are allowed for clocks that differ.",
    allowed=(
        Example(
            "Dated five minutes ahead of the ledger's clock",
            """
            2024-01-08 therapy E1
            2024-01-15 10:00 session-held E1 recorded@09:55
            """,
        ),
    ),
    denied=(
        Example(
            "Dated more than five minutes ahead",
            """
            2024-01-08 therapy E1
            2024-01-15 10:00 session-held E1 recorded@09:54:59
            """,
        ),
    ),
)
