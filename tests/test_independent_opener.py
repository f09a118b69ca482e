"""Digests and disclosures opened from the files alone, by code written from DESIGN section 6 and nothing else."""

import base64
import hashlib
import json
import sqlite3
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests import desk


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def test_every_digest_opens_to_what_was_recorded(tmp_path: Path) -> None:
    with desk.new_ledger(tmp_path) as ledger:
        desk.therapy_begun(ledger)
        ledger.record(
            [
                desk.of_client(
                    "EntryCorrected", corrects=1, changes={"name": "Zoë L."}, reason="spelled wrongly"
                )
            ]
        )
        keys = {
            row.key_id: ledger.keys.open_key(int(row.key_id))
            for row in ledger.recorder.disclosures_of("client/C-1")
        }
    database = sqlite3.connect(tmp_path / "practice.db")
    opened = {}
    for stream, seq, field, digest, key_id, sealed in database.execute("SELECT * FROM disclosures"):
        place = json.dumps([stream, seq, field, digest], separators=(",", ":")).encode()
        text = AESGCM(keys[key_id]).decrypt(sealed[:12], sealed[12:], place)
        assert base64url(hashlib.sha256(text).digest()) == digest
        salt, value = json.loads(base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4)))
        assert len(base64.urlsafe_b64decode(salt + "==")) == 16
        state = database.execute(
            "SELECT state FROM stored_events WHERE originator_id = ? AND originator_version = ?",
            (stream, seq),
        ).fetchone()[0]
        data = json.loads(state)["data"]
        for part in field.split("."):
            data = data[part]
        assert data == [{"...": digest}]
        opened[seq, field] = value
    database.close()
    assert opened == {
        (1, "name"): "Zoë Lindqvist",
        (1, "date_of_birth"): "1990-02-03",
        (1, "contact"): "zoe@mail.example",
        (2, "rationale"): "as discussed",
        (4, "signer_name"): "Zoë",
        (6, "changes.name"): "Zoë L.",
        (6, "reason"): "spelled wrongly",
    }


def test_each_text_lies_under_the_key_of_its_domain(tmp_path: Path) -> None:
    with desk.new_ledger(tmp_path) as ledger:
        ledger.record(
            [*desk.staff(), desk.client(), desk.intake(1, "coaching"), *desk.papers(1, "coaching-contract")]
        )
        ledger.record([desk.opening(1, "coaching")])
        ledger.record(
            [
                desk.of_client(
                    "EngagementClosed",
                    "2024-07-01",
                    engagement="E1",
                    reason="goals-met",
                    goals_met=True,
                    stable="yes",
                    narrative="well done",
                )
            ]
        )
        rows = ledger.recorder.disclosures_of("client/C-1")
    keys = sqlite3.connect(tmp_path / "practice.keys")
    table = dict(keys.execute("SELECT key_id, domain FROM data_key").fetchall())
    keys.close()
    assert {row.field: table[int(row.key_id)] for row in rows} == {
        "name": "identity",
        "date_of_birth": "identity",
        "contact": "identity",
        "rationale": "coaching",
        "signer_name": "identity",
        "narrative": "coaching",
    }
