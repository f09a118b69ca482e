"""The story notation: what is told becomes import lines, and what cannot be read is named."""

from typing import Any

import pytest

from ledger.errors import InputError
from ledger.events.registry import RECORDABLE
from ledger.rules.story import read, tell
from ledger.rules.story_tables import COMPOSITES, STAGE, VERBS


def own(story: str) -> list[dict[str, Any]]:
    """The facts of a story without the stage's."""
    stage = tell("")
    return [fact for fact in tell(story) if fact not in stage]


def brief(fact: dict[str, Any]) -> str:
    return f"{fact['occurred_at']} {fact['type']}"


def test_the_stage_is_there_unless_told_otherwise() -> None:
    assert [brief(fact) for fact in tell("")].count("2021-01-04T08:00Z PractitionerRegistered") == 3
    assert len(tell("")) == len(STAGE.split("\n")) - 2

    told = tell("2023-01-01 licence-recorded P-1 L5 US-SC\n2023-01-01 licence-recorded P-1 L6 US-VA")
    assert [fact["licence"] for fact in told if fact["type"] == "LicenceRecorded"] == ["L2", "L3", "L5", "L6"]


def test_an_opening_with_its_papers() -> None:
    told = own("2024-01-08 therapy E3")

    assert [brief(fact) for fact in told] == [
        "2024-01-08T09:00Z IntakeCompleted",
        "2024-01-08T09:30Z AgreementIssued",
        "2024-01-08T10:00Z AgreementSigned",
        "2024-01-08T12:00Z EngagementOpened",
    ]
    assert [told[0]["intake"], told[1]["agreement"], told[2]["agreement"]] == ["I3", "A3", "A3"]
    assert told[3] == {
        "type": "EngagementOpened",
        "occurred_at": "2024-01-08T12:00Z",
        "by": "front-desk",
        "client": "C-1",
        "engagement": "E3",
        "practitioner": "P-1",
        "service": "therapy",
        "intake": "I3",
        "agreement": "A3",
        "focus": ["goals"],
    }


def test_parts_are_set_moved_left_out_and_replaced() -> None:
    told = own(
        "2024-01-08 15:00 coaching E1 with=P-2 by=desk intake.stable=yes signed@2024-03-20 agreement@11:00 focus="
    )
    assert [brief(fact) for fact in told] == [
        "2024-01-08T09:00Z IntakeCompleted",
        "2024-01-08T11:00Z AgreementIssued",
        "2024-01-08T15:00Z EngagementOpened",
        "2024-03-20T10:00Z AgreementSigned",
    ]
    assert [fact.get("practitioner") for fact in told] == ["P-2", "P-2", "P-2", None]
    assert {fact["by"] for fact in told} == {"desk"}
    assert (told[0]["stable"], told[2]["focus"]) == ("yes", [])

    assert [fact["type"] for fact in own("2024-01-08 therapy E1 no-intake no-agreement")] == [
        "EngagementOpened"
    ]
    assert "intake" not in own("2024-01-08 therapy E1 no-intake")[-1]
    assert own("2024-01-08 therapy E1 no-signed")[-1]["agreement"] == "A1"
    assert [fact["type"] for fact in own("2024-01-08 therapy E1 agreement=A7")] == [
        "IntakeCompleted",
        "EngagementOpened",
    ]
    assert own("2024-01-08 therapy E1 agreement=A7 intake=I7")[-1]["agreement"] == "A7"


def test_papers_alone() -> None:
    told = own("2024-01-08 acknowledgement A9 with= signer=guardian agreement.terms=")

    assert [fact["type"] for fact in told] == ["AgreementIssued", "AgreementSigned"]
    assert "practitioner" not in told[0]
    assert (told[0]["kind"], told[0]["agreement"]) == ("role-change-acknowledgement", "A9")
    assert told[1]["signer"] == "guardian"


@pytest.mark.parametrize("event_type", RECORDABLE, ids=lambda known: known.TOPIC)
def test_every_fact_can_be_told(event_type: Any) -> None:
    names = {
        "PractitionerRegistered": "P-7",
        "TemplateAdopted": "T1",
        "ActorRegistered": "desk",
        "LicenceStatusChanged": "P-1 L1",
        "EntryCorrected": "x",
        "ClientsCompared": "other=C-2",
    }
    verb = next(verb for verb, known in VERBS.items() if known is event_type)
    needs = [one for one in event_type.FACTS.values() if one.required and one.refers_to is not None]
    ids = [
        f"{one.refers_to.thing[0].upper()}1"
        for one in needs
        if one.refers_to.thing not in ("client", "practitioner")
    ]
    words = names.get(event_type.TOPIC) or " ".join(ids)
    if event_type.TOPIC == "EntryCorrected":
        told = own("2024-01-08 hold-placed source=x\n2024-01-09 retract x")[-1:]
    else:
        told = own(f"2024-01-08 {verb} {words}")

    assert [fact["type"] for fact in told] == [event_type.TOPIC]
    assert told[0]["occurred_at"][:10] in ("2024-01-08", "2024-01-09")


