"""The page checks what `verify.py` checks, and says the same: on what was made, on tampering, on nonsense."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from selenium import webdriver

from projections.bundle import verify
from projections.bundle.archive import packed
from projections.bundle.bundle import Bundle
from projections.bundle.embedding import CLOSING, OPENING
from tests.bundle import mutations
from tests.bundle.mutations import MUTATIONS, Files, Mutation, Tools
from tests.bundle.opened_page import (
    AMBER,
    RED,
    Open,
    call,
    light,
    opened,
    page,
    results,
    verdict,
    verified,
    wrong,
)

__all__ = ["opened", "page"]

pytestmark = pytest.mark.browser

AT = "2024-09-01T12:00:00.000000Z"
ELSEWHERE = {"container", "page", "time-stamp"}
"""What only `verify.py` can see: the zip, the page's own frame, the time-stamp."""
NOT_HELD = (
    "verify.py is",
    "summary.pdf is",
    "privilege-log.csv is",
    "records-certification.txt is",
    "hash-certif",
)
"""How messages on files begin that are not in the page."""
OWN = {"page", "words"}
"""What only the page checks: that it holds what it shows, and that its words are of the entries."""

RFC_8032 = (
    # public key, message, signature: RFC 8032 section 7.1, tests 1 to 3
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe"
            "24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302a"
            "eeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed2"
            "8dc027beceea1ec40a"
        ),
    ),
)


@pytest.fixture
def blank(browser: webdriver.Chrome, tmp_path: Path) -> webdriver.Chrome:
    """A browser with an empty page from disk, where WebCrypto is to be had as in a bundle's page."""
    empty = tmp_path / "empty.html"
    empty.write_text("<!DOCTYPE html><title>empty</title>", encoding="utf-8")
    browser.get(empty.as_uri())
    return browser


def shown_in(page: bytes) -> dict[str, str]:
    """The texts that a page holds."""
    inside = page.decode().partition(OPENING)[2].partition(CLOSING)[0]
    found: dict[str, str] = json.loads(inside)["files"]
    return found


def tampered(mutation: Mutation, bundle: Bundle, tools: Tools) -> Files:
    """The tampered files, with the page showing them."""
    changed = mutation(bundle.files, tools)
    if changed[mutations.PAGE] == bundle.files[mutations.PAGE]:
        mutations.reshow(changed)
    return changed


def by_verifier(folder: Path, files: Mapping[str, bytes]) -> dict[str, list[str]]:
    """What `verify.py` finds wrong with the files, by check."""
    place = folder / "bundle.zip"
    place.write_bytes(packed(files, AT))
    found, _ = verify.verify(str(place))
    seen = {name: [one for one in said if not one.startswith(NOT_HELD)] for name, _, said in found}
    return {name: said for name, said in seen.items() if said}


def without(found: Mapping[str, list[str]], names: set[str]) -> dict[str, list[str]]:
    return {name: said for name, said in found.items() if name not in names}


# -- the same as verify.py --------------------------------------------------------------------------------


def test_what_was_made_holds_and_every_check_has_its_place(
    blank: webdriver.Chrome, bundle: Bundle, opened: Open
) -> None:
    assert verified(blank, shown_in(bundle.files["index.html"]), bundle.manifest["key"]) == {}

    chrome = opened(bundle.files["index.html"])
    named = {check.__name__.replace("_", "-") for check in verify.CHECKS}
    assert set(results(chrome)) == named | OWN
    assert set(results(chrome).values()) == {"holds", "there are none", "there is none", "not checked"}
    assert light(chrome) == AMBER


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda one: one.name)
def test_tampering_is_told_in_the_words_of_the_verifier(
    mutation: Mutation, bundle: Bundle, tools: Tools, blank: webdriver.Chrome, tmp_path: Path
) -> None:
    changed = tampered(mutation, bundle, tools)

    found = verified(blank, shown_in(changed[mutations.PAGE]))

    if mutation.check not in ELSEWHERE:
        assert any(mutation.says in said for said in found.get(mutation.check, [])), found
        assert without(found, OWN) == without(by_verifier(tmp_path, changed), ELSEWHERE)
    assert found != {}
    assert not any("cannot be checked" in said for told in found.values() for said in told), found


