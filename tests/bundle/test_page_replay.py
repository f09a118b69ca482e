"""The page's picture, and the replay on both clocks that it follows."""

from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from projections.bundle.readings import EXPIRES, STEPS
from tests.bundle.opened_page import (
    Open,
    call,
    opened,
    page,
    record,
    shown,
    text_of,
    wait_until,
)
from tests.bundle.test_readings import moments, replayed

__all__ = ["opened", "page", "record"]

pytestmark = pytest.mark.browser


def mode(chrome: webdriver.Chrome, name: str) -> None:
    chrome.find_element(By.CSS_SELECTOR, f"input[value={name}]").click()


# -- the picture --------------------------------------------------------------------------------------------


def test_the_picture_has_a_lane_for_each_service_bars_with_pauses_and_marks(
    opened: Open, page: bytes
) -> None:
    chrome = opened(page)

    def count(selector: str) -> int:
        return len(chrome.find_elements(By.CSS_SELECTOR, f"#drawing {selector}"))

    assert [one.text for one in chrome.find_elements(By.CSS_SELECTOR, "#drawing tspan.who")] == [
        "The client\u2019s file",
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
    focus = "document.querySelector(\"#drawing [data-seqs='9']\").focus()"
    told = "C-1-000009 On 4 March 2024 P-1 closed therapy E1"

    # The picture may be drawn anew just now, so it is asked for until it is told
    wait_until(chrome, lambda: chrome.execute_script(focus) is None and told in text_of(chrome, "tip"))
    mark = chrome.switch_to.active_element
    assert (mark.get_attribute("aria-label") or "").startswith("On 4 March 2024 P-1 closed therapy E1")
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


# -- the replay ---------------------------------------------------------------------------------------------


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
        lambda: (
            chrome.find_element(By.CSS_SELECTOR, "#drawing [data-seqs='26']").get_attribute("aria-label")
            == last
        ),
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
    asked += [("2026-01-01T00:00:00.000000Z", known) for known in range(len(record["entries"]) + 1)]
    told = call(
        browser,
        "given[1].map(([by, known]) => Object.fromEntries(stateAt(given[0], by, known).things"
        ".map((thing) => [given[0].things[thing.number].label, thing.state])))",
        record,
        asked,
    )

    expected = [replayed(record, by, known) for by, known in asked]
    assert told == expected
    assert any("expired" in states.values() for states in expected)


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
