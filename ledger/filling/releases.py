"""On which release a disclosure may rest: the ones in force that fit, and, where there is none, what is missing."""

from collections.abc import Iterator, Mapping
from typing import Any

from ledger.case import Release
from ledger.filling.engagements import practitioner_of_engagement
from ledger.filling.filling import Filler, Found, Known, Nothing, only
from ledger.values import DisclosureBasis

Given = Mapping[str, Any]

TAKEN_OVER = ("from_practitioner", "to_practitioner", "recipient_kind", "purpose")
"""What a disclosure on a release says as the release does."""
_PARTIES = ("from_practitioner", "to_practitioner", "recipient_kind")


def in_force(known: Known, given: Given, names: tuple[str, ...] = TAKEN_OVER) -> list[Release]:
    """The client's releases in force that say what is given of these fields."""
    return [
        one
        for one in _releases(known)
        if one.live_at(known.order, known.day)
        and all(given.get(name) in (None, getattr(one.granted.event, name)) for name in names)
    ]


def usable(known: Known, given: Given) -> list[Release]:
    """The releases in force on which a disclosure may rest: to these parties (CON-1), and the one named, if one is."""
    named = given.get("release")
    return [one for one in in_force(known, given, _PARTIES) if named in (None, one.id)]


def rests_on_release(given: Given) -> bool:
    """Whether the disclosure is said to rest on a release."""
    return given.get("basis") in (DisclosureBasis.RELEASE, DisclosureBasis.RELEASE.value)


def words(release: Release) -> str:
    """`X1: P-1 may tell P-9 clinical, for legal, until 2026-12-31`."""
    event = release.granted.event
    until = f", until {event.valid_until}" if event.valid_until is not None else ""
    return (
        f"{release.id}: {_parties(release, 'may tell')} {', '.join(event.scope)}, for {event.purpose}{until}"
    )


def missing(known: Known, given: Given) -> str:
    """Why there is no release on which it may rest: what there is instead."""
    said = [
        f"{one.id} ({why})" for one in _releases(known) if (why := _unusable(one, known, given)) is not None
    ]
    wanted = f"release {given['release']}" if given.get("release") else "a release"
    return f"expected {wanted} in force, from who tells to who is told; there is " + (
        "; ".join(said) or "none at all"
    )


def _unusable(release: Release, known: Known, given: Given) -> str | None:
    event = release.granted.event
    if release.granted.order > known.order:
        return None
    if release.revoked is not None and release.revoked.order < known.order:
        return f"revoked on {known.practice.calendar.day_of(release.revoked.at)}"
    if event.valid_until is not None and event.valid_until < known.day:
        return f"ended on {event.valid_until}"
    if given.get("release") not in (None, release.id):
        return "in force, and not the one named"
    return f"in force, from {_parties(release, 'to')}"


def _parties(release: Release, verb: str) -> str:
    event = release.granted.event
    return f"{event.from_practitioner} {verb} {event.to_practitioner or event.recipient_kind}"


def _releases(known: Known) -> Iterator[Release]:
    yield from (known.case.releases.values() if known.case is not None else ())


# -- fillers ----------------------------------------------------------------------------------------------


def to_revoke(known: Known, _given: Given) -> Found | Nothing:
    """The only release in force."""
    fitting = [(one.id, _parties(one, "to")) for one in in_force(known, {})]
    return only("release", fitting, "the only release in force", "no release is in force")


def used(known: Known, given: Given) -> Found | None:
    """The only release in force that fits a disclosure on the basis of one."""
    release = _release_of(known, given)
    return Found(release.id, "the only release in force that fits") if release is not None else None


def as_released(name: str) -> Filler:
    """What a disclosure's release says."""

    def filler(known: Known, given: Given) -> Found | Nothing | None:
        release = _release_of(known, given)
        value = getattr(release.granted.event, name) if release is not None else None
        if release is not None and value is not None:
            return Found(str(value), f"as release {release.id} says")
        return practitioner_of_engagement(known, given) if name == "from_practitioner" else None

    return filler


def _release_of(known: Known, given: Given) -> Release | None:
    if known.case is None:
        return None
    named = known.case.releases.get(given.get("release") or "")
    if named is not None or not rests_on_release(given):
        return named
    found = in_force(known, given)
    return found[0] if len(found) == 1 else None
