"""`record`: what it tells, refusals and overrides, corrections, times, questions, hostile input."""

from datetime import UTC, datetime

import pytest

from tests.commands.program import Program

OPEN = ("record", "engagement-opened", "--client", "C-1", "--service", "therapy", "--focus", "grief")
MOVE = ("record", "client-relocated", "--client", "C-1", "--jurisdiction", "US-NC")
SESSION = ("record", "session-held", "--client", "C-1", "--modality", "video", "--purpose", "service")


# -- what it tells ----------------------------------------------------------------------------------------


def test_json_names_entry_and_position(client: Program) -> None:
    document = client.good(*MOVE, "--json").json

    (entry,) = document["recorded"]
    assert (entry["stream"], entry["seq"], entry["position"]) == ("client/C-1", 3, client.count())
    assert document["remarks"] == document["raised"] == document["overridden"] == []


def test_findings_on_earlier_entries_are_told(in_therapy: Program) -> None:
    in_therapy.good(*SESSION)

    done = in_therapy.good(
        *("record", "licence-status-changed", "--practitioner", "P-1", "--status", "suspended"),
        *("--effective", "2026-01-02"),
    )

    assert "Raised on earlier entries" in done.out
    assert "LIC-2" in done.out


@pytest.mark.parametrize(
    ("given", "by"),
    [(("--as", "frontdesk"), "frontdesk"), ((), None)],
)
def test_who_records(client: Program, given: tuple[str, ...], by: str | None) -> None:
    import getpass

    client.good(*MOVE, *given)

    assert client.stream("client/C-1")[-1].by == (by or getpass.getuser())


def test_a_user_whose_name_is_no_id_is_the_system(client: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "two words")

    client.good(*MOVE)

    assert client.stream("client/C-1")[-1].by == "system"


# -- gates ------------------------------------------------------------------------------------------------


def test_a_refusal_tells_everything_and_is_noted(client: Program) -> None:
    before = client.count()

    done = client(*OPEN)

    assert done.code == 3
    assert "Nothing was recorded" in done.out
    assert "AGR-1" in done.out
    assert "What to do" in done.out
    assert "is noted" in done.told
    assert client.count() == before + 1
    refused = client.stream("ledger")[-1]
    assert refused.type == "EntryRefused"
    assert refused.event.rules == ("AGR-1",)


def test_a_refusal_as_json(client: Program) -> None:
    done = client(*OPEN, "--json")

    assert done.code == 3
    (finding,) = done.json["refused"]
    assert finding["rule"] == "AGR-1"
    assert finding["remedy"]
    assert finding["entries"] == []
    assert done.json["noted"] is True


def test_an_override_is_kept_with_its_reason(client: Program) -> None:
    done = client.good(*OPEN, "--override", "emergency", "--authorised-by", "director")

    assert "Recorded against a gate" in done.out
    entry = client.stream("client/C-1")[-1]
    assert entry.override is not None
    assert (entry.override.reason, entry.override.authorised_by) == ("emergency", "director")
    assert entry.override.rules == ("AGR-1",)


def test_an_override_that_nothing_needed_is_not_kept(client: Program) -> None:
    done = client.good(*MOVE, "--override", "just in case", "--authorised-by", "director")

    assert "not needed" in done.out
    assert client.stream("client/C-1")[-1].override is None


@pytest.mark.parametrize("half", [("--override", "why"), ("--authorised-by", "director")])
def test_half_an_override(client: Program, half: tuple[str, str]) -> None:
    done = client(*OPEN, *half)

    assert done.code == 2
    assert "needs both" in done.err


# -- corrections ------------------------------------------------------------------------------------------


def test_a_correction_by_seq(in_therapy: Program) -> None:
    in_therapy.good(*SESSION, "--minutes", "50")

    in_therapy.good(
        *("record", "entry-corrected", "--client", "C-1", "--corrects", "6", "--set", "minutes=45"),
        *("--set", "purpose=crisis", "--reason", "mistyped"),
    )

    correction = in_therapy.stream("client/C-1")[-1].event
    assert correction.changes == {"minutes": 45, "purpose": "crisis"}


def test_a_correction_by_source(client: Program) -> None:
    client.good(*MOVE, "--source", "old-17")

    client.good(
        "record", "entry-corrected", "--corrects", "old-17", "--retracted", "duplicate", "--reason", "x"
    )

    assert client.stream("client/C-1")[-1].event.corrects == 3


