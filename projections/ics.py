"""An iCalendar file (RFC 5545) of what is due: one all-day event per obligation, nothing clinical in it."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ledger.values import later

FOLD_AT = 75
"""Octets in a line, its CRLF not counted (RFC 5545 section 3.1)."""


def calendar(obligations: Iterable[Mapping[str, Any]], *, origin: str, made_at: str) -> str:
    """The calendar of some obligations, in their order. `made_at` is a stamp; the same input gives the same text."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//engagement-ledger//obligations//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
    ]
    for one in obligations:
        lines += _event(one, origin, made_at)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))


def _event(one: Mapping[str, Any], origin: str, made_at: str) -> Iterator[str]:
    who = f", {one['practitioner']}" if one.get("practitioner") else ""
    overdue = "OVERDUE: " if one["status"] == "overdue" else ""
    entries = ", ".join(f"{entry['stream']} {entry['seq']}" for entry in one["entries"])
    summary = f"{overdue}{one['rule']} {one['client']}{who}"
    description = f"{one['message']}\nEntries: {entries}"
    yield "BEGIN:VEVENT"
    yield f"UID:{_uid(one, origin)}"
    yield f"DTSTAMP:{made_at[:19].replace('-', '').replace(':', '')}Z"
    yield f"DTSTART;VALUE=DATE:{one['due'].replace('-', '')}"
    yield f"DTEND;VALUE=DATE:{later(one['due'], 1).replace('-', '')}"
    yield f"SUMMARY:{escaped(summary)}"
    yield f"DESCRIPTION:{escaped(description)}"
    yield f"CATEGORIES:{escaped(one['rule'])},{one['status'].upper()}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _uid(one: Mapping[str, Any], origin: str) -> str:
    """The same obligation keeps its UID, so that importing again updates it (RFC 5545 section 3.8.4.7)."""
    cause = one["entries"][0]
    named = "\n".join((origin, one["rule"], cause["stream"], str(cause["seq"]), *one["engagements"]))
    return f"{hashlib.sha256(named.encode()).hexdigest()[:32]}@engagement-ledger"


def escaped(text: str) -> str:
    """Text as a property value (RFC 5545 section 3.3.11); other controls may not stand in one at all."""
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    text = text.replace("\r\n", "\\n").replace("\n", "\\n")
    return "".join(sign for sign in text if sign >= " " and sign != "\x7f")


def _folded(line: str) -> Iterator[str]:
    """A content line in pieces of at most 75 octets, continued with a blank, no character torn apart."""
    piece, octets = "", 0
    for sign in line:
        size = len(sign.encode("utf-8"))
        if octets + size > FOLD_AT:
            yield piece
            piece, octets = " ", 1
        piece += sign
        octets += size
    yield piece
