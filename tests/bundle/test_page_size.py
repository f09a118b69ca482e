"""A page of 5,000 entries: what it takes to open, to check, to filter and to replay. Measured and printed."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from ledger.recording.statement import Statement
from ledger.values import Domain, stamp
from projections.bundle.bundle import Bundle, make
from projections.bundle.request import Request
from projections.dates import Dates
from tests import desk
from tests.bundle.opened_page import AMBER, GREEN, Open, is_ready, light, opened, paste, wait_until

__all__ = ["opened"]

pytestmark = [pytest.mark.browser, pytest.mark.campaign]  # it looks at the clock, so not on a busy machine

ENTRIES = 5_000


def sessions(number: int) -> Iterator[Statement]:
    """So many sessions and notes on them, one after the other."""
    begin = datetime(2024, 6, 4, 15, tzinfo=UTC)
    for one in range(number):
        at = stamp(begin + timedelta(hours=4 * one))
        if one % 2 == 0:
            yield desk.of_client(
                "SessionHeld",
                at,
                engagement="E1",
                session=f"S{one}",
                modality="video",
                purpose="service",
                minutes=50,
            )
        else:
            yield desk.of_client(
                "RecordFiled",
                at,
                engagement="E1",
                session=f"S{one - 1}",
                record_set="clinical",
                kind="progress-note",
                document_sha256="cd" * 32,
                contains_diagnosis=False,
                title=f"note {one}",
            )


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    with closing(desk.new_ledger(tmp_path_factory.mktemp("large"), go_live="2030-01-01")) as ledger:
        desk.therapy_begun(ledger)
        ledger.record(list(sessions(ENTRIES - 5)))
        request = Request("C-1", reveal=frozenset({Domain.IDENTITY, Domain.THERAPY}))
        return make(ledger, request, "director", Dates(ledger.calendar))


def of_processor(chrome: webdriver.Chrome) -> float:
    """Seconds that the page's thread has computed: the same on a busy machine."""
    metrics = chrome.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == "ThreadTime"))


def test_five_thousand_entries_open_in_two_seconds_and_are_checked_in_three(
    large: Bundle, opened: Open, capsys: pytest.CaptureFixture[str]
) -> None:
    chrome = opened(b"<!DOCTYPE html><title>empty</title>", checked=False)
    chrome.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
    began = of_processor(chrome)

    opened(large.files["index.html"], checked=False)
    loaded = of_processor(chrome) - began
    opening = chrome.execute_script("return performance.getEntriesByType('navigation')[0].duration / 1000")
    painted = chrome.execute_script("return performance.getEntriesByType('paint')[0].startTime / 1000")
    wait_until(chrome, lambda: is_ready(chrome), seconds=120)
    checked = of_processor(chrome) - began - loaded
    said = chrome.find_element(By.ID, "checked").text
    checking = float(said.split()[-2])
    assert light(chrome) == AMBER
    wait_until(
        chrome, lambda: len(chrome.find_elements(By.CSS_SELECTOR, "#list > li")) == ENTRIES, seconds=60
    )

    filtering = chrome.execute_async_script(
        "const [done] = arguments; const began = performance.now(); const q = document.getElementById('q');"
        "q.value = 'S4444'; q.dispatchEvent(new Event('input', {bubbles: true}));"
        "(function wait() { if (document.getElementById('tally').textContent.includes('S4444'))"
        " done((performance.now() - began) / 1000); else setTimeout(wait, 5); })()"
    )
    assert chrome.find_element(By.ID, "tally").text.startswith("2 of 5,000 entries shown.")
    chrome.set_script_timeout(60)
    before = of_processor(chrome)
    chrome.execute_async_script(
        "const [done] = arguments; const slider = document.getElementById('happened'); let at = 0;"
        "(function next() { if ((at += 1) > 20) { done(); return; }"
        " slider.value = Math.floor(at * slider.max / 21); slider.dispatchEvent(new Event('input'));"
        " requestAnimationFrame(() => setTimeout(next)); })()"
    )
    step = (of_processor(chrome) - before) / 20
    paste(chrome, "key", large.manifest["key"])
    wait_until(chrome, lambda: light(chrome) == GREEN, seconds=60)

    with capsys.disabled():
        print(
            f"\n  {ENTRIES:,} entries, a page of {len(large.files['index.html']) / 2**20:.1f} MiB:"
            f" first paint {painted:.2f} s, open {opening:.2f} s ({loaded:.2f} s of processor),"
            f" checked in {checking:.1f} s ({checked:.2f} s of processor),"
            f" filtered in {filtering:.2f} s, a step of the replay {step * 1000:.0f} ms of processor"
        )
    assert loaded < 2
    assert checked < 3
