"""Cover: who is licensed where on which day; and the place that counts."""

from datetime import date, timedelta

from tests.oracle.terms import prior
from tests.oracle.world import Fact, Moment, World


def licences_of(world: World, practitioner: str | None) -> list[Fact]:
    """Every licence, privilege, permit, registration or exemption of P, whenever it was recorded."""
    return [f for f in world.of("LicenceRecorded") if f.get("practitioner") == practitioner]


def status_changes(world: World, licence: Fact) -> list[Fact]:
    """The changes of status of a licence, by the day they take effect, then in effective order."""
    changes = [
        c
        for c in world.of("LicenceStatusChanged")
        if c.get("practitioner") == licence.get("practitioner") and c.get("licence") == licence.get("licence")
    ]
    return sorted(changes, key=lambda c: (c.get("effective"), c.moment))


def is_stopped(world: World, licence: Fact, day: date) -> bool:
    """Whether a suspension, revocation, surrender or expiry is effective that day: it took effect by then,
    and since then neither has a status active nor, for an expiry, is this licence entry the renewal that
    cures it.
    """
    effective = [c for c in status_changes(world, licence) if c.get("effective") <= day.isoformat()]
    actives = [i for i, c in enumerate(effective) if c.get("status") == "active"]
    since_active = effective[actives[-1] + 1 :] if actives else effective
    return any(not (c.get("status") == "expired" and renews(licence, c)) for c in since_active)


def renews(licence: Fact, expiry: Fact) -> bool:
    """Reading: a renewal cures an expiry for what it renews to; the entry that had expired stays expired.

    A renewal is an entry of the same licence later in effective order, or valid from after the effective day.
    """
    return licence.moment > expiry.moment or licence.get("valid_from") > expiry.get("effective")


def is_in_force(world: World, licence: Fact, day: date) -> bool:
    """That day is among its validity days (inclusive) and nothing stops it."""
    first, last = licence.date("valid_from"), licence.date("valid_until")
    valid = first is not None and first <= day and (last is None or day <= last)
    return valid and not is_stopped(world, licence, day)


def covering(world: World, practitioner: str | None, place: str | None, day: date) -> list[Fact]:
    """P's licences that cover the place that day."""
    return [
        licence
        for licence in licences_of(world, practitioner)
        if place in licence.codes("jurisdictions") and is_in_force(world, licence, day)
    ]


def is_covered(world: World, practitioner: str | None, place: str | None, day: date) -> bool:
    """P has cover for the place that day; a place that is not known is not covered."""
    return bool(covering(world, practitioner, place, day))


def held_anywhere(world: World, practitioner: str | None, day: date) -> bool:
    """P holds cover as a therapist somewhere that day."""
    return any(is_in_force(world, licence, day) for licence in licences_of(world, practitioner))


def place_of_client(world: World, client: str | None, moment: Moment) -> str | None:
    """The client's latest jurisdiction before the moment."""
    told = prior(world.of("ClientRegistered", "ClientRelocated", client=client), moment)
    return told[-1].get("jurisdiction") if told else None


def place_of(world: World, opening: Fact, moment: Moment) -> str | None:
    """The engagement's jurisdiction, else the client's latest."""
    return opening.get("jurisdiction") or place_of_client(world, opening.client, moment)


def turning_days(world: World, practitioner: str | None) -> list[date]:
    """The days on which P's cover can differ from the day before."""
    days = set()
    for licence in licences_of(world, practitioner):
        last = licence.date("valid_until")
        days |= {licence.date("valid_from")}
        days |= {last + timedelta(days=1)} if last is not None and last < date.max else set()
        days |= {c.date("effective") for c in status_changes(world, licence)}
    return sorted(day for day in days if day is not None)
