"""A bundle after changes of the signing key: the chain comes with it, and an older key gets a truthful answer."""

import base64
import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver

from ledger.integrity.note import Signer, Verifier, sign
from ledger.proving.rotating import rotate
from ledger.proving.signing_keys import SIGNING_KEY, signer_of
from projections.bundle import verify
from projections.bundle.archive import packed
from projections.bundle.bundle import Bundle, make
from projections.bundle.embedding import CLOSING, OPENING
from projections.bundle.request import Request
from tests.bundle import mutations
from tests.bundle.conftest import dates
from tests.bundle.eventful import eventful
from tests.bundle.mutations import Files
from tests.bundle.opened_page import GREEN, Open, light, opened, paste, text_of, verified, wait_until

__all__ = ["opened"]

AT = "2024-09-01T12:00:00.000000Z"
REASON = "the practitioner who knew it has left"


@dataclass(frozen=True)
class Made:
    """A production after two changes of keys, and the private keys one after the other."""

    bundle: Bundle
    keys: tuple[Signer, ...]

    @property
    def files(self) -> Files:
        """Its files, to be tampered with."""
        return dict(self.bundle.files)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    with (
        pytest.MonkeyPatch.context() as patch,
        closing(eventful(tmp_path_factory.mktemp("keys"), patch)) as ledger,
    ):
        keys = [signer_of(ledger.keys.setting(SIGNING_KEY) or b"")]
        for reason in (REASON, "the yearly change"):
            rotate(ledger.committing, ledger.sealer, reason, "director")
            keys.append(signer_of(ledger.keys.setting(SIGNING_KEY) or b""))
        return Made(make(ledger, Request("C-1"), "director", dates(ledger)), tuple(keys))


def failures(folder: Path, files: Files, key: Verifier | None = None) -> dict[str, list[str]]:
    """What `verify.py` finds wrong, by check."""
    place = folder / "bundle.zip"
    place.write_bytes(packed(files, AT))
    results, _ = verify.verify(str(place), None if key is None else verify.Key(key.vkey))
    return {name: wrong for name, _, wrong in results if wrong}


def shown_in(page: bytes) -> dict[str, str]:
    """The texts that a page holds."""
    inside = page.decode().partition(OPENING)[2].partition(CLOSING)[0]
    found: dict[str, str] = json.loads(inside)["files"]
    return found


# -- what was made ----------------------------------------------------------------------------------------


def test_the_chain_of_keys_comes_with_it(made: Made) -> None:
    told = json.loads(made.bundle.files["record.json"])["key"]

    assert told["vkey"] == made.keys[2].verifier.vkey
    assert [one["key"] for one in told["replaced"]] == [key.verifier.vkey for key in made.keys[:2]]
    assert [one["reason"] for one in told["replaced"]] == [REASON, "the yearly change"]
    assert all(one["signed_for"] for one in told["replaced"])
    assert "keys.json" in [one["name"] for one in made.bundle.manifest["files"]]


def test_without_a_change_there_is_no_such_file(bundle: Bundle) -> None:
    assert "keys.json" not in bundle.files
    assert json.loads(bundle.files["record.json"])["key"]["replaced"] == []


