"""One self-contained page: style and script stand in the file, and nothing else may be loaded or run.

The Content-Security-Policy names the inlined blocks by their SHA-256 (CSP level 3, section 2.3.1), so a script that
slipped in through a text would not run even if it were not escaped.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from ledger.legible import on_one_line
from projections.pages.markup import Html

_SLOT = re.compile(r"\{\{(\w+)\}\}")
_LONGEST_RUNNING_HEAD = 80


@dataclass(frozen=True, slots=True)
class Parts:
    """The files of one package that make up a page; of several scripts, each uses what stands before it."""

    package: str
    markup: str
    style: str
    scripts: tuple[str, ...]

    def text(self, name: str) -> str:
        """One of them, with the line ends that a browser hashes."""
        return files(self.package).joinpath(name).read_text("utf-8").replace("\r\n", "\n")

    def script(self) -> str:
        """The script: one as it is, several as one scope, of which nothing is seen outside."""
        if len(self.scripts) == 1:
            return self.text(self.scripts[0])
        body = "\n".join(map(self.text, self.scripts))
        return f'(() => {{\n"use strict";\n{body}}})();\n'


def self_contained(parts: Parts, slots: Mapping[str, Html], running_head: tuple[str, str]) -> str:
    """The page with its style and script inlined and its slots filled.

    `running_head` is printed at the top of every sheet, left and right.
    """
    style, sheets, script = parts.text(parts.style), _sheets(*running_head), parts.script()
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
    return _SLOT.sub(lambda slot: filled[slot[1]], parts.text(parts.markup))


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
