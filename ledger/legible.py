"""Text made safe to show: no character of it can move the cursor, colour the screen or reverse what is read."""

import re

_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls, but for tab and line feed
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional marks, embeddings, overrides, isolates
    "\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]"
)


def legible(text: str) -> str:
    """`text` with every unsafe character written out as its code point."""
    return _UNSAFE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def on_one_line(text: str) -> str:
    """`text` made legible, its line breaks and tabs turned into blanks."""
    return " ".join(legible(text).split())


def escaped(document: str) -> str:
    """JSON text with every unsafe character written as JSON's own escape: the same values, and legible."""
    return _UNSAFE.sub(lambda found: f"\\u{ord(found.group()):04x}", document)
