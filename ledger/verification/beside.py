"""What is stored beside the entries - sealed texts, sources - against what the entries say of it."""

from contextlib import suppress
from typing import Any
from zlib import crc32

from ledger.errors import LedgerError
from ledger.storage.batches import marks
from ledger.verification.database import Stored, UnreadableError, text
from ledger.verification.faults import Fault, Kind
from ledger.verification.texts import KeyFiles, Opened, Text, Texts

DISCLOSURES, SOURCES = "disclosures", "sources"

DISCLOSURE = "SELECT rowid, stream, seq, field, digest, key_id, {} FROM disclosures "
NEXT = DISCLOSURE + "WHERE rowid > ? ORDER BY rowid LIMIT ?"
OF_ENTRIES = DISCLOSURE + "WHERE (stream, seq) IN (VALUES {})"
SOURCE = "SELECT source, stream, seq, fingerprint, checksum FROM sources WHERE source IN ({})"
SOURCE_TYPES = (bytearray, bytearray, int, bytes, int)
DISCLOSURE_TYPES = (int, bytearray, int, bytearray, bytearray, bytearray)

Place = tuple[bytes, int, bytes]
"""Stream, seq and field of a sealed text."""


class Beside:
    """Collects, block by block, what entries state (`expected`, `sources_expected`), and compares it with the rows."""

    def __init__(self, stored: Stored, keys: KeyFiles | None) -> None:
        self.expected: dict[Place, bytes] = {}
        """The digest of each sealed text of the block."""
        self.sources_expected: dict[bytes, tuple[bytes, int]] = {}
        """Stream and seq of the entry that states each source."""
        self.disclosures = self.sources = 0
        self._stored = stored
        self._texts, self._why = _texts(keys, stored.faults)
        self._column = "ciphertext" if self._texts is not None else stored.database.is_whole("ciphertext")
        self._last_rowid: int | None = None

    @property
    def opened(self) -> Opened:
        """How many texts were opened; all that stayed sealed among them."""
        if self._texts is not None:
            return self._texts.opened
        return Opened(unopened=self.disclosures, why=self._why)

    def close(self) -> None:
        """Forgets the keys."""
        if self._texts is not None:
            self._texts.close()

    def check(self) -> None:
        """Compares what the block's entries state with what is stored, and forgets it."""
        if self.expected:
            self._check_disclosures()
            self.expected.clear()
        if self.sources_expected:
            self._check_sources()
            self.sources_expected.clear()

    # -- sealed texts -------------------------------------------------------------------------------------

    def _check_disclosures(self) -> None:
        rows = self._rows_expected()
        if rows is None:
            rows = self._judge_disclosures()
        self.disclosures += len(rows)
        if self._texts is not None:
            for _, stream, seq, field, digest, key_id, ciphertext in rows:
                row = Text(text(stream), seq, text(field), text(digest), text(key_id), ciphertext)
                self._texts.check(row)

    def _rows_expected(self) -> list[Any] | None:
        """The rows, if they are just those expected; where order is kept, they come after the last ones."""
        if self._stored.database.order_kept and self._last_rowid is None:
            return None
        rows: list[Any] = []
        with suppress(UnreadableError):  # reported where the rows are judged
            rows = self._next_rows() if self._stored.database.order_kept else self._rows_of_entries()
        try:
            found = {(bytes(row[1]), row[2], bytes(row[3])): row[4] for row in rows}
        except TypeError:
            return None
        if found != self.expected or not self._are_typed(rows):
            return None
        self._last_rowid = rows[-1][0]
        return rows

    def _next_rows(self) -> list[Any]:
        """As many rows after the last ones as are expected: texts are stored in the order of entries."""
        return self._stored.rows(NEXT.format(self._column), [self._last_rowid, len(self.expected)])

    def _rows_of_entries(self) -> list[Any]:
        """The rows of the block's entries, in any order."""
        entries = list({(stream, seq): None for stream, seq, _ in self.expected})
        given = [value for stream, seq in entries for value in (stream.decode(), seq)]
        sql = OF_ENTRIES.format(self._column, ",".join(["(?, ?)"] * len(entries)))
        return self._stored.rows(sql, given)

    def _judge_disclosures(self) -> list[Any]:
        """What is wrong, row by row; the rows that hold."""
        missing, right = dict(self.expected), []
        rows: list[Any] = []
        with self._stored.damage(DISCLOSURES):
            rows = self._rows_of_entries()
        for row in rows:
            if not self._are_typed([row]):
                continue  # `tables` reports it
            place = bytes(row[1]), row[2], bytes(row[3])
            stated = missing.pop(place, None)
            self._last_rowid = max(row[0], self._last_rowid or 0)
            if stated is None:  # counted by nobody: the orphans are looked for at the end
                continue
            if row[4] == stated:
                right.append(row)
            else:
                self.disclosures += 1
                self._fault(
                    place, Kind.DISCLOSURE_DIGEST, "the digest beside the text is not the one in the entry"
                )
        for place in missing:
            self._fault(place, Kind.DISCLOSURE_MISSING, "the entry commits to a text that is not stored")
        return right

    def _are_typed(self, rows: list[Any]) -> bool:
        """Whether every value is of the type it was stored with."""
        return _are(rows, (*DISCLOSURE_TYPES, int if self._texts is None else bytes))

    def _fault(self, place: Place, kind: Kind, said: str) -> None:
        stream, seq, field = place
        self._stored.report(DISCLOSURES, f"{text(stream)}/{seq}/{text(field)}", kind, said)

    # -- sources ------------------------------------------------------------------------------------------

    def _check_sources(self) -> None:
        expected = self.sources_expected
        rows: list[Any] = []
        given = [source.decode() for source in expected]
        with self._stored.damage(SOURCES):
            rows = self._stored.rows(SOURCE.format(marks(given)), given)
        self.sources += len(rows)
        try:  # as a whole, for there may be as many sources as entries
            found = {bytes(source): (stream, seq) for source, stream, seq, _, _ in rows}
            sums = [crc32(b"%b\0%b\0%d\0%b" % row[:4]) for row in rows]
            right = found == expected and sums == [row[4] for row in rows] and _are(rows, SOURCE_TYPES)
        except TypeError:
            right = False
        if not right:
            self._judge_sources(rows)

    def _judge_sources(self, rows: list[Any]) -> None:
        """What is wrong, row by row."""
        missing = dict(self.sources_expected)
        for row in rows:
            source, stream, seq = bytes(row[0]), row[1], row[2]
            if not _are([row], SOURCE_TYPES):
                said = "a value is of another type than was stored"
                self._stored.report(SOURCES, text(source), Kind.BAD_TYPE, said)
            if missing.pop(source, None) != (stream, seq):
                said = f"it is said to be entry {seq!r} of {text(stream)[:80]}, and another entry states it"
                self._stored.report(SOURCES, text(source), Kind.SOURCE_MISMATCH, said)
            with suppress(TypeError):  # of another type: reported above
                if row[4] != crc32(b"%b\0%b\0%d\0%b" % row[:4]):
                    said = "the row is not the one that was stored: its checksum is another"
                    self._stored.report(SOURCES, text(source), Kind.SOURCE_CHECKSUM, said)
        for source, (stream, seq) in missing.items():
            said = f"entry {seq} of {text(stream)} states it, the table does not have it"
            self._stored.report(SOURCES, text(source), Kind.SOURCE_MISSING, said)


def _are(rows: list[Any], kinds: tuple[type, ...]) -> bool:
    """Whether every value is of its column's type."""
    columns = zip(*rows, strict=True)
    return all({*map(type, values)} == {kind} for values, kind in zip(columns, kinds, strict=False))


def _texts(files: KeyFiles | None, faults: list[Fault]) -> tuple[Texts | None, set[str]]:
    """What opens texts; where the keys cannot be used, why."""
    if files is None:
        return None, set()
    try:
        return Texts(files, faults), set()
    except LedgerError as wrong:
        return None, {str(wrong)}
