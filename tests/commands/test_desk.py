"""The desk flows: a visit in one step, all or nothing; scenario 2 of the guide from registration to coaching."""

import json

import pytest

from tests.commands.program import Program

CHANGE = (
    *("desk", "change-service", "--client", "C-1", "--clinical-indication", "past", "--roles-explained"),
    *("--rationale", "goals now", "--yes"),
)
CLOSE = ("desk", "close", "--client", "C-1", "--reason", "goals-met", "--yes")


def test_therapy_then_coaching_in_four_commands(program: Program) -> None:
    # Given a practice with its templates; when a client is registered, treated, and then coached
    summary = program.file("summary.pdf", "the discharge summary")
    program.good(
        *(
            "desk",
            "register",
            "--client",
            "C-1",
            "--name",
            "Zoë",
            "--date-of-birth",
            "1990-01-01",
            "--contact",
            "x",
        ),
        *("--jurisdiction", "US-NC", "--service-sought", "both", "--clinical-indication", "active"),
        *("--roles-explained", "--rationale", "anxiety first", "--yes"),
    )
    program.good("desk", "open", "--client", "C-1", "--focus", "mood-anxiety", "--yes")
    program.good(*CLOSE, "--stable", "yes", "--file", summary)
    program.good(*CHANGE)

    # Then every step is on record, in this order, and no rule finds anything
    assert [entry.type for entry in program.stream("client/C-1")] == [
        "ClientRegistered",
        "IntakeCompleted",
        "AgreementIssued",
        "AgreementSigned",
        "EngagementOpened",
        "EngagementClosed",
        "IntakeCompleted",
        "AgreementIssued",
        "AgreementSigned",
        "AgreementIssued",
        "AgreementSigned",
        "EngagementOpened",
    ]
    audit = json.loads(program.good("audit", "--client", "C-1", "--json").out)
    assert audit["verdict"] == "clean"
    assert [(each["from_service"], each["to_service"]) for each in audit["transitions"]] == [
        ("therapy", "coaching")
    ]


def test_a_visit_is_told_in_plain_words(client: Program) -> None:
    done = client.good("desk", "open", "--client", "C-1", "--focus", "grief", "--yes")

    assert "The therapy-consent A1 is handed out, from template consent, with P-1." in done.told
    assert "(sealed) signs A1 as client (wet-ink)" in done.told
    assert "Therapy E1 with P-1 opens, on intake I1 and agreement A1; about grief." in done.told


def test_answers_from_a_pipe(client: Program) -> None:
    # service, practitioner is the only one; who signs, name, how, meaning; focus by its beginning; right?
    done = client.good("desk", "open", "--client", "C-1", stdin="\n\n\n\n\nmood;rel\nyes\n")

    assert "[therapy]" in done.err
    assert client.stream("client/C-1")[-1].event.focus == ("mood-anxiety", "relationships")


def test_no_at_the_end_records_nothing(client: Program) -> None:
    before = client.count()

    done = client("desk", "open", "--client", "C-1", "--focus", "grief", stdin="\n\n\n\n\nno\n")

    assert (done.code, client.count()) == (130, before)


def test_answers_that_run_out_record_nothing(client: Program) -> None:
    before = client.count()

    done = client("desk", "open", "--client", "C-1")

    assert (done.code, client.count()) == (2, before)
    assert "--focus is needed" in done.told


def test_nothing_is_recorded_unconfirmed(client: Program) -> None:
    before = client.count()

    done = client("desk", "open", "--client", "C-1", "--focus", "grief")

    assert (done.code, client.count()) == (2, before)
    assert "--yes" in done.told


def test_a_change_too_early_is_told_before_anything_is_asked(in_therapy: Program) -> None:
    before = in_therapy.count()

    done = in_therapy("desk", "change-service", "--client", "C-1")

    assert (done.code, in_therapy.count()) == (3, before)
    assert "desk close --client C-1" in done.told
    assert "What the client asks for" not in done.told


