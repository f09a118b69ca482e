"""Several programs record into one ledger: each decides on what the others have recorded, and nothing is lost."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger import clock
from ledger.application import STREAMS_HELD, Ledger
from ledger.errors import DuplicateIdError, ReferenceNotRecordedError, RefusedError
from ledger.recording.admission import Admitting
from ledger.recording.statement import Statement
from tests import desk

pytestmark = pytest.mark.usefixtures("each_engine")

Two = tuple[Ledger, Ledger]


@pytest.fixture
def two(tmp_path: Path, each_engine: str) -> Iterator[Two]:  # noqa: ARG001  # where they record
    """Two programs at one ledger, therapy begun by the first."""
    with desk.new_ledger(tmp_path) as first, Ledger(desk.places(tmp_path)) as second:
        desk.therapy_begun(first)
        yield first, second


def session(number: int) -> Statement:
    return desk.of_client(
        "SessionHeld",
        f"2024-07-{number:02}T10:00:00-04:00",
        engagement="E1",
        session=f"S{number}",
        modality="video",
        purpose="service",
    )


def actor(name: str) -> Statement:
    return desk.fact("ActorRegistered", actor=name, role="front-desk", may_authorise=False)


def seqs(ledger: Ledger, stream: str) -> list[int]:
    return [entry.seq for _, entry in ledger.entries.stream(stream, None)]


def test_what_another_recorded_of_a_client_at_hand_is_seen(two: Two) -> None:
    first, second = two
    first.record([session(1)])
    second.record([session(2)])
    with pytest.raises(DuplicateIdError, match="session S2"):
        first.record([session(2)])
    first.record([session(3)])
    assert seqs(first, "client/C-1") == list(range(1, 9))


def test_what_another_recorded_of_the_practice_is_seen(two: Two) -> None:
    first, second = two
    template: dict[str, Any] = {"template": "t", "kind": "therapy-consent", "version": "1"}
    template |= {"text_sha256": desk.TEXT, "terms": []}
    issued = desk.of_client("AgreementIssued", agreement="A9", kind="therapy-consent", template="t")
    with pytest.raises(ReferenceNotRecordedError, match="template t"):
        first.record([issued])
    second.record([desk.fact("TemplateAdopted", **template)])
    first.record([session(1)])
    first.record([issued])


@pytest.mark.parametrize(
    ("mine", "other", "stream"),
    [(session(1), session(2), "client/C-1"), (actor("a"), actor("b"), "practice")],
    ids=["of a client", "of the practice"],
)
def test_a_decision_is_taken_anew_when_another_recorded_meanwhile(
    two: Two, monkeypatch: pytest.MonkeyPatch, mine: Statement, other: Statement, stream: str
) -> None:
    first, second = two
    seal, decisions = Admitting.seal, list[int]()

    def sealed_late(self: Admitting, *told: Any) -> Any:
        decisions.append(self.drafts[0].seq)
        if len(decisions) == 1:
            second.record([other])
        return seal(self, *told)

    monkeypatch.setattr(Admitting, "seal", sealed_late)
    recorded = first.record([mine])

    taken = decisions[0]
    assert decisions == [taken, taken, taken + 1]  # mine, the other's in between, mine again
    assert recorded.entries[0].seq == taken + 1
    assert seqs(first, stream) == list(range(1, taken + 2))


def test_streams_are_held_for_the_next_decision_but_not_all_of_them(two: Two) -> None:
    first, _ = two
    for number in range(STREAMS_HELD + 5):
        first.record(
            [
                desk.fact(
                    "ClientRegistered",
                    client=f"D-{number}",
                    name="x",
                    date_of_birth="1990-02-03",
                    contact="x",
                    jurisdiction="US-NC",
                )
            ]
        )
    assert len(first._held) == STREAMS_HELD
    assert f"client/D-{STREAMS_HELD + 4}" in first._held
    first.record([session(1)])
    assert seqs(first, "client/C-1")[-1] == 6


def policy(act: str) -> Statement:
    """Adopts or drops the gate that wants an agreement's terms."""
    told: dict[str, Any] = {"adopts": [], "drops": [], "parameters": {}, "reason": "a decision"}
    return desk.fact("PolicyAdopted", "2024-06-02", **(told | {act: ["AGR-3"]}))


def without_terms() -> list[Statement]:
    """Therapy that could begin, but that its agreement has no terms."""
    told = {"agreement": "A1", "kind": "therapy-consent", "practitioner": "P-1", "text_sha256": desk.TEXT}
    issued = desk.of_client("AgreementIssued", **told, payer="private", terms=[])
    return [desk.client(), desk.intake(), issued, desk.papers()[1]]


@pytest.mark.parametrize(("before", "meanwhile"), [("adopts", "drops"), ("drops", "adopts")])
def test_a_gate_is_asked_again_when_the_practice_changed_it_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str, meanwhile: str
) -> None:
    with desk.new_ledger(tmp_path) as first, Ledger(desk.places(tmp_path)) as second:
        first.record([*desk.staff(), policy(before), *without_terms()])
        judge, decisions = Admitting._judge, list[int]()

        def judged_late(self: Admitting, stream: str) -> None:
            judge(self, stream)
            decisions.append(len(self.refused))
            if len(decisions) == 1:
                second.record([policy(meanwhile)])

        monkeypatch.setattr(Admitting, "_judge", judged_late)
        if meanwhile == "drops":
            first.record([desk.opening()])
        else:
            with pytest.raises(RefusedError) as refused:
                first.record([desk.opening()])
            assert [finding.rule for finding in refused.value.findings] == ["AGR-3"]  # type: ignore[attr-defined]
        refusals = [
            entry for _, entry in first.entries.stream("ledger", None) if entry.type == "EntryRefused"
        ]
        assert len(refusals) == (meanwhile == "adopts")  # and none that is not so where it stands
        assert len(decisions) == 3  # mine, the policy's, mine again


def test_of_two_who_act_now_who_is_recorded_second_acts_second(two: Two) -> None:
    first, second = two
    now = clock.now()
    done = second.record([session(1)._replace(occurred_at=now)], now=now)
    later = first.record([session(2)._replace(occurred_at=now), session(3)], now=now)
    assert now < done.entries[0].occurred_at < later.entries[0].occurred_at == later.entries[0].recorded_at
    assert later.entries[1].occurred_at == session(3).occurred_at


def test_where_others_keep_recording_the_log_is_locked_for_a_decision(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = two
    second.record([desk.intake(2, "coaching"), *desk.papers(2, "coaching-contract")])
    monkeypatch.setattr("ledger.application.ATTEMPTS", 0)
    done = first.record([session(1), session(2)])
    assert list(done.positions) == [first.recorder.last_position() - 1, first.recorder.last_position()]
    assert done.checkpoint is not None
    assert done.checkpoint.size == done.positions[-1]
    with pytest.raises(RefusedError) as refused:
        first.record([desk.opening(2, "coaching")])
    (noted,) = [one for _, one in second.entries.stream("ledger", None) if one.type == "EntryRefused"]
    assert {finding.rule for finding in refused.value.findings} == set(noted.event.rules)  # type: ignore[attr-defined]
    assert second.record([session(3)]).entries[0].seq == done.entries[-1].seq + 1
