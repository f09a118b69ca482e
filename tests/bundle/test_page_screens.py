"""The page on screens of every width, in the dark, by keyboard alone, to a screen reader, without script, on paper."""

import base64
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from ledger.application import Ledger
from ledger.values import Domain
from projections.bundle.bundle import make
from projections.bundle.request import Request
from tests.bundle.conftest import dates
from tests.bundle.opened_page import (
    AMBER,
    Open,
    light,
    lines_of,
    opened,
    page,
    record,
    shown,
    text_of,
    wait_until,
)

__all__ = ["opened", "page", "record"]

pytestmark = pytest.mark.browser


# -- screens, keyboard, paper -------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [320, 390, 600, 820, 1280])
def test_no_width_makes_the_page_scroll_sideways(opened: Open, page: bytes, width: int) -> None:
    chrome = opened(page, width=width)

    assert chrome.execute_script(
        "return [document.documentElement.scrollWidth <= innerWidth, innerWidth]"
    ) == [True, width]


def test_the_picture_fits_a_window_that_changes(opened: Open, page: bytes) -> None:
    chrome = opened(page, width=1280)
    screen = {"width": 390, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)

    def drawn() -> int:
        box = chrome.find_element(By.CSS_SELECTOR, "#drawing svg").get_attribute("viewBox") or "0 0 0"
        return int(float(box.split()[2]))

    wait_until(chrome, lambda: drawn() < 390)


@pytest.mark.parametrize(("scheme", "darker"), [("light", False), ("dark", True)])
def test_the_page_follows_the_colour_scheme(opened: Open, page: bytes, scheme: str, darker: bool) -> None:
    chrome = opened(page)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def lightness(of: str) -> float:
        colour: str = chrome.execute_script(f"return getComputedStyle(document.body).{of}")
        return sum(map(float, colour[4:-1].split(",")))

    assert (lightness("backgroundColor") < lightness("color")) is darker


def test_every_control_is_reached_by_tab_and_focus_is_seen(opened: Open, page: bytes) -> None:
    chrome = opened(page)
    controls = set(
        chrome.execute_script(
            "return [...document.querySelectorAll('button, input:not([type=radio]), select, textarea, summary,"
            " nav a')].filter(e => e.checkVisibility()).map((e, at) => (e.dataset.test = 'c' + at))"
        )
    )
    reached, unseen = set(), []
    chrome.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    assert chrome.switch_to.active_element.get_attribute("href") or "".endswith("#entries")
    for _ in range(260):
        name, outline = chrome.execute_script(
            "const e = document.activeElement; return [e.dataset.test, getComputedStyle(e).outlineStyle]"
        )
        reached.add(name)
        if name is not None and outline == "none":
            unseen.append(name)
        chrome.switch_to.active_element.send_keys(Keys.TAB)

    assert controls - reached == set()
    assert unseen == []


def test_the_skip_link_leads_to_the_entries(opened: Open, page: bytes) -> None:
    chrome = opened(page)
    chrome.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    link = chrome.switch_to.active_element
    assert link.rect["x"] >= 0
    link.send_keys(Keys.ENTER)

    assert chrome.switch_to.active_element.get_attribute("id") == "entries"


@pytest.mark.parametrize("width", [1280, 390])
def test_a_screen_reader_finds_landmarks_headings_names_and_the_light(
    opened: Open, page: bytes, width: int
) -> None:
    chrome = opened(page, width=width)
    nodes = chrome.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    told = [node for node in nodes if not node.get("ignored")]
    roles = [node.get("role", {}).get("value") for node in told]

    assert {"banner", "navigation", "main", "search", "status", "slider", "list", "figure"} <= set(roles)
    headings = [node["name"]["value"] for node in told if node.get("role", {}).get("value") == "heading"]
    for heading in (
        "Picture and replay",
        "Entries",
        "Verification",
        "The program\u2019s reading of the record",
    ):
        assert heading in headings
    controls = {"textbox", "searchbox", "combobox", "button", "link", "slider", "radio", "checkbox", "group"}
    unnamed = [
        node
        for node in told
        if node.get("role", {}).get("value") in controls and not node.get("name", {}).get("value")
    ]
    assert unnamed == []


