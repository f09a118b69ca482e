"""The practice, made once per test process."""

import pytest

from tests.tampering.practice import Practice, made


@pytest.fixture(scope="session")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Practice:
    """The ledger that is tampered with, and what is in other hands."""
    return made(tmp_path_factory.mktemp("tampering"))
