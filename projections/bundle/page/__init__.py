"""The page of a bundle without its data: what a lawyer opens.

One file that needs no other: the parts beside this module, put together. Everything a person sees is made in the
browser from the data, by `createElement` and text nodes; nothing in the data is ever read as markup.
"""

from collections.abc import Mapping
from typing import Any

from projections.bundle.embedding import CLOSING, OPENING
from projections.pages.markup import Html, text
from projections.pages.standalone import Parts, self_contained

SCRIPTS = (
    "words.js",
    "strict.js",
    "hashes.js",
    "signatures.js",
    "texts.js",
    "checks.js",
    "replay.js",
    "summary.js",
    "shapes.js",
    "picture.js",
    "clocks.js",
    "entry.js",
    "entries.js",
    "left-out.js",
    "analysis.js",
    "verification.js",
    "page.js",
)
"""The parts of the script, in order: each uses what stands before it."""

PARTS = Parts("projections.bundle.page", "page.html", "page.css", SCRIPTS)


def frame(record: Mapping[str, Any]) -> str:
    """The page's frame for a record; its data element is empty."""
    practice, client = record["practice"], f"client {record['client']}"
    slots = {
        "title": text(f"{practice}: record of {client}"),
        "practice": text(practice),
        "data": Html(OPENING + CLOSING),
    }
    return self_contained(PARTS, slots, (practice, f"Record of {client}"))