def test_words_and_keys_become_values_of_their_fields() -> None:
    (held,) = own("2024-01-15 10:00:30 session-held E1 S9 minutes=50 jurisdiction=US-SC modality=video")
    assert (held["session"], held["minutes"], held["modality"]) == ("S9", 50, "video")
    assert held["occurred_at"] == "2024-01-15T10:00:30Z"

    (closed,) = own("2024-01-15 engagement-closed E1 scope no not-assessed summary_sha256=summary")
    assert (closed["reason"], closed["goals_met"], closed["stable"]) == ("scope", False, "not-assessed")
    assert len(closed["summary_sha256"]) == 64
    assert closed["occurred_at"] == "2024-01-15"

    (hashed,) = own(f"2024-01-15 engagement-closed E1 summary_sha256={'ab' * 32}")
    assert hashed["summary_sha256"] == "ab" * 32

    (policy,) = own(
        "2024-01-15 policy-adopted adopts= parameters.a_b=5 parameters.c_d=yes parameters.e_f=x,y parameters.g_h="
    )
    assert policy["adopts"] == []
    assert policy["parameters"] == {"a_b": 5, "c_d": True, "e_f": ["x", "y"], "g_h": []}

    (signed,) = own('2024-01-15 agreement-signed A1 meaning="read and agreed"')
    assert signed["meaning"] == "read and agreed"


def test_ids_left_out_are_numbered() -> None:
    told = own("2024-01-15 session-held E1\n2024-01-16 session-held E1\n2024-01-17 concern-raised E1")

    assert [fact.get("session") or fact["concern"] for fact in told] == ["S1", "S2", "K1"]


def test_corrections_name_a_line_by_its_source() -> None:
    told = own(
        """
        2024-01-08 therapy E1 signed.source=sig
        2024-01-09 engagement-closed E1 source=closing
        2024-02-01 correct closing stable=no summary_sha256= goals_met=no occurred_at=2024-01-10T09:00
        2024-02-02 retract sig source=gone
        2024-02-03 retract gone
        """
    )

    assert [fact.get("source") for fact in told] == [None, None, "sig", None, "closing", None, "gone", None]
    assert told[5]["changes"] == {
        "stable": "no",
        "summary_sha256": None,
        "goals_met": False,
        "occurred_at": "2024-01-10T09:00Z",
    }
    assert (told[6]["corrects"], told[6]["retracted"]) == ("sig", "mistaken")
    assert told[7]["corrects"] == "gone"


def test_what_only_the_ledger_could_add() -> None:
    *_, told = read(
        "2024-01-08 session-held E1 recorded@2024-01-20 admitted=as-found override=director "
        "override.rules=SEQ-1,SEQ-2 override.reason=why"
    ).told

    assert (told.recorded_at, told.admitted) == ("2024-01-20T12:00Z", "as-found")
    assert told.override == {"authorised_by": "director", "rules": ["SEQ-1", "SEQ-2"], "reason": "why"}
    assert not {"admitted", "override", "recorded"} & told.fact.keys()


@pytest.mark.parametrize(
    ("story", "today"),
    [
        ("2024-01-08 therapy E1\n2024-02-29 today", "2024-02-29"),
        ("2024-01-08 therapy E1\n2024-01-05 session-held E1", "2024-01-08"),
        ("", "2021-01-04"),
    ],
)
def test_the_day_of_the_question(story: str, today: str) -> None:
    assert read(story).today == today


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("therapy E1", "expected DATE"),
        ("2024-1-8 therapy E1", "expected DATE"),
        ("2024-01-08 9:00 therapy E1", "expected DATE"),
        ("2024-01-08 yoga E1", "came yoga"),
        ("2024-01-08 therapy", "expected E1 no-intake no-agreement no-signed"),
        ("2024-01-08 therapy A1", "expected E1"),
        ("2024-01-08 therapy E1 no-opened", "came E1 no-opened"),
        ("2024-01-08 therapy E1 colour=red", "EngagementOpened has .* came colour"),
        ("2024-01-08 therapy E1 intake.colour=red", "IntakeCompleted has .* came colour"),
        ("2024-01-08 therapy E1 signed@noon", "expected DATE, TIME or DATETTIME, came 'noon'"),
        ("2024-01-08 therapy E1 signed@", "expected DATE, TIME or DATETTIME, came ''"),
        ("2024-01-08 engagement-closed", "expects engagement, came none"),
        ("2024-01-08 template-adopted", "expects template, came none"),
        (
            "2024-01-08 referral-answered R1 accepted twice",
            "expected at most referral, answer, came R1 accepted twice",
        ),
        ("2024-01-08 engagement-closed E1 stable=maybe", "EngagementClosed stable: Input should be"),
        ("2024-01-08 engagement-closed E1 goals_met=perhaps", "EngagementClosed goals_met"),
        ("2024-01-08 session-held E1 minutes=many", "invalid literal"),
        ("2024-01-08 retract closing", "expected the source of an earlier line, came 'closing'"),
        (
            "2024-01-08 hold-placed source=x\n2024-01-09 correct x colour=red",
            "expected a field of HoldPlaced, came colour",
        ),
        ("2024-01-08 hold-placed source=x\n2024-01-09 correct x", "at least one field"),
        ('2024-01-08 hold-placed matter="open', "No closing quotation"),
        ("2024-01-08 ledger-opened", "came ledger-opened"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(line: str, word: str) -> None:
    number = 2 + line.count("\n")

    with pytest.raises(InputError, match=word) as problem:
        tell("\n" + line)

    assert str(problem.value).startswith(f"story line {number} (")


def test_every_verb_is_its_record_commands_name() -> None:
    assert VERBS["engagement-closed"].TOPIC == "EngagementClosed"
    assert len(VERBS) == len(RECORDABLE)
    assert not VERBS.keys() & COMPOSITES.keys()