def printed(chrome: webdriver.Chrome, at: Path, width: float = 8.27, height: float = 11.69) -> list[str]:
    """The sheets of the page on paper, as text, by pdftotext."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed (Debian: apt-get install poppler-utils)")
    options = {"preferCSSPageSize": False, "paperWidth": width, "paperHeight": height}
    made = chrome.execute_cdp_cmd("Page.printToPDF", options)
    at.write_bytes(base64.b64decode(made["data"]))
    told = subprocess.run(["pdftotext", "-layout", str(at), "-"], check=True, capture_output=True, text=True)
    return told.stdout.split("\f")[:-1]


@pytest.mark.parametrize(("width", "height"), [(8.27, 11.69), (8.5, 11)], ids=["A4", "Letter"])
def test_paper_holds_every_sentence_and_hash_and_no_control(
    opened: Open,
    page: bytes,
    tmp_path: Path,
    record: dict[str, Any],
    width: float,
    height: float,
) -> None:
    sheets = printed(opened(page), tmp_path / "page.pdf", width, height)
    paper = "".join("".join(sheets).split())

    for line, told in zip(lines_of(page), record["entries"], strict=True):
        assert line["leaf_hash"] in paper
        assert told["number"] in paper
        if "readings" in told:
            assert "".join(told["readings"][-1]["sentence"].split())[:60] in paper
    assert "Internallyconsistent;signernotverified" in paper
    assert "Notpartoftherecord".lower() in paper.lower()
    for control in ("Showeverything", "Storedbytes", "Checkagain", "Skiptotheentries", "Play"):
        assert control not in paper
    for number, sheet in enumerate(sheets, 1):
        assert "Harbor Practice" in sheet
        assert "Record of client C-1" in sheet
        assert f"Page {number} of {len(sheets)}" in sheet


def test_paper_says_so_when_the_list_is_filtered(opened: Open, page: bytes, tmp_path: Path) -> None:
    chrome = opened(page)
    Select(chrome.find_element(By.NAME, "kind")).select_by_value("referral")
    wait_until(chrome, lambda: len(shown(chrome)) == 3)

    paper = " ".join("".join(printed(chrome, tmp_path / "page.pdf")).split())

    assert "3 of 30 entries shown. Filter: kind referral." in paper


def test_without_script_it_says_where_the_record_is(
    opened: Open, browser: webdriver.Chrome, page: bytes
) -> None:
    opened(page)
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        chrome = opened(page, checked=False)
        said = chrome.find_element(By.TAG_NAME, "header").text
        assert "JavaScript, which is switched off here" in said
        assert "verify.py" in said
        assert light(chrome) == "grey"
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
        opened(page)


def test_what_is_left_out_is_listed_with_its_reason(opened: Open, page: bytes) -> None:
    chrome = opened(page)
    rows = [row.text for row in chrome.find_elements(By.CSS_SELECTOR, ".left-out tbody tr")]

    assert any("C-1-000007" in row and "the whole entry" in row and "work product" in row for row in rows)
    assert any("C-1-000009" in row and "redacted: privileged" in row for row in rows)


def test_a_file_with_nothing_produced_has_a_page_that_works(ledger: Ledger, opened: Open) -> None:
    request = Request("C-1", as_of="2023-12-31T00:00:00.000000Z", reveal=frozenset({Domain.IDENTITY}))
    made = make(ledger, request, "director", dates(ledger))

    chrome = opened(made.files["index.html"])

    assert "0 of 30 entries of this file, 30 withheld" in text_of(chrome, "summary")
    assert light(chrome) == AMBER
