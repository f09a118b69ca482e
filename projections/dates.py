"""Days and times as people read them, in the practice's time zone or in one they name."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from ledger.errors import UsageError
from ledger.values import Calendar, is_day


def day_words(day: str) -> str:
    """`2026-03-02` as `2 March 2026`."""
    found = date.fromisoformat(day)
    return f"{found.day} {found:%B} {found.year}"


class Dates:
    """How times are shown. Which day something belongs to is always decided in the practice's time zone."""

    def __init__(self, calendar: Calendar, zone: str | None = None) -> None:
        self._calendar = calendar
        self.zone = zone or calendar.time_zone
        try:
            self._zone = ZoneInfo(self.zone)
        except (KeyError, ValueError, OSError):
            raise UsageError(
                f"--tz: expected an IANA time zone such as America/New_York, came {self.zone[:60]!r}"
            ) from None

    def words(self, stated: str) -> str:
        """A stated time in a sentence: `2 March 2026 at 15:00`, or the day alone where no more is known."""
        if is_day(stated):
            return day_words(stated)
        local = self._local(stated)
        return f"{day_words(local.date().isoformat())} at {local:%H:%M}"

    def moment(self, stamp: str) -> str:
        """A moment asked about; the last one of a day is named by its day."""
        day = self._calendar.day_of(stamp)
        if self._calendar.end_of(day) == stamp:
            return f"the end of {day_words(day)}"
        return self.words(stamp)

    def column(self, stated: str) -> str:
        """A stated time in a table: `2026-03-02 15:00`, or the day alone."""
        return stated if is_day(stated) else f"{self._local(stated):%Y-%m-%d %H:%M}"

    def day(self, stated: str) -> str:
        """The practice's day of a stated time, in words."""
        return day_words(stated if is_day(stated) else self._calendar.day_of(stated))

    def day_of(self, stated: str) -> str:
        """The practice's day of a stated time."""
        return stated if is_day(stated) else self._calendar.day_of(stated)

    def days_late(self, occurred_at: str, recorded_at: str) -> int:
        """How many of the practice's days lie between what happened and its being recorded."""
        happened = occurred_at if is_day(occurred_at) else self._calendar.day_of(occurred_at)
        recorded = self._calendar.day_of(recorded_at)
        return (date.fromisoformat(recorded) - date.fromisoformat(happened)).days

    def _local(self, stamp: str) -> datetime:
        return datetime.fromisoformat(stamp).astimezone(self._zone)
