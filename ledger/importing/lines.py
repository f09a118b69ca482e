"""Import files as lines: NDJSON and CSV read strictly, each record with the physical line it starts on.

DESIGN section 8. JSON is taken as it stands (`"50"` is not 50); CSV cells are converted by the field's type.
"""

import codecs
import csv
import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from ledger.errors import InputError
from ledger.events.base import FieldFacts
from ledger.events.registry import BY_TOPIC, EVENT_TYPES
from ledger.importing.cells import EMPTY_LIST, unguarded
from ledger.integrity.canonical import loads, loads_record

LINE_LIMIT = 1 << 20
"""A line is at most 1 MiB."""


class Line(NamedTuple):
    """One record: its physical line, its bytes (for progress), and its values or what is wrong with it."""

    number: int
    size: int
    given: dict[str, Any] | None
    problem: str | None = None


@dataclass(slots=True)
class Problems:
    """What is wrong with the lines of an import: (file, line, what is wrong), `file` being the one at hand."""

    file: str = ""
    told: list[tuple[str, int, str]] = field(default_factory=list)

    def tell(self, line: int, problem: str, file: str | None = None) -> None:
        """Takes in one problem, of the file at hand unless another is named."""
        self.told.append((self.file if file is None else file, line, problem))

    def __bool__(self) -> bool:
        return bool(self.told)


@dataclass(slots=True)
class Digested:
    """What a first pass over a file finds: its SHA-256, its size, and the service of each engagement opened."""

    sha256: str
    size: int
    services: dict[tuple[str, str], str] = field(default_factory=dict)


def digest(path: Path) -> Digested:
    """Reads a file once. InputError if it cannot be read, is empty, or is neither .ndjson nor .csv."""
    if path.suffix.lower() not in (".ndjson", ".jsonl", ".csv"):
        raise InputError(f"{path}: expected a file named .ndjson or .csv, came {path.suffix or 'no suffix'}")
    hasher, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                hasher.update(chunk)
                size += len(chunk)
    except OSError as wrong:
        raise InputError(f"{path} cannot be read: {wrong.strerror or wrong}") from None
    found = Digested(hasher.hexdigest(), size)
    if not _has_content(path):
        raise InputError(f"{path} is empty: there is nothing to import")
    for given in _openings(path):
        client, engagement, service = given.get("client"), given.get("engagement"), given.get("service")
        if isinstance(client, str) and isinstance(engagement, str) and isinstance(service, str):
            found.services.setdefault((client, engagement), service)
    return found


def _has_content(path: Path) -> bool:
    with path.open("rb") as file:
        first = file.readline(LINE_LIMIT).removeprefix(codecs.BOM_UTF8)
        return bool(first.strip()) or any(line.strip() for line in file)


def _openings(path: Path) -> Iterator[dict[str, Any]]:
    """The records that say EngagementOpened: to a line of NDJSON one look is enough to pass it over."""
    if path.suffix.lower() == ".csv":
        found = (line.given for line in _csv(path) if line.given is not None)
        yield from (given for given in found if given.get("type") == "EngagementOpened")
        return
    with path.open("rb") as file:
        for raw in file:
            if b"EngagementOpened" in raw and len(raw) <= LINE_LIMIT:
                with suppress(InputError):
                    given = loads(raw.removeprefix(codecs.BOM_UTF8))
                    if isinstance(given, dict):
                        yield given


def lines(path: Path) -> Iterator[Line]:
    """The records of a file, blank lines left out."""
    return _csv(path) if path.suffix.lower() == ".csv" else _ndjson(path)


def _ndjson(path: Path) -> Iterator[Line]:
    with path.open("rb") as file:
        for number, raw in enumerate(iter(partial(file.readline, LINE_LIMIT + 2), b""), start=1):
            text = raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw
            if len(raw) > LINE_LIMIT + 1:
                yield Line(
                    number,
                    len(raw),
                    None,
                    f"a line is at most 1 MiB ({LINE_LIMIT} bytes); this one is longer",
                )
                _skip_rest(file, raw)
                continue
            text = text.strip(b" \t\r\n")
            if not text:
                continue
            try:
                given = loads_record(text)
            except InputError as wrong:
                yield Line(number, len(raw), None, str(wrong))
                continue
            if not isinstance(given, dict):
                came = "an array" if isinstance(given, list) else f"a {type(given).__name__}"
                yield Line(number, len(raw), None, f"expected one JSON object, came {came}")
                continue
            yield Line(number, len(raw), given)


