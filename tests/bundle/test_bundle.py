"""A bundle as a whole: the same state gives the same bytes, the files are the ones described, drafts attest nothing."""

import csv
import io
import json
import sqlite3
import zipfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ledger.application import Ledger
from ledger.errors import AlteredEntryError, UncoveredError
from ledger.integrity.cosignature import CosignerSigner
from ledger.integrity.note import Signer, Verifier, countersign, open_note
from ledger.integrity.proof import Completeness
from ledger.proving.anchoring import attach_cosignatures
from ledger.storage.rows import TIMESTAMP
from ledger.values import Domain
from projections.bundle import drafts, verify
from projections.bundle.bundle import Bundle, make
from projections.bundle.embedding import data, embedded
from projections.bundle.request import Request
from projections.bundle.sealed_texts import SealedText
from tests import desk
from tests.bundle.conftest import dates
from tests.bundle.eventful import eventful


def test_the_same_state_gives_the_same_bytes(ledger: Ledger, earlier: Bundle) -> None:
    again = make(ledger, Request("C-1"), "director", dates(ledger))

    assert again.content == earlier.content
    assert again.sha256 == earlier.sha256


def test_the_files_are_the_ones_described_in_their_order(bundle: Bundle) -> None:
    with zipfile.ZipFile(io.BytesIO(bundle.content)) as archive:
        members = archive.infolist()

    assert [one.filename for one in members] == [
        "index.html",
        "manifest.json",
        "manifest.note",
        "entries.ndjson",
        "proof.json",
        "checkpoint.txt",
        "record.json",
        "analysis.json",
        "verify.py",
        "summary.pdf",
        "privilege-log.csv",
        "records-certification.txt",
        "hash-certification.txt",
    ]
    assert {one.date_time for one in members} == {(2024, 9, 1, 12, 0, 0)}
    assert {one.extra for one in members} == {b""}


def test_the_stored_bytes_are_exact(ledger: Ledger, bundle: Bundle) -> None:
    stored = {row.seq: row.state for row in ledger.recorder.stream_rows("client/C-1")}
    lines = [json.loads(line) for line in bundle.files["entries.ndjson"].splitlines()]

    assert {one["seq"]: one["entry"].encode() for one in lines if "entry" in one} == {
        seq: state for seq, state in stored.items() if seq not in bundle.production.withheld
    }


def test_the_proof_is_one_that_the_program_reads_too(bundle: Bundle) -> None:
    proof = Completeness.parse(bundle.files["proof.json"])

    checkpoint = proof.check([Verifier.parse(bundle.manifest["key"])])

    assert (checkpoint.size, proof.count) == (bundle.manifest["checkpoint"]["size"], 30)


def test_for_somebody_else_the_analysis_is_left_out(ledger: Ledger) -> None:
    made = make(ledger, Request("C-1", recipient="Hartnell", with_analysis=False), "director", dates(ledger))

    assert "analysis.json" not in made.files
    assert b"ROLE-1" not in made.files["index.html"]
    assert b'"verdict' not in b"".join(content for name, content in made.files.items() if name != "verify.py")


# -- the page's data --------------------------------------------------------------------------------------


def test_nothing_in_the_data_can_end_its_element() -> None:
    hostile = "</script><!--<script>&lt;\u2028\u2029\u202e]]>'\"\\"
    text = data({"entries.ndjson": hostile})

    assert text.isascii()
    assert not set(text) & set("<>&")
    assert json.loads(text)["files"]["entries.ndjson"] == hostile


def test_a_frame_without_its_element_is_refused() -> None:
    with pytest.raises(ValueError, match="not once"):
        embedded("<html></html>", {})


# -- what it rests on -------------------------------------------------------------------------------------


def test_a_bundle_seals_the_ledger_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(eventful(tmp_path, monkeypatch)) as ledger:
        before = ledger.recorder.last_position()
        for _ in range(2):
            make(ledger, Request("C-1"), "director", dates(ledger))

        assert ledger.recorder.last_position() == before + 1
        assert ledger.recorder.at(before + 1).topic == "StreamIndexCommitted"  # type: ignore[union-attr]


