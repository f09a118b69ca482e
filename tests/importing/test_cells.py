"""A cell is no formula, whatever value it stands for, and reads back as exactly that value."""

import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.importing.cells import guarded, unguarded
from ledger.importing.lines import lines
from ledger.values import plain_text
from projections.exports.files import write_csv

FORMULAS = (
    "=1+1",
    "+1 919 555 0100",
    "-2",
    "@home",
    "\tx",
    "\rx",
    "\n=x",
    "\uff1dx",
    "\uff0bx",
    "\uff0dx",
    "\uff20x",
)


def is_text(value: str) -> bool:
    try:
        plain_text(value)
    except ValueError:
        return False
    return True


TEXTS = st.text(st.sampled_from("'=+-@\t\n ;,\"[]axé\uff1d"), min_size=1, max_size=8).filter(is_text)


@pytest.mark.parametrize("value", FORMULAS)
def test_what_begins_as_a_formula_gets_an_apostrophe(value: str) -> None:
    assert guarded(value) == f"'{value}"


@given(st.text(max_size=8) | TEXTS)
def test_a_cell_reads_back_as_its_value(value: str) -> None:
    assert unguarded(guarded(value)) == value
    assert not guarded(value).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@given(name=TEXTS, contact=TEXTS)
def test_a_whole_file_reads_back(name: str, contact: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    # Given entries with texts that look like formulas, and a list without members
    told: list[dict[str, Any]] = [
        {"type": "ClientDetailsChanged", "by": "x", "client": "C-1", "name": name, "contact": contact},
        {
            "type": "PolicyAdopted",
            "by": "x",
            "adopts": ["AGR-1"],
            "drops": [],
            "parameters": {},
            "reason": name,
        },
    ]

    # When they are written as CSV and read
    written = io.StringIO(newline="")
    write_csv(told, written)
    file = tmp_path_factory.getbasetemp() / "cells.csv"
    Path(file).write_bytes(written.getvalue().encode())

    # Then they are the same
    assert [line.given for line in lines(file)] == told
