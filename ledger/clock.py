"""The only reader of the system clock. One operation reads it once and passes the stamp on."""

from datetime import UTC, datetime

from ledger.values import stamp


def now() -> str:
    """The present as a stamp: canonical UTC text with microseconds."""
    return stamp(datetime.now(UTC))
