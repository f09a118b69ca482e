"""JSON Schema of an import line, and an example of one, for each event type; both from its class."""

from enum import Enum
from functools import cache
from typing import Any

from ledger.events.base import Event, FieldFacts, field_docs
from ledger.events.corrections import EntryCorrected
from ledger.recording.statement import PLACING
from ledger.recording.wording import wording
from ledger.values import ID_PATTERN, MOMENT_WORDING

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_DAY = {"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
_ID = {"type": "string", "pattern": ID_PATTERN}
_SOURCE = {"type": "string", "pattern": r"^[!-~]([ -~]{0,126}[!-~])?$"}

_EXAMPLES: dict[str, Any] = {
    "actor": "frontdesk",
    "adopts": ["recommended"],
    "agreement": "A1",
    "client": "C-7F3K9Q",
    "other": "C-4MZ2TW",
    "concern": "K1",
    "contact": "+1 919 555 0100",
    "corrects": 4,
    "credential": "Professional Certified Coach",
    "date_of_birth": "1988-04-09",
    "disclosure": "D1",
    "drops": [],
    "effective": "2026-03-02",
    "engagement": "E1",
    "focus": ["goals"],
    "from_practitioner": "P-1",
    "goals_met": True,
    "contains_diagnosis": False,
    "intake": "I1",
    "issuer": "International Coaching Federation",
    "jurisdiction": "US-NC",
    "jurisdictions": ["US-NC"],
    "licence": "L1",
    "meaning": "I have read this agreement and agree to it.",
    "minutes": 50,
    "name": "Ada Marsh",
    "number": "LCSW-4411",
    "parameters": {"concern_action_days": 5},
    "practitioner": "P-1",
    "profession": "clinical social worker",
    "recommended": "therapy",
    "referral": "R1",
    "release": "X1",
    "roles_explained": True,
    "scope": ["clinical"],
    "services": ["therapy"],
    "session": "S1",
    "signer_name": "Ada Marsh",
    "since": "2026-03-02",
    "template": "consent-v3",
    "terms": ["services", "confidentiality-limits", "billing", "risks-and-benefits", "right-to-withdraw"],
    "to_practitioner": "P-2",
    "valid_from": "2026-01-01",
    "version": "3",
    "wants_trauma_work": False,
    "reason": "Decided by the partners.",
}
_ALSO: dict[str, tuple[str, ...]] = {
    "ClientDetailsChanged": ("contact",),
    "PractitionerChanged": ("services",),
    "AgreementIssued": ("practitioner", "template"),
    "EngagementOpened": ("intake", "agreement"),
    "SessionHeld": ("minutes",),
    "ReleaseGranted": ("to_practitioner",),
    "DisclosureMade": ("to_practitioner", "release"),
}
"""Optional fields that an example shows all the same, because they are nearly always given."""


@cache
def schema_of(event_type: type[Event]) -> dict[str, Any]:
    """The JSON Schema (2020-12) of one import line: `type`, the common fields, the class's own."""
    made = event_type.model_json_schema(by_alias=True)
    docs = field_docs(event_type)
    properties: dict[str, Any] = {
        "type": {"const": event_type.TOPIC},
        "occurred_at": {"type": "string", "description": f"When it happened: {MOMENT_WORDING}."},
        "by": {**_ID, "description": "Who records it."},
        "source": {**_SOURCE, "description": "Its id in the system it came from; recorded once."},
    }
    if event_type is EntryCorrected:
        properties |= {
            name: {**_ID, "description": f"The {name} whose entry is corrected."} for name in PLACING
        }
    for name, facts in event_type.FACTS.items():
        properties[name] = {"description": docs.get(name, ""), **_field(facts, made["properties"][name])}
    required = [
        "type",
        "occurred_at",
        "by",
        *(name for name, facts in event_type.FACTS.items() if facts.required),
    ]
    schema = {
        "$schema": DRAFT,
        "title": event_type.TOPIC,
        "description": " ".join((event_type.__doc__ or "").split()),
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }
    definitions = {name: body for name, body in made.get("$defs", {}).items() if name != "Digest"}
    return {**schema, "$defs": definitions} if definitions else schema


def _field(facts: FieldFacts, made: dict[str, Any]) -> dict[str, Any]:
    """A field's schema without its sealed form, which only the ledger writes, and without pydantic's titles."""
    shown = {name: value for name, value in made.items() if name not in ("title", "default")}
    arms = [arm for arm in shown.get("anyOf", []) if "Digest" not in str(arm)]
    if facts.sealed is not None:
        shown = {"anyOf": arms} if len(arms) > 1 else dict(arms[0])
        if facts.name == "date_of_birth":
            return dict(_DAY)
    elif "a date" in wording(facts):
        return dict(_DAY) if facts.required else {"anyOf": [_DAY, {"type": "null"}]}
    return shown


def example_of(event_type: type[Event]) -> dict[str, Any]:
    """A good import line of a type, with every required field and what is nearly always given beside."""
    line: dict[str, Any] = {
        "type": event_type.TOPIC,
        "occurred_at": "2026-03-02T15:00:00-05:00",
        "by": "frontdesk",
    }
    if event_type is EntryCorrected:
        return {
            **line,
            "client": "C-7F3K9Q",
            "corrects": 4,
            "changes": {"minutes": 45},
            "reason": "Mistyped.",
        }
    also = _ALSO.get(event_type.TOPIC, ())
    for name, facts in event_type.FACTS.items():
        if facts.required or name in also:
            line[name] = _example(name, facts)
    return line


def _example(name: str, facts: FieldFacts) -> Any:
    plain = facts.plain
    if isinstance(plain, type) and issubclass(plain, Enum):
        values = [member.value for member in plain]
        return _EXAMPLES[name] if _EXAMPLES.get(name) in values else values[0]
    if name in _EXAMPLES:
        return _EXAMPLES[name]
    if name.endswith("sha256"):
        return "0c5f8d9b1e6a4b7c2d3e4f5061728394a5b6c7d8e9fa0b1c2d3e4f5061728394"
    return True if plain is bool else "What there is to say about it."
