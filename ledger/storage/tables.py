"""The tables of a log as every database has them: which columns, and in which order the rows were stored.

A copy of a log is these tables, row by row, in this order: each after those that it refers to.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

StoredRow = Sequence[Any]
"""The values of one row, in the order of the table's columns."""


class Table(NamedTuple):
    """A table of a log. `key` gives the order in which its rows were stored, and no two rows share one."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]


STORED_EVENTS = Table(
    "stored_events",
    ("position", "originator_id", "originator_version", "topic", "state", "log_time"),
    ("position",),
)
TREE = Table("tree", ("number", "hash"), ("number",))
BESIDE_THE_ENTRIES = (
    Table("disclosures", ("stream", "seq", "field", "digest", "key_id", "ciphertext"), ("rowid",)),
    Table("sources", ("source", "stream", "seq", "fingerprint", "checksum"), ("source",)),
    Table("stream_heads", ("stream", "count", "frontier"), ("stream",)),
    Table("map_nodes", ("number", "hash", "key", "value", "bit", '"left"', '"right"'), ("number",)),
    Table("seals", ("position", "top"), ("position",)),
    Table("checkpoints", ("size", "number", "note"), ("size", "number")),
    Table("anchors", ("number", "size", "kind", "body", "checksum"), ("number",)),
)
"""What stands beside the entries and their tree."""