def test_a_gate_that_refuses_the_visit_is_noted_and_nothing_of_it_is_kept(in_therapy: Program) -> None:
    in_therapy.good(*CLOSE, "--stable", "no")
    before = len(in_therapy.stream("client/C-1"))

    done = in_therapy(*CHANGE)

    assert done.code == 3
    assert "ROLE-2" in done.out
    assert "What to do" in done.out
    assert len(in_therapy.stream("client/C-1")) == before
    assert in_therapy.stream("ledger")[-1].type == "EntryRefused"


def test_an_override_at_the_desk(in_therapy: Program) -> None:
    in_therapy.good(*CLOSE, "--stable", "no")

    in_therapy.good(*CHANGE, "--override", "court order", "--authorised-by", "director")

    assert in_therapy.stream("client/C-1")[-1].override.reason == "court order"  # type: ignore[union-attr]


def test_a_minor_is_signed_for(program: Program) -> None:
    program.good(
        *(
            "desk",
            "register",
            "--client",
            "C-2",
            "--name",
            "Ida",
            "--date-of-birth",
            "2020-02-29",
            "--contact",
            "x",
        ),
        *("--jurisdiction", "US-NC", "--service-sought", "therapy", "--clinical-indication", "active"),
        *("--roles-explained", "--rationale", "x", "--yes"),
    )
    assert program.stream("client/C-2")[0].event.minor_until == "2038-03-01"

    program.good(
        "desk", "open", "--client", "C-2", "--focus", "grief", "--signer-name", "Ida's mother", "--yes"
    )

    assert program.stream("client/C-2")[3].event.signer == "guardian"


def test_an_adults_birthday_is_not_shown(client: Program) -> None:
    assert client.stream("client/C-1")[0].event.minor_until is None


def test_a_session_and_its_note(in_therapy: Program) -> None:
    note = in_therapy.file("note.pdf", "progress")

    in_therapy.good("desk", "session", "--client", "C-1", "--modality", "video", "--note-file", note, "--yes")

    held, filed = in_therapy.stream("client/C-1")[-2:]
    assert (held.event.minutes, held.event.purpose) == (50, "service")
    assert (filed.event.session, filed.event.record_set, filed.event.kind) == (
        "S1",
        "clinical",
        "progress-note",
    )


def test_a_disclosure_under_a_release(in_therapy: Program) -> None:
    in_therapy.good(
        *("record", "release-granted", "--client", "C-1", "--recipient-kind", "attorney"),
        *("--scope", "clinical", "--purpose", "legal"),
    )

    done = in_therapy.good("desk", "disclose", "--client", "C-1", "--scope", "clinical", "--yes")

    assert "P-1 discloses clinical to attorney, for legal, on the basis of release X1." in done.told
    assert in_therapy.stream("client/C-1")[-1].event.release == "X1"


def test_what_was_found_is_never_assumed(in_therapy: Program) -> None:
    in_therapy.good(*CLOSE, "--stable", "yes")

    done = in_therapy(
        "desk", "change-service", "--client", "C-1", "--roles-explained", "--rationale", "x", "--yes"
    )

    assert done.code == 2
    assert "--clinical-indication is needed" in done.told


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (("desk", "open", "--client", "C-9", "--yes"), 5, "client C-9"),
        (("desk", "open", "--yes"), 2, "--client"),
        (("desk", "close", "--client", "C-1", "--yes"), 2, "no open engagement"),
        (("desk", "change-service", "--client", "C-1", "--yes"), 2, "desk open"),
        (("desk", "register", "--client", "C-1", "--yes"), 2, "--name"),
        (("desk", "session", "--client", "C-1", "--modality", "letter", "--yes"), 2, "letter"),
    ],
)
def test_how_it_cannot_be_called(client: Program, args: tuple[str, ...], code: int, words: str) -> None:
    before = client.count()

    done = client(*args)

    assert (done.code, client.count()) == (code, before), done.told
    assert words in done.told
    assert "Traceback" not in done.err


def test_json_at_the_desk(client: Program) -> None:
    document = client.good("desk", "open", "--client", "C-1", "--focus", "grief", "--yes", "--json").json

    assert [each["type"] for each in document["recorded"]] == [
        "AgreementIssued",
        "AgreementSigned",
        "EngagementOpened",
    ]
