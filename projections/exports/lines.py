"""The ledger's entries as import lines: what was stated, without what the ledger added to it (DESIGN section 8).

The ledger's own entries (opened, imported, refused, sealed, restored) are left out: another ledger writes its own. A
correction names what it corrects by its `source`, because numbers differ in another ledger; an entry that has none and
was corrected gets one, made of the ledger's name, stream and number.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ledger.application import Ledger
from ledger.decoded import Decoded
from ledger.entry import Entry
from ledger.events.base import StreamFamily
from ledger.events.corrections import EntryCorrected
from projections.texts import is_sealed

Line = dict[str, Any]


@dataclass(slots=True)
class Left:
    """How many sealed texts were left out of the lines made so far."""

    texts: int = 0


def import_lines(ledger: Ledger, client: str | None, left: Left, *, reveal: bool) -> Iterator[Line]:
    """Each entry (of one client) that people record, in recording order, as an import line.

    Sealed texts are in it only with `reveal`, and only those that the role in use may read; the others are counted in
    `left`. One state of the ledger is read, whatever is recorded meanwhile.
    """
    with ledger.recorder.snapshot() as reading:
        rows = Decoded(reading, ledger.entry_mapper)
        lines = _Lines(ledger, rows, left, reveal=reveal)
        found = rows.every() if client is None else (one for _, one in rows.stream(f"client/{client}", None))
        for entry in found:
            if type(entry.event).STREAM is not StreamFamily.LEDGER:
                yield lines.of(entry)


class _Lines:
    """Makes import lines of one ledger's entries."""

    def __init__(self, ledger: Ledger, rows: Decoded, left: Left, *, reveal: bool) -> None:
        self._ledger, self._rows, self._left, self._reveal = ledger, rows, left, reveal
        self._corrected = {(one.stream, one.event.corrects) for one in rows.every(EntryCorrected.TOPIC)}

    def of(self, entry: Entry[Any]) -> Line:
        """The line of an entry."""
        data = entry.event.model_dump(mode="json", by_alias=True, exclude_none=True)
        texts = self._ledger.plain(entry) if self._reveal and _holds_sealed(data) else {}
        line: Line = {"type": entry.type, "occurred_at": entry.occurred_at, "by": entry.by}
        source = self._source(entry.stream, entry.seq, entry.source)
        if source is not None:
            line["source"] = source
        if isinstance(entry.event, EntryCorrected):
            data["corrects"] = self._corrects(entry.stream, data["corrects"])
            if "changes" in data:
                data["changes"] = self._opened(data["changes"], texts, "changes.")
        return line | self._opened(data, texts)

    def _source(self, stream: str, seq: int, own: str | None) -> str | None:
        """An entry's own source; one that was corrected has always one."""
        if own is not None or (stream, seq) not in self._corrected:
            return own
        return f"{self._ledger.opened.origin[-40:]}#{stream}/{seq}"

    def _corrects(self, stream: str, seq: int) -> str | None:
        found = self._rows.one(stream, seq)
        return self._source(stream, seq, None if found is None else found.source)

    def _opened(self, data: Line, texts: Line, prefix: str = "") -> Line:
        """The values, each sealed one replaced by its text, or left out where that stays sealed."""
        opened = {}
        for name, value in data.items():
            if not is_sealed(value):
                opened[name] = value
            elif prefix + name in texts:
                opened[name] = texts[prefix + name]
            else:
                self._left.texts += 1
        return opened


def _holds_sealed(data: Line) -> bool:
    return any(map(is_sealed, [*data.values(), *(data.get("changes") or {}).values()]))
