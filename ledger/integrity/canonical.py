"""The one byte form of a JSON value: RFC 8785 (JCS), for values that every reader understands alike.

The restricted form: objects with string keys, arrays, strings, integers within +-(2^53 - 1), true, false,
null; no floats; nested at most `MAX_DEPTH` deep. Inside it the standard encoder gives RFC 8785's bytes at
several times the speed of a general one. One thing differs, and is dealt with below: RFC 8785 sorts keys by
UTF-16 code units, Python by code points.
"""

import json
import re
from collections import Counter
from typing import Any, NoReturn

from pydantic_core import from_json, to_json

from ledger.errors import InputError

MAX_DEPTH = 100
"""How many arrays and objects may stand inside one another, far below where Python's recursion gives up."""

MAX_INTEGER = 2**53 - 1
"""The largest integer every JSON reader keeps exactly: RFC 8785 section 3.2.2.3, RFC 7493 section 2.2."""

# RFC 8785 3.2.1 no whitespace, 3.2.2.2 only what must be escaped is, 3.2.3 sorted keys.
_encode = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False
).encode
_BEYOND_BMP = re.compile("[\U00010000-\U0010ffff]")
# A whole string, closed or not, or one bracket. Possessive, so that no input makes it backtrack.
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)


def dumps(value: Any) -> bytes:
    """Return the canonical bytes (RFC 8785, UTF-8) of a value of the restricted form.

    Raises InputError for anything else: a float, an integer too large, a key that is no string, a lone
    surrogate, a type JSON does not have, nesting beyond `MAX_DEPTH`.
    """
    _require_restricted((value,), 0)
    return dumps_validated(value)


def dumps_validated(value: Any) -> bytes:
    """Return the canonical bytes of a value already known to be of the restricted form, somewhat faster.

    For what a strict validation has just produced. Floats, large integers and keys that are no strings are
    not looked for and would be written in Python's way. Raises InputError for what cannot be written at all.
    """
    try:
        text = _encode(value)
        written = text.encode()
        if text.isascii() or not _BEYOND_BMP.search(text):
            return written
        # RFC 8785 3.2.3: beyond the Basic Multilingual Plane, UTF-16 code units sort unlike code points.
        import rfc8785

        return rfc8785.dumps(value)
    except RecursionError:
        _refuse_depth()
    except (TypeError, ValueError) as error:  # RFC 8785 3.2.2.2: a lone surrogate is an error, too
        raise InputError(f"this value has no canonical JSON form: {error}") from None


def dumps_in_order(value: Any) -> bytes:
    """Return the canonical bytes of a value whose objects have their keys in order already, several times faster.

    For an entry's header, made in the order of its keys; else as `dumps_validated`.
    """
    try:
        return to_json(value)
    except ValueError:
        return dumps_validated(value)  # which says what is wrong


def loads_record(data: bytes) -> Any:
    """What `loads` returns or raises, several times faster for an import line of the usual kind.

    That is one object of strings, booleans, small integers, nulls and lists of strings. A fast parser reads it
    that keeps the last of two equal keys, so they are counted: with no blank before any colon, every key ends in
    `":`, and so many of these as keys were kept means that none was lost.
    """
    if not (b" :" in data or b"\t:" in data or b"\r:" in data or b"\n:" in data):
        try:
            value = from_json(data, allow_inf_nan=False)
        except ValueError:
            return loads(data)  # which says what is wrong
        if type(value) is dict and data.count(b'":') == len(value) and _is_usual(value):
            return value
    return loads(data)


def loads(data: bytes | str) -> Any:
    """Return the value of one JSON text (RFC 8259), read strictly.

    Raises InputError, saying where or what, for text that is not JSON or not UTF-8, a byte-order mark, a
    duplicate key, NaN or Infinity, a float, an integer beyond `MAX_INTEGER`, a lone surrogate, nesting beyond
    `MAX_DEPTH`.
    """
    text = _text_of(data)
    _require_shallow(text)
    try:
        value = _DECODER.decode(text)
        if "\\u" in text:
            # An escape may have made half a surrogate pair, which has no UTF-8: RFC 8259 8.2, RFC 7493 2.1.
            _encode(value).encode()
    except json.JSONDecodeError as error:
        raise InputError(f"not valid JSON: {error.msg} (line {error.lineno} column {error.colno})") from None
    except UnicodeEncodeError:
        raise InputError("not valid JSON text: a lone surrogate (half a character) in a string") from None
    except RecursionError:
        _refuse_depth()
    return value


