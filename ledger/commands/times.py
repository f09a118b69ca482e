"""Times as people type them: now, a day, a time in the practice's time zone, or a full one with its offset."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ledger.errors import UsageError
from ledger.values import MOMENT_WORDING, is_day, moment, stamp

_LOCAL = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)", re.ASCII)
_CLOCK = re.compile(r"\d{2}:\d{2}", re.ASCII)


def zone_named(name: str) -> ZoneInfo:
    """The time zone of a name. UsageError if there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise UsageError(
            f"time zone: expected an IANA name such as America/New_York, came {name[:60]!r}"
        ) from None


def typed_time(text: str | None, zone: ZoneInfo, now: str, option: str = "--occurred-at") -> str:
    """What somebody typed as a canonical time; nothing means now. UsageError if it is no time.

    `today`, `yesterday` and a bare date stay days; `15:00` is today's; a time without an offset is the zone's.
    """
    text = (text or "now").strip()
    here = datetime.fromisoformat(now).astimezone(zone)
    if text == "now":
        return now
    if text in ("today", "yesterday"):
        return (here.date() - timedelta(days=text == "yesterday")).isoformat()
    if _CLOCK.fullmatch(text):
        text = f"{here.date().isoformat()} {text}"
    local = _LOCAL.fullmatch(text)
    if local is not None:
        return _in_zone(f"{local[1]}T{local[2]}", zone, option)
    try:
        return moment(text)
    except ValueError:
        raise UsageError(
            f"{option}: expected {MOMENT_WORDING}, a time in the practice's time zone (2026-03-02 15:00), "
            f"now, today or yesterday; came {text[:60]!r}"
        ) from None


def _in_zone(text: str, zone: ZoneInfo, option: str) -> str:
    try:
        early = datetime.fromisoformat(text).replace(tzinfo=zone)
    except ValueError as wrong:
        raise UsageError(f"{option}: {text!r} is no time: {wrong}") from None
    late = early.replace(fold=1)
    if early.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != early.replace(tzinfo=None):
        raise UsageError(
            f"{option}: {text} does not exist in {zone.key}, the clocks go forward then; give another time"
        )
    if early.utcoffset() != late.utcoffset():
        offsets = " or ".join(_offset(each) for each in (early, late))
        raise UsageError(
            f"{option}: {text} comes twice in {zone.key}, the clocks go back then; add the offset ({offsets})"
        )
    try:
        return moment(stamp(early))
    except (ValueError, OverflowError) as wrong:
        raise UsageError(f"{option}: {wrong}") from None


def _offset(when: datetime) -> str:
    text = when.strftime("%z")
    return f"{text[:3]}:{text[3:]}"


def shown_time(at: str, zone: ZoneInfo) -> str:
    """A canonical time as people read it: in the zone, to the minute; a day as it is."""
    if is_day(at):
        return at
    return datetime.fromisoformat(at).astimezone(zone).strftime("%Y-%m-%d %H:%M %Z")
