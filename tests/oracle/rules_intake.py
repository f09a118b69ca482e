"""INT: intake."""

from tests.oracle.care import elsewhere
from tests.oracle.indications import INDICATED, addressing, intake_of
from tests.oracle.policy import policy_at
from tests.oracle.terms import prior
from tests.oracle.world import Fact, Moment, World


def is_internal(world: World, practitioner: str | None, moment: Moment) -> bool:
    """Whether a practitioner is the practice's own at a moment, by the latest word before it."""
    told = [
        f
        for f in prior(world.of("PractitionerRegistered", "PractitionerChanged"), moment)
        if f.get("practitioner") == practitioner and f.get("internal") is not None
    ]
    return bool(told) and told[-1].get("internal") is True


def taken_within_the_practice(world: World, intake: Fact, opening: Fact) -> bool:
    """By P, or by another practitioner who is internal. Reading: internal when the intake is taken."""
    taker = intake.get("practitioner")
    return taker == opening.get("practitioner") or is_internal(world, taker, intake.moment)


def int_1(world: World) -> list[Fact]:
    """For every opening there is an intake, not after it, taken by P or another internal practitioner."""
    return [
        o
        for o in world.of("EngagementOpened")
        if (intake := intake_of(world, o)) is None or not taken_within_the_practice(world, intake, o)
    ]


def int_2(world: World) -> list[Fact]:
    """The intake an engagement opens on says that the roles were explained."""
    return [
        o
        for o in world.of("EngagementOpened")
        if (intake := intake_of(world, o)) and intake.get("roles_explained") is not True
    ]


def int_3(world: World) -> list[Fact]:
    """The service opened is the one that intake recommended."""
    return [
        o
        for o in world.of("EngagementOpened")
        if (intake := intake_of(world, o)) and intake.get("recommended") != o.get("service")
    ]


def int_4(world: World) -> list[Fact]:
    """No intake says none or past although one of the last `indication_review_days` said suspected or
    active and nothing in between addresses it in the sense of SCOPE-1.

    Reading: C being in therapy elsewhere, not with the intake's practitioner, when the later intake is
    taken addresses it too.
    """
    return [
        later
        for later in world.of("IntakeCompleted")
        if later.get("clinical_indication") in {"none", "past"}
        and not elsewhere(world, later.client, later.get("practitioner"), later.moment)
        and any(
            earlier.get("clinical_indication") in INDICATED
            and (later.day - earlier.day).days
            <= policy_at(world, later.moment).days("indication_review_days")
            and not addressing(world, earlier, later.moment)
            for earlier in prior(world.of("IntakeCompleted", client=later.client), later.moment)
        )
    ]
