"""What the practice decides for itself: its policy, its standard texts, who acts in it."""

from typing import Literal

from ledger.events.base import NewTemplate, PracticeEvent
from ledger.values import ActorRole, AgreementKind, Code, Id, Line, Payer, RuleId, Sha256, Text


class PolicyAdopted(PracticeEvent):
    """The practice adopts rules, drops rules, or sets their parameters; all else stays as it was."""

    TOPIC = "PolicyAdopted"

    adopts: tuple[RuleId | Literal["recommended"], ...]
    """Ids of the rules adopted, or `recommended` for the whole recommended set."""
    drops: tuple[RuleId, ...]
    """Ids of the rules dropped."""
    parameters: dict[Line, int | bool | tuple[Code, ...]]
    """Parameters set, by name."""
    reason: Text
    """Why. Clear text: practice matters only."""


class TemplateAdopted(PracticeEvent):
    """The standard text of an agreement; one issued from it has its version, text, terms and payer."""

    TOPIC = "TemplateAdopted"

    template: NewTemplate
    """The template's id; adopted again, a new version takes over."""
    kind: AgreementKind
    """What kind of agreement it is."""
    version: Line
    """The text's version."""
    text_sha256: Sha256
    """SHA-256 of the text."""
    terms: tuple[Code, ...]
    """Codes of the terms the text states."""
    payer: Payer | None = None
    """Who pays under it."""


class ActorRegistered(PracticeEvent):
    """Somebody, or a system, that records in this ledger; registered again, the latest counts."""

    TOPIC = "ActorRegistered"

    actor: Id
    """The actor's id, as `by` names it."""
    role: ActorRole
    """What the actor does."""
    may_authorise: bool
    """Whether the actor may authorise overrides."""
