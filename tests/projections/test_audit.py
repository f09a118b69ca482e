"""The audit document and its command: keys, order, moments, what-if policies, exit codes."""

import json
from pathlib import Path

import pytest

from ledger.errors import InputError, RefusedError
from ledger.recording.statement import state
from projections.audit import Question, audit
from projections.policy_question import policy_of_file
from tests.projections.conftest import ROOT, Run, Tell, Told

KEYS = [
    "as_of",
    "known_at",
    "policy",
    "clients",
    "entries",
    "verdict",
    "verdict_as_recorded",
    "findings",
    "obligations",
    "verdicts",
    "transitions",
]
FINDING = [
    "rule",
    "kind",
    "client",
    "practitioner",
    "engagements",
    "entries",
    "occurred_at",
    "overridden",
    "as_found",
    "message",
]
OBLIGATION = ["rule", "client", "engagements", "due", "status", "entries", "message"]
TRANSITION = [
    "client",
    "from",
    "to",
    "from_service",
    "to_service",
    "from_practitioner",
    "to_practitioner",
    "at",
    "verdict",
    "requirements",
]


def test_the_document_has_the_keys_of_the_design_in_their_order(lakeside: Told) -> None:
    document = audit(lakeside.ledger, Question(lakeside.ledger.moment("2025-12-31")))

    assert list(document)[: len(KEYS)] == KEYS
    assert list(document)[len(KEYS) :] == ["overrides", "refusals", "verdicts_as_recorded"]
    assert {tuple(one) for one in document["findings"]} == {tuple(FINDING)}
    assert {tuple(one) for one in document["obligations"]} == {tuple(OBLIGATION)}
    assert {tuple(one) for one in document["transitions"]} == {tuple(TRANSITION)}
    assert {tuple(each) for one in document["transitions"] for each in one["requirements"]} == {
        ("rule", "status", "entries", "message")
    }
    assert (document["as_of"], document["known_at"]) == ("2026-01-01T04:59:59.999999Z", None)
    assert (document["clients"], document["entries"]) == (24, 1562)
    assert json.loads(json.dumps(document)) == document


def test_the_example_is_judged_as_its_expectation_says(lakeside: Told) -> None:
    expected = json.loads((ROOT / "examples" / "lakeside-practice.expect.json").read_text(encoding="utf-8"))

    document = audit(lakeside.ledger, Question(lakeside.ledger.moment(expected["as_of"])))

    assert document["verdicts"] == expected["verdicts"]
    assert sorted((one["rule"], one["kind"], one["client"]) for one in document["findings"]) == sorted(
        (one["rule"], one["kind"], one["client"]) for one in expected["findings"]
    )
    assert [
        (one["rule"], one["client"], one["due"], one["status"])
        for one in document["obligations"]
        if one["status"] != "met"
    ] == sorted(
        ((one["rule"], one["client"], one["due"], one["status"]) for one in expected["obligations"]),
        key=lambda one: (one[2], one[0]),
    )


def test_findings_come_in_the_order_of_what_happened_then_of_the_rules(lakeside: Told) -> None:
    document = audit(lakeside.ledger, Question(lakeside.ledger.moment("2025-12-31")))

    keys = [(one["occurred_at"], one["rule"]) for one in document["findings"]]
    assert keys == sorted(keys)
    assert {one["as_found"] for one in document["findings"]} == {True}


@pytest.mark.parametrize("jobs", [2, 3])
def test_several_processes_give_the_same_document_byte_for_byte(lakeside: Told, jobs: int) -> None:
    when = lakeside.ledger.moment("2025-12-31")

    alone = json.dumps(audit(lakeside.ledger, Question(when)))
    together = json.dumps(audit(lakeside.ledger, Question(when, jobs=jobs)))

    assert together == alone


def test_one_client_alone_is_judged_as_among_the_others(lakeside: Told) -> None:
    when = lakeside.ledger.moment("2025-12-31")

    one = audit(lakeside.ledger, Question(when, client="C-OAK"))
    everybody = audit(lakeside.ledger, Question(when))

    assert one["verdicts"] == {"C-OAK": "violations"}
    assert one["clients"] == 1
    assert one["findings"] == [found for found in everybody["findings"] if found["client"] == "C-OAK"]
    with pytest.raises(InputError, match="C-NOBODY"):
        audit(lakeside.ledger, Question(when, client="C-NOBODY"))


