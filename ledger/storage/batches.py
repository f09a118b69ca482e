"""Many values in few queries, a batch in each `IN (...)`."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

BATCH = 500
"""How many values one `IN (...)` is given."""


def batches(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """The values, so many at a time."""
    for begin in range(0, len(values), BATCH):
        yield values[begin : begin + BATCH]


def marks(values: Sequence[object]) -> str:
    """As many question marks as values."""
    return ",".join("?" * len(values))
