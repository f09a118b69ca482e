from base64 import b64decode, b64encode
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import ProofError
from ledger.integrity.note import Note, Signature, Signer, Verifier, countersign, open_note, sign

# The vectors of golang.org/x/mod/sumdb/note.
PETER_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SKEY = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
ENOCH_VKEY = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETER_LINE = (
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6Ryy"
    "BwJnAM=\n"
)
ENOCH_LINE = (
    "\u2014 EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1Rv"
    "Mc+QQ=\n"
)
PETER, ENOCH = Verifier.parse(PETER_VKEY), Verifier.parse(ENOCH_VKEY)
P = 2**255 - 19


def names(signatures: tuple[Signature, ...]) -> list[str]:
    return [f"{one.name}+{one.key_id:08x}" for one in signatures]


def test_signing_gives_the_known_note() -> None:
    signer = Signer.parse(PETER_SKEY)
    assert sign(TEXT, signer) == sign(TEXT.encode(), signer) == TEXT + "\n" + PETER_LINE
    assert signer.verifier == PETER
    assert signer.skey == PETER_SKEY
    assert PETER.vkey == PETER_VKEY
    assert PETER_SKEY[-44:] not in repr(signer)
    assert "seed" not in repr(signer)


def test_opening_tells_known_signers_from_unknown() -> None:
    message = TEXT + "\n" + PETER_LINE + ENOCH_LINE
    note = open_note(message, [PETER])
    assert note.text == TEXT
    assert names(note.verified) == ["PeterNeumann+c74f20a3"]
    assert names(note.unverified) == ["EnochRoot+af0cfe78"]
    assert note.verified[0].line == PETER_LINE
    assert note.unverified[0].line == ENOCH_LINE
    note = open_note(message.encode(), iter((ENOCH, PETER)))
    assert names(note.verified) == ["PeterNeumann+c74f20a3", "EnochRoot+af0cfe78"]
    assert note.unverified == ()
    with pytest.raises(ProofError, match="no signature by a known key; it is signed by PeterNeumann"):
        open_note(message, [])


def test_a_name_or_an_id_alone_is_no_known_key() -> None:
    other_name = PETER_LINE.replace("PeterNeumann", "CarmenSandiego")
    other_id = PETER_LINE.replace("x08g", "xxxx")
    note = open_note(TEXT + "\n" + other_name + PETER_LINE + other_id, [PETER])
    assert len(note.unverified) == 2
    with pytest.raises(ProofError, match="no signature by a known key"):
        open_note(TEXT + "\n" + other_name + other_id, [PETER])


def test_a_bad_signature_by_a_known_key_refuses_the_whole_note() -> None:
    bad = PETER_LINE.replace("SffcvIAQ", "SffcvIAR")
    longer = PETER_LINE[:60] + "ABCD" + PETER_LINE[60:]
    for message in (
        TEXT + "\n" + bad,
        TEXT + "\n" + longer,
        TEXT + "\n" + ENOCH_LINE + bad,
        TEXT.replace("your", "my") + "\n" + PETER_LINE,
        "x" + TEXT + "\n" + PETER_LINE,
        "\n" + TEXT + "\n" + PETER_LINE,
        TEXT + "\n\n" + PETER_LINE,
    ):
        with pytest.raises(ProofError, match="invalid signature for key PeterNeumann"):
            open_note(message, [PETER, ENOCH])


def test_a_repeated_signature_counts_once() -> None:
    enoch_too = ENOCH_LINE.replace("Xm2/5n2t", "Xm2/5n2u")
    message = TEXT + "\n" + PETER_LINE * 2 + ENOCH_LINE * 2 + enoch_too
    note = open_note(message, [PETER])
    assert names(note.verified) == ["PeterNeumann+c74f20a3"]
    assert [one.line for one in note.unverified] == [ENOCH_LINE, enoch_too]


def test_after_a_verified_signature_a_further_one_by_that_key_is_not_looked_at() -> None:
    # As in Go. The other way round, the first one refuses the note.
    bad = PETER_LINE.replace("SffcvIAQ", "SffcvIAR")
    note = open_note(TEXT + "\n" + PETER_LINE + bad, [PETER])
    assert [one.line for one in note.verified] == [PETER_LINE]
    assert note.unverified == ()
    with pytest.raises(ProofError, match="invalid signature"):
        open_note(TEXT + "\n" + bad + PETER_LINE, [PETER])


