"""Import lines as NDJSON and as CSV, as `ledger.importing.lines` reads them back."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TextIO

from ledger.events.registry import RECORDABLE
from ledger.importing.cells import EMPTY_LIST, guarded
from ledger.legible import escaped
from ledger.recording.statement import COMMON
from projections.exports.lines import Line

COLUMNS: Sequence[str] = tuple(
    dict.fromkeys([*COMMON, *(name for event_type in RECORDABLE for name in event_type.FACTS)])
)
"""Every column: what all entries have, then the fields of all types in the order of the registry."""


def write_ndjson(lines: Iterable[Line], file: TextIO) -> int:
    """Writes one JSON object a line; how many."""
    written = 0
    for written, line in enumerate(lines, 1):  # noqa: B007  # it counts
        file.write(escaped(json.dumps(line, ensure_ascii=False)) + "\n")
    return written


def write_csv(lines: Iterable[Line], file: TextIO) -> int:
    """Writes a header of all columns and a row for each line; how many."""
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\r\n")  # RFC 4180 section 2
    writer.writeheader()
    written = 0
    for written, line in enumerate(lines, 1):  # noqa: B007  # as above
        writer.writerow({name: cell for name, value in line.items() for cell in _cell(value)})
    return written


def _cell(value: Any) -> Iterator[str]:
    """A value as a cell that no spreadsheet takes for a formula; none where it is absent.

    Lists are separated by `;`, objects are JSON text.
    """
    if value is None:
        return
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, list):
        text = ";".join(map(str, value)) or EMPTY_LIST
    elif isinstance(value, dict):
        text = json.dumps(value, ensure_ascii=False)
    else:
        text = str(value)
    yield guarded(text)
