"""The page's data: the files it shows, whole, as one JSON element that nothing in them can end."""

import json
import re
from collections.abc import Mapping

from projections.bundle.manifest import FORMAT

OPENING = '<script type="application/json" id="bundle">'
CLOSING = "</script>"

_MARKUP = re.compile("[<>&]")


def embedded(frame: str, files: Mapping[str, str]) -> str:
    """The page with its data. `frame` holds the empty element once."""
    before, element, after = frame.partition(OPENING + CLOSING)
    if not element or OPENING in before + after:
        raise ValueError("the page's frame holds its data element not once")
    return before + OPENING + data(files) + CLOSING + after


def data(files: Mapping[str, str]) -> str:
    r"""The element's text: ASCII, and `<`, `>`, `&` as `\uXXXX` (HTML, "Restrictions for contents of script")."""
    text = json.dumps({"format": FORMAT, "files": dict(files)}, separators=(",", ":"))
    return _MARKUP.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
