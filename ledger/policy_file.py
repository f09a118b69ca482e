"""A practice's policy in a TOML file: what it adopts and drops, its parameters, the reason."""

import tomllib
from pathlib import Path
from typing import Any

from ledger.errors import InputError

FIELDS = ("adopts", "drops", "parameters", "reason")
RECOMMENDED: dict[str, Any] = {
    "adopts": ["recommended"],
    "drops": [],
    "parameters": {},
    "reason": "The recommended deadlines, adopted when the ledger was opened.",
}
_DEFAULTS: dict[str, Any] = {"adopts": [], "drops": [], "parameters": {}, "reason": "The practice's policy."}


def read_policy(file: Path) -> dict[str, Any]:
    """The fields of a `PolicyAdopted`, from a file.

        adopts = ["recommended"]
        drops = ["ROLE-7"]
        reason = "Decided on 3 March."
        [parameters]
        concern_action_days = 5

    InputError if it cannot be read, is not TOML, or holds anything else. What rules and parameters there are is
    checked where the policy is adopted.
    """
    try:
        with file.open("rb") as opened:
            given = tomllib.load(opened)
    except OSError as wrong:
        raise InputError(f"{file}: cannot be read: {wrong.strerror or wrong}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise InputError(f"{file}: expected TOML, came something else: {wrong}") from None
    unknown = [name for name in given if name not in FIELDS]
    if unknown:
        raise InputError(f"{file}: expected {', '.join(FIELDS)}, came {', '.join(map(repr, unknown))[:200]}")
    return {**_DEFAULTS, **given}
