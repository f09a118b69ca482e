"""What the rows depend on beside the log: how the tables are declared, and which program fills them."""

import hashlib
from collections.abc import Sequence

from projections.models.base import Table


def shape_of(tables: Sequence[Table], time_zone: str, program: str) -> str:
    """A hash of the declarations, the practice's time zone and the program's version: rows of another are made anew."""
    told = [time_zone, program]
    for table in tables:
        told += [table.name, *(f"{name} {kind.value}" for name, kind in table.columns.items())]
        told += [repr(table.indexes), *(repr((sums.name, sums.by, sums.of)) for sums in table.sums)]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()
