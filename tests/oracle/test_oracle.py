"""The oracle agrees with the stories worked out by hand, and reads time, corrections and knowledge as
designed.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.oracle.imports import from_import
from tests.oracle.judge import Opinion, judge
from tests.oracle.obligations import LATE_VIOLATES
from tests.oracle.world import Line, World, read

STORIES = Path(__file__).resolve().parents[2].parent / "shared" / "acceptance" / "cases"
IMPORTED = datetime(2025, 6, 1, 12, tzinfo=UTC)
END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)
NEW_YORK = "America/New_York"
RANK = {"clean": 0, "pending": 1, "violations": 2}


# -- the acceptance stories -------------------------------------------------------------------------------


def stories() -> list[str]:
    return sorted(path.name.removesuffix(".expect.json") for path in STORIES.glob("*.expect.json"))


def recommended(day: str) -> dict[str, Any]:
    """What `init` records at go-live."""
    return {
        "type": "PolicyAdopted",
        "occurred_at": day,
        "by": "init",
        "adopts": ["recommended"],
        "drops": [],
        "parameters": {},
        "reason": "recommended set",
    }


def load(name: str) -> list[dict[str, Any]]:
    text = (STORIES / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def story_lines(name: str, expect: Mapping[str, Any], zone: str) -> list[Line]:
    """The ledger after the story's imports; a file that a gate refuses adds nothing."""
    init = expect.get("init_args", [])
    go_live = init[init.index("--go-live") + 1] if "--go-live" in init else None
    lines = from_import([recommended(go_live or "2025-06-01")], zone, IMPORTED)
    admitted = "enforced" if go_live else "as-found"
    for number, step in enumerate(expect.get("imports") or [{"file": f"{name}.ndjson", "exit": 0}]):
        recorded_at = IMPORTED + timedelta(minutes=number)
        after = from_import(load(step["file"]), zone, recorded_at, admitted, after=lines)
        new = {(line.stream, line.seq) for line in after[len(lines) :]}
        gates = gate_findings(judge(after, as_of=END_OF_TIME, time_zone=zone), new)
        assert step["exit"] in {0, 3}
        assert admitted == "as-found" or bool(gates) == (step["exit"] == 3), (step, gates)
        lines = after if step["exit"] == 0 else lines
    if "--policy" in expect.get("audit_args", []):
        lines = [as_ever_adopted(line) for line in lines]
    return lines


def gate_findings(opinion: Opinion, entries: set[tuple[str, int]]) -> list[Any]:
    return [f for f in opinion.findings if f[1] == "gate" and f[3:] in entries]


def as_ever_adopted(line: Line) -> Line:
    """`--policy current`: what was adopted at any time applies to everything."""
    if line.body["type"] != "PolicyAdopted":
        return line
    body = line.body | {"occurred_at": "1900-01-01"}
    return Line(line.stream, line.seq, line.position, line.recorded_at, line.admitted, line.override, body)


def serious_and_soft(opinion: Opinion, lines: list[Line]) -> Iterator[dict[str, Any]]:
    """Findings, and the obligations that weigh like one, in the shape the expectations speak of."""
    bodies = {(line.stream, line.seq): line.body for line in lines}
    weighing = [(f[0], f[1], *f[2:]) for f in opinion.findings]
    for rule, client, stream, seq, _, status in opinion.obligations:
        if status in {"overdue", "late"}:
            soft = status == "late" and rule not in LATE_VIOLATES
            weighing.append((rule, "warning" if soft else "violation", client, stream, seq))
    for rule, kind, client, stream, seq in weighing:
        named = bodies[stream, seq].get("engagement")
        yield {
            "rule": rule,
            "client": client,
            "engagements": {named} - {None},
            "kind": "soft" if kind in {"warning", "advice"} else "serious",
        }


