"""A client erased between two bundles: the old one shows what it revealed, the new one that it is gone; both hold."""

import json
from contextlib import closing
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By

from ledger import clock
from projections.bundle.bundle import make
from projections.bundle.request import Request, domains
from tests import desk
from tests.bundle.conftest import dates
from tests.bundle.eventful import SECRETS, eventful
from tests.bundle.opened_page import Open, opened, text_of
from tests.bundle.test_production import traces
from tests.bundle.test_rights import texts
from tests.bundle.test_verify import failures

__all__ = ["opened"]


@pytest.mark.browser
def test_the_old_bundle_shows_what_it_revealed_and_the_new_one_that_it_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: Open
) -> None:
    reveal = domains("identity,therapy,coaching")
    with closing(eventful(tmp_path, monkeypatch)) as ledger:
        # Given a bundle with everything revealed
        before = make(ledger, Request("C-1", reveal=reveal), "director", dates(ledger))
        matter = {"matter": SECRETS["practice"][0], "reason": "the matter is over"}
        ledger.record([desk.fact("HoldReleased", clock.now(), client="C-1", **matter)])

        # When the client is erased, and another bundle made
        destroyed = desk.fact("KeysDestroyed", clock.now(), client="C-1", ground="client-request")
        ledger.record([destroyed], override=desk.override())
        after = make(ledger, Request("C-1", reveal=reveal), "director", dates(ledger))

    # Then both hold, and each says what can be read
    for name, made in (("before.zip", before), ("after.zip", after)):
        (tmp_path / name).write_bytes(made.content)
        assert failures(tmp_path / name, made.manifest["key"]) == {}
    assert "revealed" in {one["status"] for one in texts(before)}
    assert {one["status"] for one in texts(after)} == {"erased"}
    assert traces(after, [one for several in SECRETS.values() for one in several]) == []

    # And the first screen of the new one says since when, and that no hold stands any more
    record = json.loads(after.files["record.json"])
    assert (json.loads(before.files["record.json"])["holds"], record["holds"]) == (1, 0)
    assert [one["seq"] for one in record["erased"]] == [record["entries"][-1]["seq"]]
    summary = text_of(opened(before.files["index.html"]), "summary")
    assert "Legal hold one stands: nothing of this file may be erased" in summary
    assert "Erased" not in summary
    chrome = opened(after.files["index.html"])
    summary = text_of(chrome, "summary")
    assert "Legal hold" not in summary
    assert "Erased what was sealed before" in summary
    assert "nobody can open it; coded facts stay" in summary
    whole = chrome.find_element(By.TAG_NAME, "body").get_attribute("textContent") or ""
    assert "before its day on the authority of director" in whole
