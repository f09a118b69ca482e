r"""HTML by construction: text is escaped when it becomes part of an element, markup only comes out of `el`.

What a reader could not see, or what would show text in another order than it is stored, is written out
(`ledger.legible`): a right-to-left override appears as `\u202e`, never as its effect.
"""

import html
from collections.abc import Iterable
from typing import TypeAlias

from ledger.legible import legible


class Html(str):
    """A piece of HTML: made by `el` and `joined`, or written in this package."""

    __slots__ = ()


Piece: TypeAlias = str | Html | None


def text(value: object) -> Html:
    """The value as HTML text, safe in an element and in a quoted attribute."""
    return value if isinstance(value, Html) else Html(html.escape(legible(str(value)), quote=True))


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
