"""The page of a bundle without its data: what a lawyer opens."""

from collections.abc import Mapping
from typing import Any

from projections.bundle.embedding import CLOSING, OPENING
from projections.pages.markup import el, joined


def frame(record: Mapping[str, Any]) -> str:
    """The page's frame for a record; its data element is empty."""
    title = joined([f"{record['practice']}: record of client {record['client']}"])
    return (
        f"<!doctype html>\n<html lang=en><head><meta charset=utf-8>{el('title', title)}</head><body>"
        f"{el('h1', title)}{el('p', 'The record is in entries.ndjson; check it with verify.py.')}"
        f"{OPENING}{CLOSING}</body></html>\n"
    )
