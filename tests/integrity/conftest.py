"""What the integrity tests share: where the published vectors lie, and values that fit nowhere."""

from pathlib import Path
from typing import Any

import pytest

VECTORS = Path(__file__).resolve().parents[3] / "shared" / "vectors"


@pytest.fixture
def vectors() -> Path:
    """The folder of published test vectors, beside the repository; without it the test is skipped."""
    if not VECTORS.is_dir():
        pytest.skip("no published vectors beside the repository")
    return VECTORS


@pytest.fixture
def weird() -> list[Any]:
    """Values no function of `integrity` takes for a hash, a proof, a size or a key."""
    return [
        None,
        True,
        -1,
        1.5,
        float("nan"),
        2**64,
        10**5000,
        "",
        "x" * 32,
        b"",
        b"x" * 31,
        b"x" * 33,
        bytearray(32),
        memoryview(bytes(32)),
        [],
        [None],
        ["x" * 32],
        [b"x" * 31],
        [b"x" * 32, None],
        (1, 2),
        {},
        {b"x" * 32},
        object(),
        iter([b"x" * 32]),
        int,
        "\ud800",
    ]
