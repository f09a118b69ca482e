"""The reference page of `verify.py`: its digest, what it checks, how it ends."""

import hashlib
import inspect
from collections.abc import Iterator
from pathlib import Path

from projections.bundle import verify


def verifier_page() -> Iterator[str]:
    """The page's lines."""
    source = Path(inspect.getfile(verify)).read_bytes()
    yield "# verify.py"
    yield ""
    yield "Every [evidence bundle](bundle.md) holds a verifier of its own: one file, Python 3.8 or newer, nothing to"
    yield "install. It shares no code with the program. This release's has the SHA-256 digest"
    yield ""
    yield f"    {hashlib.sha256(source).hexdigest()}"
    yield ""
    yield "Compare the digest of the file that you are going to run (`sha256sum verify.py`, on Windows"
    yield "`certutil -hashfile verify.py SHA256`) with the one printed here, read from a place that whoever sent you"
    yield "the bundle does not control. Or run the one from here on a bundle that came with another."
    yield ""
    yield "    python3 verify.py BUNDLE.zip --key 'NAME+ID+BASE64'"
    yield ""
    yield "| it ends with | which means |"
    yield "|---|---|"
    yield "| 0 | everything holds, and the key given signed it, or signed for the key that took over (which is said) |"
    yield "| 1 | something does not hold; each thing is named |"
    yield '| 2 | not decided: no key was given (then at most "internally consistent"), or the call was wrong |'
    yield ""
    yield "## What it checks"
    yield ""
    yield "In this order; every check that fails is named, with what is wrong."
    yield ""
    yield "| check | what holds |"
    yield "|---|---|"
    yield "| `container` | The files are there, each once, and no others. |"
    for check in verify.CHECKS:
        yield f"| `{check.__name__.replace('_', '-')}` | {check.__doc__} |"
