"""Sealed fields: what is sealed comes back, and nothing else opens."""

import base64
import hashlib
import json
import os
from enum import StrEnum
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from ledger import sealing
from ledger.errors import CiphertextError, DisclosureError, LedgerError, SealedError, UnsealableError

KEY = bytes(range(32))
STREAM, SEQ, FIELD = "client/C-7F3K9Q", 14, "narrative"

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def sealed(value: object) -> tuple[bytes, str]:
    """The ciphertext and the digest of `value`, at the place all these tests use."""
    made = sealing.disclosure(value)
    ciphertext = sealing.encrypt(made.text, KEY, stream=STREAM, seq=SEQ, field=FIELD, digest=made.digest)
    return ciphertext, made.digest


def opened(ciphertext: bytes, digest: str) -> Any:
    text = sealing.decrypt(ciphertext, KEY, stream=STREAM, seq=SEQ, field=FIELD, digest=digest)
    return sealing.open_disclosure(text, digest)


def opened_as_designed(ciphertext: bytes, digest: str, key: bytes, stream: str, seq: int, field: str) -> Any:
    """An opener written from DESIGN section 6 alone; shares nothing with the product."""
    place = json.dumps([stream, seq, field, digest], ensure_ascii=False, separators=(",", ":")).encode()
    text = AESGCM(key).decrypt(ciphertext[:12], ciphertext[12:], place)
    assert base64.urlsafe_b64encode(hashlib.sha256(text).digest()).decode().rstrip("=") == digest
    salt, value = json.loads(base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4)))
    assert len(base64.urlsafe_b64decode(salt + "==")) == 16
    return value


def disclosing(content: str | bytes) -> tuple[str, str]:
    """A disclosure of just these bytes, with the digest that commits to it."""
    raw = content.encode() if isinstance(content, str) else content
    text = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    return text, sealing.digest_of(text)


# -- what is sealed comes back ----------------------------------------------------------------------------


@given(JSON_VALUES)
def test_any_json_value_comes_back(value: object) -> None:
    assert opened(*sealed(value)) == value


@given(JSON_VALUES)
def test_an_opener_written_from_the_design_reads_it(value: object) -> None:
    ciphertext, digest = sealed(value)
    assert opened_as_designed(ciphertext, digest, KEY, STREAM, SEQ, FIELD) == value


@given(st.text(), st.integers(1, 2**53 - 1), st.text())
def test_any_place_can_be_sealed_in(stream: str, seq: int, field: str) -> None:
    made = sealing.disclosure("text")
    place: dict[str, Any] = {"stream": stream, "seq": seq, "field": field, "digest": made.digest}
    assert sealing.decrypt(sealing.encrypt(made.text, KEY, **place), KEY, **place) == made.text
    ciphertext = sealing.encrypt(made.text, KEY, **place)
    assert opened_as_designed(ciphertext, made.digest, KEY, stream, seq, field) == "text"


def test_the_example_of_rfc_9901_section_4_2_6() -> None:
    text = "WyJsa2x4RjVqTVlsR1RQVW92TU5JdkNBIiwgIkZSIl0"
    assert sealing.digest_of(text) == "w0I8EKcdCtUPkGCNUrfwVp2xEgNjtoIDlOxc9-PlOhs"
    assert sealing.open_disclosure(text, "w0I8EKcdCtUPkGCNUrfwVp2xEgNjtoIDlOxc9-PlOhs") == "FR"


def test_a_disclosure_is_compact_json_in_utf_8() -> None:
    made = sealing.disclosure("Grüße")
    content = base64.urlsafe_b64decode(made.text + "=" * (-len(made.text) % 4)).decode()
    salt = json.loads(content)[0]
    assert content == f'["{salt}","Grüße"]'
    assert "=" not in made.text + made.digest + salt


def test_the_same_text_twice_gives_two_digests_and_two_ciphertexts() -> None:
    one, other = sealing.disclosure("yes"), sealing.disclosure("yes")
    assert one.text != other.text
    assert one.digest != other.digest
    place: dict[str, Any] = {"stream": STREAM, "seq": SEQ, "field": FIELD, "digest": one.digest}
    assert sealing.encrypt(one.text, KEY, **place) != sealing.encrypt(one.text, KEY, **place)


def test_a_coded_value_is_sealed_as_its_text() -> None:
    class Answer(StrEnum):
        ACCEPTED = "accepted"

    assert opened(*sealed(Answer.ACCEPTED)) == "accepted"


# -- what JSON cannot give back is not sealed -------------------------------------------------------------

_NESTED: list[object] = []
for _ in range(100_000):
    _NESTED = [_NESTED]


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(float("nan"), id="not a number"),
        pytest.param("\ud800", id="half a surrogate pair"),
        pytest.param(b"bytes", id="bytes"),
        pytest.param({1: "a"}, id="a name that is no text"),
        pytest.param(("a", "b"), id="a tuple"),
        pytest.param(_NESTED, id="nested without end"),
        pytest.param({"deep": {"set": {1, 2}}}, id="a set inside"),
    ],
)
def test_what_would_not_come_back_is_refused(value: object) -> None:
    with pytest.raises(UnsealableError):
        sealing.disclosure(value)


