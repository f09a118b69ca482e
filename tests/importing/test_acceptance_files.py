"""The malformed files of the acceptance stories, where their folder stands beside this one."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from ledger.application import Ledger
from ledger.errors import InputError
from ledger.importing import import_files
from tests import desk
from tests.importing import files

BAD = Path(__file__).resolve().parents[3] / "shared" / "acceptance" / "bad"
EXPECTED: dict[str, dict[str, Any]] = (
    json.loads((BAD / "expect.json").read_text(encoding="utf-8")) if BAD.is_dir() else {}
)


@pytest.mark.skipif(not EXPECTED, reason="the acceptance stories are not beside this folder")
def test_there_are_stories() -> None:
    assert len(EXPECTED) > 100
    assert {name for name in EXPECTED if not (BAD / name).is_file()} == set()


def said(ledger: Ledger, path: Path) -> str | None:
    """What an import refuses the file with; None where it takes it."""
    try:
        import_files(ledger, [path], by="director")
    except InputError as wrong:
        return str(wrong)
    return None


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_malformed_file_is_told_as_expected(tmp_path: Path, name: str) -> None:
    expected = EXPECTED[name]
    with desk.new_ledger(tmp_path, go_live=None) as ledger:
        before = files.stored(ledger)
        refusal = said(ledger, BAD / name)
        after = files.stored(ledger)

    assert after[: len(before)] == before
    assert expected["expect"] in ("either", "accepted" if refusal is None else "rejected"), refusal
    if refusal is None:
        assert len(after) - len(before) - 1 == expected.get("entries", len(after) - len(before) - 1)
        return
    assert after == before
    named = {int(number) for number in re.findall(r"line (\d+)", refusal)}
    assert not expected["line"] or named & set(expected["line"]), refusal
    assert re.search(expected["word"], refusal, re.IGNORECASE), refusal
