from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import ProofError
from ledger.integrity.checkpoint import Checkpoint

# The example of C2SP tlog-checkpoint.
EXAMPLE = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
ROOT = bytes(range(32))
LINE = b64encode(ROOT).decode()

lines = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=20)


def test_the_example_of_the_specification() -> None:
    checkpoint = Checkpoint.parse(EXAMPLE)
    assert checkpoint.origin == "example.com/behind-the-sofa"
    assert checkpoint.size == 20852163
    assert checkpoint.root.hex() == "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62"
    assert checkpoint.extensions == ()
    assert checkpoint.format() == EXAMPLE
    assert Checkpoint.parse(EXAMPLE.encode()) == checkpoint


@settings(deadline=None)
@given(lines, st.integers(0, 2**64 - 1), st.binary(min_size=32, max_size=32), st.lists(lines, max_size=3))
def test_what_is_written_reads_back(origin: str, size: int, root: bytes, extensions: list[str]) -> None:
    checkpoint = Checkpoint(origin, size, root, tuple(extensions))
    assert Checkpoint.parse(checkpoint.format()) == checkpoint
    assert Checkpoint.parse(checkpoint.format()).format() == checkpoint.format()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "ends with a newline"),
        ("\n", "at least 3 lines"),
        (f"o\n1\n{LINE}", "ends with a newline"),
        ("o\n1\n", "at least 3 lines"),
        (f"\n1\n{LINE}\n", "origin is a line that is not empty"),
        (f"o\n01\n{LINE}\n", "leading zeros"),
        (f"o\n00\n{LINE}\n", "leading zeros"),
        (f"o\n\n{LINE}\n", "decimal number"),
        (f"o\n-1\n{LINE}\n", "decimal number"),
        (f"o\n+1\n{LINE}\n", "decimal number"),
        (f"o\n 1\n{LINE}\n", "decimal number"),
        (f"o\n1_0\n{LINE}\n", "decimal number"),
        (f"o\n0x1\n{LINE}\n", "decimal number"),
        (f"o\n\u0661\n{LINE}\n", "decimal number"),
        (f"o\n{'9' * 5000}\n{LINE}\n", "decimal number"),
        (f"o\n{2**64}\n{LINE}\n", "from 0 to"),
        ("o\n1\nAAAA\n", "32 bytes"),
        ("o\n1\n\n", "32 bytes"),
        (f"o\n1\n{LINE[:-1]}\n", "base64"),
        (f"o\n1\n{LINE[:-2]}9=\n", "canonical base64"),
        (f"o\n1\n {LINE}\n", "base64"),
        (f"o\n1\n{LINE}=\n", "base64"),
        ("o\n1\n" + b64encode(b"\xff" * 32).decode().replace("/", "_") + "\n", "base64"),
        (f"o\n1\n{LINE}\n\n", "extension line is a line that is not empty"),
        (f"o\n1\n{LINE}\n\nx\n", "extension line is a line that is not empty"),
        (f"o\r\n1\n{LINE}\n", "control character"),
        (f"o\n1\r\n{LINE}\n", "decimal number"),
        (f"o\n1\n{LINE}\nx\ty\n", "control character"),
        (f"\ud800\n1\n{LINE}\n", "not valid UTF-8"),
        (b"\xff\n", "UTF-8 text"),
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ProofError, match=reason):
        Checkpoint.parse(text)


def test_malformed_parts_raise_proof_error_only(weird: list[Any]) -> None:
    for value in weird:
        with pytest.raises(ProofError):
            Checkpoint.parse(value)
        with pytest.raises(ProofError):
            Checkpoint("o", value, ROOT)
        with pytest.raises(ProofError):
            Checkpoint("o", 1, value)
        with pytest.raises(ProofError):
            Checkpoint("o", 1, ROOT, value)
        if value != "x" * 32:
            with pytest.raises(ProofError):
                Checkpoint(value, 1, ROOT)
            with pytest.raises(ProofError):
                Checkpoint("o", 1, ROOT, (value,))
    for origin in ("", "two\nlines", "tab\t"):
        with pytest.raises(ProofError):
            Checkpoint(origin, 1, ROOT)
