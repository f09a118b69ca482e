"""One self-contained page: style and script stand in the file, and nothing else may be loaded or run.

The Content-Security-Policy names the inlined blocks by their SHA-256 (CSP level 3, section 2.3.1), so a script that
slipped in through a text would not run even if it were not escaped.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from importlib.resources import files

from ledger.legible import on_one_line
from projections.pages.markup import Html

_SLOT = re.compile(r"\{\{(\w+)\}\}")
_LONGEST_RUNNING_HEAD = 80


def self_contained(name: str, slots: Mapping[str, Html], running_head: tuple[str, str]) -> str:
    """The page `name`.html with `name`.css and `name`.js inlined and its slots filled.

    `running_head` is printed at the top of every sheet, left and right.
    """
    style, sheets, script = _part(f"{name}.css"), _sheets(*running_head), _part(f"{name}.js")
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; "
        f"style-src {_hash(style)} {_hash(sheets)}; script-src {_hash(script)}"
    )
    filled = {
        **slots,
        "policy": Html(policy),
        "style": Html(style),
        "sheets": Html(sheets),
        "script": Html(script),
    }
    # In one pass: what a slot is filled with is never searched for slots.
    return _SLOT.sub(lambda slot: filled[slot[1]], _part(f"{name}.html"))


def _part(name: str) -> str:
    """A file beside this module, with the line ends that a browser hashes."""
    return files("projections.pages").joinpath(name).read_text("utf-8").replace("\r\n", "\n")


def _hash(block: str) -> str:
    digest = hashlib.sha256(block.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _sheets(left: str, right: str) -> str:
    """The margins of printed sheets (CSS Paged Media, section 5)."""
    boxes = {
        "top-left": _css_string(left),
        "top-right": _css_string(right),
        "bottom-right": '"Page " counter(page) " of " counter(pages)',
    }
    written = (f"@{box}{{font-size:8pt;content:{content}}}" for box, content in boxes.items())
    return f"@page{{{''.join(written)}}}"


def _css_string(value: str) -> str:
    """A CSS string in which everything but ASCII letters and digits is escaped (CSS Syntax, section 4.3.7)."""
    shown = on_one_line(value)
    if len(shown) > _LONGEST_RUNNING_HEAD:
        shown = shown[: _LONGEST_RUNNING_HEAD - 1] + "\u2026"
    escaped = (one if one.isascii() and one.isalnum() else f"\\{ord(one):06x}" for one in shown)
    return f'"{"".join(escaped)}"'
