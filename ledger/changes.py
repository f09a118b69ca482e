"""Service changes and their marks, and the transitions of a case (DESIGN section 4, "Terms")."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from ledger.case import Case, Engagement
from ledger.events.engagements import EngagementOpened, EngagementResumed
from ledger.history import Fact
from ledger.values import PauseReason, Service


@dataclass(frozen=True, slots=True)
class ServiceChange:
    """An opening or resumption by which a pair changes service; `mark` is what ended the role before."""

    act: Fact
    engagement: Engagement
    previous: Engagement
    mark: Fact | None

    @property
    def to_coaching(self) -> bool:
        """Whether coaching begins or goes on."""
        return self.engagement.service is Service.COACHING


class TransitionKind(StrEnum):
    """Which requirements apply (RULES.md, "Transitions")."""

    TO_COACHING = "to-coaching"
    TO_THERAPY = "to-therapy"
    RESUMED_AFTER_THERAPY = "resumed-after-therapy"
    HANDOVER = "handover"
    RETURN = "return"


@dataclass(frozen=True, slots=True)
class Transition:
    """From one engagement to another, at the act that completes it."""

    kind: TransitionKind
    act: Fact
    origin: Engagement
    target: Engagement


def service_change(case: Case, act: Fact) -> ServiceChange | None:
    """The service change that an opening, or a resumption of coaching, is; None where it is none."""
    engagement = case.engagements.get(act.event.engagement)
    if engagement is None or act.seq in case.unfit:
        return None
    practitioner = engagement.practitioner
    previous = case.previous(practitioner, act.order)
    if previous is None:
        return None
    if isinstance(act.event, EngagementOpened):
        if previous.service is engagement.service:
            return None
    elif engagement.service is not Service.COACHING or not _therapy_since_pause(case, act, practitioner):
        return None
    return ServiceChange(act, engagement, previous, _mark(engagement, previous, act))


def _therapy_since_pause(case: Case, resumed: Fact, practitioner: str) -> bool:
    paused = case.pause_of(resumed)
    return paused is not None and any(
        paused.order < therapy.opened.order < resumed.order
        for therapy in case.pair(practitioner, Service.THERAPY)
    )


def _mark(engagement: Engagement, previous: Engagement, act: Fact) -> Fact | None:
    """The previous engagement's closing; for therapy after coaching, the pause from which it has not run since."""
    if engagement.service is Service.THERAPY and previous.service is Service.COACHING:
        pause = previous.pause_at(act.order)
        if pause is not None:
            return pause[0]
    return previous.closed if previous.closed_before(act.order) else None


def transitions(case: Case) -> Iterator[Transition]:
    """The transitions of a case in effective order."""
    for act in case.facts:
        if isinstance(act.event, EngagementOpened | EngagementResumed):
            found = transition(case, act)
            if found is not None:
                yield found


def transition(case: Case, act: Fact) -> Transition | None:
    """The transition that an opening or resumption completes, if any."""
    change = service_change(case, act)
    if change is not None:
        if isinstance(act.event, EngagementResumed):
            kind = TransitionKind.RESUMED_AFTER_THERAPY
        else:
            kind = TransitionKind.TO_COACHING if change.to_coaching else TransitionKind.TO_THERAPY
        return Transition(kind, act, change.previous, change.engagement)
    engagement = case.engagements.get(act.event.engagement)
    if engagement is None or act.seq in case.unfit:
        return None
    if isinstance(act.event, EngagementOpened):
        origin = _handed_over_from(case, engagement, act)
        return Transition(TransitionKind.HANDOVER, act, origin, engagement) if origin is not None else None
    paused = case.pause_of(act)
    if (
        engagement.service is Service.COACHING
        and paused is not None
        and paused.event.reason is PauseReason.CLINICAL_CONCERN
    ):
        return Transition(TransitionKind.RETURN, act, engagement, engagement)
    return None


def _handed_over_from(case: Case, engagement: Engagement, act: Fact) -> Engagement | None:
    """The client's most recently opened engagement with another practitioner, where its service differs."""
    if case.previous(engagement.practitioner, act.order) is not None:
        return None
    others = [
        one
        for one in case.engagements.values()
        if one.practitioner != engagement.practitioner and one.opened.order < act.order
    ]
    latest = max(others, key=lambda one: one.opened.order, default=None)
    return latest if latest is not None and latest.service is not engagement.service else None
