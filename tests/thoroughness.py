"""How many examples a property is tried on: few every day, all with `make thorough`."""

import os

THOROUGH = os.environ.get("EL_THOROUGH") == "1"
EVERYDAY_PART = 5


def examples(whole: int) -> int:
    """How many examples to try now of the `whole` number that a thorough run tries."""
    return whole if THOROUGH else max(10, whole // EVERYDAY_PART)
