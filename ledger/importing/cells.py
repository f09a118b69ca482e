"""Cells of a CSV file that no spreadsheet program takes for a formula, and the values they stand for.

A cell that begins as a formula does gets an apostrophe before it (OWASP, "CSV injection"), which is no part of the
value: reading takes it off again. So that this is exact, a value that looks so already gets one more.
"""

import re

EMPTY_LIST = "[]"
"""A list without members; an empty cell is an absent value."""

_BEGINS_A_FORMULA = re.compile(
    "'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]"
)  # OWASP's, and their full-width forms


def guarded(value: str) -> str:
    """The cell for a value."""
    return f"'{value}" if _BEGINS_A_FORMULA.match(value) else value


def unguarded(cell: str) -> str:
    """The value of a cell."""
    return cell[1:] if cell.startswith("'") and _BEGINS_A_FORMULA.match(cell) else cell
