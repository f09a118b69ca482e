"""Lines made ready to be recorded: checked one by one, before anything of the ledger is asked.

What comes out is plain values, so that another process can do it (`ahead`).
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from ledger.errors import InputError
from ledger.events.base import Event
from ledger.events.practice import PolicyAdopted
from ledger.events.registry import BY_TOPIC
from ledger.importing.lines import Line, lines
from ledger.recording.admission import service_of
from ledger.recording.fingerprints import fingerprint
from ledger.recording.statement import state
from ledger.rules.catalogue import check_policy

BATCH = 1_000
"""How many lines are taken together."""


class Prepared(NamedTuple):
    """What a line states. `stream` is None for a correction by source; `service` is a domain it says itself."""

    line: int
    topic: str
    fields: dict[str, Any]
    occurred_at: str
    by: str
    source: str | None
    stream: str | None
    fingerprint: bytes
    service: str | None

    @property
    def event_type(self) -> type[Event]:
        """The class of the event."""
        return BY_TOPIC[self.topic]


class Bad(NamedTuple):
    """A line that states nothing: why, and its source where it has one."""

    line: int
    problem: str
    source: str | None


class Batch(NamedTuple):
    """Some lines of a file: how many bytes they are, what they state, and which are bad."""

    size: int
    stated: list[Prepared]
    bad: list[Bad]


def batches(path: Path, key: bytes, after: int = 0, most: int | None = None) -> Iterator[Batch]:
    """A file in batches, `most` of them after the first `after`; `key` is the ledger's for fingerprints."""
    found = lines(path)
    for _ in islice(found, after * BATCH):
        pass
    while (most is None or most > 0) and (taken := list(islice(found, BATCH))):
        yield prepare(taken, key)
        most = None if most is None else most - 1


def prepare(taken: Iterable[Line], key: bytes) -> Batch:
    """Checks lines one by one."""
    size, stated, bad = 0, list[Prepared](), list[Bad]()
    for line in taken:
        size += line.size
        if line.given is None:
            bad.append(Bad(line.number, line.problem or "cannot be read", None))
            continue
        try:
            stated.append(_prepared(line.number, line.given, key))
        except InputError as wrong:
            source = line.given.get("source")
            bad.append(Bad(line.number, str(wrong), source if isinstance(source, str) else None))
    return Batch(size, stated, bad)


def _prepared(number: int, given: dict[str, Any], key: bytes) -> Prepared:
    one = state(given)
    event = one.event
    if isinstance(event, PolicyAdopted):
        check_policy(event)
    own = service_of(event, None) if hasattr(type(event), "own_domain") else None
    said = fingerprint(one, key) if one.source is not None else b""
    return Prepared(
        number,
        type(event).TOPIC,
        one.fields,
        one.occurred_at,
        one.by,
        one.source,
        one.stream,
        said,
        own and own.value,
    )
