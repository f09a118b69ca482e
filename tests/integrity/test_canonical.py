import json
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ledger.errors import InputError
from ledger.integrity import canonical
from tests.thoroughness import examples

MAX = 2**53 - 1
texts = st.text()
keys = st.text(max_size=6) | st.text(
    st.sampled_from("aZ\u20ac\ud7ff\ue000\uffff\U00010000\U0001f602"), max_size=3
)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-MAX, MAX) | texts,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(keys, inner, max_size=5),
    max_leaves=30,
)


@settings(deadline=None, max_examples=examples(400))
@given(values)
@example({"\ue000": 1, "\U00010000": 2})
@example({"a": '\x00\x1f\x7f\u2028"\\/\b\f\n\r\t'})
@example([MAX, -MAX, 0, [], {}, [[]], ""])
def test_the_bytes_are_those_of_rfc_8785_and_read_back(value: Any) -> None:
    expected = rfc8785.dumps(value)
    assert canonical.dumps(value) == expected
    assert canonical.dumps_validated(value) == expected
    assert canonical.loads(expected) == value
    assert canonical.loads(expected.decode()) == value


def test_keys_beyond_the_basic_plane_are_sorted_by_utf_16_code_units() -> None:
    assert canonical.dumps({"\ufb33": 1, "\U0001f602": 2}) == '{"\U0001f602":2,"\ufb33":1}'.encode()


def test_the_published_vectors(vectors: Path) -> None:
    folder = vectors / "jcs" / "testdata"
    compared = 0
    for file in sorted(folder.glob("input/*.json")):
        expected = (folder / "output" / file.name).read_bytes()
        if any(isinstance(number, float) for number in numbers(json.loads(file.read_bytes()))):
            with pytest.raises(InputError, match="expected an integer"):
                canonical.loads(file.read_bytes())
            continue
        assert canonical.dumps(canonical.loads(file.read_bytes())) == expected, file
        assert canonical.dumps(canonical.loads(expected)) == expected, file
        compared += 1
    assert compared >= 4


