"""What can be known is filled in and shown; where several things fit the person is asked which."""

import pytest

from tests.commands.program import Program


def filled(program: Program, *args: str) -> dict[str, object]:
    document = program.good("record", *args, "--json").json
    return {each["field"]: each["value"] for each in document["filled"]}


SIGN = (
    "agreement-signed",
    "--client",
    "C-1",
    "--signer",
    "client",
    "--method",
    "wet-ink",
    "--meaning",
    "agreed",
)
OPEN = ("engagement-opened", "--client", "C-1", "--service", "therapy", "--focus", "grief")


def test_a_client_gets_a_random_pseudonym(program: Program) -> None:
    register = ("--name", "Zoë", "--date-of-birth", "1990-01-01", "--contact", "x", "--jurisdiction", "US-NC")
    first = filled(program, "client-registered", *register)["client"]
    second = filled(program, "client-registered", *register)["client"]

    assert first != second
    for name in (str(first), str(second)):
        assert name.startswith("C-")
        assert len(name) == 8
        assert not set(name[2:]) & set("0O1IL")


def test_an_opening_knows_intake_agreement_and_practitioner(client: Program) -> None:
    assert filled(client, "agreement-issued", "--client", "C-1", "--template", "consent") == {
        "agreement": "A1",
        "kind": "therapy-consent",
    }
    assert filled(client, *SIGN) == {"agreement": "A1", "signer_name": "(sealed)"}

    assert filled(client, *OPEN) == {
        "engagement": "E1",
        "practitioner": "P-1",
        "intake": "I1",
        "agreement": "A1",
    }
    opened = client.stream("client/C-1")[-1].event
    assert opened.jurisdiction is None, "absent says: where the client lives"


def test_an_intake_used_before_is_not_used_again(in_therapy: Program) -> None:
    done = in_therapy("record", *OPEN)

    assert done.code == 3
    assert "INT-1" in done.out
    assert "intake" not in done.out.partition("Filled in")[2]


def test_what_was_filled_in_is_shown_with_why(in_therapy: Program) -> None:
    done = in_therapy.good("record", "engagement-paused", "--client", "C-1", "--reason", "leave")

    assert "engagement = E1 (the only engagement that is running)" in done.told


def test_a_paused_engagement_is_the_one_to_resume(in_therapy: Program) -> None:
    in_therapy.good("record", "engagement-paused", "--client", "C-1", "--reason", "leave")

    assert filled(in_therapy, "engagement-resumed", "--client", "C-1", "--reason", "return") == {
        "engagement": "E1"
    }


def test_a_resumption_rests_on_the_intake_since_the_pause(in_therapy: Program) -> None:
    in_therapy.good("record", "engagement-paused", "--client", "C-1", "--reason", "leave")
    in_therapy.good(
        *("record", "intake-completed", "--client", "C-1", "--service-sought", "therapy", "--rationale", "x"),
        *(
            "--clinical-indication",
            "active",
            "--no-wants-trauma-work",
            "--no-goal-focused",
            "--roles-explained",
        ),
        *("--recommended", "therapy"),
    )

    found = filled(in_therapy, "engagement-resumed", "--client", "C-1", "--reason", "return")

    assert found["intake"] == "I2"


def test_a_note_belongs_to_the_only_session_without_one(in_therapy: Program) -> None:
    session = ("session-held", "--client", "C-1", "--modality", "video", "--purpose", "service")
    note = (
        *("record-filed", "--client", "C-1", "--record-set", "clinical", "--kind", "progress-note"),
        *("--no-contains-diagnosis", "--document-sha256", "0" * 64),
    )
    in_therapy.good("record", *session)

    assert filled(in_therapy, *note) == {"engagement": "E1", "session": "S1"}

    in_therapy.good("record", *session)
    in_therapy.good("record", *session)
    assert filled(in_therapy, *note) == {"engagement": "E1"}, "two sessions wait: nothing is guessed"


def test_a_disclosure_says_what_its_release_says(in_therapy: Program) -> None:
    in_therapy.good(
        *("record", "release-granted", "--client", "C-1", "--recipient-kind", "attorney"),
        *("--scope", "clinical", "--purpose", "legal"),
    )

    assert filled(
        in_therapy, "disclosure-made", "--client", "C-1", "--scope", "clinical", "--basis", "release"
    ) == {
        "disclosure": "D1",
        "from_practitioner": "P-1",
        "recipient_kind": "attorney",
        "purpose": "legal",
        "release": "X1",
    }


def test_where_several_fit_the_person_says_which(client: Program) -> None:
    client.good(
        *(
            "record",
            "practitioner-registered",
            "--practitioner",
            "P-2",
            "--name",
            "Bo",
            "--services",
            "coaching",
        ),
        "--internal",
    )
    before = client.count()

    done = client(
        *("record", "intake-completed", "--client", "C-1", "--service-sought", "therapy", "--rationale", "x"),
        *(
            "--clinical-indication",
            "active",
            "--no-wants-trauma-work",
            "--no-goal-focused",
            "--roles-explained",
        ),
        *("--recommended", "therapy"),
    )

    assert done.code == 2
    assert "--practitioner: several fit" in done.told
    assert "P-1 (Ann Lee); P-2 (Bo)" in done.told
    assert client.count() == before


def test_where_nothing_fits_that_is_said(client: Program) -> None:
    done = client("record", "engagement-resumed", "--client", "C-1", "--reason", "return")

    assert done.code == 2
    assert "no engagement of the client is paused" in done.told


def test_a_client_nobody_registered(program: Program) -> None:
    done = program("record", *OPEN[:2], "C-9", *OPEN[3:])

    assert done.code == 5
    assert "client C-9 is not recorded" in done.err


def test_what_is_filled_in_is_what_was_known_then(in_therapy: Program) -> None:
    """An entry dated before the opening finds no engagement that was running."""
    done = in_therapy(
        *(
            "record",
            "engagement-paused",
            "--client",
            "C-1",
            "--reason",
            "leave",
            "--occurred-at",
            "2026-01-05",
        ),
    )

    assert done.code == 2
    assert "--engagement" in done.told


@pytest.mark.parametrize(("stem", "option"), [("text", "--text-file"), ("signed_copy", "--signed-copy-file")])
def test_two_hashes_have_two_file_options(client: Program, stem: str, option: str) -> None:
    client.good(
        "record", "agreement-issued", "--client", "C-1", "--kind", "therapy-consent", "--file", _text(client)
    )

    client.good("record", *SIGN, option, _text(client))

    signed = client.stream("client/C-1")[-1].event
    assert getattr(signed, f"{stem}_sha256") is not None


def test_which_file_is_meant_is_not_guessed(client: Program) -> None:
    done = client("record", *SIGN, "--file", _text(client))

    assert done.code == 2
    assert "--signed-copy-file" in done.told or "--text-file" in done.told


def _text(program: Program) -> str:
    return program.file("consent-text.txt", "the text")
