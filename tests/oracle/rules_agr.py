"""AGR: agreements."""

from typing import Any

from tests.oracle.indications import intake_of
from tests.oracle.policy import policy_at
from tests.oracle.terms import (
    COACHING,
    NEEDED_KIND,
    THERAPY,
    acts_on,
    covers,
    ends_of,
    is_in_force,
    is_live,
    issue_of,
    opening_of,
    prior,
    service_of,
    signed_not_after,
)
from tests.oracle.world import Fact, Moment, World

TERMS_PARAMETER = {
    "therapy-consent": "therapy_consent_terms",
    "coaching-contract": "coaching_contract_terms",
}


def issued(world: World, issue: Fact, name: str) -> Any:
    """A field of an issued agreement; where it is not given, the template's in force when it was issued."""
    if issue.get(name) is not None or issue.get("template") is None:
        return issue.get(name)
    adopted = [
        t
        for t in prior(world.of("TemplateAdopted"), issue.moment)
        if t.get("template") == issue.get("template")
    ]
    return adopted[-1].get(name) if adopted else None


def agreement_of(world: World, act: Fact) -> Fact | None:
    """The agreement that an opening or a renewal names, if it is on record and issued not after the act.

    Reading: AGR-3 and AGR-6 look at this agreement; when there is none, AGR-1 alone says so of an opening,
    and nobody of a renewal (AGR-7 speaks of its sessions).
    """
    issue = issue_of(world, act)
    return issue if issue is not None and issue.at <= act.at else None


def rests_on_a_live_agreement(world: World, opening: Fact) -> bool:
    """The named agreement covers P, is of the kind the service needs, is in force, and signed not after the
    opening (a signature at the same instant counts, though recorded later).
    """
    issue = agreement_of(world, opening)
    return (
        issue is not None
        and covers(issue, opening.get("practitioner"))
        and issue.get("kind") == NEEDED_KIND.get(opening.get("service"))
        and is_in_force(world, issue, opening.moment)
        and bool(signed_not_after(world, issue, opening.at))
    )


def agr_1(world: World) -> list[Fact]:
    """Every engagement opens on a live agreement covering P, of the kind its service needs, signed not
    after it.
    """
    return [o for o in world.of("EngagementOpened") if not rests_on_a_live_agreement(world, o)]


def agr_2(world: World) -> list[Fact]:
    """An agreement of a pair opens or renews one engagement, once; a practice-wide one only those of one
    service.
    """
    uses = [u for u in world.of("EngagementOpened", "EngagementRenewed") if agreement_of(world, u)]
    broken = []
    for use in uses:
        issue, service = issue_of(world, use), service_of(world, use)
        earlier = [
            u
            for u in prior(uses, use.moment)
            if issue_of(world, u) is issue and (u.type == "EngagementOpened" or renews_something(world, u))
        ]
        of_a_pair = issue is not None and issue.get("practitioner") is not None
        another_service = service is not None and any(service_of(world, u) != service for u in earlier)
        if (of_a_pair and earlier) or another_service:
            broken.append(use)
    return broken


def renews_something(world: World, renewal: Fact) -> bool:
    """Reading: a renewal dated before the engagement's opening renews nothing."""
    opening = opening_of(world, renewal)
    return opening is not None and opening.moment < renewal.moment


def lacks_terms(world: World, issue: Fact, moment: Moment) -> bool:
    """Whether it leaves out a term that the practice then requires of agreements of its own kind."""
    parameter = TERMS_PARAMETER.get(issue.get("kind"))
    required = policy_at(world, moment).codes(parameter) if parameter else frozenset()
    return not required <= frozenset(issued(world, issue, "terms") or ())


def agr_3(world: World) -> list[Fact]:
    """The agreement that an engagement opens on, or is renewed with, states the required terms."""
    return [
        act
        for act in world.of("EngagementOpened", "EngagementRenewed")
        if (issue := agreement_of(world, act)) and lacks_terms(world, issue, act.moment)
    ]


def agr_3_issued(world: World) -> list[Fact]:
    """Every agreement states the required terms when it is issued."""
    return [i for i in world.of("AgreementIssued") if lacks_terms(world, i, i.moment)]


def every_signature(world: World) -> list[Fact]:
    """Reading: the text is judged on signatures that do not fit the state, too."""
    return world.of("AgreementSigned") + [s for s in world.unfit if s.type == "AgreementSigned"]


def agr_4(world: World) -> list[Fact]:
    """Every signature is on the text that was issued, and issued not after the signing."""
    unissued = [s for s in every_signature(world) if (issue := issue_of(world, s)) is None or issue.at > s.at]
    other_text = [
        s
        for s in every_signature(world)
        if (issue := issue_of(world, s))
        and issue.at <= s.at
        and s.get("text_sha256")
        and issued(world, issue, "text_sha256")
        and s.get("text_sha256") != issued(world, issue, "text_sha256")
    ]
    return unissued + other_text