def test_clients_of_whom_nothing_had_happened_yet_are_not_counted(lakeside: Told) -> None:
    document = audit(lakeside.ledger, Question(lakeside.ledger.moment("2023-01-31")))

    assert 0 < document["clients"] == len(document["verdicts"]) < 24
    assert document["entries"] == 1562


def test_what_was_known_before_the_correction_is_judged_as_known_then(tell: Tell) -> None:
    told = tell(
        """
        2024-01-08 therapy E1
        2024-06-03 10:00 engagement-closed E1 stable=not-assessed source=closing summary_sha256=sum
        2024-07-01 coaching E2 override=director override.reason="agreed by phone"
        2024-08-01 10:00 correct closing stable=yes
        """
    )
    ledger = told.ledger

    before = audit(ledger, Question(ledger.moment("2024-07-31", "2024-07-31")))
    after = audit(ledger, Question(ledger.moment("2024-07-31")))

    assert "ROLE-2" in [one["rule"] for one in before["findings"]]
    assert "ROLE-2" not in [one["rule"] for one in after["findings"]]
    assert "COR-1" in [one["rule"] for one in after["findings"]]
    assert before["known_at"] == "2024-07-31T23:59:59.999999Z"
    assert before["entries"] == after["entries"] - 1
    assert after["verdict_as_recorded"] == "violations"


OVERRIDDEN = """
    2021-01-05 actor-registered director
    2024-01-08 therapy E1
    2024-06-03 10:00 coaching E2 override=director override.reason="the client asked"
"""


def test_overrides_are_listed_with_authority_and_reason(tell: Tell) -> None:
    ledger = tell(OVERRIDDEN).ledger

    document = audit(ledger, Question(ledger.moment("2024-06-04")))

    (override,) = document["overrides"]
    assert override["rules"][0] == "ROLE-1"
    assert (override["authorised_by"], override["reason"]) == ("director", "the client asked")
    assert override["entry"]["stream"] == "client/C-1"
    (finding,) = [one for one in document["findings"] if one["rule"] == "ROLE-1"]
    assert finding["overridden"]
    assert document["verdict"] == "violations"


def test_a_refused_attempt_is_listed_and_its_client_stays_sealed(tell: Tell, run: Run) -> None:
    told = tell("2024-01-08 therapy E1")
    with pytest.raises(RefusedError):
        told.ledger.record(
            [
                state(
                    {
                        "type": "EngagementOpened",
                        "occurred_at": "2024-02-01T10:00:00Z",
                        "by": "front-desk",
                        "client": "C-1",
                        "engagement": "E2",
                        "practitioner": "P-1",
                        "service": "coaching",
                        "focus": ["goals"],
                    }
                )
            ]
        )

    document = audit(told.ledger, Question(told.ledger.moment()))

    (refusal,) = document["refusals"]
    assert (refusal["type"], refusal["by"]) == ("EngagementOpened", "front-desk")
    assert refusal["client"] == "sealed: identity"
    assert "ROLE-1" in refusal["rules"]
    assert "EngagementOpened" in run(told, "audit").out


def test_the_practices_own_findings_count_in_its_verdict(tell: Tell) -> None:
    ledger = tell(
        """
        2021-01-05 actor-registered director
        2024-02-01 10:00 licence-recorded P-1 recorded@2024-01-20 override=director override.reason="typed ahead"
        """
    ).ledger

    document = audit(ledger, Question(ledger.moment("2024-03-01")))

    assert [(one["rule"], one["client"]) for one in document["findings"]] == [("SEQ-3", None)]
    assert document["verdict"] == "violations"
    assert document["verdicts"] == {"C-1": "clean"}


# -- what if ----------------------------------------------------------------------------------------------


