"""The comparison has teeth: a rule that decides otherwise in one place no longer agrees with the oracle."""

import importlib
import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from types import ModuleType

import pytest

from tests.agreement.histories import history, moments, seeds
from tests.agreement.small_world import LATER, PLAIN, SmallWorld
from tests.agreement.walks import CONCERNS, ONE_PAIR, Walk
from tests.agreement.worlds import difference, engine_opinion, oracle_opinion
from tests.oracle import Line, Opinion

Asked = tuple[tuple[Line, ...], datetime, Opinion]

BY_THE_WALK = (
    ("role_1", "one.open_at(act.order)", "one.running_at(act.order)"),
    ("role_2", "closed.event.stable is Stable.YES", "closed.event.stable is not Stable.YES"),
    ("role_5", "intake.order < change.previous.opened.order", "intake.order > change.previous.opened.order"),
    ("agr_1", "agreement.signed_by(act.at)", "agreement.signed_by(act.at[:0])"),
    ("agr_2", "use.order < act.order", "use.order <= act.order"),
    ("int_1", "intake.at > act.at", "intake.at < act.at"),
)
BY_HISTORIES = (
    ("role_2", "closed.at <= fact.at <= act.at", "closed.at <= fact.at"),
    ("role_3", "change.mark.at <= fact.at <= act.at", "change.mark.at < fact.at <= act.at"),
    ("role_7", "if len(changes) > limit", "if len(changes) >= limit"),
    ("scope_1", "intake.order < fact.order < before", "fact.order < before"),
    ("lic_3", "if covered_before and not covered", "if not covered"),
    ("agr_4", "issued != signed", "issued == signed"),
    ("con_1", "frozenset({RecordSet.PSYCHOTHERAPY_NOTES})", "frozenset({RecordSet.CLINICAL})"),
    ("con_2", "release.granted.order < act.order", "release.granted.order > act.order"),
    ("con_3", "view.day(end) <= last_day", "view.day(end) > last_day"),
    ("time_2", "fact.position > act.position", "fact.position < act.position"),
)


def named(changes: tuple[tuple[str, str, str], ...]) -> list[str]:
    return [f"{module}: {instead}" for module, _, instead in changes]


@pytest.mark.parametrize(("module", "stands", "instead"), BY_THE_WALK, ids=named(BY_THE_WALK))
def test_the_walk_notices(module: str, stands: str, instead: str) -> None:
    with changed(module, stands, instead):
        assert any(disagrees(asked) for asked in walked())


@pytest.mark.parametrize(("module", "stands", "instead"), BY_HISTORIES, ids=named(BY_HISTORIES))
def test_random_histories_notice(module: str, stands: str, instead: str) -> None:
    with changed(module, stands, instead):
        assert any(disagrees(asked) for asked in at_random())


def test_unchanged_rules_agree() -> None:
    assert not [asked for asked in (*walked(), *at_random()) if disagrees(asked)]


def disagrees(asked: Asked) -> bool:
    lines, as_of, oracle = asked
    return bool(difference(engine_opinion(lines, as_of), oracle))


@contextmanager
def changed(module: str, stands: str, instead: str) -> Iterator[None]:
    """The rule of a module, decided by its source with one place changed; nothing is written."""
    rule = importlib.import_module(f"ledger.rules.{module}")
    source = inspect.getsource(rule)
    assert stands in source, f"{module} reads otherwise now: change this table"
    other = ModuleType(rule.__name__)
    exec(compile(source.replace(stands, instead), str(rule.__file__), "exec"), other.__dict__)  # noqa: S102
    before = rule.RULE.check, rule.RULE.due
    try:
        _decide_by(rule, other.RULE.check, other.RULE.due)
        yield
    finally:
        _decide_by(rule, *before)


def _decide_by(module: ModuleType, check: object, due: object) -> None:
    """Puts other functions into a frozen rule."""
    object.__setattr__(module.RULE, "check", check)
    object.__setattr__(module.RULE, "due", due)


@cache
def walked() -> list[Asked]:
    """Some states of the small world, and what the oracle says of them."""
    walks = (Walk("one pair", 6, 0, ONE_PAIR, PLAIN), Walk("concerns", 7, 0, CONCERNS, PLAIN))
    states = [
        state
        for walk in walks
        for state in SmallWorld(walk.setting).walk(walk.most, walk.alphabet, walk.depth)
    ]
    return [(state.lines, LATER, oracle_opinion(state.lines, LATER)) for state in states[::3]]


@cache
def at_random() -> list[Asked]:
    """Some random histories, and what the oracle says of them."""
    histories = [(history(seeds(seed)), seed) for seed in range(80)]
    return [
        (tuple(lines), as_of, oracle_opinion(lines, as_of))
        for lines, seed in histories
        for as_of in moments(lines, seed)
    ]
