"""What somebody asks to be produced of one client, read strictly: a mistake must not become a production."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ledger.errors import InputError, UsageError
from ledger.events.base import Event
from ledger.values import Domain, Service, plain_text

REVEALABLE = (Domain.IDENTITY, Domain.THERAPY, Domain.COACHING)
"""The domains whose texts may be produced. The practice's own matters never are."""
SCOPES = ("all", Service.THERAPY.value, Service.COACHING.value)

_PREFIX = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}", re.ASCII)
_SEQ = re.compile(r"[1-9][0-9]{0,14}", re.ASCII)
_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be produced. `withhold` is seq to reason, `redact` (seq, field) to reason."""

    client: str
    as_of: str | None = None
    known_at: str | None = None
    scope: str = "all"
    reveal: frozenset[Domain] = frozenset()
    redact: Mapping[tuple[int, str], str] = field(default_factory=dict)
    withhold: Mapping[int, str] = field(default_factory=dict)
    bates: str | None = None
    recipient: str | None = None
    with_analysis: bool = True

    def __post_init__(self) -> None:
        other = {"therapy": Domain.COACHING, "coaching": Domain.THERAPY}.get(self.scope)
        if other in self.reveal:
            raise UsageError(
                f"--reveal {other} does not go with --scope {self.scope}, which withholds what is of {other}"
            )

    @property
    def bates_prefix(self) -> str:
        """What entry numbers begin with: the client's pseudonym unless something else is wanted."""
        return self.bates if self.bates is not None else self.client

    def number(self, seq: int) -> str:
        """The Bates-style number of an entry."""
        return f"{self.bates_prefix}-{seq:06d}"


def domains(text: str | None) -> frozenset[Domain]:
    """`identity,therapy` as domains. UsageError for what is none."""
    found = set()
    for name in (text or "").split(","):
        if not (word := name.strip()):
            continue
        if word not in REVEALABLE:
            raise UsageError(f"--reveal: expected {', '.join(REVEALABLE)}, came {word[:60]!r}")
        found.add(Domain(word))
    return frozenset(found)


def redactions(given: Sequence[str]) -> dict[tuple[int, str], str]:
    """`7.narrative=REASON`, several. UsageError for what is not of this form."""
    found: dict[tuple[int, str], str] = {}
    for text in given:
        place, reason = _split("--redact", text, "SEQ.FIELD=REASON")
        seq, _, name = place.partition(".")
        if not name:
            raise UsageError(
                f"--redact: expected SEQ.FIELD=REASON, such as 7.narrative=..., came {text[:60]!r}"
            )
        found[_seq("--redact", seq), name] = reason
    return found


def withholdings(given: Sequence[str]) -> dict[int, str]:
    """`7=REASON`, several. UsageError for what is not of this form."""
    found: dict[int, str] = {}
    for text in given:
        place, reason = _split("--withhold", text, "SEQ=REASON")
        found[_seq("--withhold", place)] = reason
    return found


def prefix(text: str | None) -> str | None:
    """A Bates prefix. UsageError for one that could not stand in a file name or a margin."""
    if text is not None and not _PREFIX.fullmatch(text):
        raise UsageError(
            "--bates: expected 1 to 32 letters, digits, '.', '_' or '-', beginning with a letter or digit, came "
            f"{text[:60]!r}"
        )
    return text


def line(option: str, text: str) -> str:
    """One line of plain text. UsageError for control characters or nothing."""
    try:
        plain = plain_text(text)
    except ValueError as wrong:
        raise UsageError(f"{option}: {wrong}") from None
    if len(plain) > _LONGEST_REASON or "\n" in plain or "\t" in plain:
        raise UsageError(f"{option}: expected one line of at most {_LONGEST_REASON} characters")
    return plain.strip()


def unredactable(seq: int, name: str, event_type: type[Event]) -> InputError:
    """A coded field cannot be taken out of bytes that are hashed as a whole."""
    sealed = ", ".join(event_type.SEALED) or "none"
    if name in event_type.FACTS:
        return InputError(
            f"--redact {seq}.{name}: {name} is a coded field of the stored bytes and cannot be taken out of them; "
            f"withhold the whole entry with --withhold {seq}=REASON. Fields that can be redacted: {sealed}."
        )
    return InputError(
        f"--redact {seq}.{name}: entry {seq} ({event_type.TOPIC}) has no sealed field {name[:60]!r} with a text; "
        f"fields that can be redacted: {sealed}, and changes.FIELD of a correction"
    )


def _split(option: str, text: str, form: str) -> tuple[str, str]:
    place, equals, reason = text.partition("=")
    if not equals or not reason.strip():
        raise UsageError(f"{option}: expected {form}; each needs its reason, came {text[:60]!r}")
    return place.strip(), line(option, reason)


def _seq(option: str, text: str) -> int:
    if not _SEQ.fullmatch(text):
        raise UsageError(f"{option}: expected an entry's number, such as 7, came {text[:60]!r}")
    return int(text)
