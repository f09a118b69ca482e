"""Policies: the text of C2SP tlog-policy, line by line, and whose word is enough."""

import re
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import ProofError
from ledger.integrity.checkpoint import Checkpoint
from ledger.integrity.cosignature import CosignerSigner
from ledger.integrity.note import Signer, sign
from ledger.integrity.witness_policy import MAX_POLICY, Group, Policy, parse_policy, satisfied

NOW = 1679315147
LOG = Signer("log.example", bytes(range(32)))
SECOND_LOG = Signer("second.example", bytes(32))
LOG_KEY = LOG.verifier.vkey
TEXT = Checkpoint(LOG.name, 7, bytes(32)).format()
NAMES = ("X1", "X2", "X3", "Y1", "Y2", "Y3")
WITNESSES = {
    name: CosignerSigner(f"{name}.example", bytes([number] * 32)) for number, name in enumerate(NAMES, 1)
}
KEYS = {name: each.verifier.vkey for name, each in WITNESSES.items()}
# "Example policy", with keys.
EXAMPLE = f"""
log {LOG_KEY}

witness X1 {KEYS["X1"]}
witness X2 {KEYS["X2"]}
witness X3 {KEYS["X3"]}
group X-witnesses 2 X1 X2 X3

witness Y1 {KEYS["Y1"]}
witness Y2 {KEYS["Y2"]}
witness Y3 {KEYS["Y3"]}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""
A = f"witness a {KEYS['X1']}\n"
B = f"witness b {KEYS['X2']}\n"


def signed(*names: str, log: Signer | None = LOG) -> str:
    signers = [WITNESSES[name].at(NOW + number) for number, name in enumerate(names)]
    return sign(TEXT, *([log] if log is not None else []), *signers)


def test_the_specifications_example_reads() -> None:
    policy = parse_policy(EXAMPLE)

    assert [log.vkey for log in policy.logs] == [LOG_KEY]
    assert {name: each.vkey for name, each in policy.witnesses.items()} == KEYS
    assert policy.groups == {
        "X-witnesses": Group(2, ("X1", "X2", "X3")),
        "Y-witnesses": Group(1, ("Y1", "Y2", "Y3")),
        "X-and-Y": Group(2, ("X-witnesses", "Y-witnesses")),
    }
    assert policy.quorum == "X-and-Y"
    assert parse_policy(EXAMPLE.encode()) == policy


@pytest.mark.parametrize(
    ("names", "met"),
    [
        ((), False),
        (("X1", "X2"), False),
        (("X1", "X2", "X3"), False),
        (("X1", "Y1"), False),
        (("Y1", "Y2", "Y3"), False),
        (("X1", "X3", "Y2"), True),
        (NAMES, True),
    ],
)
def test_the_quorum_of_the_example(names: tuple[str, ...], met: bool) -> None:
    verdict = satisfied(parse_policy(EXAMPLE), signed(*names))

    assert verdict.log == LOG.verifier
    assert verdict.cosigned == {name: NOW + number for number, name in enumerate(names)}
    assert (verdict.quorum_met, verdict.accepted) == (met, met)
    assert verdict.checkpoint.size == 7


@given(st.sets(st.sampled_from(NAMES)), st.integers(1, 3), st.integers(1, 3), st.integers(1, 2))
def test_nested_thresholds_count_as_they_say(names: set[str], x: int, y: int, k: int) -> None:
    text = EXAMPLE.replace("2 X1", f"{x} X1").replace("any Y1", f"{y} Y1").replace("all X-w", f"{k} X-w")
    groups = [sum(name.startswith(side) for name in names) >= least for side, least in (("X", x), ("Y", y))]

    assert satisfied(parse_policy(text), signed(*sorted(names))).accepted == (sum(groups) >= k)


def test_layout_comments_and_urls() -> None:
    text = (
        f"# who\n\t # indented comment\n \t\n  log\t{LOG_KEY}  https://log.example/\t\n"
        f"witness w {KEYS['X1']} https://w.example/\n#log nonsense\nquorum w\n"
    )
    policy = parse_policy(text)

    assert policy.urls == {LOG_KEY: "https://log.example/", KEYS["X1"]: "https://w.example/"}
    assert policy.quorum == "w"


def test_none_asks_for_no_cosignature() -> None:
    policy = parse_policy(f"log {LOG_KEY}\nquorum none\n")

    assert policy.quorum is None
    assert satisfied(policy, signed("X1")).accepted


def test_names_are_opaque_octets() -> None:
    kelvin = b"witness \xe2\x84\xaa " + KEYS["X1"].encode() + b"\nwitness K " + KEYS["X2"].encode()
    policy = parse_policy(kelvin + b"\nwitness \xff\x80 " + KEYS["X3"].encode() + b"\nquorum \xff\x80\n")

    assert list(policy.witnesses) == ["\u212a", "K", "\udcff\udc80"]
    # U+0085 and U+00A0 are no white space here.
    nbsp = f"witness a\u00a0b\u0085 {KEYS['X1']}\nquorum a\u00a0b\u0085\n"
    assert parse_policy(nbsp).quorum == "a\u00a0b\u0085"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", None, "exactly one quorum line, came none"),
        ("# nothing\n", None, "exactly one quorum line, came none"),
        ("quorum none\nquorum none\n", 2, "exactly one quorum line, came a second"),
        ("quorum a\n" + A, 1, "defined on a line above, came 'a'"),
        ("quorum\n", 1, "expected quorum <name>|none, came 'quorum'"),
        ("quorum none none\n", 1, "expected quorum <name>|none"),
        ("quorum none # why\n", 1, "expected quorum <name>|none"),
        ("\nlogs x\n", 2, "expected log, witness, group, quorum or a comment, came 'logs x'"),
        ("Log x\n", 1, "expected log, witness, group"),
        ("log\n", 1, "expected log <vkey> [<url>]"),
        (f"log {LOG_KEY} url more\n", 1, "expected log <vkey> [<url>]"),
        ("log log.example+00000000+AAAA\n", 1, "not of type 0x01"),
        (f"log {KEYS['X1']}\n", 1, "not of type 0x01"),
        (f"log {LOG_KEY}\nlog {LOG_KEY}\n", 2, "not listed yet"),
        (
            f"log {LOG_KEY}\nlog {Signer('renamed', LOG.seed).verifier.vkey}\n",
            2,
            "the same key as log.example+",
        ),
        ("witness a\n", 1, "expected witness <name> <vkey> [<url>]"),
        (A + A, 2, "a new name, came 'a'"),
        (A + A.replace(" a ", " b "), 2, "not listed yet"),
        (A + f"witness b {CosignerSigner('other', bytes([1] * 32)).verifier.vkey}\n", 2, "the same key as"),
        (A.replace(" a ", " none "), 1, "came 'none', which is predefined"),
        (A + "group none any a\n", 2, "came 'none', which is predefined"),
        (A + "group g any none\n", 2, "came 'none', which is not"),
        (A + "group a any a\n", 2, "a new name, came 'a'"),
        (A + "group g any g\n", 2, "came 'g', which is not"),
        (A + "group g any\n", 2, "expected group <name> <k>|any|all <member>..."),
        (A + "group g any b\n" + B, 2, "came 'b', which is not"),
        (A + "group g 1 a a\n", 2, "in no group yet, came 'a', a member of 'g'"),
        (A + "group g any a\ngroup h any a\n", 3, "a member of 'g'"),
        (A + "group g 0 a\n", 2, "a number from 1 to 1, came '0'"),
        (A + "group g 2 a\n", 2, "a number from 1 to 1, came '2'"),
        (A + "group g +1 a\n", 2, "came '+1'"),
        (A + "group g \u0661 a\n", 2, "expected any, all or a number"),
        (A + "group g ALL a\n", 2, "came 'ALL'"),
        (A + "quorum none", 2, "a newline at its end"),
        ("quorum none\r\n", 1, "control character 0x0d"),
        ("\n\nquorum\x00 none\n", 3, "control character 0x00"),
        ("#\x7f\n", 1, "control character 0x7f"),
    ],
)
def test_every_fault_is_told_with_its_line(text: str, line: int | None, words: str) -> None:
    where = "policy: " if line is None else f"policy, line {line}: "

    with pytest.raises(ProofError, match=re.escape(where) + ".*" + re.escape(words)):
        parse_policy(text)


def test_a_name_that_is_a_keyword_elsewhere_is_a_name() -> None:
    text = A.replace(" a ", " all ") + B.replace(" b ", " 2 ") + "group any any all 2\nquorum any\n"

    assert satisfied(parse_policy(f"log {LOG_KEY}\n{text}"), signed("X2")).accepted


def test_only_a_log_named_after_the_origin_counts() -> None:
    policy = parse_policy(f"log {SECOND_LOG.verifier.vkey}\nlog {LOG_KEY}\nquorum none\n")

    assert satisfied(policy, signed()).log == LOG.verifier
    assert satisfied(policy, signed(log=SECOND_LOG)).log is None
    assert not satisfied(policy, signed(log=SECOND_LOG)).accepted


def test_cosignatures_alone_are_not_enough_unless_the_log_is_known_otherwise() -> None:
    policy = parse_policy(A + "quorum a\n")

    verdict = satisfied(policy, signed("X1"))
    assert (verdict.log, verdict.quorum_met, verdict.accepted) == (None, True, False)
    assert satisfied(policy, signed("X1"), [LOG.verifier]).accepted


def test_a_plain_signature_by_a_witness_key_is_no_cosignature() -> None:
    policy = parse_policy(f"log {LOG_KEY}\n{A}quorum a\n")
    plain = Signer(WITNESSES["X1"].name, WITNESSES["X1"].seed)

    assert not satisfied(policy, sign(TEXT, LOG, plain)).quorum_met


def test_one_key_counts_once_under_whatever_names() -> None:
    key = WITNESSES["X1"].verifier
    parsed = parse_policy(A + "quorum a\n").witnesses["a"]
    policy = Policy((LOG.verifier,), {"a": parsed, "b": parsed}, {"both": Group(2, ("a", "b"))}, "both")

    verdict = satisfied(policy, signed("X1"))

    assert parsed == key
    assert list(verdict.cosigned) == ["a"]
    assert not verdict.quorum_met


def test_a_cosignature_that_does_not_verify_is_refused() -> None:
    note = signed("X1", "X2")
    broken = note.replace("\n7\n", "\n8\n")

    with pytest.raises(ProofError, match="invalid signature"):
        satisfied(parse_policy(EXAMPLE), broken)
    with pytest.raises(ProofError, match="no signature by a known key"):
        satisfied(parse_policy(EXAMPLE), sign(TEXT, SECOND_LOG))


def test_a_deep_nesting_is_no_trouble() -> None:
    groups = "".join(f"group g{n} any g{n - 1}\n" for n in range(1, 5000))
    policy = parse_policy(f"log {LOG_KEY}\n{A}group g0 any a\n{groups}quorum g4999\n")

    assert satisfied(policy, signed("X1")).accepted
    assert not satisfied(policy, signed("X2")).accepted


def test_a_huge_text_is_refused() -> None:
    with pytest.raises(ProofError, match=f"at most {MAX_POLICY}"):
        parse_policy("#" * MAX_POLICY + "\n")


def test_values_that_fit_nowhere_raise_proof_error_only(weird: list[Any]) -> None:
    for value in weird:
        with pytest.raises(ProofError):
            parse_policy(value)


@given(st.binary(max_size=200), st.integers(0, len(EXAMPLE) - 1))
def test_no_text_raises_anything_else(noise: bytes, at: int) -> None:
    example = EXAMPLE.encode()
    for text in (noise, example[:at] + noise + example[at:]):
        with suppress(ProofError):
            parse_policy(text)
