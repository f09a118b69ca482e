"""CON-1: told without a release."""

from collections.abc import Iterator

from ledger.case import Release
from ledger.events.releases import DisclosureMade
from ledger.history import Fact
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken
from ledger.values import DisclosureBasis, RecordSet

NOTES = frozenset({RecordSet.PSYCHOTHERAPY_NOTES})


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """A disclosure on the basis of a release has a live one, to that recipient, for every record set."""
    if act.event.basis is not DisclosureBasis.RELEASE:
        return
    releases = live_releases(view, act)
    if act.event.release is not None:
        releases = [release for release in releases if release.id == act.event.release]
    lacking = uncovered(act, releases)
    if lacking:
        named = view.case.releases.get(act.event.release or "")
        yield broken(
            Kind.VIOLATION,
            f"disclosure {act.event.disclosure} by {act.event.from_practitioner}: expected "
            f"{'release ' + act.event.release if act.event.release else 'a release'} to this recipient, live "
            f"that day, for {', '.join(lacking)}; there is none"
            + (" (psychotherapy notes need one of their own)" if NOTES & set(lacking) else ""),
            named.granted if named is not None else None,
            named.revoked if named is not None else None,
        )


def live_releases(view: View, act: Fact) -> list[Release]:
    """The client's live releases from the one who disclosed to the one who was told."""
    told = act.event
    return [
        release
        for release in view.case.releases.values()
        if (event := release.granted.event).from_practitioner == told.from_practitioner
        and event.to_practitioner == told.to_practitioner
        and (told.to_practitioner is not None or event.recipient_kind is told.recipient_kind)
        and release.live_at(act.order, view.day(act))
    ]


def uncovered(act: Fact, releases: list[Release]) -> list[str]:
    """The record sets disclosed that these releases do not cover, sorted."""
    disclosed = set(act.event.scope)
    scopes = [frozenset(release.granted.event.scope) for release in releases]
    lacking: set[RecordSet] = set()
    if NOTES & disclosed and NOTES not in scopes:
        lacking |= NOTES
    ordinary = disclosed - NOTES - {RecordSet.ADMINISTRATIVE}
    if not any(ordinary <= scope for scope in scopes):
        lacking |= ordinary or (disclosed - NOTES if not scopes else set())
    return sorted(lacking)


RULE = Rule(
    id="CON-1",
    title="Something is disclosed on a release that is not there",
    kind=Kind.VIOLATION,
    why="Two professionals talk under the client's release, for what it covers, as long as it lasts.",
    sources=("APA Ethics Code 10.04", "45 CFR 164.508(a)(2)", "42 CFR 2.31"),
    judges=(DisclosureMade,),
    check=check,
    exceptions="Other bases (court order, emergency, mandated report...) need no release. Administrative records "
    "need any live release.",
    allowed=(
        Example(
            "What the release covers, on its last day",
            """
            2024-02-05 release-granted X1 to_practitioner=P-9 scope=clinical,coaching valid_until=2024-03-04
            2024-03-04 disclosure-made D1 to_practitioner=P-9
            """,
        ),
        Example(
            "Psychotherapy notes under a release of their own",
            """
            2024-02-05 release-granted X1 to_practitioner=P-9 scope=psychotherapy-notes
            2024-03-04 disclosure-made D1 to_practitioner=P-9 scope=psychotherapy-notes
            """,
        ),
        Example(
            "A court order needs no release",
            """
            2024-03-04 disclosure-made D1 recipient_kind=court basis=court-order
            """,
        ),
    ),
    denied=(
        Example(
            "No release",
            """
            2024-03-04 disclosure-made D1 to_practitioner=P-9
            """,
        ),
        Example(
            "The release ended yesterday",
            """
            2024-02-05 release-granted X1 to_practitioner=P-9 valid_until=2024-03-03
            2024-03-04 disclosure-made D1 to_practitioner=P-9
            """,
        ),
        Example(
            "Revoked on the same morning",
            """
            2024-02-05 release-granted X1 to_practitioner=P-9
            2024-03-04 09:00 release-revoked X1
            2024-03-04 10:00 disclosure-made D1 to_practitioner=P-9
            """,
        ),
        Example(
            "Psychotherapy notes under a release for everything clinical",
            """
            2024-02-05 release-granted X1 to_practitioner=P-9 scope=clinical,psychotherapy-notes
            2024-03-04 disclosure-made D1 to_practitioner=P-9 scope=psychotherapy-notes
            """,
        ),
        Example(
            "Told to somebody else",
            """
            2024-02-05 release-granted X1 to_practitioner=P-9
            2024-03-04 disclosure-made D1 to_practitioner=P-2
            """,
        ),
    ),
)
