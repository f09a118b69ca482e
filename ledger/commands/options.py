"""The options of a `record` command, from an event class: names, types and help are the class's own."""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any

import click

from ledger.commands.elsewhere import METAVAR, from_elsewhere
from ledger.errors import InputError, UsageError
from ledger.events.base import Event, FieldFacts, field_docs
from ledger.events.practice import PolicyAdopted
from ledger.filling.fillers import FILLERS
from ledger.integrity.canonical import loads
from ledger.recording.wording import wording
from ledger.rules.catalogue import PARAMETERS

HASH = "_sha256"


def kebab(name: str) -> str:
    """`EngagementOpened` as `engagement-opened`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def _listed(codes: tuple[str, ...]) -> Callable[[click.Context, click.Parameter, Any], list[str] | None]:
    """Splits codes at `;` or `,`; the option may also be repeated. None where it is not given."""

    def split(_ctx: click.Context, _param: click.Parameter, given: tuple[str, ...]) -> list[str] | None:
        if not given:
            return None
        found = [code.strip() for text in given for code in re.split(r"[;,]", text) if code.strip()]
        for code in found:
            if codes and code not in codes:
                raise click.BadParameter(f"{code!r} is not one of {', '.join(codes)}")
        return found

    return split


def codes_of(facts: FieldFacts) -> tuple[str, ...]:
    """The codes a field takes: its enumeration's, or none where it takes any."""
    plain = facts.plain.__args__[0] if facts.many else facts.plain
    if isinstance(plain, type) and issubclass(plain, Enum):
        return tuple(str(member.value) for member in plain)
    return ()


def options_of(event_type: type[Event]) -> Iterator[click.Option]:
    """The options for an event's fields."""
    docs = field_docs(event_type)
    hashes = [name for name in event_type.FACTS if name.endswith(HASH)]
    for facts in event_type.FACTS.values():
        doc = docs.get(facts.name, "")
        if facts.name.endswith(HASH):
            yield from _hash_options(facts, doc, only=len(hashes) == 1)
        else:
            yield _option(event_type, facts, doc)


def _needed(event_type: type[Event], facts: FieldFacts) -> str:
    filled = (event_type, facts.name) in FILLERS or (facts.assigns is not None and facts.assigns.prefix)
    if filled:
        return " (filled in where it can be known)"
    return " (required)" if facts.required else ""


def _option(event_type: type[Event], facts: FieldFacts, doc: str) -> click.Option:
    flag = "--" + facts.name.replace("_", "-")
    text = doc + _needed(event_type, facts)
    if facts.mapping:
        return click.Option(
            ["--set", facts.name],
            multiple=True,
            metavar="NAME=VALUE",
            help=f"{text} VALUE is read as JSON if it is JSON, else as text. Repeat for more.",
        )
    if facts.plain is bool:
        return click.Option([f"{flag}/--no-{flag[2:]}", facts.name], default=None, help=text)
    codes = codes_of(facts)
    if facts.many:
        words = f"{text} {', '.join(codes)}." if codes else text
        return click.Option(
            [flag, facts.name], multiple=True, metavar="CODE[;CODE...]", callback=_listed(codes), help=words
        )
    if codes:
        return click.Option(
            [flag, facts.name], type=click.Choice(codes), metavar="CODE", help=_codes(text, codes)
        )
    if facts.plain is int and facts.name != "corrects":
        return click.Option([flag, facts.name], type=int, help=text)
    if facts.sealed is not None:
        return click.Option(
            [flag, facts.name], metavar=_metavar(facts) + METAVAR, help=text, callback=from_elsewhere
        )
    return click.Option([flag, facts.name], metavar=_metavar(facts), help=text)


def _codes(text: str, codes: tuple[str, ...]) -> str:
    return f"{text} One of {', '.join(codes)}."


def _metavar(facts: FieldFacts) -> str:
    if facts.assigns is not None or facts.refers_to is not None:
        return "ID"
    if "a date" in wording(facts):
        return "DAY"
    return "SEQ|SOURCE" if facts.name == "corrects" else "TEXT"


def _hash_options(facts: FieldFacts, doc: str, *, only: bool) -> Iterator[click.Option]:
    stem = facts.name.removesuffix(HASH).replace("_", "-")
    flags = [f"--{stem}-file", *(["--file"] if only and stem != "file" else [])]
    file = click.Path(exists=True, dir_okay=False, path_type=Path)
    needed = " (required)" if facts.required else ""
    yield click.Option(
        [*flags, f"{facts.name}_of"],
        type=file,
        metavar="PATH",
        help=f"{doc} Computed from this file{needed}.",
    )
    yield click.Option(
        [f"--{stem}-sha256", facts.name], metavar="HEX", help="The same, as 64 hexadecimal digits."
    )


def values_of(event_type: type[Event], given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that were given, as JSON values. UsageError, InputError for what cannot be one."""
    values: dict[str, Any] = {}
    for facts in event_type.FACTS.values():
        value = given.get(facts.name)
        if facts.mapping:
            value = settings(value) if value else None
            if value is not None and event_type is PolicyAdopted:
                value = {name: _parameter(name, each) for name, each in value.items()}
        elif facts.name == "corrects" and value is not None and re.fullmatch(r"[0-9]{1,15}", value):
            value = int(value)
        elif facts.name.endswith(HASH):
            value = _hash(facts.name, value, given.get(f"{facts.name}_of"))
        if value is not None:
            values[facts.name] = value
    return values


def _parameter(name: str, value: Any) -> Any:
    """A policy parameter as typed; codes may be separated by `;` or `,`."""
    known = PARAMETERS.get(name)
    if isinstance(value, str) and known is not None and isinstance(known.default, tuple):
        return [code.strip() for code in re.split(r"[;,]", value) if code.strip()]
    return value


def settings(pairs: tuple[str, ...]) -> dict[str, Any]:
    """`name=value` pairs as an object; a value is JSON if it parses, else text."""
    result: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name:
            raise UsageError("--set: expected NAME=VALUE, came text without `=`")
        if name in result:
            raise UsageError(f"--set: {name[:60]!r} is given twice")
        try:
            result[name] = value_of(text)
        except InputError as wrong:
            raise InputError(f"--set {name[:60]}: {wrong}") from None
    return result


def value_of(text: str) -> Any:
    """A value as typed: JSON if it parses, else text. InputError for JSON the ledger cannot keep."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    return loads(text)


def _hash(name: str, typed: str | None, file: Path | None) -> str | None:
    if file is None:
        return typed
    if typed is not None:
        stem = name.removesuffix(HASH).replace("_", "-")
        raise UsageError(f"--{stem}-file and --{stem}-sha256: give one of them")
    return sha256_of(file)


def sha256_of(file: Path) -> str:
    """The SHA-256 of a file, in hexadecimal. InputError if it cannot be read."""
    hasher = hashlib.sha256()
    try:
        with file.open("rb") as opened:
            while chunk := opened.read(1 << 20):
                hasher.update(chunk)
    except OSError as wrong:
        raise InputError(f"{file}: cannot be read: {wrong.strerror or wrong}") from None
    return hasher.hexdigest()
