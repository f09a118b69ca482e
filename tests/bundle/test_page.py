"""The page's frame as a file: one file, no other; exactly its own scripts may run; nothing in the data is markup."""

import base64
import hashlib
import json
import re
from importlib.resources import files as resources
from typing import Any

import pytest

from projections.bundle.bundle import Bundle
from projections.bundle.embedding import CLOSING, OPENING
from projections.bundle.page import PARTS, SCRIPTS, frame
from tests.projections.test_audit_page import Outline

RECORD: dict[str, Any] = {"practice": "The Lakeside Practice", "client": "C-1"}


def test_the_policy_allows_exactly_the_inlined_blocks_and_nothing_else() -> None:
    outline = Outline(frame(RECORD))
    (policy,) = [attrs["content"] or "" for _, attrs, _ in outline.all("meta") if "http-equiv" in attrs]
    rules = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    styles = [_hash(text) for _, _, text in outline.all("style")]
    scripts = [_hash(text) for _, attrs, text in outline.all("script") if "type" not in attrs]

    assert len(scripts) == 1
    assert rules == {
        "default-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "require-trusted-types-for": "'script'",
        "style-src": " ".join(styles),
        "script-src": scripts[0],
    }


def _hash(block: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(block.encode()).digest()).decode()}'"


def test_nothing_is_loaded_from_anywhere() -> None:
    outline = Outline(frame(RECORD))

    for _, attrs, _, _ in outline.found:
        assert {"src", "srcset", "style", "action", "background", "data"} & set(attrs) == set()
        assert not any(name.startswith("on") for name in attrs)
        assert (attrs.get("href") or "#").startswith("#")
    assert [tag for tag, _, _, _ in outline.found if tag in {"link", "img", "iframe", "object", "base"}] == []


def test_there_is_one_element_for_the_data_and_it_is_empty() -> None:
    source = frame(RECORD)

    assert source.count(OPENING + CLOSING) == 1
    assert source.count('id="bundle"') == 1


@pytest.mark.parametrize("name", [*SCRIPTS, "page.css", "page.html"])
def test_the_sources_hold_no_way_from_text_to_markup_code_or_network(name: str) -> None:
    source = resources("projections.bundle.page").joinpath(name).read_text("utf-8")

    for forbidden in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "DOMParser",
        "createContextualFragment",
        "srcdoc",
        "eval(",
        "Function(",
        "import(",
        "fetch(",
        "XMLHttpRequest",
        "WebSocket",
        "EventSource",
        "sendBeacon",
        "localStorage",
        "sessionStorage",
        "indexedDB",
        "document.cookie",
        "setTimeout(`",
        'setTimeout("',
        "@import",
    ):
        assert forbidden not in source, forbidden
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)", source) == []
    assert source.isascii(), "what a browser takes for the source's encoding must not matter"


def test_every_source_is_in_the_page_once_and_says_what_it_does() -> None:
    folder = resources("projections.bundle.page")
    there = {one.name for one in folder.iterdir() if one.name.endswith(".js")}

    assert there == set(SCRIPTS)
    assert len(SCRIPTS) == len(set(SCRIPTS))
    for name in SCRIPTS:
        text = folder.joinpath(name).read_text("utf-8")
        assert text.startswith("// "), name
        assert text in PARTS.script()


def test_no_two_parts_declare_the_same_name() -> None:
    declared = re.findall(r"^(?:async )?(?:function\*?|const|let|class) (\w+)", PARTS.script(), re.MULTILINE)

    assert [name for name in set(declared) if declared.count(name) > 1] == []


def test_no_text_of_the_record_becomes_markup_of_the_frame() -> None:
    marker = "</title></style></script><script>x</script><img src=x onerror=y>\"'{{script}}{{data}}"
    outline = Outline(frame({"practice": marker, "client": "C-1"}))

    assert [tag for tag, _, _, _ in outline.found].count("script") == 2
    assert "img" not in [tag for tag, _, _, _ in outline.found]
    assert marker in outline.text()


def test_the_same_record_gives_the_same_frame() -> None:
    assert frame(RECORD) == frame(dict(RECORD))


def test_the_page_holds_the_files_and_the_manifest_its_frame(bundle: Bundle) -> None:
    page = bundle.files["index.html"].decode()
    before, _, rest = page.partition(OPENING)
    inside, _, after = rest.partition(CLOSING)

    shown = json.loads(inside)["files"]
    assert {name: text.encode() for name, text in shown.items()} == {
        name: bundle.files[name] for name in shown
    }
    whole = before + OPENING + CLOSING + after
    assert hashlib.sha256(whole.encode()).hexdigest() == bundle.manifest["page_sha256"]