def test_an_entry_altered_in_the_database_is_not_produced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(eventful(tmp_path, monkeypatch)) as ledger:
        make(ledger, Request("C-1"), "director", dates(ledger))
    with closing(sqlite3.connect(desk.places(tmp_path).place, isolation_level=None)) as database:
        database.execute("DROP TRIGGER stored_events_refuse_update")
        database.execute(
            "UPDATE stored_events SET state = CAST(replace(CAST(state AS TEXT), 'US-NC', 'US-VA') AS BLOB) "
            "WHERE originator_id = 'client/C-1'"
        )

    with (
        closing(Ledger(desk.places(tmp_path))) as ledger,
        pytest.raises(AlteredEntryError, match="entry 1 of client/C-1"),
    ):
        make(ledger, Request("C-1"), "director", dates(ledger))


def test_a_mistake_seals_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(eventful(tmp_path, monkeypatch)) as ledger:
        before = ledger.recorder.last_position()
        for wrong in (Request("C-9"), Request("C-1", withhold={99: "x"})):
            with pytest.raises(Exception, match=r"recorded of this client|no entry 99"):
                make(ledger, wrong, "director", dates(ledger))

        assert ledger.recorder.last_position() == before


def test_an_earlier_seal_does_where_it_covers_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(eventful(tmp_path, monkeypatch)) as ledger:
        # Given a seal, and then entries of another client only
        sealed = make(ledger, Request("C-1"), "director", dates(ledger))
        ledger.record([desk.fact("ClientRelocated", "2024-08-01", client="C-2", jurisdiction="US-NC")])
        before = ledger.recorder.last_position()

        # When a bundle is made without writing
        made = make(ledger, Request("C-1"), "director", dates(ledger), earlier=True)

        # Then it rests on that seal and says so
        assert ledger.recorder.last_position() == before
        assert made.manifest["checkpoint"] == sealed.manifest["checkpoint"]
        assert made.manifest["moments"]["sealed_now"] is False
        assert held(made) == {}

        # But not for the one with entries since
        with pytest.raises(UncoveredError, match="no seal covers this client's file"):
            make(ledger, Request("C-2"), "director", dates(ledger), earlier=True)