def test_a_correction_of_the_practice(program: Program) -> None:
    program.good(
        *(
            "record",
            "entry-corrected",
            "--practice",
            "--corrects",
            "2",
            "--set",
            "version=1b",
            "--reason",
            "typo",
        )
    )

    assert program.stream("practice")[-1].event.changes == {"version": "1b"}


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--corrects", "2"), 2, "--client ID, --practitioner ID or --practice"),
        (("--corrects", "nowhere"), 5, "is not recorded"),
        (("--client", "C-1", "--practice", "--corrects", "2"), 2, "give one"),
        (("--client", "C-1", "--corrects", "99", "--retracted", "mistaken"), 5, "99"),
        (("--client", "C-1", "--corrects", "2", "--set", "client=C-2"), 5, "cannot be corrected"),
        (("--client", "C-1", "--corrects", "2", "--set", "nonsense"), 2, "NAME=VALUE"),
        (("--client", "C-1", "--corrects", "2", "--set", "a=1", "--set", "a=2"), 2, "twice"),
        (("--client", "C-1", "--corrects", "2", "--set", "stable=NaN"), 5, "stable"),
        (("--client", "C-1", "--corrects", "2", "--set", "stable=9007199254740993"), 5, "stable"),
        (("--client", "C-1", "--corrects", "2"), 5, "neither"),
    ],
)
def test_what_is_no_correction(client: Program, options: tuple[str, ...], code: int, words: str) -> None:
    before = client.count()

    done = client("record", "entry-corrected", "--reason", "x", *options)

    assert (done.code, client.count()) == (code, before)
    assert words in done.told


# -- times ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("2026-01-05", "2026-01-05"),
        ("2026-01-05 15:00", "2026-01-05T20:00:00.000000Z"),
        ("2026-01-05T15:00:30", "2026-01-05T20:00:30.000000Z"),
        ("2026-01-05T15:00:00+01:00", "2026-01-05T14:00:00.000000Z"),
        ("2026-07-05 15:00", "2026-07-05T19:00:00.000000Z"),
    ],
)
def test_a_time_without_offset_is_the_practices(client: Program, typed: str, stored: str) -> None:
    client.good(*MOVE, "--occurred-at", typed)

    assert client.stream("client/C-1")[-1].occurred_at == stored


def test_another_time_zone_for_typing(client: Program) -> None:
    client.good("--tz", "Europe/Berlin", *MOVE, "--occurred-at", "2026-01-05 15:00")

    assert client.stream("client/C-1")[-1].occurred_at == "2026-01-05T14:00:00.000000Z"


def test_now_is_the_default(client: Program) -> None:
    before = datetime.now(UTC)

    client.good(*MOVE)

    entry = client.stream("client/C-1")[-1]
    assert before <= datetime.fromisoformat(entry.occurred_at) <= datetime.fromisoformat(entry.recorded_at)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("soon", "--occurred-at"),
        ("2026-02-30", "--occurred-at"),
        ("2026-03-08 02:30", "does not exist"),
        ("2026-11-01 01:30", "comes twice"),
        ("2026-01-05 25:00", "--occurred-at"),
        ("0001-01-01", "--occurred-at"),
    ],
)
def test_what_is_no_time(client: Program, typed: str, words: str) -> None:
    before = client.count()

    done = client(*MOVE, "--occurred-at", typed)

    assert (done.code, client.count()) == (2, before)
    assert words in done.told


# -- questions --------------------------------------------------------------------------------------------


def test_asked_field_by_field(in_therapy: Program) -> None:
    # occurred_at, client, engagement, session, jurisdiction, modality, purpose, minutes, and the last question
    answers = "now\nC-1\n\n\n\nvid\nservice\nfifty\n50\ny"

    done = in_therapy.good("record", "session-held", "-i", stdin=answers + "\n")

    held = in_therapy.stream("client/C-1")[-1]
    assert (held.event.engagement, held.event.session) == ("E1", "S1")
    assert (held.event.modality, held.event.minutes) == ("video", 50)
    assert "[E1]" in done.err, "the default is shown"
    assert "whole number" in done.told, "a wrong answer is asked again"


def test_no_is_no(in_therapy: Program) -> None:
    before = in_therapy.count()

    done = in_therapy(*SESSION, "-i", stdin="\n\n\n\n\nno\n")

    assert done.code == 130
    assert in_therapy.count() == before