@pytest.mark.parametrize(
    ("number", "says"), [(2, "signed by the key given."), (1, "a successor of the key"), (0, "a successor")]
)
def test_any_key_of_the_chain_is_answered(
    number: int, says: str, made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "bundle.zip"
    place.write_bytes(made.bundle.content)

    assert verify.main([str(place), "--key", made.keys[number].verifier.vkey]) == 0

    said = capsys.readouterr().out
    assert says in said
    assert ("if it was stolen before, ask for the present key" in said) == (number < 2)


def test_a_key_that_is_none_of_them_is_not_the_key(made: Made, tmp_path: Path) -> None:
    stranger = Signer.generate(made.keys[0].name).verifier

    assert failures(tmp_path, made.files, stranger) == {
        "signer": ["signed by another key than the one given"]
    }


# -- tampering with the chain -----------------------------------------------------------------------------


def _in_chain(change: Callable[[list[dict[str, Any]], Made], None]) -> Callable[[Made], Files]:
    """A change of the changes in keys.json; the manifest and the page are made to fit."""

    def tampered(made: Made) -> Files:
        files = made.files
        document = mutations.part(files, "keys.json")
        change(document["changes"], made)
        mutations.put(files, "keys.json", document)
        mutations.rebind(files)
        return files

    return tampered


def _signed_anew(at: int, *signers: int) -> Callable[[list[dict[str, Any]], Made], None]:
    def change(changes: list[dict[str, Any]], made: Made) -> None:
        text = changes[at]["checkpoint"].partition("\n\n")[0] + "\n"
        changes[at]["checkpoint"] = sign(text, *(made.keys[number] for number in signers))

    return change


def _taken_out(at: int) -> Callable[[list[dict[str, Any]], Made], None]:
    def change(changes: list[dict[str, Any]], _: Made) -> None:
        del changes[at]

    return change


def _edited(changes: list[dict[str, Any]], _: Made) -> None:
    changes[0]["entry"] = changes[0]["entry"].replace("has left", "is ill")


def _moved(changes: list[dict[str, Any]], _: Made) -> None:
    changes[0]["position"] += 1


def _of_another_kind(changes: list[dict[str, Any]], _: Made) -> None:
    changes[0]["entry"] = changes[0]["entry"].replace("SigningKeyChanged", "SigningKeyImagined")


def _proof_altered(changes: list[dict[str, Any]], _: Made) -> None:
    proof = bytearray(base64.b64decode(changes[1]["inclusion_proof"][0]))
    proof[0] ^= 1
    changes[1]["inclusion_proof"][0] = base64.b64encode(proof).decode()


def _of_a_thief(changes: list[dict[str, Any]], made: Made) -> None:
    """Who stole the first key puts another in its place, in a log of his own."""
    changes[0]["entry"] = changes[0]["entry"].replace(
        made.keys[1].verifier.vkey, Signer.generate(made.keys[0].name).verifier.vkey
    )


TAMPERINGS: dict[str, tuple[Callable[[list[dict[str, Any]], Made], None], str]] = {
    "the old key did not sign": (_signed_anew(0, 1), "does not bear a good signature by"),
    "the new key did not sign": (_signed_anew(1, 1), "does not bear a good signature by"),
    "a change left out": (_taken_out(1), "does not end with the key that signed"),
    "an entry edited": (_edited, "is not under its checkpoint"),
    "another place": (_moved, "the inclusion proof is too"),
    "an entry of another kind": (_of_another_kind, "is no change of this log's signing key"),
    "the inclusion proof altered": (_proof_altered, "is not under its checkpoint"),
    "another key in the place of the first": (_of_a_thief, "is not under its checkpoint"),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_tampering_with_the_chain_is_named(name: str, made: Made, tmp_path: Path) -> None:
    change, says = TAMPERINGS[name]

    found = failures(tmp_path, _in_chain(change)(made), made.keys[0].verifier)

    assert any(says in said for said in found["keys"]), found
    assert "manifest-signature" in found


def test_the_chain_taken_away_whole(made: Made, tmp_path: Path) -> None:
    files = made.files
    del files["keys.json"]
    mutations.reshow(files)

    assert failures(tmp_path, files, made.keys[0].verifier) == {
        "files": ["keys.json is listed in the manifest, and missing"],
        "signer": ["signed by another key than the one given"],
    }


# -- the page says the same -------------------------------------------------------------------------------


@pytest.fixture
def blank(browser: webdriver.Chrome, tmp_path: Path) -> webdriver.Chrome:
    """A browser with an empty page from disk, where WebCrypto is to be had as in a bundle's page."""
    empty = tmp_path / "empty.html"
    empty.write_text("<!doctype html><title>empty</title>", encoding="utf-8")
    browser.get(empty.as_uri())
    return browser


@pytest.mark.browser
def test_the_page_follows_an_older_key_and_says_so(made: Made, opened: Open) -> None:
    chrome = opened(made.bundle.files["index.html"])
    assert f"replaced on 1 September 2024 at 08:00: {REASON}" in " ".join(text_of(chrome, "summary").split())

    paste(chrome, "key", made.keys[0].verifier.vkey)
    wait_until(chrome, lambda: light(chrome) == GREEN)

    assert "signed by a successor of the key given" in text_of(chrome, "headline")
    assert "if it was stolen before, ask for the present key" in text_of(chrome, "checks")


@pytest.mark.browser
def test_tampering_with_the_chain_is_told_in_the_words_of_the_verifier(
    made: Made, blank: webdriver.Chrome, tmp_path: Path
) -> None:
    key = made.keys[0].verifier
    for change, _ in TAMPERINGS.values():
        files = _in_chain(change)(made)
        told = failures(tmp_path, files, key)

        found = verified(blank, shown_in(files["index.html"]), key.vkey)

        assert {name: said for name, said in found.items() if name not in {"page", "words"}} == told