def complaints(expect: Mapping[str, Any], opinion: Opinion, lines: list[Line]) -> list[str]:
    bad = []
    for client, verdict in expect["verdicts"].items():
        if opinion.verdict(client) != verdict:
            bad.append(f"{client}: expected {verdict}, came {opinion.verdict(client)}")
    worst = max(expect["verdicts"].values(), key=RANK.__getitem__, default="clean")
    if RANK[opinion.verdict(None)] > RANK[worst]:
        bad.append(f"the practice: {opinion.verdict(None)}")
    found = list(serious_and_soft(opinion, lines))
    asked = []
    for want in expect["findings_must"]:
        matching = [
            f
            for f in found
            if (f["rule"], f["client"]) == (want["rule"], want["client"])
            and want.get("kind", f["kind"]) == f["kind"]
            and set(want["engagements"]) <= f["engagements"]
        ]
        asked += matching
        if not matching:
            bad.append(f"missing: {want}")
    for named in expect["findings_must_not"]:
        rule, _, only = named.partition("/")
        bad += [
            f"uncalled for: {f}"
            for f in found
            if f["rule"] == rule and f not in asked and not (only == "serious" and f["kind"] == "soft")
        ]
    listed = {(o[0], o[1], o[5]) for o in opinion.obligations}
    bad += [
        f"obligation missing: {want}"
        for want in expect["obligations"]
        if (want["rule"], want["client"], want["status"]) not in listed
    ]
    bad += [
        f"obligation uncalled for: {o}" for o in opinion.obligations if o[0] in expect["obligations_must_not"]
    ]
    return bad


@pytest.mark.parametrize("zone", ["UTC", NEW_YORK])
@pytest.mark.parametrize("name", stories())
def test_a_story_worked_out_by_hand(name: str, zone: str) -> None:
    expect = json.loads((STORIES / f"{name}.expect.json").read_text(encoding="utf-8"))
    as_of = datetime.fromisoformat(expect["as_of"])
    lines = story_lines(name, expect, zone)

    opinion = judge(lines, as_of=as_of, time_zone=zone)

    assert complaints(expect, opinion, lines) == [], expect["why"]


def test_the_stories_are_there() -> None:
    if not STORIES.is_dir():
        pytest.skip("the acceptance stories are not beside the repository")
    assert len(stories()) > 200


# -- reading a history ------------------------------------------------------------------------------------


def line(position: int, occurred_at: str, *, recorded_at: datetime = IMPORTED, **fields: Any) -> Line:
    """An entry of client C-1 whose number is its position."""
    body = {"type": "ClientRelocated", "client": "C-1", "occurred_at": occurred_at, "by": "desk"} | fields
    return Line("client/C-1", position, position, recorded_at, "as-found", None, body)


def correction(position: int, corrects: int, **fields: Any) -> Line:
    return line(position, "2024-05-01T12:00:00Z", type="EntryCorrected", corrects=corrects, **fields)


def reading(*lines: Line, known_at: datetime | None = None, as_of: datetime = IMPORTED) -> World:
    return read(lines, as_of=as_of, known_at=known_at, zone=ZoneInfo(NEW_YORK))


def times(world: World) -> dict[int, str]:
    return {f.line.seq: f.at.isoformat() for f in world.facts}


def moves(world: World) -> dict[int, Any]:
    return {f.line.seq: f.get("jurisdiction") for f in world.of("ClientRelocated")}


def test_a_day_alone_is_the_start_of_that_day_in_the_practices_zone() -> None:
    world = reading(line(1, "2024-01-08"))

    assert times(world) == {1: "2024-01-08T05:00:00+00:00"}
    assert world.facts[0].day == date(2024, 1, 8)


def test_a_day_alone_takes_the_latest_time_of_its_day_recorded_before_it_in_its_stream() -> None:
    world = reading(
        line(1, "2024-01-08T15:00:00-05:00"),
        line(2, "2024-01-08T09:00:00-05:00"),
        line(3, "2024-01-08"),
        line(4, "2024-01-08T18:00:00-05:00"),
        line(5, "2024-01-09"),
    )

    assert times(world)[3] == "2024-01-08T20:00:00+00:00"
    assert times(world)[5] == "2024-01-09T05:00:00+00:00"
    assert [f.line.seq for f in world.facts] == [2, 1, 3, 4, 5]


def test_the_day_of_a_time_is_the_practices_day() -> None:
    world = reading(line(1, "2024-01-09T03:00:00Z"), line(2, "2024-01-08"))

    assert world.facts[0].day == date(2024, 1, 8)
    assert times(world)[2] == "2024-01-09T03:00:00+00:00"


def test_a_day_alone_follows_the_corrected_time_of_the_entry_before_it() -> None:
    world = reading(
        line(1, "2024-01-08T15:00:00-05:00"),
        line(2, "2024-01-08"),
        correction(3, 1, changes={"occurred_at": "2024-01-08T08:00:00-05:00"}),
    )

    assert times(world)[2] == "2024-01-08T13:00:00+00:00"


def test_corrections_apply_in_recording_order() -> None:
    world = reading(
        line(1, "2024-01-08", jurisdiction="US-NC"),
        correction(2, 1, changes={"jurisdiction": "US-VA"}),
        correction(3, 1, changes={"jurisdiction": "US-FL"}),
    )

    assert moves(world) == {1: "US-FL"}