def test_questions_that_nobody_answers(in_therapy: Program) -> None:
    before = in_therapy.count()

    done = in_therapy("record", "session-held", "-i")

    assert (done.code, in_therapy.count()) == (2, before)
    assert "--client is needed" in done.told


# -- hostile input ----------------------------------------------------------------------------------------

REGISTER = ("record", "client-registered", "--date-of-birth", "1990-01-01", "--jurisdiction", "US-NC")


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        ((*REGISTER, "--contact", "x", "--name", "a\x1bb"), 5, "U+001B"),
        ((*REGISTER, "--contact", "x", "--name", "a\u202eb"), 5, "U+202E"),
        ((*REGISTER, "--contact", "x", "--name", "a\x00b"), 5, "U+0000"),
        ((*REGISTER, "--contact", "x" * 10_001, "--name", "Zoë"), 5, "10000"),
        ((*REGISTER, "--contact", "x", "--name", "  "), 5, "blanks"),
        ((*REGISTER, "--contact", "x", "--name", "\udcff"), 5, ""),
        ((*REGISTER, "--contact", "x", "--name", "Zoë", "--nickname", "Z"), 2, "--nickname"),
        ((*REGISTER, "--contact", "x", "--name", "Zoë", "--client", "C 1"), 5, "an id"),
        ((*REGISTER, "--contact", "x", "--name", "Zoë", "--client", "../x"), 5, "an id"),
        ((*REGISTER, "--contact", "x", "--name", "Zoë", "--client", "C-1"), 5, "already recorded"),
        ((*REGISTER, "--contact", "x", "--name", "Zoë", "--as", "two words"), 5, "actor"),
        ((*REGISTER, "--contact", "x", "--name", "Zoë", "--source", "a\x07"), 5, "source"),
        ((*MOVE[:-1], "Carolina"), 5, "ISO 3166-2"),
        ((*MOVE[:2], "--client", "a\x07", *MOVE[4:]), 5, ""),
        (("record", "engagement-paused", "--client", "C-1", "--reason", "holiday"), 2, "holiday"),
        ((*OPEN[:-1], "grief;sorrow"), 2, "sorrow"),
        ((*SESSION, "--minutes", "many"), 2, "many"),
        ((*SESSION, "--minutes", "1e3"), 2, "1e3"),
        ((*SESSION, "--minutes", "-5"), 5, "minutes"),
        (("record", "engagement-closed", "--client", "C-1", "--file", "nowhere.pdf"), 2, "nowhere.pdf"),
        (("record", "engagement-closed", "--client", "C-1", "--summary-sha256", "abc"), 2, ""),
        (("record", "policy-adopted", "--set", "x=1", "--reason", "x"), 5, "no parameter x"),
        (("record", "no-such-type"), 2, "no-such-type"),
        (("--ledger", "mysql://x", *MOVE), 2, "sqlite:///"),
        (("--tz", "Mars/Olympus", *MOVE), 2, "IANA"),
    ],
)
def test_hostile_input_is_told_and_changes_nothing(
    in_therapy: Program, args: tuple[str, ...], code: int, words: str
) -> None:
    before = in_therapy.count()

    done = in_therapy(*args)

    assert (done.code, in_therapy.count()) == (code, before), done.told
    assert words in done.told
    assert not {"\x1b", "\x07", "\x00", "\u202e"} & set(done.out + done.err)
    assert "Traceback" not in done.err


def test_a_hash_is_given_once(in_therapy: Program) -> None:
    file = in_therapy.file("s.pdf")

    done = in_therapy(
        "record", "engagement-closed", "--client", "C-1", "--file", file, "--summary-sha256", "0" * 64
    )

    assert done.code == 2
    assert "give one" in done.told


def test_a_source_is_recorded_once(client: Program) -> None:
    client.good(*MOVE, "--source", "old-1")

    again = client(*MOVE, "--source", "old-1")

    assert again.code == 5
    assert "recorded already" in again.err


def test_who_interrupts_is_not_told_that_nothing_was_recorded(
    client: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ledger.application.Ledger.receipt", interrupted)

    done = client("record", "client-details-changed", "--client", "C-1", "--contact", "new")

    assert (done.code, client.stream("client/C-1")[-1].type) == (130, "ClientDetailsChanged")
    assert "Stopped in the middle" in done.told
    assert "nothing was recorded" not in done.told