def held(made: Bundle, *, witnesses: tuple[verify.Key, ...] = ()) -> dict[str, list[str]]:
    """What fails in a bundle, by check."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "b.zip"
        place.write_bytes(made.content)
        results, _ = verify.verify(str(place), verify.Key(made.manifest["key"]), witnesses)
    return {name: wrong for name, _, wrong in results if wrong}


def test_cosignatures_go_along_and_are_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(eventful(tmp_path, monkeypatch)) as ledger:
        # Given a seal that a witness cosigned on 2 September 2024
        sealed = make(ledger, Request("C-1"), "director", dates(ledger))
        note = open_note(sealed.evidence.note, [sealed.evidence.verifier])
        witness = CosignerSigner("witness.example", b"w" * 32).at(
            int(datetime(2024, 9, 2, tzinfo=UTC).timestamp())
        )
        attach_cosignatures(ledger.committing, countersign(note, witness))
        ledger.close()

    with closing(Ledger(desk.places(tmp_path))) as ledger:
        # When a bundle is made of it
        made = make(ledger, Request("C-1"), "director", dates(ledger))

    # Then the cosignature is in it, told with its time, and checked by the witness's key
    anchors = json.loads(made.files["record.json"])["anchors"]
    assert anchors == [
        {"kind": "cosignature", "name": "witness.example", "at": "2024-09-02T00:00:00.000000Z"}
    ]
    assert held(made, witnesses=(verify.Key(witness.verifier.vkey, (4, 1)),)) == {}
    other = CosignerSigner("witness.example", b"x" * 32).verifier.vkey
    assert held(made, witnesses=(verify.Key(other, (4, 1)),)) == {
        "cosignatures": ["witness.example did not cosign this checkpoint"]
    }
    assert verify.Key(Signer("harbor", b"s" * 32).verifier.vkey).name == "harbor"


def test_a_cosignature_that_is_not_good_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(eventful(tmp_path, monkeypatch)) as ledger:
        sealed = make(ledger, Request("C-1"), "director", dates(ledger))
        witness = CosignerSigner("witness.example", b"w" * 32).at(1_700_000_000)
        other = "elsewhere.example/ledger\n5\n" + "A" * 43 + "=\n"
        wrong = witness.sign(other.encode())
        from ledger.integrity.note import Signature

        line = Signature(witness.name, witness.verifier.key_id, wrong).line
        attach_cosignatures(ledger.committing, sealed.evidence.note + line)

        made = make(ledger, Request("C-1"), "director", dates(ledger))

    assert held(made, witnesses=(verify.Key(witness.verifier.vkey, (4, 1)),)) == {
        "cosignatures": ["the cosignature of witness.example is not good"]
    }


def test_a_time_stamp_goes_along_and_must_be_of_this_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hashlib import sha256

    with closing(eventful(tmp_path, monkeypatch)) as ledger:
        sealed = make(ledger, Request("C-1"), "director", dates(ledger))
        size, note = sealed.evidence.checkpoint.size, sealed.evidence.note.encode()
        for body, fails in (
            (
                b"\x30" + sha256(b"something else").digest(),
                {"time-stamp": ["timestamp.tsr is of something else than this checkpoint"]},
            ),
            (b"\x30" + sha256(note).digest(), {}),
        ):
            with ledger.committing.writing() as writer:
                writer.keep_anchor(size, TIMESTAMP, body)

            made = make(ledger, Request("C-1"), "director", dates(ledger))

            assert made.files["timestamp.tsr"] == body
            assert held(made) == fails


# -- paper and drafts -------------------------------------------------------------------------------------


def test_the_paper_names_no_time_of_making_and_no_machine(bundle: Bundle) -> None:
    paper = bundle.files["summary.pdf"]

    assert b"/CreationDate (D:20000101000000+00'00')" in paper
    assert b"/Producer (engagement-ledger)" in paper
    assert b"/FontFile2" in paper
    for trace in (b"/home", b"/tmp", b"harbor", b"ReportLab PDF Library"):
        assert trace not in paper


def test_what_the_paper_cannot_set_stands_as_code_points() -> None:
    from projections.bundle.summary import _settable

    assert _settable("Zoë Łukasz Ειρήνη Мария") == "Zoë Łukasz Ειρήνη Мария"
    assert _settable("张\u05d0") == "[U+5F20][U+05D0]"


def test_no_cell_of_the_privilege_log_is_a_formula(ledger: Ledger) -> None:
    hostile = ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", '"quoted", with comma']
    made = make(ledger, Request("C-1", withhold=dict(enumerate(hostile, 2))), "director", dates(ledger))

    rows = list(csv.reader(io.StringIO(made.files["privilege-log.csv"].decode())))

    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    reasons = [row[3] for row in rows if row[2] == "whole entry"]
    assert reasons[:5] == [f"'{one}" for one in hostile[:4]] + [hostile[4]]
    assert {len(row) for row in rows} == {len(drafts.LOG_HEAD)}


def test_the_privilege_log_lists_everything_withheld_with_its_reason(bundle: Bundle) -> None:
    rows = list(csv.reader(io.StringIO(bundle.files["privilege-log.csv"].decode())))
    entries = {int(row[1]): row[3] for row in rows[1:-1] if row[2] == "whole entry"}
    texts = {(int(row[1]), row[2]): row[3] for row in rows[1:-1] if row[2] != "whole entry"}

    assert entries == {one["seq"]: one["reason"] for one in bundle.manifest["withheld"]}
    assert texts == {
        (one["seq"], f"text of {one['field']}"): one["reason"]
        for one in bundle.manifest["texts"]
        if one["status"] != "revealed"
    }
    assert all(row[3] for row in rows[1:-1])


@pytest.mark.parametrize("name", [drafts.RECORDS, drafts.HASHES, drafts.LOG])
def test_a_draft_says_that_it_is_one(name: str, bundle: Bundle) -> None:
    text = " ".join(bundle.files[name].decode().split())

    assert "DRAFT. Made by a program" in text
    assert "sign" in text
    assert "compliant" not in text


def test_a_practice_name_cannot_fill_blanks(ledger: Ledger, bundle: Bundle) -> None:
    told = {**json.loads(bundle.files["record.json"]), "practice": "{blank} {key} {0.__class__}"}

    made = drafts.drafts(told, bundle.production, bundle.evidence, dates(ledger), b"")

    assert b"{blank} {key} {0.__class__}" in b" ".join(made[drafts.RECORDS].split())


def test_a_label_says_what_is_withheld() -> None:
    text = SealedText(1, "narrative", "d", Domain.THERAPY, "withheld", "not part of this production")

    assert text.label == "withheld: therapy record"