def test_a_policy_file_judges_everything_by_that_policy(lakeside: Told, run: Run, tmp_path: Path) -> None:
    strict = tmp_path / "strict.toml"
    strict.write_text('adopts = ["ROLE-8"]\n[parameters]\nmin_gap_days = 30\n', encoding="utf-8")

    ran = run(
        lakeside, "audit", "--as-of", "2025-12-31", "--policy", str(strict), "--json", "--client", "C-BIRCH"
    )

    document = json.loads(ran.out)
    assert document["policy"] == "strict.toml"
    assert [one["rule"] for one in document["findings"]] == ["ROLE-8"]
    assert document["obligations"] == []
    assert ran.code == 1


def test_the_current_policy_can_be_asked_for(lakeside: Told, run: Run) -> None:
    document = json.loads(
        run(lakeside, "audit", "--policy", "current", "--as-of", "2025-12-31", "--json").out
    )

    assert document["policy"] == "current"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('adopts = ["ROLE-99"]', "ROLE-99"),
        ('adopts = ["ROLE-1"]', "ROLE-1"),
        ("[parameters]\nno_such_days = 3", "no_such_days"),
        ("[parameters]\nsession_note_days = -3", "session_note_days"),
        ("[parameters]\nsession_note_days = 1.5", "parameters"),
        ("surprise = 1", "surprise"),
        ("adopts = [", "expected TOML"),
    ],
)
def test_a_policy_file_with_unknown_names_is_refused(tmp_path: Path, text: str, names: str) -> None:
    file = tmp_path / "p.toml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(InputError, match=names):
        policy_of_file(file)


def test_a_policy_file_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        policy_of_file(tmp_path / "none.toml")


# -- the command ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--as-of", "2025-12-31"), 1),
        (("--as-of", "2025-12-31", "--client", "C-OAK"), 1),
        (("--as-of", "2025-12-31", "--client", "C-BIRCH"), 0),
        (("--as-of", "2025-12-31", "--client", "C-BIRCH", "--strict"), 0),
        (("--as-of", "2025-12-31", "--client", "C-SPRUCE"), 0),
        (("--as-of", "2025-12-31", "--client", "C-SPRUCE", "--strict"), 1),
        (("--client", "C-NOBODY"), 5),
        (("--client", "C\x1b[31m"), 5),
        (("--as-of", "yesterday"), 5),
        (("--jobs", "0"), 2),
        (("--html", "no/such/folder/a.html"), 2),
    ],
)
def test_the_exit_code_says_what_was_found(
    lakeside: Told, run: Run, arguments: tuple[str, ...], code: int
) -> None:
    ran = run(lakeside, "audit", *arguments)

    assert ran.code == code
    assert "\x1b" not in ran.out + ran.err
    assert bool(ran.err) == (code in (2, 5))


def test_the_report_says_what_the_record_shows_and_never_that_all_is_well(lakeside: Told, run: Run) -> None:
    said = run(lakeside, "audit", "--as-of", "2025-12-31").out

    assert "Verdict: requirements not shown" in said
    assert "C-WILLOW: no findings (as first recorded: requirements not shown)" in said
    assert "imported as found" in said
    assert "compliant" not in said.lower()
    assert "attests" in said
    assert max(map(len, said.splitlines())) <= 80


def test_the_page_is_written_beside_what_is_printed(lakeside: Told, run: Run, tmp_path: Path) -> None:
    page = tmp_path / "audit.html"

    ran = run(lakeside, "audit", "--as-of", "2025-12-31", "--html", str(page))

    assert page.read_text(encoding="utf-8").lstrip().lower().startswith("<!doctype html>")
    assert "audit.html" in ran.out
    assert sorted(one.name for one in tmp_path.iterdir()) == ["audit.html", "lakeside"]


def test_transitions_exit_as_the_audit_does(lakeside: Told, run: Run) -> None:
    clean = run(lakeside, "transitions", "C-BIRCH", "--as-of", "2025-12-31", "--json")
    broken = run(lakeside, "transitions", "C-OAK", "--as-of", "2025-12-31", "--json")

    assert (clean.code, broken.code) == (0, 1)
    (one,) = json.loads(clean.out)["transitions"]
    assert (one["from"], one["to"], one["verdict"]) == ("E1", "E2", "clean")
    assert json.loads(broken.out)["verdict"] == "violations"
