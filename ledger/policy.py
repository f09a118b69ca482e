"""A practice's policy: which adopted rules apply, and the parameters it set for them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from ledger.history import Fact, Order

Value: TypeAlias = int | bool | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number, yes-or-no or list of codes that a practice may set for a rule."""

    name: str
    default: Value
    meaning: str
    codes: tuple[str, ...] = ()
    """For a list: the codes it may hold; empty means any."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What is adopted, and the values set; everything else has its default."""

    adopted: frozenset[str] = frozenset()
    parameters: Mapping[str, Value] = field(default_factory=dict)

    def after(self, decision: Fact, recommended: frozenset[str]) -> "Policy":
        """The policy once a decision is taken: it adds, takes away, and sets; all else stays."""
        event = decision.event
        adopts: set[str] = set()
        for name in event.adopts:
            adopts |= recommended if name == "recommended" else {name}
        return Policy((self.adopted | adopts) - set(event.drops), {**self.parameters, **event.parameters})


class Policies:
    """The policy in force at each moment."""

    def __init__(
        self, decisions: Iterable[Fact], recommended: frozenset[str], only: Policy | None = None
    ) -> None:
        self._only = only
        self._timeline: list[tuple[Order, Policy]] = []
        policy = Policy()
        for decision in decisions:
            policy = policy.after(decision, recommended)
            self._timeline.append((decision.order, policy))
        self.current = only or policy

    def at(self, order: Order) -> Policy:
        """The policy in force at a moment (a single one where the question was "what if")."""
        if self._only is not None:
            return self._only
        found = _NONE
        for since, policy in self._timeline:
            if since > order:
                break
            found = policy
        return found


_NONE = Policy()
