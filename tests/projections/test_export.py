"""`export ndjson` and `export csv`: what was stated, for other programs; sealed texts only when asked for."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.commands.conftest import client, empty, in_therapy, program  # noqa: F401  # fixtures
from tests.commands.program import Program

HISTORY = Path(__file__).resolve().parents[2] / "examples" / "lakeside-practice.ndjson"


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def lakeside(empty: Program) -> Program:  # noqa: F811
    empty.good("init", "--practice", "Lakeside", "--time-zone", "America/New_York", "--go-live", "2026-01-01")
    empty.good("import", str(HISTORY))
    return empty


def beside(program: Program) -> Program:  # noqa: F811
    other = Program(program.folder, program._monkeypatch, program._capsys)
    other.url = f"sqlite:///{program.folder}/other.db"
    return other


def test_an_exported_history_imported_anew_gets_the_same_verdicts(empty: Program) -> None:  # noqa: F811
    new = ("init", "--practice", "Lakeside", "--time-zone", "America/New_York", "--policy", "none")
    empty.good(*new, "--go-live", "2026-01-01")
    empty.good("import", str(HISTORY))
    other = beside(empty)
    other.good(*new, "--go-live", "2026-01-01")

    empty.good("export", "ndjson", str(empty.folder / "all.ndjson"), "--reveal")
    other.good("import", str(empty.folder / "all.ndjson"))

    asked = ("audit", "--json", "--as-of", "2025-12-31")
    assert other(*asked).json == empty(*asked).json
    again = other.good("export", "ndjson", "-", "--reveal").out
    assert lines(again) == lines((empty.folder / "all.ndjson").read_text(encoding="utf-8"))
    stated = [line for line in lines(HISTORY.read_text(encoding="utf-8")) if line["type"] != "EntryCorrected"]
    assert [line["source"] for line in lines(again)][: len(stated)] == [line["source"] for line in stated]


def test_sealed_texts_stay_sealed_unless_asked_for(in_therapy: Program) -> None:  # noqa: F811
    closed = in_therapy.good("export", "ndjson", "-")
    opened = in_therapy.good("export", "ndjson", "-", "--reveal")

    def registered(text: str) -> dict[str, Any]:
        return next(line for line in lines(text) if line["type"] == "ClientRegistered")

    assert "name" not in registered(closed.out)
    assert registered(opened.out)["name"] == "Zoë Marsh"
    assert "5 sealed texts are not in it (--reveal shows" in closed.told
    assert "sealed" not in opened.err


def test_what_the_role_may_not_read_stays_sealed(in_therapy: Program) -> None:  # noqa: F811
    (in_therapy.folder / "ledger.role").unlink()

    done = in_therapy.good("export", "ndjson", "-", "--reveal")

    assert "Zoë" not in done.out
    assert "5 sealed texts are not in it (no right or no key" in done.told


def test_one_client_and_none_of_the_ledgers_own_entries(lakeside: Program) -> None:
    found = lines(lakeside.good("export", "ndjson", "-", "--client", "C-BIRCH").out)
    everybody = lines(lakeside.good("export", "ndjson", "-").out)

    assert {line["client"] for line in found} == {"C-BIRCH"}
    assert {line["type"] for line in everybody} & {"LedgerOpened", "HistoryImported"} == set()
    assert lakeside("export", "csv", "-", "--client", "C-NONE").code == 5


def test_a_correction_names_what_it_corrects_by_a_source(in_therapy: Program) -> None:  # noqa: F811
    in_therapy.good(
        *("record", "entry-corrected", "--client", "C-1", "--corrects", "1"),
        *("--set", "contact=zoe@new.example", "--reason", "typed wrongly"),
    )
    other = beside(in_therapy)
    other.good("init", "--policy", "none", "--go-live", "2030-01-01")

    in_therapy.good("export", "ndjson", str(in_therapy.folder / "all.ndjson"), "--reveal")
    found = lines((in_therapy.folder / "all.ndjson").read_text(encoding="utf-8"))
    other.good("import", str(in_therapy.folder / "all.ndjson"))

    assert (
        found[-1]["corrects"] == next(line for line in found if line["type"] == "ClientRegistered")["source"]
    )
    assert found[-1]["changes"] == {"contact": "zoe@new.example"}
    assert "zoe@new.example" in other.good("show", "client", "C-1", "--reveal").out


def test_a_spreadsheet_takes_no_cell_for_a_formula(in_therapy: Program) -> None:  # noqa: F811
    for name in ("=1+1", "+1", "-1", "@x", "plain"):
        in_therapy.good(
            *("record", "practitioner-registered", "--practitioner", f"Q{abs(hash(name))}", "--name", name),
            *("--services", "therapy", "--no-internal"),
        )

    done = in_therapy.good("export", "csv", str(in_therapy.folder / "all.csv"), "--reveal", "--json")

    text = (in_therapy.folder / "all.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["name"] for row in rows if row["type"] == "PractitionerRegistered"][-5:] == [
        "'=1+1",
        "'+1",
        "'-1",
        "'@x",
        "plain",
    ]
    assert done.json == {
        "file": str(in_therapy.folder / "all.csv"),
        "entries": len(rows),
        "texts_left_out": 0,
    }
    opened = next(row for row in rows if row["type"] == "EngagementOpened")
    assert (opened["focus"], opened["client"], opened["severity"]) == ("mood-anxiety", "C-1", "")


def test_a_file_is_private_and_never_replaced(in_therapy: Program) -> None:  # noqa: F811
    file = in_therapy.folder / "all.ndjson"

    in_therapy.good("export", "ndjson", str(file))
    again = in_therapy("export", "ndjson", str(file))

    assert file.stat().st_mode & 0o777 == 0o600
    assert (again.code, "exists already" in again.told) == (2, True)
