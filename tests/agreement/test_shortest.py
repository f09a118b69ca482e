"""The page of shortest refusals is current, and the ledger itself refuses what the walk says, and only that."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ledger import clock
from ledger.application import Ledger
from ledger.errors import RefusedError
from ledger.opening import Opening
from ledger.places import Places
from ledger.recording.statement import state as stated
from ledger.rules.judge import Finding
from ledger.values import stamp
from tests.agreement.shortest import PAGE, main, page
from tests.agreement.small_world import BEGIN, COACH, MINOR, PLAIN, Setting
from tests.agreement.walks import shortest_refusals
from tests.agreement.worlds import Body

POLICY: dict[str, Any] = {
    "adopts": ["recommended"],
    "drops": [],
    "parameters": {"min_gap_days": 1},
    "reason": "x",
}


def test_the_page_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert PAGE.read_text(encoding="utf-8") == "\n".join(page()) + "\n"
    assert main(["--check"]) == 0
    assert main(["--write"]) == 2
    assert "usage" in capsys.readouterr().err


@pytest.mark.parametrize("setting", [PLAIN, MINOR, COACH], ids=lambda setting: setting.name)
def test_the_ledger_refuses_the_last_act_and_takes_all_before(
    setting: Setting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One ledger per setting, one client per gate."""
    tell_time = set_clock(monkeypatch)
    tell_time(-24 * 60)
    places = Places.of(f"sqlite:///{tmp_path}/practice.db")
    opening = Opening("Practice", "America/New_York", "director", go_live="2024-01-01", policy=POLICY)
    with Ledger.create(places, opening) as ledger:
        bodies = [line.body for line in setting.log().lines]
        ledger.record(
            [stated(body) for body in bodies if body["type"] not in {"PolicyAdopted", "ClientRegistered"}]
        )
        for rule, (walk, state) in shortest_refusals().items():
            if walk.setting is setting:
                client = f"C-{rule}"
                tell_time(-24 * 60)
                ledger.record([stated({**bodies[-1], "client": client})])
                refused = against(ledger, client, state.acts, tell_time)
                assert refused == {one.rule for one in state.refused}
                assert rule in refused


def set_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets the ledger's clock to so many hours after the beginning."""

    def tell_time(hours: float) -> None:
        monkeypatch.setattr(clock, "now", lambda: stamp(BEGIN + timedelta(hours=hours)))

    return tell_time


def against(
    ledger: Ledger, client: str, acts: tuple[Body, ...], tell_time: Callable[[float], None]
) -> set[str]:
    """Records the acts, an hour apart; returns the rules that refuse the last one."""
    for hour, act in enumerate(acts, start=1):
        tell_time(hour)
        dated = BEGIN + timedelta(hours=hour, minutes=10 if act.get("ahead") else 0)
        body = {name: value for name, value in act.items() if name != "ahead"}
        statement = stated({**body, "client": client, "occurred_at": dated.isoformat(), "by": "desk"})
        if hour == len(acts):
            with pytest.raises(RefusedError) as refused:
                ledger.record([statement])
            return {one.rule for one in refused.value.findings if isinstance(one, Finding)}
        ledger.record([statement])
    return set()