@pytest.mark.parametrize("seed", range(60))
def test_strange_values_are_findings_in_both(
    seed: int, bundle: Bundle, blank: webdriver.Chrome, tmp_path: Path
) -> None:
    changed = mutations.strange_values(bundle.files, seed)

    found = without(verified(blank, shown_in(changed[mutations.PAGE])), OWN)
    told = without(by_verifier(tmp_path, changed), ELSEWHERE)

    assert found != {}
    assert set(told) <= set(found), (told, found)


# -- cryptography -----------------------------------------------------------------------------------------


BYTES = "((text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16)))"
SIGNED = f"Promise.all(given[0].map((one) => isSigned(...one.map({BYTES}))))"
NO_ED25519 = "crypto.subtle.importKey = () => Promise.reject(new Error('not supported'))"
NOTHING_IS_GOOD = "crypto.subtle.verify = () => Promise.resolve(false)"


@pytest.mark.parametrize("before", ["0", NO_ED25519], ids=["with the browser's own", "alone"])
def test_signatures_of_the_standard_are_good_and_no_other(blank: webdriver.Chrome, before: str) -> None:
    """Debian's Chromium has an Ed25519 of its own; where there is none, the arithmetic here decides alone."""
    order = 2**252 + 27742317777372353535851937790883648493
    bad = []
    for public, message, signature in RFC_8032:
        s = int.from_bytes(bytes.fromhex(signature[64:]), "little") + order
        bad += [
            (public, message + "00", signature),
            (public, message, signature[:-2] + "01"),
            (public, message, "00" + signature[2:]),
            (public, message, signature[:64] + s.to_bytes(32, "little").hex()),  # the same to a lax verifier
            (public, message, signature[:-2]),
            (RFC_8032[0][0][:-2] + "00", message, signature),
        ]
    low_order = "01" + "00" * 31
    bad.append((low_order, "00", low_order + "00" * 32))

    assert call(blank, f"({before}, {SIGNED})", RFC_8032) == [True, True, True]
    assert call(blank, f"({before}, {SIGNED})", bad) == [False] * len(bad)


def test_the_browser_has_an_ed25519_of_its_own_that_has_to_agree(blank: webdriver.Chrome) -> None:
    public, message, signature = RFC_8032[2]
    asked = f"browserSays(...given.map({BYTES}))"

    assert call(blank, asked, public, message, signature) is True
    assert call(blank, asked, public, message + "00", signature) is False
    assert call(blank, f"({NOTHING_IS_GOOD}, {SIGNED})", RFC_8032) == [False, False, False]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a":1,"a":2}', "stands twice"),
        ('{"a":[{"b":1,"b":1}]}', "stands twice"),
        ('{"\\u0061":1,"a":2}', "stands twice"),
        ('{"a":1.5}', "no whole number"),
        ('{"a":1e3}', "no whole number"),
        ('{"a":9007199254740993}', "no whole number"),
        ('{"a":-9007199254740993}', "no whole number"),
        ('{"a":NaN}', "is not JSON"),
        ("{'a':1}", "is not JSON"),
        ("", "is not JSON"),
    ],
)
def test_json_that_readers_read_differently_is_refused(
    blank: webdriver.Chrome, text: str, reason: str
) -> None:
    told = call(
        blank, "(() => { try { strictJson(given[0], 'it'); } catch (e) { return e.message; } })()", text
    )

    assert reason in told


def test_json_that_is_plain_is_read(blank: webdriver.Chrome) -> None:
    plain = {
        "a": [1, -2, 0, True, None, {"b": '1.5e3 " : \\', "c": {}}],
        "d:": '{"x":1}',
        "__proto__": 2**53 - 1,
    }
    text = json.dumps(plain, indent=1)

    assert call(blank, "JSON.stringify(strictJson(given[0], 'it'))", text) == json.dumps(
        plain, separators=(",", ":")
    )