def agr_4_unknown(world: World) -> list[Fact]:
    """The hash of the issued text is known. (A signature that names no text is on the issued text.)"""
    return [
        s
        for s in every_signature(world)
        if (issue := issue_of(world, s)) and issue.at <= s.at and not issued(world, issue, "text_sha256")
    ]


def is_minor(world: World, opening: Fact) -> bool:
    """`minor_until` is later than that day, whenever the client was registered."""
    registered = world.of("ClientRegistered", client=opening.client)
    until = registered[-1].date("minor_until") if registered else None
    return until is not None and until > opening.day


def consents(world: World, opening: Fact) -> list[Fact]:
    """The signatures, not after the opening, of a guardian or representative, or of the client with a
    basis.
    """
    issue = agreement_of(world, opening)
    signed = signed_not_after(world, issue, opening.at) if issue else []
    return [s for s in signed if s.get("signer") != "client" or s.get("consent_basis")]


def agr_5(world: World) -> list[Fact]:
    """An engagement of a minor opens on an agreement signed by a guardian or representative, or by the
    client with a `consent_basis`. Reading: an opening without an agreement shows no such signature.
    """
    return [o for o in world.of("EngagementOpened") if is_minor(world, o) and not consents(world, o)]


def payable_by_insurance(world: World, service: str) -> list[tuple[Fact, Fact]]:
    """The openings and renewals on an agreement payable by insurance, each with its engagement's opening.

    Reading: a renewed agreement is the engagement's agreement too.
    """
    return [
        (act, opening)
        for act in world.of("EngagementOpened", "EngagementRenewed")
        if (opening := opening_of(world, act))
        and opening.get("service") == service
        and (issue := agreement_of(world, act))
        and issued(world, issue, "payer") == "insurance"
    ]


def agr_6(world: World) -> list[Fact]:
    """No coaching engagement's agreement is payable by insurance."""
    return [act for act, _ in payable_by_insurance(world, COACHING)]


def agr_6_therapy(world: World) -> list[Fact]:
    """No therapy payable by insurance rests on an intake that says none."""
    return [
        act
        for act, opening in payable_by_insurance(world, THERAPY)
        if (intake := intake_of(world, opening)) and intake.get("clinical_indication") == "none"
    ]


def live_agreements(world: World, opening: Fact, moment: Moment) -> list[Fact]:
    """The agreements, live at the moment, of the kind that an engagement's service needs, covering its P."""
    return [
        i
        for i in world.of("AgreementIssued", client=opening.client)
        if i.get("kind") == NEEDED_KIND.get(opening.get("service"))
        and covers(i, opening.get("practitioner"))
        and is_live(world, i, moment)
    ]


def rested_on_an_agreement(world: World, opening: Fact, moment: Moment) -> bool:
    """The engagement was opened, or by then renewed, on an agreement (on record or not)."""
    renewals = prior(acts_on(world, opening, "EngagementRenewed"), moment)
    return opening.get("agreement") is not None or any(renews_something(world, r) for r in renewals)


def agr_7(world: World) -> list[Fact]:
    """No session of an engagement opened or renewed on an agreement is held without a live agreement."""
    return [
        s
        for s in world.of("SessionHeld")
        if (o := opening_of(world, s))
        and rested_on_an_agreement(world, o, s.moment)
        and not live_agreements(world, o, s.moment)
    ]


def declines(world: World, opening: Fact) -> list[Fact]:
    """The client's declining of agreements of the kind that an engagement needs, covering its P."""
    return [
        decline
        for issue in world.of("AgreementIssued", client=opening.client)
        if issue.get("kind") == NEEDED_KIND.get(opening.get("service"))
        and covers(issue, opening.get("practitioner"))
        for decline in ends_of(world, issue)
        if decline.type == "AgreementDeclined"
    ]


def agr_8(world: World) -> list[Fact]:
    """No service session with P follows a decline of that kind of agreement with no live one in between.

    In between: just after the decline, or before any later fact of the client up to the session.
    """
    broken = []
    for session in world.of("SessionHeld"):
        opening = opening_of(world, session)
        if opening is None or session.get("purpose") != "service":
            continue
        for decline in prior(declines(world, opening), session.moment):
            later = [
                f.moment
                for f in world.facts
                if f.client == session.client and decline.moment < f.moment <= session.moment
            ]
            if not any(live_agreements(world, opening, m) for m in [decline.just_after, *later]):
                broken.append(session)
    return broken
