"""The page of a bundle as a person uses it: the first screen, the picture, the list, the replay, the key, paper."""

import base64
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from ledger.application import Ledger
from ledger.values import Domain
from projections.bundle.bundle import Bundle, make
from projections.bundle.readings import EXPIRES, STEPS
from projections.bundle.request import Request
from tests.bundle.conftest import dates
from tests.bundle.opened_page import (
    AMBER,
    GREEN,
    RED,
    Open,
    call,
    light,
    paste,
    results,
    shown,
    verdict,
    wait_until,
    watched,
    wrong,
)
from tests.bundle.test_readings import moments, replayed

pytestmark = pytest.mark.browser

OTHER_KEY = "harbor+0818e86e+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"


@pytest.fixture
def opened(browser: webdriver.Chrome, tmp_path: Path) -> Iterator[Open]:
    with watched(browser, tmp_path) as opening:
        yield opening


@pytest.fixture
def page(bundle: Bundle) -> bytes:
    return bundle.files["index.html"]


@pytest.fixture
def record(bundle: Bundle) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(bundle.files["record.json"])
    return found


def text_of(chrome: webdriver.Chrome, id_: str) -> str:
    return " ".join(chrome.find_element(By.ID, id_).text.split())


def mode(chrome: webdriver.Chrome, name: str) -> None:
    chrome.find_element(By.CSS_SELECTOR, f"input[value={name}]").click()


