"""The page of a bundle as a person reads it: the first screen, the key, the list, the analysis."""

import base64
import json
from typing import Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from ledger.application import Ledger
from projections.bundle.bundle import Bundle, make
from projections.bundle.request import Request
from tests.bundle.conftest import dates
from tests.bundle.opened_page import (
    AMBER,
    GREEN,
    RED,
    Open,
    light,
    lines_of,
    opened,
    page,
    paste,
    record,
    results,
    shown,
    text_of,
    verdict,
    wait_until,
    wrong,
)

__all__ = ["opened", "page", "record"]

pytestmark = pytest.mark.browser

OTHER_KEY = "harbor+0818e86e+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"


# -- the first screen ---------------------------------------------------------------------------------------


def test_the_first_screen_says_whose_file_it_is_how_much_of_it_and_how_it_was_recorded(
    opened: Open, page: bytes, record: dict[str, Any]
) -> None:
    chrome = opened(page)
    summary = text_of(chrome, "summary")

    assert chrome.find_element(By.TAG_NAME, "h1").text == "Harbor Practice"
    assert "Client C-1 (a pseudonym)" in summary
    assert "Period 8 January 2024 to 13 June 2024" in summary
    assert "Happened by 1 September 2024 at 08:00" in summary
    assert "On record by the seal: everything recorded" in summary
    assert "28 of 30 entries of this file, 2 withheld" in summary
    assert "Legal hold one stands: nothing of this file may be erased; what it is about is sealed" in summary
    assert "Outside anchors none" in summary
    assert record["key"]["fingerprint"] in summary.replace(" ", "")
    figures = {
        item.text.split("\n")[1]: int(item.text.split("\n")[0])
        for item in chrome.find_elements(By.CSS_SELECTOR, "#figures li")
    }
    marks = record["counts"]["marks"]
    assert figures == {
        "recorded same day": marks["same day"],
        "recorded late": marks["late"],
        "stated as a day only": marks["day only"],
        "imported": marks["as found"],
        "corrected": marks["corrected"],
        "retracted": marks["retracted"],
        "overridden": marks["overridden"],
        "withheld": 2,
    }


def test_a_production_for_somebody_of_one_service_says_so(ledger: Ledger, opened: Open) -> None:
    request = Request("C-1", scope="coaching", recipient="Counsel for the insurer", with_analysis=False)
    chrome = opened(make(ledger, request, "director", dates(ledger)).files["index.html"])

    assert "Made for Counsel for the insurer" in text_of(chrome, "summary")
    assert "Scope coaching only" in text_of(chrome, "summary")
    assert not chrome.find_element(By.ID, "analysis-part").is_displayed()
    assert not chrome.find_element(By.ID, "to-analysis").is_displayed()
    lanes = [one.text for one in chrome.find_elements(By.CSS_SELECTOR, "#drawing tspan.what")]
    assert [lane for lane in lanes if "therapy" in lane] == []


# -- the light and the key ----------------------------------------------------------------------------------


def test_the_light_is_amber_without_a_key_green_with_it_and_red_with_another(
    opened: Open, page: bytes, bundle: Bundle
) -> None:
    chrome = opened(page)
    assert light(chrome) == AMBER
    assert "Internally consistent; signer not verified" in verdict(chrome)
    assert results(chrome)["signer"] == "not checked"

    paste(chrome, "key", f"\n {bundle.manifest['key']} \n")
    wait_until(chrome, lambda: light(chrome) == GREEN)
    assert "Holds: unchanged, complete at its seal, and signed by the key given" in verdict(chrome)
    assert results(chrome)["signer"] == "holds"

    paste(chrome, "key", OTHER_KEY)
    wait_until(chrome, lambda: light(chrome) == RED)
    assert "Signed by another key than the one given." in verdict(chrome)
    assert wrong(chrome) == {"signer": ["signed by another key than the one given"]}

    paste(chrome, "key", "")
    wait_until(chrome, lambda: light(chrome) == AMBER)


