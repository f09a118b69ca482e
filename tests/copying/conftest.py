"""The practice that is copied, made once per test process, and copied for each test that changes it."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tampering.practice import Practice, made


@pytest.fixture(scope="session")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Practice:
    """A ledger with everything a ledger has: texts, sources, a correction, seals, cosignatures, a time-stamp."""
    return made(tmp_path_factory.mktemp("copying"))


@pytest.fixture
def home(practice: Practice, tmp_path: Path) -> Path:
    """A folder with a ledger of one's own: `practice.db` and its key files."""
    return practice.copied(tmp_path / "home")


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"mounting is not permitted here: {mounted.stderr.decode().strip()}")
    yield place
    subprocess.run(["umount", str(place)], check=True)