def _require_restricted(values: Any, depth: int) -> None:
    """Refuse any member outside the restricted form. Recursive but bounded; a stack of our own is slower."""
    if depth > MAX_DEPTH:
        _refuse_depth()
    for value in values:
        kind = type(value)
        if kind is str or kind is bool or value is None:
            continue
        if kind is int:
            if not -MAX_INTEGER <= value <= MAX_INTEGER:
                _refuse_number(value.bit_length())
        elif kind is dict:
            for key in value:
                if not isinstance(key, str):
                    raise InputError(f"a JSON object's keys are strings; one is a {type(key).__name__}")
            _require_restricted(value.values(), depth + 1)
        elif kind is list:
            _require_restricted(value, depth + 1)
        else:
            _require_text(value)


def _require_text(value: object) -> None:
    """Accept a member of a coded vocabulary (a subclass of str, written as its text), refuse the rest."""
    if not isinstance(value, str):
        raise InputError(
            f"a {type(value).__name__} has no canonical JSON form; expected an object, a list, a string, "
            "an integer, true, false or null"
        )


_SCALARS = {str, bool, type(None)}
_USUAL = _SCALARS | {int, list}


def _is_usual(members: dict[str, Any]) -> bool:
    """Whether an object has only members that a fast parser and the strict one read alike."""
    kinds = set(map(type, members.values()))
    if kinds <= _SCALARS:
        return True
    if not kinds <= _USUAL:
        return False
    for member in members.values():
        if type(member) is list:
            if not all(type(part) is str for part in member):
                return False
        elif type(member) is int and not -MAX_INTEGER <= member <= MAX_INTEGER:
            return False
    return True


def _text_of(data: object) -> str:
    """Decode strictly: UTF-8 only (RFC 8259 8.1), no byte-order mark, no lone surrogate."""
    try:
        if isinstance(data, bytes):
            text = data.decode()
        elif isinstance(data, str):
            text = data
            if not text.isascii():
                text.encode()
        else:
            raise InputError(f"JSON is read from bytes or text, not from a {type(data).__name__}")
    except (UnicodeDecodeError, UnicodeEncodeError) as error:
        raise InputError(f"not valid JSON: not UTF-8 text ({error.reason})") from None
    if text.startswith("\ufeff"):
        raise InputError("not valid JSON: it starts with a byte-order mark; save it as UTF-8 without one")
    return text


def _require_shallow(text: str) -> None:
    """Refuse nesting beyond `MAX_DEPTH` before the parser, which recurses, sees it."""
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        piece = match[0]
        if piece in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                _refuse_depth()
        elif piece in "]}":
            depth -= 1


def _refuse_depth() -> NoReturn:
    raise InputError(f"JSON nested too deep: more than {MAX_DEPTH} levels")


def _refuse_number(bits: int) -> NoReturn:
    raise InputError(f"number too large: an integer of {bits} bits, at most 2^53 - 1 is kept exactly by JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """RFC 7493 section 2.3: no duplicate keys; readers differ in which one they keep."""
    members = dict(pairs)
    if len(members) != len(pairs):
        (repeated, _), *_ = Counter(key for key, _ in pairs).most_common(1)
        raise InputError(f"duplicate key in a JSON object: {repeated[:64]!r}")
    return members


def _integer(digits: str) -> int:
    # The length first: converting thousands of digits is slow, and Python refuses it with a ValueError.
    if len(digits) > 17:
        raise InputError(f"number too large: {len(digits)} digits, at most 2^53 - 1 is kept exactly by JSON")
    number = int(digits)
    if not -MAX_INTEGER <= number <= MAX_INTEGER:
        raise InputError(f"number too large: {digits}, at most 2^53 - 1 is kept exactly by JSON")
    return number


def _no_fraction(literal: str) -> NoReturn:
    raise InputError(f"expected an integer, found the JSON number {literal[:32]}; fractions are not recorded")


def _no_constant(literal: str) -> NoReturn:
    raise InputError(f"not valid JSON: {literal} is not a JSON number")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_no_fraction, parse_constant=_no_constant
)
