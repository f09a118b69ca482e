"""After go-live an import is enforced: refused as a whole, unless it is brought in openly as found."""

from pathlib import Path

import pytest

from ledger.application import Ledger
from ledger.errors import RefusedError
from ledger.importing import import_files
from ledger.rules.judge import Finding
from tests import desk
from tests.importing import files

pytestmark = pytest.mark.usefixtures("each_engine")


def live(folder: Path) -> Ledger:
    """A ledger that went live in February 2024; `files.begun` breaks its gates: therapy without papers or licence."""
    return desk.new_ledger(folder, go_live="2024-02-01")


def test_a_refused_import_stores_the_refusal_and_nothing_else(tmp_path: Path) -> None:
    with live(tmp_path) as ledger:
        before = files.stored(ledger)
        with pytest.raises(RefusedError, match="nothing was imported") as refused:
            import_files(ledger, [files.ndjson(tmp_path, files.begun())], by="director")
        after = files.stored(ledger)
        assert after[: len(before)] == before
        assert len(after) == len(before) + 1
        noted = files.entries(ledger, "ledger")[-1]
        assert (noted.type, noted.event.type) == ("EntryRefused", "EngagementOpened")
        assert ledger.plain(noted) == {"client": "C-1"}
        assert noted.event.rules
        assert set(noted.event.rules) == {
            finding.rule for finding in refused.value.findings if isinstance(finding, Finding)
        }
        assert ledger.recorder.head("client/C-1") is None


def test_after_a_refusal_the_file_can_be_brought_in_openly(tmp_path: Path) -> None:
    path = files.ndjson(tmp_path, files.begun())
    with live(tmp_path) as ledger:
        with pytest.raises(RefusedError):
            import_files(ledger, [path], by="director")
        done = import_files(
            ledger, [path], by="director", as_found=True, authorised_by="board", reason="merger"
        )
        assert done.entries == 4
        assert {entry.admitted for entry in files.entries(ledger, "client/C-1")} == {"as-found"}
        noted = files.entries(ledger, "ledger")[-1].event
        assert (noted.authorised_by, noted.reason) == ("board", "merger")


def test_what_happened_before_go_live_is_found_and_what_happened_since_is_enforced(tmp_path: Path) -> None:
    lines = [
        files.practitioner(),
        files.registered() | {"occurred_at": "2024-01-31"},
        files.line("ClientRelocated", "2024-02-01T04:59:59Z", client="C-1", jurisdiction="US-SC"),
        files.line("ClientRelocated", "2024-02-01T05:00:00Z", client="C-1", jurisdiction="US-NC"),
        files.line("ClientRelocated", "2024-02-01", client="C-1", jurisdiction="US-VA"),
    ]
    with live(tmp_path) as ledger:
        import_files(ledger, [files.ndjson(tmp_path, lines)], by="director")
        assert [entry.admitted for entry in files.entries(ledger, "client/C-1")] == [
            "as-found",
            "as-found",
            "enforced",
            "enforced",
        ]


def test_before_go_live_no_gate_is_asked(tmp_path: Path) -> None:
    with files.new_ledger(tmp_path) as ledger:
        assert import_files(ledger, [files.ndjson(tmp_path, files.begun())], by="director").entries == 4


def test_findings_on_what_was_there_refuse_nothing(tmp_path: Path) -> None:
    """Enforced entries that break no gate come in for a client whose earlier, found entries did."""
    earlier = [one | {"occurred_at": "2024-01-10"} for one in files.begun()[:3]]
    with live(tmp_path) as ledger:
        import_files(ledger, [files.ndjson(tmp_path, earlier)], by="director")
        later = [files.line("ClientRelocated", client="C-1", jurisdiction="US-SC")]
        assert (
            import_files(ledger, [files.ndjson(tmp_path, later, "later.ndjson")], by="director").entries == 1
        )


def test_what_a_line_raises_on_recorded_entries_refuses_nothing(tmp_path: Path) -> None:
    """A suspension that comes to light late speaks against an opening that was enforced: told by the audit."""
    lines = [
        files.line(
            "LicenceStatusChanged",
            "2024-06-05",
            practitioner="P-1",
            licence="L1",
            status="suspended",
            effective="2024-05-01",
        ),
        files.line("ClientRelocated", "2024-06-06", client="C-1", jurisdiction="US-NC"),
    ]
    with desk.new_ledger(tmp_path) as ledger:
        desk.therapy_begun(ledger)
        assert import_files(ledger, [files.ndjson(tmp_path, lines)], by="director").entries == 2
        findings = ledger.at().judged("C-1").judgement.findings
        assert "LIC-1" in {
            finding.rule for finding in findings if finding.judged.entry.type == "EngagementOpened"
        }