def test_a_key_known_twice_is_ambiguous_where_it_signed() -> None:
    with pytest.raises(ProofError, match=r"ambiguous key EnochRoot\+af0cfe78"):
        open_note(TEXT + "\n" + ENOCH_LINE, [ENOCH, PETER, ENOCH])
    open_note(TEXT + "\n" + PETER_LINE, [ENOCH, PETER, ENOCH])


def test_at_most_a_hundred_signatures() -> None:
    open_note(TEXT + "\n" + PETER_LINE * 100, [PETER])
    with pytest.raises(ProofError, match="101 signatures, at most 100"):
        open_note(TEXT + "\n" + PETER_LINE * 101, [PETER])
    signers = [Signer(f"s{number}", bytes([number]) * 32) for number in range(101)]
    assert len(open_note(sign(TEXT, *signers[:100]), [signers[0].verifier]).unverified) == 99
    with pytest.raises(ProofError, match="at most 100"):
        sign(TEXT, *signers)


@pytest.mark.parametrize(
    "message",
    [
        "",
        "\n",
        "\n\n",
        TEXT,
        TEXT + "\n",
        TEXT + PETER_LINE,
        TEXT + "\n" + PETER_LINE[:-1],
        TEXT + "\n" + PETER_LINE[:-1] + "X",
        "\x01" + TEXT + "\n" + PETER_LINE,
        "\r" + TEXT + "\n" + PETER_LINE,
        TEXT + "\t\n" + "\n" + PETER_LINE,
        b"\xff" + (TEXT + "\n" + PETER_LINE).encode(),
        "\ud800" + TEXT + "\n" + PETER_LINE,
        TEXT + "\n" + PETER_LINE + "Unexpected line.\n",
        TEXT + "\n" + PETER_LINE + "\n",
        TEXT + "\n" + PETER_LINE.replace("\u2014", "-"),
        TEXT + "\n" + PETER_LINE.replace("\u2014 ", "\u2014"),
        TEXT + "\n" + PETER_LINE.replace("PeterNeumann", "Bad Name"),
        TEXT + "\n" + PETER_LINE.replace("PeterNeumann", "Bad+Name"),
        TEXT + "\n" + PETER_LINE.replace("PeterNeumann", "Bad\u2003Name"),
        TEXT + "\n" + PETER_LINE.replace("PeterNeumann", ""),
        TEXT + "\n" + PETER_LINE.replace("=\n", "\n"),
        TEXT + "\n" + PETER_LINE.replace("nAM=", "nAN="),
        TEXT + "\n" + PETER_LINE.replace("x08g", " x08g"),
        TEXT + "\n" + PETER_LINE.replace("x08g", "x08-"),
        TEXT + "\n\u2014 PeterNeumann\n",
        TEXT + "\n\u2014 PeterNeumann \n",
        TEXT + "\n\u2014 PeterNeumann x08g\n",
        TEXT + "\n\u2014 PeterNeumann x08gow==\n",
    ],
)
def test_a_malformed_note_is_refused(message: str | bytes) -> None:
    with pytest.raises(ProofError, match=r"malformed|key name"):
        open_note(message, [PETER])


def test_every_mangled_key_is_refused() -> None:
    for key, parse in ((PETER_VKEY, Verifier.parse), (PETER_SKEY, Signer.parse)):
        parse(key)
        for start in range(len(key) + 1):
            for end in range(start, len(key) + 1):
                if (start, end) != (0, len(key)):
                    with pytest.raises(ProofError):
                        parse(key[start:end])
        for position in range(len(key)):
            with pytest.raises(ProofError):
                parse(key[:position] + chr(ord(key[position]) + 1) + key[position + 1 :])
    for key in (
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        PETER_VKEY + "\n",
        PETER_VKEY + " ",
        PETER_VKEY.replace("+c74f20a3+", "+0xc74f20+"),
        PETER_VKEY.replace("+c74f20a3+", "+ c74f20a+"),
        PETER_VKEY.replace("+c74f20a3+", "+c74f20a3 +"),
        "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
    ):
        with pytest.raises(ProofError):
            Verifier.parse(key)


def vkey_of(public_key: bytes) -> str:
    key = b"\x01" + public_key
    return f"n+{sha256(b'n' + bytes([10]) + key).hexdigest()[:8]}+{b64encode(key).decode()}"