def test_a_retracted_correction_is_undone() -> None:
    world = reading(
        line(1, "2024-01-08", jurisdiction="US-NC"),
        correction(2, 1, changes={"jurisdiction": "US-VA"}),
        correction(3, 2, retracted="mistaken"),
    )

    assert moves(world) == {1: "US-NC"}


def test_a_retraction_that_is_retracted_is_undone_too() -> None:
    world = reading(
        line(1, "2024-01-08", jurisdiction="US-NC"),
        correction(2, 1, changes={"jurisdiction": "US-VA"}),
        correction(3, 2, retracted="mistaken"),
        correction(4, 3, retracted="mistaken"),
    )

    assert moves(world) == {1: "US-VA"}


def test_a_corrected_correction_corrects_otherwise() -> None:
    world = reading(
        line(1, "2024-01-08", jurisdiction="US-NC"),
        correction(2, 1, retracted="duplicate"),
        correction(3, 2, changes={"retracted": None, "changes": {"jurisdiction": "US-VA"}}),
    )

    assert moves(world) == {1: "US-VA"}


def test_a_retracted_entry_never_happened_but_stands_as_first_recorded() -> None:
    lines = [line(1, "2024-01-08", jurisdiction="US-NC"), correction(2, 1, retracted="wrong-client")]

    first = read(lines, as_of=IMPORTED, zone=ZoneInfo(NEW_YORK), corrections=False)

    assert moves(reading(*lines)) == {}
    assert moves(first) == {1: "US-NC"}


def test_corrections_follow_what_is_known_never_what_had_happened() -> None:
    lines = [
        line(1, "2024-01-08", jurisdiction="US-NC", recorded_at=datetime(2024, 1, 8, tzinfo=UTC)),
        correction(2, 1, changes={"jurisdiction": "US-VA"}),
    ]

    early = datetime(2024, 2, 1, tzinfo=UTC)

    assert moves(reading(*lines, as_of=early)) == {1: "US-VA"}
    assert moves(reading(*lines, known_at=early)) == {1: "US-NC"}


def test_known_at_is_a_prefix_by_the_running_maximum_of_recorded_at() -> None:
    day = datetime(2024, 3, 1, tzinfo=UTC)
    lines = [
        line(1, "2024-01-08", recorded_at=day),
        line(2, "2024-01-08", recorded_at=day + timedelta(days=9)),
        line(3, "2024-01-08", recorded_at=day + timedelta(days=1)),
    ]

    assert list(times(reading(*lines, known_at=day + timedelta(days=5)))) == [1]
    assert list(times(reading(*lines, known_at=day + timedelta(days=9)))) == [1, 2, 3]


def test_as_of_leaves_out_what_had_not_happened() -> None:
    world = reading(line(1, "2024-01-08"), line(2, "2024-01-10"), as_of=datetime(2024, 1, 9, tzinfo=UTC))

    assert list(times(world)) == [1]


def test_effective_order_is_time_then_position() -> None:
    world = reading(
        line(1, "2024-01-09T12:00:00Z"), line(2, "2024-01-08T12:00:00Z"), line(3, "2024-01-08T12:00:00Z")
    )

    assert [f.line.seq for f in world.facts] == [2, 3, 1]


def test_an_import_assigns_streams_and_numbers_and_finds_what_is_corrected() -> None:
    lines = from_import(
        [
            {"type": "PractitionerRegistered", "practitioner": "P-1", "occurred_at": "2024-01-01"},
            {"type": "ClientRegistered", "client": "C-1", "occurred_at": "2024-01-02"},
            {"type": "ClientRelocated", "client": "C-1", "occurred_at": "2024-01-03", "source": "a"},
            {"type": "ClientRelocated", "client": "C-1", "occurred_at": "2024-01-03", "source": "a"},
            {"type": "EntryCorrected", "corrects": "a", "occurred_at": "2024-01-04", "source": "b"},
            {"type": "EntryCorrected", "corrects": "b", "occurred_at": "2024-01-05"},
        ],
        NEW_YORK,
        IMPORTED,
    )

    assert [(entry.stream, entry.seq, entry.position) for entry in lines] == [
        ("practitioner/P-1", 1, 1),
        ("client/C-1", 1, 2),
        ("client/C-1", 2, 3),
        ("client/C-1", 3, 4),
        ("client/C-1", 4, 5),
    ]
    assert [entry.body["corrects"] for entry in lines[3:]] == [2, 3]
