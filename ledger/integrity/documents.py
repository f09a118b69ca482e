"""The documents that leave the house, as JSON: how they are written, and how strictly they are read.

Every member must be there, no other may be, and every value has one spelling (DESIGN section 7). Every function
raises `ledger.errors.ProofError` for what it cannot accept, and nothing else.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from ledger.errors import InputError, ProofError
from ledger.integrity.canonical import loads

MAX_BYTES = 16 * 2**20
"""The longest document that is read: 16 MiB, some 200,000 leaf hashes."""
_HEX = re.compile(r"[0-9a-f]{64}")
_KINDS: dict[type, str] = {dict: "an object", list: "a list", str: "a text", int: "a whole number"}
_Read = TypeVar("_Read")
_Json = TypeVar("_Json", dict[str, Any], list[Any], str, int)


def read_document(text: object, expected: str, names: Sequence[str]) -> dict[str, Any]:
    """The members of a document of this format."""
    if isinstance(text, str):
        text = text.encode(errors="surrogatepass")  # half a character is found when it is read
    if not isinstance(text, bytes):
        raise ProofError(f"expected the text of a document, came a {type(text).__name__}")
    if len(text) > MAX_BYTES:
        raise ProofError(f"the document is longer than {MAX_BYTES >> 20} MiB, the most that is read")
    try:
        value = loads(text)
    except InputError as wrong:
        raise ProofError(f"the document cannot be read: {wrong}") from None
    if not isinstance(value, dict) or value.get("format") != expected:
        raise ProofError(f"expected a document of the format {expected}, came another")
    return an_object(value, "the document", ("format", *names))


def an_object(value: object, where: str, names: Sequence[str]) -> dict[str, Any]:
    """An object with exactly these members."""
    members = of_kind(dict, value, where)
    if members.keys() != set(names):
        differing = ", ".join(sorted(name[:64] for name in members.keys() ^ set(names)))
        raise ProofError(f"{where}: expected the members {', '.join(names)}; missing or unknown: {differing}")
    return members


def each(read: Callable[[object, str], _Read], value: object, where: str) -> tuple[_Read, ...]:
    """Every item of a list, read."""
    return tuple(read(one, f"{where}[{at}]") for at, one in enumerate(of_kind(list, value, where)))


def of_kind(kind: type[_Json], value: object, where: str) -> _Json:
    """A value of this JSON type."""
    if not isinstance(value, kind) or isinstance(value, bool):
        came = _KINDS.get(type(value), "something else")
        raise ProofError(f"{where}: expected {_KINDS[kind]}, came {came}")
    return value


def a_hash(value: object, where: str) -> bytes:
    """32 bytes in hexadecimal; small letters only, for a second spelling would be a second document."""
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        raise ProofError(f"{where}: expected 64 hexadecimal digits, in small letters")
    return bytes.fromhex(value)


def decoded(value: object, where: str) -> bytes:
    """Standard base64 (RFC 4648 section 4), only in the one form that encodes these bytes."""
    text = of_kind(str, value, where)
    try:
        data = b64decode(text, validate=True)
    except ValueError:
        raise ProofError(f"{where}: not base64") from None
    if b64encode(data).decode() != text:
        raise ProofError(f"{where}: not the canonical base64 of its bytes")
    return data


def as_text(state: bytes) -> str:
    """Stored bytes as text, which they are in a document."""
    try:
        return state.decode()
    except UnicodeDecodeError:
        raise ProofError("an entry's stored bytes are not UTF-8 text: it has no document") from None


def encoded(parts: Sequence[bytes]) -> list[str]:
    """Hashes in base64."""
    return [b64encode(part).decode() for part in parts]