def test_a_public_key_that_would_vouch_for_anything_is_refused() -> None:
    order_8 = bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
    other_8 = bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")
    low_order = [y.to_bytes(32, "little") for y in (0, 1, P - 1)] + [order_8, other_8]
    for key in low_order:
        for encoding in (key, key[:31] + bytes((key[31] | 0x80,))):
            with pytest.raises(ProofError, match="low order"):
                Verifier.parse(vkey_of(encoding))
    for y in (P, P + 1, P + 3, 2**255 - 1):
        for sign_of_x in (0, 2**255):
            with pytest.raises(ProofError, match="not canonical"):
                Verifier.parse(vkey_of((y + sign_of_x).to_bytes(32, "little")))
    with pytest.raises(ProofError, match="no point of the curve"):
        Verifier.parse(vkey_of((2).to_bytes(32, "little")))


def test_a_signature_has_one_form_only() -> None:
    # RFC 8032 5.1.7: S is below the group's order L; S + L would verify the same equation.
    blob = b64decode(PETER_LINE.split(" ")[2])
    order = 2**252 + 27742317777372353535851937790883648493
    shifted = (int.from_bytes(blob[36:], "little") + order).to_bytes(32, "little")
    line = PETER_LINE.replace(b64encode(blob).decode(), b64encode(blob[:36] + shifted).decode())
    assert line != PETER_LINE
    with pytest.raises(ProofError, match="invalid signature"):
        open_note(TEXT + "\n" + line, [PETER])


def test_a_countersigned_note_keeps_what_stood_and_replaces_its_own() -> None:
    peter, other = Signer.parse(PETER_SKEY), Signer.generate("other.example/key")
    note = open_note(TEXT + "\n" + PETER_LINE + ENOCH_LINE, [PETER])
    both = open_note(countersign(note, other), [PETER, other.verifier])
    assert [one.name for one in both.verified] == ["PeterNeumann", "other.example/key"]
    assert [one.line for one in both.unverified] == [ENOCH_LINE]
    assert countersign(note, peter) == TEXT + "\n" + ENOCH_LINE + PETER_LINE


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]) | st.just("\n"), max_size=80)


@settings(deadline=None)
@given(texts, st.binary(min_size=32, max_size=32), st.integers(0))
def test_every_text_opens_and_no_changed_character_does(text: str, seed: bytes, at: int) -> None:
    signer = Signer("log.example", seed)
    message = sign(text + "\n", signer)
    assert open_note(message, [signer.verifier]).text == text + "\n"
    assert Signer.parse(signer.skey) == signer
    assert Verifier.parse(signer.verifier.vkey) == signer.verifier
    at %= len(message)
    with pytest.raises(ProofError):
        open_note(message[:at] + chr(ord(message[at]) ^ 1) + message[at + 1 :], [signer.verifier])


def test_malformed_input_raises_proof_error_only(weird: list[Any]) -> None:
    signer = Signer.parse(PETER_SKEY)
    note = open_note(sign(TEXT, signer), [PETER])
    for value in weird:
        for parse in (Verifier.parse, Signer.parse):
            with pytest.raises(ProofError):
                parse(value)
        with pytest.raises(ProofError):
            open_note(value, [PETER])
        with pytest.raises(ProofError):
            open_note(sign(TEXT, signer), value)
        with pytest.raises(ProofError):
            open_note(sign(TEXT, signer), [value])
        with pytest.raises(ProofError):
            sign(value, signer)
        with pytest.raises(ProofError):
            sign(TEXT, value)
        with pytest.raises(ProofError):
            countersign(value, signer)
        with pytest.raises(ProofError):
            countersign(Note(value, (), ()), signer)
        with pytest.raises(ProofError):
            Signer("n", value)
        with pytest.raises(ProofError):
            Verifier("n", value)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**32:
            with pytest.raises(ProofError):
                Signature("n", value, b"x")
        if type(value) is not bytes or not value:
            with pytest.raises(ProofError):
                Signature("n", 1, value)
        if value != "x" * 32:
            with pytest.raises(ProofError):
                Signature(value, 1, b"x")
    with pytest.raises(ProofError, match="at least one signer"):
        countersign(note)
    for text in ("", "no newline", "a\tb\n", "a\x00\n"):
        with pytest.raises(ProofError):
            sign(text, signer)
