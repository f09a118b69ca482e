"""Checks of the key files: whether they are there, belong together, and can be used. No passphrase is asked for."""

from collections.abc import Iterator

from ledger.errors import LedgerError
from ledger.health.checks import Check, fine, note, warning
from ledger.keys.database import KeyDatabase
from ledger.keys.overview import overview
from ledger.keys.role_file import read_role_file
from ledger.places import Places
from ledger.verification.keys import AtHand


def check_keys(places: Places, at_hand: AtHand) -> Iterator[Check]:
    """Key database and role file."""
    yield _database(places, at_hand)
    yield _role(places)
    yield from _readers(places)
    if places.keys_there or places.role.exists():
        yield note(
            "key copies",
            f"whether copies of {places.keys} and {places.role} are kept elsewhere cannot be seen from here",
            "No backup of the ledger has them in it. Copy the first with `engagement-ledger keys backup`, and keep the "
            "copies in another place than the ledger's backups.",
        )


def _database(places: Places, at_hand: AtHand) -> Check:
    if not places.keys_there:
        return warning(
            "key database",
            f"there is none at {places.keys}: nothing can be recorded, no sealed text opened",
            "Put it back from its copy, or name it with ENGAGEMENT_LEDGER_KEYS.",
        )
    if at_hand.verifier is None:
        return warning(
            "key database", at_hand.why or "it holds no signing key", "Put a good copy of it in its place."
        )
    name, key_id, _ = at_hand.verifier.vkey.split("+", 2)
    return fine("key database", f"{places.keys}, signs as {name}+{key_id}")


def _readers(places: Places) -> Iterator[Check]:
    """Whether texts are sealed for the right people; nothing where the key files cannot be used: that is said above."""
    try:
        with KeyDatabase.open(places.keys, places.role) as keys:
            seen = overview(keys)
    except LedgerError:
        return
    for one in seen.domains:
        if one.problem is not None:
            yield warning(f"{one.domain} keys", one.problem, "Nothing is sealed there until that is settled.")
        elif one.waiting:
            yield warning(
                f"{one.domain} keys",
                f"some data keys are still wrapped to an older generation than {one.generation}",
                f"Go on with `engagement-ledger keys rotate --domain {one.domain}`.",
            )
    for grant in seen.grants:
        if grant.unsigned:
            yield warning(
                "role files granted",
                f"no holder of the {', '.join(grant.unsigned)} keys signed grant {grant.grant.id} "
                f"({grant.grant.holder or grant.grant.role}): nothing is delivered to it",
                "If it is rightful, grant it anew; if nobody knows it, somebody has changed the key database.",
            )


def _role(places: Places) -> Check:
    if not places.role.exists():
        return note(
            "role file",
            f"there is none at {places.role}: recording works, sealed texts stay closed",
            "Where sealed texts are to be read, put one there or name it with ENGAGEMENT_LEDGER_ROLE.",
        )
    try:
        role = read_role_file(places.role)
        if places.keys_there:
            KeyDatabase.open(places.keys, places.role).close()
    except LedgerError as wrong:
        return warning("role file", str(wrong), "Name the right one with ENGAGEMENT_LEDGER_ROLE.")
    domains = ", ".join(sorted(domain.value for domain in role.domains))
    lock = "locked with a passphrase" if role.is_locked else "no passphrase"
    return fine("role file", f"{places.role}: {role.role}, reads {domains}; {lock}")
