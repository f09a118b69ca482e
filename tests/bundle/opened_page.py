"""A bundle's page in a real browser, watched: nothing may be loaded, no error raised, no policy broken."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from projections.bundle.bundle import Bundle
from projections.bundle.embedding import CLOSING, OPENING
from projections.bundle.page import SCRIPTS

WATCH = """
window.seen = [];
addEventListener("error", (event) => seen.push("error: " + event.message), true);
addEventListener("unhandledrejection", (event) => seen.push("rejection: " + event.reason));
addEventListener("securitypolicyviolation", (event) => seen.push(`policy: ${event.violatedDirective}`));
"""

Open = Callable[..., webdriver.Chrome]
GREY, AMBER, GREEN, RED = "grey", "amber", "green", "red"


@contextmanager
def watched(browser: webdriver.Chrome, folder: Path) -> Iterator[Open]:
    """Opens pages from disk, without a network; afterwards nothing may have gone wrong in the last one."""
    browser.execute_cdp_cmd("Network.enable", {})
    cut = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
    browser.execute_cdp_cmd("Network.emulateNetworkConditions", cut)
    watch = browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})
    console(browser)

    def _open(
        page: bytes, *, fragment: str = "", width: int = 1280, checked: bool = True
    ) -> webdriver.Chrome:
        file = folder / "index.html"
        file.write_bytes(page)
        screen = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
        browser.get("about:blank")
        browser.get(file.as_uri() + fragment)
        if checked:
            wait_until(browser, lambda: is_ready(browser), seconds=60)
        return browser

    try:
        yield _open
        loaded = "return performance.getEntriesByType('resource').map(e => e.name)"
        happened = [
            browser.execute_script(f"return {name}") for name in ("window.seen", "window.owned ?? null")
        ]
        told = (*happened, console(browser), browser.execute_script(loaded))
        assert told == ([], None, [], []), told
    finally:
        browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", watch)
        online = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        browser.execute_cdp_cmd("Network.emulateNetworkConditions", online)
        browser.execute_cdp_cmd("Network.disable", {})
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
        browser.get("about:blank")


@pytest.fixture
def opened(browser: webdriver.Chrome, tmp_path: Path) -> Iterator[Open]:
    """Opens pages, watched."""
    with watched(browser, tmp_path) as opening:
        yield opening


@pytest.fixture
def page(bundle: Bundle) -> bytes:
    """The page of the production with everything in it."""
    return bundle.files["index.html"]


@pytest.fixture
def record(bundle: Bundle) -> dict[str, Any]:
    """What that page tells."""
    found: dict[str, Any] = json.loads(bundle.files["record.json"])
    return found


def lines_of(page: bytes) -> list[dict[str, Any]]:
    """The lines of the record that a page holds."""
    inside = page.decode().partition(OPENING)[2].partition(CLOSING)[0]
    return [json.loads(line) for line in json.loads(inside)["files"]["entries.ndjson"].splitlines()]


def text_of(chrome: webdriver.Chrome, id_: str) -> str:
    """What is to be read in an element, in one line."""
    return " ".join(chrome.find_element(By.ID, id_).text.split())


def console(chrome: webdriver.Chrome) -> list[Any]:
    """What the browser's console said since it was last asked."""
    told: list[Any] = chrome.get_log("browser")  # type: ignore[no-untyped-call]
    return told


def wait_until(chrome: webdriver.Chrome, holds: Callable[[], Any], seconds: float = 10) -> None:
    """Until something holds; what the page says then stands in the failure."""
    WebDriverWait(chrome, seconds, 0.02).until(lambda _: holds(), lambda: light(chrome))  # type: ignore[arg-type]


def is_ready(chrome: webdriver.Chrome) -> bool:
    """Whether the page has checked itself once."""
    return bool(chrome.execute_script("return document.documentElement.dataset.ready === 'yes'"))


def light(chrome: webdriver.Chrome) -> str:
    """The colour of the light."""
    return (chrome.find_element(By.ID, "light").get_attribute("class") or "").removeprefix("light ")


def verdict(chrome: webdriver.Chrome) -> str:
    """What stands beside it."""
    return chrome.find_element(By.ID, "light").text


def paste(chrome: webdriver.Chrome, field: str, text: str) -> None:
    """Puts a text into a field at once, as pasting does."""
    chrome.execute_script(
        "const [id, text] = arguments; const field = document.getElementById(id); field.value = text;"
        "field.dispatchEvent(new Event('input', {bubbles: true}))",
        field,
        text,
    )


def results(chrome: webdriver.Chrome) -> dict[str, str]:
    """Each check's result as a person reads it."""
    found: dict[str, str] = chrome.execute_script(
        "return Object.fromEntries([...document.querySelectorAll('#checks > li')].map(e =>"
        " [e.dataset.check, e.querySelector('.result').textContent]))"
    )
    return found


def wrong(chrome: webdriver.Chrome) -> dict[str, list[str]]:
    """What the page says is wrong, by check."""
    found: dict[str, list[str]] = chrome.execute_script(
        "return Object.fromEntries([...document.querySelectorAll('#checks > li.fails')].map(e =>"
        " [e.dataset.check, [...e.querySelectorAll('.wrong > li')].map(l => l.textContent)]))"
    )
    return found


def shown(chrome: webdriver.Chrome) -> list[str]:
    """The numbers of the entries that are to be seen, in order."""
    found: list[str] = chrome.execute_script(
        "return [...document.querySelectorAll('#list > li')].filter(e => !e.hidden)"
        ".map(e => e.querySelector('.number').textContent)"
    )
    return found


# -- the script's own functions, without a page -----------------------------------------------------------


def script() -> str:
    """The script's parts without the one that begins: what they declare can then be called."""
    folder = resources("projections.bundle.page")
    return "\n".join(folder.joinpath(name).read_text("utf-8") for name in SCRIPTS if name != "page.js")


def call(chrome: webdriver.Chrome, expression: str, *given: Any) -> Any:
    """The value of a JavaScript expression that may call the script's functions; `given` are its arguments."""
    body = f'"use strict"; {script()}\nreturn (async (given) => {expression})(JSON.parse(arguments[0]));'
    return chrome.execute_script(body, json.dumps(given))


def verified(
    chrome: webdriver.Chrome, files: Mapping[str, str], key: str | None = None
) -> dict[str, list[str]]:
    """What the page's checks find wrong with these texts, by check."""
    told = call(
        chrome,
        "(await verified(given[0], given[1] === null ? null : await Key.of(given[1]))).results",
        dict(files),
        key,
    )
    return {one["name"]: [each["text"] for each in one["wrong"]] for one in told if one["wrong"]}
