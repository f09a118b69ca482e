"""`--policy`: auditing by one policy throughout, the one in force now or one written in a file ("what if")."""

from pathlib import Path

from ledger.errors import InputError
from ledger.events.practice import PolicyAdopted
from ledger.perspective import Perspective
from ledger.policy import Policy
from ledger.policy_file import read_policy
from ledger.recording.statement import state
from ledger.rules.catalogue import RECOMMENDED, check_policy

CURRENT = "current"


def asked_policy(name: str, perspective: Perspective) -> Policy:
    """The policy that `current` or a TOML file stands for. InputError if it is none."""
    return perspective.policies.current if name == CURRENT else policy_of_file(Path(name))


def policy_of_file(file: Path) -> Policy:
    """The policy that a file's decision alone would make (`ledger.policy_file`).

    InputError where it cannot be read or is not TOML, FieldError with every unknown rule or parameter.
    """
    given = {"occurred_at": "2000-01-01", "by": "what-if", **read_policy(file), "type": "PolicyAdopted"}
    event = state(given).event
    if not isinstance(event, PolicyAdopted):
        raise InputError(f"{file}: expected a policy")
    check_policy(event)
    adopted: set[str] = set()
    for name in event.adopts:
        adopted |= RECOMMENDED if name == "recommended" else {name}
    return Policy(frozenset(adopted - set(event.drops)), dict(event.parameters))
