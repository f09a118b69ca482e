"""Mutants that decide nothing else than the original, each with the reason why."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from benchmarks.mutants import Mutant

_UNFIT_ENDS_NO_PAUSE = (
    "an act whose engagement is not on record is unfit, and an unfit resumption ends no pause"
)

ALIKE: Final[Mapping[tuple[str, str, str], str]] = {
    (
        "changes",
        "engagement is None or act.seq in case.unfit",
        "engagement is None and act.seq in case.unfit",
    ): _UNFIT_ENDS_NO_PAUSE,
    ("con_3", "since[:1]", "since[:2]"): "only the first of them is ever looked up",
    ("lic_3", "2 ** 63", "2 ** 64"): "either is beyond every position in a log",
    ("lic_3", "2 ** 63", "3 ** 63"): "either is beyond every position in a log",
    (
        "role_3",
        "consents[0].at < change.mark.at",
        "consents[0].at <= change.mark.at",
    ): "a signature at the mark is in time, and nothing is said of it",
    (
        "scope_2",
        "care.event.until >= view.day(raised)",
        "care.event.until > view.day(raised)",
    ): "care until the day of the concern is therapy elsewhere on that day, which was asked first",
    (
        "seq_3",
        "act.at <= recorded_at",
        "act.at < recorded_at",
    ): "a shortcut: what is recorded as it happens is not five minutes ahead either",
    (
        "time_2",
        "fact.position > act.position",
        "fact.position >= act.position",
    ): "an opening, resumption or renewal is no evidence for itself",
}
"""(module, before, after) -> why no history tells them apart."""


def reason_alike(mutant: Mutant) -> str:
    """Why a mutant that no test notices decides the same as the original; "" where it does not."""
    if mutant.of_order:
        return "no two facts share their effective order"
    return ALIKE.get((Path(mutant.path).stem, mutant.before, mutant.after), "")