# -- the first screen -------------------------------------------------------------------------------------


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
    assert "Outside anchors none" in summary
    assert record["key"]["fingerprint"] in summary.replace(" ", "")
    figures = {
        item.text.split("\n")[1]: int(item.text.split("\n")[0])
        for item in chrome.find_elements(By.CSS_SELECTOR, "#figures li")
    }
    marks = record["counts"]["marks"]
    assert figures == {
        "recorded the same day": marks["same day"],
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


# -- the light and the key --------------------------------------------------------------------------------


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


# -- the list ---------------------------------------------------------------------------------------------


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

    (first, *_) = _lines(page)
    (old,) = [text for text in first["disclosures"].values() if " Quartermain" in _decoded(text)]
    forged = base64.urlsafe_b64encode(_decoded(old).replace("Quartermain", "Eighthmain").encode())
    chrome = opened(page.replace(old.encode(), forged.rstrip(b"=")))

    assert "not shown: it is not the text that the entry commits to" in chrome.find_element(By.ID, "e1").text
    assert "Eighthmain" not in chrome.find_element(By.TAG_NAME, "body").text
    assert light(chrome) == RED


def _data(page: bytes) -> dict[str, Any]:
    inside = page.decode().partition('id="bundle">')[2].partition("</script>")[0]
    found: dict[str, Any] = json.loads(inside)
    return found


def _lines(page: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in _data(page)["files"]["entries.ndjson"].splitlines()]


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
    expected = [one["number"] for one in sorted(told, key=lambda one: (one["readings"][-1]["at"], one["seq"]))]
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


# -- the picture ------------------------------------------------------------------------------------------


def test_the_picture_has_a_lane_for_each_service_bars_with_pauses_and_marks(
    opened: Open, page: bytes
) -> None:
    chrome = opened(page)

    def count(selector: str) -> int:
        return len(chrome.find_elements(By.CSS_SELECTOR, f"#drawing {selector}"))

    assert [one.text for one in chrome.find_elements(By.CSS_SELECTOR, "#drawing tspan.who")] == [
        "The client’s file",
        "Ann Rivers",
        "Ann Rivers",
    ]
    assert count(".bar.running.therapy") == 1
    assert count(".bar.running.coaching") == 2
    assert count(".bar.paused.coaching") == 1
    for kind in ("intake", "agreement", "referral", "concern", "release", "correction"):
        assert count(f".shape.{kind}") > 0, kind
    assert count(".override") == 1
    assert count("circle.late") == 1


def test_a_mark_tells_its_sentence_and_leads_to_its_entry(opened: Open, page: bytes) -> None:
    chrome = opened(page)
    mark = chrome.find_element(By.CSS_SELECTOR, "#drawing [data-seqs='9']")

    assert (mark.get_attribute("aria-label") or "").startswith("On 4 March 2024 P-1 closed therapy E1")
    chrome.execute_script("arguments[0].focus()", mark)
    assert "C-1-000009 On 4 March 2024 P-1 closed therapy E1" in text_of(chrome, "tip")
    mark.send_keys(Keys.ENTER)

    assert chrome.switch_to.active_element.get_attribute("id") == "e9"
    assert "found" in (chrome.switch_to.active_element.get_attribute("class") or "")


def test_the_arrow_keys_go_from_mark_to_mark_and_the_picture_is_one_tab_stop(
    opened: Open, page: bytes
) -> None:
    chrome = opened(page)
    stops = chrome.find_elements(By.CSS_SELECTOR, "#drawing [tabindex='0']")
    assert len(stops) == 1
    chrome.execute_script("arguments[0].focus()", stops[0])

    def focused() -> str | None:
        return chrome.switch_to.active_element.get_attribute("data-seqs")

    first = focused()
    chrome.switch_to.active_element.send_keys(Keys.ARROW_RIGHT)
    second = focused()
    chrome.switch_to.active_element.send_keys(Keys.ARROW_LEFT)
    assert (focused(), second != first) == (first, True)
    chrome.switch_to.active_element.send_keys(Keys.END)
    last = focused()
    chrome.switch_to.active_element.send_keys(Keys.HOME)
    assert focused() == first
    assert last not in {first, second}
    assert len(chrome.find_elements(By.CSS_SELECTOR, "#drawing [tabindex='0']")) == 1


def test_a_link_finds_its_entry_though_a_filter_hides_it(opened: Open, page: bytes) -> None:
    chrome = opened(page)
    Select(chrome.find_element(By.NAME, "kind")).select_by_value("referral")
    wait_until(chrome, lambda: len(shown(chrome)) == 3)

    chrome.find_element(By.CSS_SELECTOR, "#state a[href='#e9']").click()

    assert len(shown(chrome)) == 30
    assert chrome.switch_to.active_element.get_attribute("id") == "e9"


def test_an_address_that_names_an_entry_opens_at_it(opened: Open, page: bytes) -> None:
    chrome = opened(page, fragment="#e20")

    assert chrome.switch_to.active_element.get_attribute("id") == "e20"
    opened(page, fragment="#e999999999999999999999<img src=x onerror=window.owned=1>")


# -- the replay -------------------------------------------------------------------------------------------


def test_the_slider_goes_through_what_happened_by_keyboard(opened: Open, page: bytes) -> None:
    chrome = opened(page)
    slider = chrome.find_element(By.ID, "happened")
    assert "the whole production" in text_of(chrome, "moment")

    slider.send_keys(Keys.HOME)
    wait_until(chrome, lambda: "before the first entry" in text_of(chrome, "moment"))
    assert chrome.find_elements(By.CSS_SELECTOR, "#drawing .bar, #drawing .mark") == []
    assert "none" in text_of(chrome, "state")

    for _ in range(4):
        slider.send_keys(Keys.ARROW_RIGHT)
    wait_until(chrome, lambda: "therapy E1 with Ann Rivers running" in text_of(chrome, "state"))
    assert "moment 4 of" in (slider.get_attribute("aria-valuetext") or "")
    assert len(chrome.find_elements(By.CSS_SELECTOR, "#drawing .bar.running.therapy")) == 1
    assert chrome.find_elements(By.CSS_SELECTOR, "#drawing .bar.coaching") == []
    wait_until(chrome, lambda: "Last: On 9 January 2024" in _announced(chrome))

    slider.send_keys(Keys.END)
    wait_until(chrome, lambda: "the whole production" in text_of(chrome, "moment"))
    assert "coaching E2 with Ann Rivers closed" in text_of(chrome, "state")


def _announced(chrome: webdriver.Chrome) -> str:
    return chrome.find_element(By.ID, "replayed").get_attribute("textContent") or ""


def test_what_was_on_record_is_another_clock(opened: Open, page: bytes) -> None:
    chrome = opened(page)
    mode(chrome, "recorded")
    assert not chrome.find_element(By.ID, "happened").is_displayed()
    slider = chrome.find_element(By.ID, "recorded")

    # Entry 9, recorded on 10 March, says that therapy was closed on 4 March
    slider.send_keys(Keys.HOME)
    for _ in range(8):
        slider.send_keys(Keys.ARROW_RIGHT)
    wait_until(chrome, lambda: "8 of 30 entries" in (slider.get_attribute("aria-valuetext") or ""))
    wait_until(chrome, lambda: "therapy E1 with Ann Rivers running" in text_of(chrome, "state"))
    slider.send_keys(Keys.ARROW_RIGHT)
    wait_until(
        chrome, lambda: "therapy E1 with Ann Rivers closed since 4 March 2024" in text_of(chrome, "state")
    )


def test_both_clocks_together_answer_what_was_known_of_a_day(
    opened: Open, page: bytes, record: dict[str, Any]
) -> None:
    chrome = opened(page)
    mode(chrome, "both")
    assert chrome.find_element(By.ID, "happened").is_displayed()

    # Before the correction of entry 26 was on record, its first words stand; what had happened is the same
    recorded = chrome.find_element(By.ID, "recorded")
    for _ in range(4):
        recorded.send_keys(Keys.ARROW_LEFT)
    wait_until(chrome, lambda: "26 entries" in text_of(chrome, "moment"))
    first, last = (record["entries"][25]["readings"][at]["sentence"] for at in (0, -1))
    assert first != last
    mark = chrome.find_element(By.CSS_SELECTOR, "#drawing [data-seqs='26']")
    assert (mark.get_attribute("aria-label") or "") == first
    recorded.send_keys(Keys.END)
    wait_until(
        chrome,
        lambda: chrome.find_element(By.CSS_SELECTOR, "#drawing [data-seqs='26']").get_attribute("aria-label")
        == last,
    )


def test_step_and_play_move_the_slider(opened: Open, page: bytes) -> None:
    chrome = opened(page)
    box = chrome.find_element(By.ID, "clock-happened")
    slider = chrome.find_element(By.ID, "happened")
    last = int(slider.get_attribute("max") or 0)

    box.find_element(By.CSS_SELECTOR, "[data-step='-1']").send_keys(Keys.ENTER)
    assert slider.get_attribute("value") == str(last - 1)
    play = box.find_element(By.CSS_SELECTOR, "[data-play]")
    chrome.execute_script("arguments[0].value = arguments[1] - 3", slider, last)
    play.send_keys(Keys.ENTER)
    assert play.text == "Stop"
    wait_until(chrome, lambda: slider.get_attribute("value") == str(last))
    wait_until(chrome, lambda: play.text == "Play")
    assert play.get_attribute("aria-pressed") == "false"


def test_the_list_may_follow_the_replay(opened: Open, page: bytes) -> None:
    chrome = opened(page)
    chrome.find_element(By.NAME, "replayed").click()
    wait_until(chrome, lambda: "only what the replay shows" in text_of(chrome, "tally"))

    slider = chrome.find_element(By.ID, "happened")
    slider.send_keys(Keys.HOME)
    for _ in range(2):
        slider.send_keys(Keys.ARROW_RIGHT)

    wait_until(chrome, lambda: shown(chrome) == ["C-1-000001", "C-1-000002"])


def test_the_replay_folds_as_the_program_does_at_every_moment_of_both_clocks(
    browser: webdriver.Chrome, record: dict[str, Any]
) -> None:
    told_of = {**record, "entries": [one for one in record["entries"] if "readings" in one]}
    asked = list(moments(told_of))
    told = call(
        browser,
        "given[1].map(([by, known]) => Object.fromEntries(stateAt(given[0], by, known).things"
        ".map((thing) => [given[0].things[thing.number].label, thing.state])))",
        record,
        asked,
    )

    assert told == [replayed(record, by, known) for by, known in asked]


def test_the_table_of_steps_is_that_of_the_writer(browser: webdriver.Chrome) -> None:
    steps, expires = call(browser, "[STEPS, EXPIRES]")

    any_state = {"": None}
    assert steps == {
        kind: {
            act: [any_state.get(before[0], list(before)) if len(before) == 1 else list(before), after]
            for act, (before, after) in acts.items()
        }
        for kind, acts in STEPS.items()
    }
    assert expires == {kind: list(states) for kind, states in EXPIRES.items()}


# -- the analysis -----------------------------------------------------------------------------------------


def test_the_analysis_is_a_part_of_its_own_with_links_to_the_entries(ledger: Ledger, opened: Open) -> None:
    whole = make(ledger, Request("C-1"), "director", dates(ledger))
    analysis = json.loads(whole.files["analysis.json"])
    chrome = opened(whole.files["index.html"])
    part = chrome.find_element(By.ID, "analysis-part")

    assert part.text.startswith("NOT PART OF THE RECORD\nThe program’s reading of the record")
    assert len(part.find_elements(By.TAG_NAME, "article")) == len(analysis["transitions"])
    (first, *_) = analysis["transitions"]
    rows = part.find_elements(By.CSS_SELECTOR, "article:first-of-type tbody tr")
    assert len(rows) == len(first["requirements"])
    for row, told in zip(rows, first["requirements"], strict=True):
        assert told["rule"] in row.text
        assert told["message"] in row.text
    part.find_element(By.CSS_SELECTOR, "article a[href^='#e']").click()
    assert (chrome.switch_to.active_element.get_attribute("id") or "").startswith("e")


# -- screens, keyboard, paper -----------------------------------------------------------------------------


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
    for heading in ("Picture and replay", "Entries", "Verification", "The program’s reading of the record"):
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
    bundle: Bundle,
    record: dict[str, Any],
    width: float,
    height: float,
) -> None:
    sheets = printed(opened(page), tmp_path / "page.pdf", width, height)
    paper = "".join("".join(sheets).split())

    for line, told in zip(_lines(page), record["entries"], strict=True):
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
