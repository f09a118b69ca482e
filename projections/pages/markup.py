"""HTML by construction: text is escaped when it becomes part of an element, markup only comes out of `el`.

What a reader could not see, or what would show text in another order than it is stored, is written out: a
right-to-left override appears as `[U+202E]`, never as its effect.
"""

import html
import re
from collections.abc import Iterable
from typing import TypeAlias

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters; line feed and tab are plain white space
    "\u2028\u2029"  # line and paragraph separators
    "\u202a-\u202e\u2066-\u2069"  # embeddings, overrides and isolates (UAX 9)
    "\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\ud800-\udfff]"  # halves of characters: no UTF-8 file can hold them
)


class Html(str):
    """A piece of HTML: made by `el` and `joined`, or written in this package."""

    __slots__ = ()


Piece: TypeAlias = str | Html | None


def visible(value: object) -> str:
    """The value as text, with what could not be seen written out."""
    return _UNSEEN.sub(lambda found: f"[U+{ord(found[0]):04X}]", str(value))


def text(value: object) -> Html:
    """The value as HTML text, safe in an element and in a quoted attribute."""
    return value if isinstance(value, Html) else Html(html.escape(visible(value), quote=True))


def joined(pieces: Iterable[Piece], between: str = "") -> Html:
    """Pieces one after the other; plain strings are escaped, None is left out."""
    return Html(text(between).join(text(piece) for piece in pieces if piece is not None))


def el(tag: str, *content: Piece, **attributes: str | int | bool | None) -> Html:
    """An element. `class_` means class, `data_client` data-client; None and False leave an attribute out."""
    return Html(f"{_opening(tag, attributes)}{joined(content)}</{tag}>")


def _opening(tag: str, attributes: dict[str, str | int | bool | None]) -> str:
    written = [
        f" {name.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{text(value)}"')
        for name, value in attributes.items()
        if value is not None and value is not False
    ]
    return f"<{tag}{''.join(written)}>"