def _skip_rest(file: BinaryIO, raw: bytes) -> None:
    """Reads on to the end of a line that is too long."""
    while raw and not raw.endswith(b"\n"):
        raw = file.readline(LINE_LIMIT)


# -- CSV --------------------------------------------------------------------------------------------------

_COLUMNS = {"type", "occurred_at", "by", "source", "client", "practitioner"} | {
    name for event_type in EVENT_TYPES for name in event_type.FACTS
}


def _csv(path: Path) -> Iterator[Line]:
    raw = path.read_bytes()
    problem = _not_text(raw)
    if problem is not None:
        yield Line(1, len(raw), None, problem)
        return
    text, size = raw.decode("utf-8-sig"), len(raw)
    if not text.strip():
        return
    physical = text.splitlines(keepends=True)
    reader = csv.reader(iter(physical), strict=True)
    header: list[str] | None = None
    start = 1
    while True:
        start = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as wrong:
            yield Line(start, 0, None, f"not valid CSV: {wrong}")
            return
        if not any(cell.strip() for cell in row):
            continue
        if header is None:
            header = [cell.strip() for cell in row]
            problem = _header_problem(header)
            if problem is not None:
                yield Line(start, size, None, problem)
                return
            continue
        used = sum(len(line) for line in physical[start - 1 : reader.line_num])
        yield _record(header, row, start, used)


def _not_text(raw: bytes) -> str | None:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "expected UTF-8 text, came UTF-16 (Excel's 'Unicode text'); save it as 'CSV UTF-8'"
    if raw.startswith(b"PK"):
        return "expected CSV text in UTF-8, came a binary file (a spreadsheet?); save it as 'CSV UTF-8'"
    try:
        raw.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        return f"expected UTF-8 text, byte {wrong.start} cannot be decoded; save the file as 'CSV UTF-8'"
    return "expected CSV text, came a NUL byte" if b"\0" in raw else None


def _header_problem(header: list[str]) -> str | None:
    if "type" not in header:
        return (
            f"expected a header with a `type` column, came a first row of {len(header)} cells without (not repeated "
            "here: it may be an entry)"
        )
    for name in header:
        if not name:
            return "a column has no name; every column of the header needs one"
        if name not in _COLUMNS:
            return f"column {name[:60]!r}: no event type has a field of that name"
        if header.count(name) > 1:
            return f"column {name!r} stands twice in the header"
    return None


def _record(header: list[str], row: list[str], start: int, size: int) -> Line:
    if len(row) > len(header) and any(cell.strip() for cell in row[len(header) :]):
        return Line(start, size, None, f"expected {len(header)} cells as in the header, came {len(row)}")
    cells = {name: cell for name, cell in zip(header, row, strict=False) if cell != ""}
    event_type = BY_TOPIC.get(cells.get("type", ""))
    facts = event_type.FACTS if event_type is not None else {}
    given: dict[str, Any] = {}
    for name, cell in cells.items():
        try:
            given[name] = _converted(cell, facts.get(name))
        except InputError as wrong:
            return Line(start, size, None, f"{name}: {wrong}")
    return Line(start, size, given)


def _converted(cell: str, facts: FieldFacts | None) -> Any:
    """A cell as the JSON value its field takes; what does not convert stays text and is told as such."""
    if facts is None:
        return unguarded(cell)
    cell = unguarded(cell)
    if facts.mapping:
        return loads(cell)
    if facts.many:
        if cell.strip() == EMPTY_LIST:
            return []
        return [part.strip() for part in cell.split(";") if part.strip()]
    plain = facts.plain
    if plain is bool:
        return {"true": True, "false": False}.get(cell.strip().lower(), cell)
    if (plain is int or facts.name == "corrects") and cell.strip().isdecimal() and len(cell) < 20:
        return int(cell)
    if isinstance(plain, type) and issubclass(plain, Enum):
        return cell.strip()
    return cell
