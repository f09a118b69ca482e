"""Reading with `--known-at T` answers exactly what a ledger cut off there would answer (DESIGN section 5)."""

from itertools import pairwise

from tests.agreement.histories import history, moments, seeds
from tests.agreement.worlds import engine_opinion, perspective, position_known

HISTORIES = range(120)


def test_known_at_reads_what_a_ledger_cut_there_would_say() -> None:
    """Over random histories with several writers' clocks, at every log position's own time."""
    moved_back = 0
    for seed in HISTORIES:
        lines = history(seeds(seed))
        moved_back += any(later.recorded_at < before.recorded_at for before, later in pairwise(lines))
        as_of = moments(lines, seed)[0]
        for line in lines[:: max(1, len(lines) // 5)]:
            cut = position_known(lines, line.recorded_at)
            assert cut is not None
            assert engine_opinion(lines, as_of, line.recorded_at) == engine_opinion(lines[:cut], as_of), seed
    assert moved_back > len(HISTORIES) // 2, "the writers' clocks hardly differ"


def test_what_had_happened_only_grows_and_corrections_do_not_wait_for_it() -> None:
    """An earlier as-of shows fewer facts, each of them as corrected by what is known."""
    for seed in HISTORIES:
        lines = history(seeds(seed))
        early, late = sorted(moments(lines, seed))
        before, after = perspective(lines, early), perspective(lines, late)
        shown = {fact.ref: fact for fact in after.practice.entries}
        for fact in before.practice.entries:
            assert shown[fact.ref].event == fact.event
            assert len(shown[fact.ref].corrections) == len(fact.corrections)