# -- in the page ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda one: one.name)
def test_tampering_turns_the_page_red_and_says_what_is_wrong(
    mutation: Mutation, bundle: Bundle, tools: Tools, opened: Open
) -> None:
    page = tampered(mutation, bundle, tools)[mutations.PAGE]

    chrome = opened(page)

    assert light(chrome) == RED
    assert "Does not hold" in verdict(chrome)
    if mutation.check not in ELSEWHERE:
        assert any(mutation.says in said for said in wrong(chrome)[mutation.check]), wrong(chrome)


DAMAGE = {
    "no data at all": ("", "cannot be read"),
    "data that is not JSON": ('{"format":', "cannot be read"),
    "data of another form": ('{"format":"other/v9","files":{}}', "not of the form"),
    "files that are none": ('{"format":"engagement-ledger/bundle/v1","files":[]}', "not of the form"),
    "no files": ('{"format":"engagement-ledger/bundle/v1","files":{}}', ""),
    "numbers for texts": (
        '{"format":"engagement-ledger/bundle/v1","files":{"manifest.json":1,"record.json":2,"entries.ndjson":3}}',
        "cannot be shown",
    ),
    "records of another shape": (
        (
            '{"format":"engagement-ledger/bundle/v1","files":{"manifest.json":"{}","record.json":"{\\"entries\\":[1,null]}",'
            '"entries.ndjson":"{}\\n","analysis.json":"{\\"about\\":7}"}}'
        ),
        "cannot be shown",
    ),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_page_whose_data_are_destroyed_is_red_and_says_so(name: str, bundle: Bundle, opened: Open) -> None:
    data, words = DAMAGE[name]
    frame = mutations.frame_of(bundle.files["index.html"])

    chrome = opened(frame.replace(OPENING + CLOSING, OPENING + data + CLOSING).encode())

    assert light(chrome) == RED
    assert words in chrome.find_element("id", "trouble").text
    assert len(wrong(chrome)) > 10


@pytest.mark.parametrize("seed", range(12))
def test_any_byte_of_what_the_page_holds_turns_it_red(seed: int, bundle: Bundle, opened: Open) -> None:
    held = {name: bundle.files[name] for name in shown_in(bundle.files["index.html"])}
    changed = {**bundle.files, **mutations.flipped_bytes(held, seed)}
    mutations.reshow(changed)

    chrome = opened(changed[mutations.PAGE])

    assert light(chrome) == RED


def test_an_altered_entry_is_told_where_it_stands(bundle: Bundle, tools: Tools, opened: Open) -> None:
    (edited,) = [one for one in MUTATIONS if one.name == "an entry edited"]

    chrome = opened(tampered(edited, bundle, tools)[mutations.PAGE])

    noted = chrome.find_elements("css selector", ".broken-note")
    assert len(noted) == 1
    assert "was altered" in noted[0].text
    (link,) = chrome.find_elements("css selector", "#checks [data-check=leaf] a")
    link.click()
    assert "was altered" in chrome.switch_to.active_element.text


WORDS = {
    "another type": ("type", "EngagementPaused", "another type, time or author"),
    "another time": ("occurred_at", "2024-03-05", "another type, time or author"),
    "another author": ("by", "director", "another type, time or author"),
    "recorded earlier": ("recorded_at", "2024-03-04T10:00:00.000000Z", "another type, time or author"),
    "not imported after all": ("marks", ["as found"], "another type, time or author"),
    "overridden": ("override", {"rules": [], "authorised_by": "x"}, "another type, time or author"),
    "another number": ("number", "C-1-000010", "tells of another entry"),
    "another place": ("seq", 8, "tells of another entry"),
}


@pytest.mark.parametrize("name", WORDS)
def test_words_that_are_not_of_the_entry_are_found(
    name: str, bundle: Bundle, blank: webdriver.Chrome
) -> None:
    field, value, words = WORDS[name]
    changed = dict(bundle.files)
    record = mutations.part(changed, "record.json")
    record["entries"][8][field] = value
    mutations.put(changed, "record.json", record)
    mutations.rebind(changed)

    found = verified(blank, shown_in(changed[mutations.PAGE]))

    assert any(words in said for said in found["words"]), found
    assert set(found) == {"words", "manifest-signature"}