def numbers(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return numbers(list(value.values()))
    if isinstance(value, list):
        return [number for member in value for number in numbers(member)]
    return [value]


class Service(StrEnum):
    THERAPY = "therapy"


def test_a_coded_vocabulary_is_written_as_its_text() -> None:
    assert canonical.dumps({Service.THERAPY: [Service.THERAPY]}) == b'{"therapy":["therapy"]}'


CYCLE: list[Any] = []
CYCLE.append(CYCLE)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (1.0, "float"),
        ({"a": [float("nan")]}, "float"),
        (float("inf"), "float"),
        (MAX + 1, "number too large"),
        ([-MAX - 1], "number too large"),
        ({1: "a"}, "keys are strings"),
        ({"a": {None: 1}}, "keys are strings"),
        ({True: 1}, "keys are strings"),
        ((1, 2), "tuple"),
        (b"a", "bytes"),
        (Decimal(1), "Decimal"),
        ({1, 2}, "set"),
        (object(), "object"),
        ("\ud800", "surrogate"),
        ({"\udc00": 1}, "surrogate"),
        ("\ud83d\U0001f602", "surrogate"),
        (CYCLE, "nested too deep"),
    ],
)
def test_what_has_no_canonical_form_is_refused(value: Any, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        canonical.dumps(value)


def test_an_integer_too_long_even_to_be_printed_is_refused() -> None:
    with pytest.raises(InputError, match="number too large: an integer of 19932 bits"):
        canonical.dumps([10**6000])


def nested(depth: int) -> Any:
    value: Any = []
    for number in range(depth - 1):
        value = [value] if number % 2 else {"a": value}
    return value


def test_both_ways_keep_to_one_depth() -> None:
    deepest = canonical.dumps(nested(canonical.MAX_DEPTH))
    assert canonical.loads(deepest) == nested(canonical.MAX_DEPTH)
    with pytest.raises(InputError, match="nested too deep"):
        canonical.dumps(nested(canonical.MAX_DEPTH + 1))
    with pytest.raises(InputError, match="nested too deep"):
        canonical.loads(b"[" + deepest + b"]")
    # Breadth is not depth, and brackets in a string are text.
    assert len(canonical.loads("[" + "[]," * 500 + '"[[[[\\"[[[["]')) == 501
    assert canonical.loads(json.dumps(["[{" * 500, '"\\[' * 500])) == ["[{" * 500, '"\\[' * 500]


@pytest.mark.parametrize("count", [101, 5_000, 500_000])
@pytest.mark.parametrize("text", ["[", '{"a":', '["\\"[', "]["])
def test_no_depth_and_no_hostile_text_breaks_the_reader(text: str, count: int) -> None:
    with pytest.raises(InputError, match=r"nested too deep|not valid JSON"):
        canonical.loads(text * count)
    with pytest.raises(InputError):
        canonical.dumps_validated(deep_list(count))


def deep_list(count: int) -> list[Any]:
    value: list[Any] = [0.0]
    for _ in range(min(count, 5_000)):
        value = [value]
    return value if count > 1_000 else [object()]


def test_a_call_from_deep_recursion_still_answers_with_an_input_error() -> None:
    def down(levels: int) -> None:
        if levels:
            down(levels - 1)
        else:
            canonical.loads(b"[" * 100 + b"]" * 100)

    refused = 0
    for levels in range(700, 990, 5):
        try:
            down(levels)
        except InputError:
            refused += 1
        except RecursionError:  # of `down` itself, or before the reader began
            break
    assert refused


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b'{"a":1,"a":1}', "duplicate key in a JSON object: 'a'"),
        (b'{"b":[{"a":1,"c":2,"\\u0061":3}]}', "duplicate key"),
        (b"NaN", "NaN is not a JSON number"),
        (b'{"a":Infinity}', "Infinity is not a JSON number"),
        (b"[-Infinity]", "-Infinity is not a JSON number"),
        (b"1.0", "expected an integer"),
        (b"1e3", "expected an integer"),
        (b"[-0.0]", "expected an integer"),
        (b"9007199254740992", "number too large"),
        (b"-9007199254740992", "number too large"),
        (b"[" + b"9" * 5000 + b"]", "number too large: 5000 digits"),
        (b"1e" + b"9" * 5000, "expected an integer"),
        (b'"\\ud800"', "lone surrogate"),
        (b'{"\\udc00\\ud800":1}', "lone surrogate"),
        (b'["\\uD83D\\u0061"]', "lone surrogate"),
        ("\ufeff{}", "byte-order mark"),
        (b"\xef\xbb\xbf{}", "byte-order mark"),
        ("\ud800", "not UTF-8"),
        (b'"\xff"', "not UTF-8"),
        (b'"\xed\xa0\x80"', "not UTF-8"),
        ("[1]".encode("utf-16"), "not UTF-8"),
        ("[1]".encode("utf-16-le"), "not valid JSON"),
        (b"", "not valid JSON"),
        (b"  ", "not valid JSON"),
        (b"{} {}", "not valid JSON"),
        (b"[1,]", "not valid JSON"),
        (b"01", "not valid JSON"),
        (b"+1", "not valid JSON"),
        (b"{a:1}", "not valid JSON"),
        (b"{'a':1}", "not valid JSON"),
        (b'"\x01"', "not valid JSON"),
        (b'"\n"', "not valid JSON"),
        (b'"\\x"', "not valid JSON"),
        (b"[1] // one", "not valid JSON"),
        (b"\xc2\xa01", "not valid JSON"),
        (b"true\x00", "not valid JSON"),
        (b'["', "not valid JSON"),
        (None, "not from a NoneType"),
        (bytearray(b"1"), "not from a bytearray"),
        (1, "not from a int"),
    ],
)
def test_what_is_not_strict_json_is_refused(text: Any, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        canonical.loads(text)


def test_escapes_that_make_whole_characters_are_read() -> None:
    assert canonical.loads(b' {"a": "\\ud83d\\ude02\\u00e9", "b": [ -0, 9007199254740991 ]}\r\n') == {
        "a": "\U0001f602\u00e9",
        "b": [0, MAX],
    }
    assert canonical.loads(b'"\\\\ud800"') == "\\ud800"


@settings(deadline=None, max_examples=examples(300))
@given(st.binary(max_size=60) | st.text(alphabet='[]{}":,\\u0d8-eE.1 tfn\ud800\ufeff', max_size=40))
def test_only_input_errors_leave_the_reader(data: bytes | str) -> None:
    try:
        value = canonical.loads(data)
    except InputError:
        return
    assert canonical.loads(canonical.dumps(value)) == value
