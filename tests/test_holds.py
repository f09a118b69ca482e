"""Legal holds: how many stand is counted in effective order; which, is told by matter."""

from collections.abc import Sequence

import pytest

from ledger.entry import FIRST_PREV, Entry
from ledger.errors import KeyDestroyedError, NoSuchHoldError
from ledger.events.clients import HoldPlaced, HoldReleased
from ledger.history import Fact
from ledger.holds import in_force, normal, require_standing, standing, words
from ledger.values import Admission


def holds(*told: str) -> list[Fact]:
    """`+matter` is placed, `-matter` released."""
    facts = []
    for seq, one in enumerate(told, start=1):
        kind = HoldPlaced if one[0] == "+" else HoldReleased
        event = kind(client="C-1", matter=one[1:], reason="so")
        entry = Entry.model_construct(
            admitted=Admission.ENFORCED,
            recorded_at="2024-01-01T00:00:00.000000Z",
            by="desk",
            event=event,
            occurred_at="2024-01-01",
            prev=FIRST_PREV,
            schema_version=1,
            seq=seq,
            stream="client/C-1",
            type=kind.TOPIC,
            via="",
        )
        facts.append(Fact(entry, seq, event, "2024-01-01", "desk", "2024-01-01", ("2024-01-01", seq)))
    return facts


def matter(fact: Fact) -> str:
    text: str = fact.event.matter
    if text == "erased":
        raise KeyDestroyedError("client/C-1", "practice")
    return text


@pytest.mark.parametrize(
    ("told", "number", "matters"),
    [
        ((), 0, []),
        (("+a",), 1, ["a"]),
        (("+a", "+b", "-a"), 1, ["b"]),
        (("+a", "-a"), 0, []),
        (("-a", "+a"), 1, ["a"]),  # a release is not saved up
        (("+a", "-a", "-a", "+b"), 1, ["b"]),
        (("+a", "+a", "-a"), 1, ["a"]),
        (("+A  b", "-a B"), 0, []),
        (("+Stra\u00dfe", "-STRASSE"), 0, []),
        (("+erased", "-erased", "+c"), 1, ["c"]),
    ],
)
def test_what_stands(told: Sequence[str], number: int, matters: list[str]) -> None:
    facts = holds(*told)

    assert in_force(facts) == number
    assert [text for text, _ in standing(facts, matter)] == matters


def test_a_release_of_what_does_not_stand() -> None:
    facts = holds("+a", "-a", "+b", "-a")

    with pytest.raises(NoSuchHoldError, match="there is 1 of another matter"):
        require_standing("C-1", facts, facts[-1], matter)
    require_standing("C-1", facts, holds("-B")[0], matter)


def test_in_words() -> None:
    assert normal(" Smith\u00a0 v.\tJONES ") == "smith v. jones"
    assert [words(number) for number in (0, 1, 2)] == [
        "no legal hold stands",
        "a legal hold stands: nothing may be erased",
        "2 legal holds stand: nothing may be erased",
    ]
