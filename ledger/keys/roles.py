"""The standard roles of a practice, and the domains each one needs: one table in one place."""

from collections.abc import Mapping

from ledger.values import Domain

OWNER = "owner"

STANDARD: Mapping[str, frozenset[Domain]] = {
    OWNER: frozenset(Domain),
    "therapist": frozenset({Domain.IDENTITY, Domain.THERAPY}),
    "coach": frozenset({Domain.IDENTITY, Domain.COACHING}),
    "front-desk": frozenset({Domain.IDENTITY}),
    "counsel": frozenset(Domain),
    "reviewer": frozenset(),
}
"""Which domains each role opens. A reviewer opens none: an audit rests on coded facts alone, so whoever reviews a
practice needs no role file, and what he does not hold he cannot lose. The practice's own texts (supervision, matters
of holds) are the owner's and counsel's: not even a therapist needs them for a client."""


def domains_of(role: str) -> frozenset[Domain] | None:
    """The domains a standard role opens; None for a role of the practice's own."""
    return STANDARD.get(role)