# -- nothing else opens -----------------------------------------------------------------------------------


def test_another_text_does_not_fit_the_digest() -> None:
    one, other = sealing.disclosure("declined"), sealing.disclosure("accepted")
    with pytest.raises(DisclosureError, match=other.digest):
        sealing.open_disclosure(other.text, one.digest)


SALT = "AAAAAAAAAAAAAAAAAAAAAA"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "null",
        "[]",
        f'["{SALT}"]',
        f'["{SALT}","name","value"]',
        f'{{"{SALT}":"value"}}',
        '["AAAA","a short salt"]',
        '["AAAAAAAAAAAAAAAAAAAAA*","a salt that is no base64url"]',
        '["ÄAAAAAAAAAAAAAAAAAAAAA","a salt beyond ASCII"]',
        '[7,"a salt that is no text"]',
        f'["{SALT}",{{"twice":1,"twice":2}}]',
        f'["{SALT}",NaN]',
        f'["{SALT}",-Infinity]',
        f'["{SALT}","\\ud800"]',
        f'["{SALT}","cut short',
        "[" * 100_000,
        b"\xff\xfe",
        f'\ufeff["{SALT}","value"]',
    ],
)
def test_a_disclosure_that_is_none_is_refused_even_with_its_own_digest(content: str | bytes) -> None:
    with pytest.raises(DisclosureError):
        sealing.open_disclosure(*disclosing(content))


def test_escapes_of_whole_characters_are_text() -> None:
    assert sealing.open_disclosure(*disclosing(f'["{SALT}","\\u00fc\\ud83d\\ude00"]')) == "ü😀"


@pytest.mark.parametrize("spelling", ["{}=", "{} ", "*{}", "{}\n"])
def test_base64url_has_one_spelling(spelling: str) -> None:
    text = spelling.format(sealing.disclosure("yes").text)
    with pytest.raises(DisclosureError):
        sealing.open_disclosure(text, sealing.digest_of(text))


def test_a_disclosure_beyond_ascii_is_refused() -> None:
    with pytest.raises(DisclosureError, match="ASCII"):
        sealing.digest_of("grüße")


def test_another_key_does_not_open_it() -> None:
    ciphertext, digest = sealed("text")
    with pytest.raises(CiphertextError, match="narrative of entry 14 of client/C-7F3K9Q"):
        sealing.decrypt(ciphertext, bytes(32), stream=STREAM, seq=SEQ, field=FIELD, digest=digest)


@pytest.mark.parametrize(
    "moved", [{"stream": "client/C-1"}, {"seq": 15}, {"field": "summary"}, {"digest": "another"}]
)
def test_a_ciphertext_moved_elsewhere_does_not_open(moved: dict[str, Any]) -> None:
    ciphertext, digest = sealed("text")
    place: dict[str, Any] = {"stream": STREAM, "seq": SEQ, "field": FIELD, "digest": digest, **moved}
    with pytest.raises(CiphertextError):
        sealing.decrypt(ciphertext, KEY, **place)


def test_no_byte_of_a_ciphertext_can_be_changed_or_cut() -> None:
    ciphertext, digest = sealed("text")
    altered = [
        ciphertext[:at] + bytes([ciphertext[at] ^ 1]) + ciphertext[at + 1 :] for at in range(len(ciphertext))
    ]
    for forged in [*altered, *(ciphertext[:length] for length in range(len(ciphertext))), ciphertext + b"\0"]:
        with pytest.raises(CiphertextError):
            opened(forged, digest)


@pytest.mark.parametrize("size", [0, 16, 24, 31, 33])
def test_a_key_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(SealedError, match="32 bytes"):
        sealing.encrypt("text", os.urandom(size), stream=STREAM, seq=SEQ, field=FIELD, digest="d")


@given(st.binary(max_size=200), st.text(max_size=50), st.text(max_size=50))
def test_only_declared_errors_leave(noise: bytes, text: str, digest: str) -> None:
    with pytest.raises(CiphertextError):
        sealing.decrypt(noise, KEY, stream=STREAM, seq=SEQ, field=FIELD, digest="d")
    with pytest.raises(DisclosureError):
        sealing.open_disclosure(text, digest)
    with pytest.raises(DisclosureError):
        sealing.open_disclosure(*disclosing(noise))
    assert issubclass(CiphertextError, LedgerError)


@pytest.mark.parametrize(
    ("error", "exit_code"), [(CiphertextError, 7), (DisclosureError, 4), (UnsealableError, 5)]
)
def test_each_error_has_the_exit_code_of_its_family(error: type[LedgerError], exit_code: int) -> None:
    assert error.exit_code == exit_code
