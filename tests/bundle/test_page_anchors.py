"""What outsiders said of the checkpoint, on the page: named at the head, checked by the keys a person gives."""

from contextlib import closing
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By

from ledger.application import Ledger
from ledger.integrity.cosignature import CosignerSigner
from ledger.integrity.note import Signature, countersign, open_note
from ledger.proving.anchoring import attach_cosignatures
from ledger.storage.rows import TIMESTAMP
from projections.bundle.bundle import Bundle, make
from projections.bundle.request import Request
from tests.bundle.conftest import dates
from tests.bundle.eventful import eventful
from tests.bundle.opened_page import (
    AMBER,
    GREEN,
    RED,
    Open,
    light,
    opened,
    paste,
    results,
    text_of,
    wait_until,
    wrong,
)

__all__ = ["opened"]

pytestmark = pytest.mark.browser

WITNESS = CosignerSigner("witness.example", b"w" * 32)
SECOND_OF_SEPTEMBER = 1_725_235_200


def sealed(ledger: Ledger) -> Bundle:
    return make(ledger, Request("C-1"), "director", dates(ledger))


def test_a_cosignature_is_named_and_checked_by_the_key_of_the_witness(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: Open
) -> None:
    # Given a checkpoint that a witness cosigned
    with closing(eventful(tmp_path, monkeypatch)) as ledger:
        first = sealed(ledger)
        note = open_note(first.evidence.note, [first.evidence.verifier])
        attach_cosignatures(ledger.committing, countersign(note, WITNESS.at(SECOND_OF_SEPTEMBER)))
        made = sealed(ledger)

    # When its page is opened, the witness is named, and not checked
    chrome = opened(made.files["index.html"])
    assert "cosignature by witness.example of 1 September 2024 at 20:00" in text_of(chrome, "summary")
    assert results(chrome)["cosignatures"] == "not checked"
    assert "Countersigned by witness.example; no key was given for it." in text_of(chrome, "checks")

    # With the witness's key it holds, and vouches for nobody else's
    paste(chrome, "witnesses", f"{WITNESS.verifier.vkey}\n")
    wait_until(chrome, lambda: results(chrome)["cosignatures"] == "holds")
    assert light(chrome) == AMBER
    paste(chrome, "key", made.manifest["key"])
    wait_until(chrome, lambda: light(chrome) == GREEN)

    # With another key of that name it does not
    paste(chrome, "witnesses", CosignerSigner("witness.example", b"x" * 32).verifier.vkey)
    wait_until(chrome, lambda: light(chrome) == RED)
    assert wrong(chrome) == {"cosignatures": ["witness.example did not cosign this checkpoint"]}

    # And what is no key is said
    paste(chrome, "witnesses", "witness.example")
    wait_until(chrome, lambda: "It cannot be used" in text_of(chrome, "witnesses-said"))


def test_a_cosignature_of_something_else_is_red(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: Open
) -> None:
    with closing(eventful(tmp_path, monkeypatch)) as ledger:
        first = sealed(ledger)
        at = WITNESS.at(SECOND_OF_SEPTEMBER)
        other = at.sign(("elsewhere.example/ledger\n5\n" + "A" * 43 + "=\n").encode())
        line = Signature(at.name, at.verifier.key_id, other).line
        attach_cosignatures(ledger.committing, first.evidence.note + line)
        made = sealed(ledger)

    chrome = opened(made.files["index.html"])
    paste(chrome, "witnesses", WITNESS.verifier.vkey)

    wait_until(chrome, lambda: light(chrome) == RED)
    assert wrong(chrome) == {"cosignatures": ["the cosignature of witness.example is not good"]}


def test_a_time_stamp_is_named_and_left_to_the_verifier(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: Open
) -> None:
    with closing(eventful(tmp_path, monkeypatch)) as ledger:
        size = sealed(ledger).evidence.checkpoint.size
        with ledger.committing.writing() as writer:
            writer.keep_anchor(size, TIMESTAMP, b"\x30 something")
        made = sealed(ledger)

    chrome = opened(made.files["index.html"])

    assert "Outside anchors time-stamp" in text_of(chrome, "summary")
    assert results(chrome)["time-stamp"] == "not checked here"
    assert "verify.py and “openssl ts -verify” check it" in chrome.find_element(By.ID, "checks").text
