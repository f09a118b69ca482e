"""The fast way through an import gives what the strict and slow one gives, byte for byte."""

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from ledger.errors import InputError
from ledger.integrity.canonical import dumps_in_order, loads, loads_record
from ledger.recording.statement import Statement, state
from ledger.values import plain_text
from tests.importing import files

TEXTS = st.text(max_size=8) | st.sampled_from(
    ['a":', ' :"', '\\":', "\u2028", "😀é", "\t\n", ":", '"', "\\", "\ud800"]
)
KEYS = st.sampled_from(["type", "by", "a", 'b":', "c :", "", "é"])
VALUES = st.recursive(
    TEXTS | st.booleans() | st.none() | st.integers(-(2**54), 2**54) | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=5,
)
BLANK = st.sampled_from(["", "", "", " ", "\t", "\r", "\n", " \t"])


@st.composite
def objects(draw: st.DrawFn) -> bytes:
    """A JSON object as somebody may write it: keys twice, blanks anywhere, escapes or not."""
    pairs = draw(st.lists(st.tuples(KEYS, VALUES), max_size=6))
    ascii_only = draw(st.booleans())
    written = []
    for key, value in pairs:
        name, content = (json.dumps(part, ensure_ascii=ascii_only) for part in (key, value))
        written.append(f"{draw(BLANK)}{name}{draw(BLANK)}:{draw(BLANK)}{content}{draw(BLANK)}")
    return ("{" + ",".join(written) + "}").encode("utf-8", "surrogatepass")


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Such an object with a few bytes changed, added or lost."""
    content = bytearray(draw(objects()))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(content)))
        content[at : at + draw(st.integers(0, 2))] = draw(
            st.sampled_from(
                [b"", b'"', b":", b",", b" :", b"{", b"}", b"[", b"0", b"\\", b"\xff", b'":', b"\x00"]
            )
        )
    return bytes(content)


def outcome(read: Any, line: bytes) -> Any:
    """What reading gives, with types told apart that compare equal; or what it refuses with."""
    try:
        return "read", repr(read(line))
    except InputError as wrong:
        return "refused", str(wrong)


@given(objects() | damaged() | st.binary(max_size=20))
@example(b'{"a" :1,"b":":","a":2}')
@example(b'{"a" :1,"a":2,"b":"\\":"}')
@example(b'{"a":1,"a":":"}')
@example(b'{"a":-0}')
@example(b'{"a":-0.0}')
@example(b'{"a":1E400}')
@example(b'{"a":[{}]}')
@example(b'{"a":[{"a":1}]}')
@example(b'{"a":[[]],"a":[]}')
@example(b'{"a":"\xed\xa0\x80"}')
@example(b'{"a":123456789012345678901234567890}')
@example(b"\xef\xbb\xbf{}")
@example(b"")
def test_a_line_is_read_alike(line: bytes) -> None:
    assert outcome(loads_record, line) == outcome(loads, line)


@pytest.mark.parametrize(
    "line", [b'{"a":1,"a":1}', b'{"a":1,"a" :1}', b'{"a\\u0062":1,"ab":2}', b'{"a":":","b":"x","b":1}']
)
def test_no_key_is_lost(line: bytes) -> None:
    with pytest.raises(InputError, match="duplicate key"):
        loads_record(line)


LINES = (*files.begun(), files.line("ClientRelocated", client="C-1", jurisdiction="US-SC", source="s 1"))


@given(
    st.sampled_from(LINES),
    st.dictionaries(st.sampled_from(sorted({key for one in LINES for key in one})), VALUES),
)
def test_a_line_states_alike(line: files.Given, changes: files.Given) -> None:
    """A usual line, with any of its fields changed to anything, is stated or refused alike."""

    def stated(given: Any) -> Statement | str:
        try:
            return state(given)
        except InputError as wrong:
            return str(wrong)

    try:
        written = json.dumps(line | changes).encode()
        slow = loads(written)
    except InputError:
        return
    assert stated(loads_record(written)) == stated(slow)


# -- the stored bytes -------------------------------------------------------------------------------------


def plain(text: str) -> bool:
    """Whether the ledger stores such a text."""
    try:
        return plain_text(text) == text
    except ValueError:
        return False


STORED_TEXT = st.text(min_size=1).filter(plain) | st.sampled_from(
    ["a\tb\nc", '"quoted"', "back\\slash", "/", "é", "\u00a0", "\ufffd", "\U0001f600", "\U0010ffff", "<&>"]
)
FIELD = st.from_regex(r"[a-z_]{1,12}", fullmatch=True)
MEMBER = (
    STORED_TEXT
    | st.booleans()
    | st.integers(0, 2**53 - 1)
    | st.lists(STORED_TEXT, max_size=3)
    | st.just([{"...": "A" * 43}])
)


@given(
    st.dictionaries(FIELD, MEMBER | st.dictionaries(FIELD, MEMBER).map(lambda one: dict(sorted(one.items()))))
)
def test_members_in_order_give_the_canonical_bytes(members: dict[str, Any]) -> None:
    assert dumps_in_order(dict(sorted(members.items()))) == rfc8785.dumps(members)


@pytest.mark.parametrize(
    "code", [*range(0x20), 0x22, 0x5C, 0x7F, 0x80, 0x9F, 0x2028, 0x2029, 0xFEFF, 0xFFFF, 0x10000]
)
def test_each_character_is_escaped_as_rfc_8785_has_it(code: int) -> None:
    assert dumps_in_order({"a": chr(code)}) == rfc8785.dumps({"a": chr(code)})


def test_what_has_no_canonical_form_is_refused() -> None:
    with pytest.raises(InputError, match="no canonical JSON form"):
        dumps_in_order({"a": "\ud800"})
