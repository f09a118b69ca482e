"""In what condition a database is that keeps a log: its engine, its size, and the settings that durability rests on."""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Condition(NamedTuple):
    """What an engine says of itself and of one log. `bytes` is what the log takes on its disk, all files together.

    `settings` are as the ledger's own connections find them; which there are depends on the engine.
    """

    engine: str
    version: str
    bytes: int
    settings: Mapping[str, Any]
