"""What every event type shares: one frozen pydantic class per fact, from which all else is derived.

A class names its stream family and its stable topic; its fields say by their types which ids they assign,
which they refer to, and which are sealed. Commands, import lines, JSON Schema, reference pages and the
stored form read exactly this.
"""

import ast
import inspect
import textwrap
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import pairwise
from typing import Annotated, Any, ClassVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict
from pydantic.fields import FieldInfo

from ledger.values import Assigns, Day, Digest, Domain, Id, Line, RefersTo, Sealed, SealedForm, Text


class StreamFamily(StrEnum):
    """Whose stream an event is recorded in."""

    LEDGER = "ledger"
    PRACTICE = "practice"
    PRACTITIONER = "practitioner"
    CLIENT = "client"
    ANY = "any"


@dataclass(frozen=True)
class FieldFacts:
    """What a field's declaration says, read once per class."""

    name: str
    required: bool
    assigns: Assigns | None
    refers_to: RefersTo | None
    sealed: Sealed | None
    many: bool
    mapping: bool
    plain: Any


class Event(BaseModel):
    """A fact. Subclasses state `topic` (stable for ever) and `stream`; `version` grows with their form."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, defer_build=True, hide_input_in_errors=True
    )

    TOPIC: ClassVar[str] = ""
    STREAM: ClassVar[StreamFamily] = StreamFamily.LEDGER
    VERSION: ClassVar[int] = 1
    FACTS: ClassVar[dict[str, FieldFacts]] = {}
    SEALED: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        cls.FACTS = {name: _facts_of(name, info) for name, info in cls.model_fields.items()}
        cls.SEALED = tuple(name for name, facts in cls.FACTS.items() if facts.sealed is not None)


class LedgerEvent(Event):
    """Written by the ledger about itself; never recorded by hand or imported."""

    STREAM = StreamFamily.LEDGER


class PracticeEvent(Event):
    """A decision or text of the practice."""

    STREAM = StreamFamily.PRACTICE


class PractitionerEvent(Event):
    """Something about one practitioner, of the practice or of its network."""

    STREAM = StreamFamily.PRACTITIONER


class ClientEvent(Event):
    """Something about one client; role rules are decided in the client's stream."""

    STREAM = StreamFamily.CLIENT


@cache
def field_docs(event_type: type[Event]) -> dict[str, str]:
    """The docstring under each field of a class, read from its source when somebody asks for help."""
    body = ast.parse(textwrap.dedent(inspect.getsource(event_type))).body[0]
    if not isinstance(body, ast.ClassDef):
        return {}
    return {
        field.target.id: text.value.value
        for field, text in pairwise(body.body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }


def _facts_of(name: str, info: FieldInfo) -> FieldFacts:
    marks = {type(mark): mark for mark in _marks(info)}
    plain = _plain(info.annotation)
    return FieldFacts(
        name=name,
        required=info.is_required(),
        assigns=marks.get(Assigns),
        refers_to=marks.get(RefersTo),
        sealed=marks.get(Sealed),
        many=get_origin(plain) is tuple,
        mapping=get_origin(plain) is dict,
        plain=plain,
    )


def _marks(info: FieldInfo) -> list[Any]:
    found = list(info.metadata)
    pending = [info.annotation]
    while pending:
        annotation = pending.pop()
        if get_origin(annotation) is Annotated:
            inner, *marks = get_args(annotation)
            found += marks
            pending.append(inner)
        elif get_origin(annotation) is not None and get_origin(annotation) not in (tuple, dict):
            pending += get_args(annotation)
    return found


def _plain(annotation: Any) -> Any:
    """The annotation without `| None`, without marks, without the sealed form."""
    if get_origin(annotation) is Annotated:
        return _plain(get_args(annotation)[0])
    if get_origin(annotation) not in (None, tuple, dict, type) and len(get_args(annotation)) > 1:
        rest = [_plain(arg) for arg in get_args(annotation) if arg is not type(None)]
        rest = [arg for arg in rest if arg != tuple[Digest]]
        return rest[0]
    return annotation


# -- the types of fields ----------------------------------------------------------------------------------

NewClient = Annotated[Id, Assigns(thing="client")]
NewPractitioner = Annotated[Id, Assigns(thing="practitioner")]
NewTemplate = Annotated[Id, Assigns(thing="template", renewable=True)]
NewLicence = Annotated[Id, Assigns(thing="licence", prefix="L", renewable=True)]
NewEngagement = Annotated[Id, Assigns(thing="engagement", prefix="E")]
NewAgreement = Annotated[Id, Assigns(thing="agreement", prefix="A")]
NewIntake = Annotated[Id, Assigns(thing="intake", prefix="I")]
NewReferral = Annotated[Id, Assigns(thing="referral", prefix="R")]
NewConcern = Annotated[Id, Assigns(thing="concern", prefix="K")]
NewRelease = Annotated[Id, Assigns(thing="release", prefix="X")]
NewSession = Annotated[Id, Assigns(thing="session", prefix="S")]
NewDisclosure = Annotated[Id, Assigns(thing="disclosure", prefix="D")]

Client = Annotated[Id, RefersTo(thing="client")]
Practitioner = Annotated[Id, RefersTo(thing="practitioner")]
Template = Annotated[Id, RefersTo(thing="template")]
Licence = Annotated[Id, RefersTo(thing="licence")]
Engagement = Annotated[Id, RefersTo(thing="engagement")]
Agreement = Annotated[Id, RefersTo(thing="agreement")]
Intake = Annotated[Id, RefersTo(thing="intake")]
Referral = Annotated[Id, RefersTo(thing="referral")]
Concern = Annotated[Id, RefersTo(thing="concern")]
Release = Annotated[Id, RefersTo(thing="release")]
Session = Annotated[Id, RefersTo(thing="session")]

IdentityText = Annotated[Text | SealedForm, Sealed(domain=Domain.IDENTITY)]
IdentityLine = Annotated[Line | SealedForm, Sealed(domain=Domain.IDENTITY)]
IdentityDay = Annotated[Day | SealedForm, Sealed(domain=Domain.IDENTITY)]
PracticeText = Annotated[Text | SealedForm, Sealed(domain=Domain.PRACTICE)]
ServiceText = Annotated[Text | SealedForm, Sealed()]
"""Sealed in the domain of the service the entry belongs to."""
