"""Whose rows there are, how long they hold, and who is with whom: what catching up itself looks up."""

from collections.abc import Iterator

from projections.models.base import TEXT, Model, Row, SeenClient, SeenPractice, Table


def _held(seen: SeenClient | SeenPractice) -> Iterator[Row]:
    since, until = seen.span
    yield {"since": since, "until": until}


def _pairs(seen: SeenClient) -> Iterator[Row]:
    for practitioner in seen.practitioners:
        yield {"practitioner": practitioner}


SPANS = Table(
    "spans",
    {"since": TEXT, "until": TEXT},
    key=(),
    of_client=_held,
    of_practice=_held,
    indexes=(("since",), ("until",)),
)
"""Since when a client's rows hold, and from when on they do not."""

PAIRS = Table(
    "pairs", {"practitioner": TEXT}, ("practitioner",), of_client=_pairs, indexes=(("practitioner",),)
)
"""With whom a client has or had an engagement."""

MODEL = Model("clients", "whose rows there are, and how long they hold", (SPANS, PAIRS))