def test_a_mistyped_key_is_said_beside_the_field_and_makes_nothing_green(
    opened: Open, page: bytes, bundle: Bundle
) -> None:
    chrome = opened(page)
    field = chrome.find_element(By.ID, "key")

    for typed in (bundle.manifest["key"][:-2], "my key", "a+b", bundle.manifest["key"].replace("+", "-")):
        paste(chrome, "key", typed)
        wait_until(chrome, lambda: "It cannot be used" in text_of(chrome, "key-said"))
        assert field.get_attribute("aria-invalid") == "true"
        assert light(chrome) == AMBER

    paste(chrome, "key", bundle.manifest["key"])
    wait_until(chrome, lambda: light(chrome) == GREEN)
    assert field.get_attribute("aria-invalid") is None
    assert "It cannot be used" not in text_of(chrome, "key-said")


def test_a_key_typed_on_the_keyboard_is_taken_too(opened: Open, page: bytes, bundle: Bundle) -> None:
    chrome = opened(page)

    chrome.find_element(By.ID, "key").send_keys(bundle.manifest["key"])

    wait_until(chrome, lambda: light(chrome) == GREEN)


def test_the_panel_says_what_it_cannot_look_at(opened: Open, page: bytes) -> None:
    chrome = opened(page)
    panel = " ".join(chrome.find_element(By.ID, "checks").text.split())

    assert "Not in this page, so not checked here: hash-certification.txt, privilege-log.csv" in panel
    assert "a page cannot look at itself" in panel
    assert results(chrome)["time-stamp"] == "there is none"
    assert results(chrome)["cosignatures"] == "there are none"


# -- the list -----------------------------------------------------------------------------------------------


def test_each_entry_has_its_number_sentence_hash_and_marks(
    opened: Open, page: bytes, bundle: Bundle, record: dict[str, Any]
) -> None:
    chrome = opened(page)
    lines = [json.loads(line) for line in bundle.files["entries.ndjson"].splitlines()]

    assert shown(chrome) == [f"C-1-{seq:06d}" for seq in range(1, 31)]
    for line, told in zip(lines, record["entries"], strict=True):
        item = chrome.find_element(By.ID, f"e{line['seq']}").get_attribute("textContent") or ""
        assert line["leaf_hash"] in item
        if "withheld" in told:
            assert "Withheld: " in item
            assert "Stored bytes" not in item
        else:
            assert told["readings"][-1]["sentence"] in item
    closing = chrome.find_element(By.ID, "e9").text
    assert "recorded late, after 6 days" in closing
    assert "stated as a day only" in closing
    assert "withheld: privileged" in closing
    assert "corrected: goals met, by C-1-000027" in " ".join(chrome.find_element(By.ID, "e26").text.split())
    assert "As first recorded: " in chrome.find_element(By.ID, "e26").text
    assert "on the authority of director: agreed by telephone" in chrome.find_element(By.ID, "e30").text


def test_a_revealed_text_is_shown_only_with_the_digest_that_its_entry_commits_to(
    opened: Open, page: bytes
) -> None:
    chrome = opened(page)
    assert "Zoë Quartermain" in chrome.find_element(By.ID, "e1").text

    (first, *_) = lines_of(page)
    (old,) = [text for text in first["disclosures"].values() if " Quartermain" in _decoded(text)]
    forged = base64.urlsafe_b64encode(_decoded(old).replace("Quartermain", "Eighthmain").encode())
    chrome = opened(page.replace(old.encode(), forged.rstrip(b"=")))

    assert "not shown: it is not the text that the entry commits to" in chrome.find_element(By.ID, "e1").text
    assert "Eighthmain" not in chrome.find_element(By.TAG_NAME, "body").text
    assert light(chrome) == RED


def _decoded(text: str) -> str:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()


def test_the_list_is_filtered_by_text_kind_mark_and_lane_and_says_so(opened: Open, page: bytes) -> None:
    chrome = opened(page)

    def choose(field: str, value: str) -> None:
        Select(chrome.find_element(By.NAME, field)).select_by_value(value)

    def wait_for(words: str) -> None:
        wait_until(chrome, lambda: words in text_of(chrome, "tally"))

    choose("kind", "referral")
    wait_for("3 of 30 entries shown. Filter: kind referral.")
    choose("kind", "")
    choose("marked", "withheld")
    wait_for("2 of 30 entries shown. Filter: marked withheld.")
    assert shown(chrome) == ["C-1-000007", "C-1-000016"]
    choose("marked", "")
    chrome.find_element(By.NAME, "q").send_keys("CLOSED e1")
    wait_for("Filter: text “CLOSED e1”.")
    assert shown(chrome) == ["C-1-000009"]
    chrome.find_element(By.NAME, "q").clear()
    chrome.find_element(By.NAME, "q").send_keys("nightmares-since-spring")
    wait_for("1 of 30 entries shown. Filter: text “nightmares")
    assert shown(chrome) == ["C-1-000002"]
    chrome.find_element(By.CSS_SELECTOR, "#filter button[type=reset]").click()
    wait_for("30 of 30 entries shown.")
    choose("lane", "1")
    wait_for("Filter: lane coaching: Ann Rivers.")
    assert "C-1-000015" in shown(chrome)
    assert "C-1-000005" not in shown(chrome)


def test_a_figure_of_the_first_screen_leads_to_its_entries(opened: Open, page: bytes) -> None:
    chrome = opened(page)

    chrome.find_element(By.XPATH, "//button[contains(., 'overridden')]").click()

    wait_until(chrome, lambda: "1 of 30 entries" in text_of(chrome, "tally"))
    assert shown(chrome) == ["C-1-000030"]
    assert chrome.switch_to.active_element.get_attribute("id") == "entries"


def test_what_happened_first_comes_first_when_asked(
    opened: Open, page: bytes, record: dict[str, Any]
) -> None:
    chrome = opened(page)

    Select(chrome.find_element(By.NAME, "order")).select_by_value("happened")

    told = [one for one in record["entries"] if "readings" in one]
    expected = [
        one["number"] for one in sorted(told, key=lambda one: (one["readings"][-1]["at"], one["seq"]))
    ]
    wait_until(chrome, lambda: [number for number in shown(chrome) if number in expected] == expected)


def test_hash_and_stored_bytes_are_there_in_full_on_demand(opened: Open, page: bytes, bundle: Bundle) -> None:
    chrome = opened(page)
    line = json.loads(bundle.files["entries.ndjson"].splitlines()[0])
    item = chrome.find_element(By.ID, "e1")

    button = item.find_element(By.CSS_SELECTOR, ".hash")
    narrow = button.size["width"]
    button.send_keys(Keys.ENTER)
    assert button.get_attribute("aria-expanded") == "true"
    assert button.size["height"] > 20 or button.size["width"] > narrow
    item.find_element(By.XPATH, ".//button[.='Stored bytes']").send_keys(Keys.ENTER)

    assert item.find_element(By.TAG_NAME, "pre").get_attribute("textContent") == line["entry"]
    assert line["leaf_hash"] in item.find_element(By.CLASS_NAME, "details").text


# -- the analysis -------------------------------------------------------------------------------------------


def test_the_analysis_is_a_part_of_its_own_with_links_to_the_entries(ledger: Ledger, opened: Open) -> None:
    whole = make(ledger, Request("C-1"), "director", dates(ledger))
    analysis = json.loads(whole.files["analysis.json"])
    chrome = opened(whole.files["index.html"])
    part = chrome.find_element(By.ID, "analysis-part")

    assert part.text.startswith("NOT PART OF THE RECORD\nThe program\u2019s reading of the record")
    assert len(part.find_elements(By.TAG_NAME, "article")) == len(analysis["transitions"])
    (first, *_) = analysis["transitions"]
    rows = part.find_elements(By.CSS_SELECTOR, "article:first-of-type tbody tr")
    assert len(rows) == len(first["requirements"])
    for row, told in zip(rows, first["requirements"], strict=True):
        assert told["rule"] in row.text
        assert told["message"] in row.text
    part.find_element(By.CSS_SELECTOR, "article a[href^='#e']").click()
    assert (chrome.switch_to.active_element.get_attribute("id") or "").startswith("e")
