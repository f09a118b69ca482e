"""Every event type is recorded once through the command line, with as few options as a new user would give."""

import hashlib

import pytest

from ledger.commands.record import COMMANDS
from tests.commands.program import Program

INTAKE = (
    "--client C-1 --service-sought therapy --clinical-indication active --no-wants-trauma-work "
    "--no-goal-focused --roles-explained --recommended therapy --rationale anxiety"
)

# In an order in which it could have happened; FILE stands for a file that is there.
MINIMAL: list[tuple[str, str]] = [
    ("policy-adopted", "--adopts recommended --reason Decided"),
    ("template-adopted", "--template t2 --kind coaching-contract --version 2 --file FILE --terms goals"),
    ("actor-registered", "--actor director --role practitioner --may-authorise"),
    ("practitioner-registered", "--practitioner P-2 --name Bo --services therapy --no-internal"),
    ("practitioner-changed", "--practitioner P-2 --name Boris"),
    (
        "licence-recorded",
        "--practitioner P-2 --jurisdictions US-NC --profession x --number 1 --basis licence --valid-from 2020-01-01",
    ),
    ("licence-status-changed", "--practitioner P-2 --status active --effective 2026-01-02"),
    ("credential-recorded", "--practitioner P-1 --credential PCC --issuer ICF --valid-from 2020-01-01"),
    (
        "client-registered",
        "--client C-1 --name Zoë --date-of-birth 1990-01-01 --contact x --jurisdiction US-NC",
    ),
    ("consultation-held", "--practitioner P-1 --kind peer"),
    ("client-details-changed", "--client C-1 --contact y"),
    ("client-relocated", "--client C-1 --jurisdiction US-NC"),
    ("outside-care-noted", "--client C-1 --service coaching --since 2026-01-01 --told-by client"),
    (
        "intake-completed",
        INTAKE,
    ),
    ("referral-received", "--client C-1 --service therapy --reason specialty --details sent"),
    ("agreement-issued", "--client C-1 --template consent"),
    ("agreement-signed", "--client C-1 --signer client --method wet-ink --meaning agreed"),
    ("engagement-opened", "--client C-1 --service therapy --focus grief"),
    ("session-held", "--client C-1 --modality video --purpose service"),
    (
        "record-filed",
        "--client C-1 --record-set clinical --kind progress-note --file FILE --no-contains-diagnosis",
    ),
    ("reassessment-held", "--client C-1 --outcome continue --rationale well"),
    ("concern-raised", "--client C-1 --severity watch --details tired"),
    ("concern-resolved", "--client C-1 --basis assessed-not-clinical"),
    ("engagement-paused", "--client C-1 --reason leave"),
    ("engagement-resumed", "--client C-1 --reason return"),
    ("release-granted", "--client C-1 --recipient-kind attorney --scope clinical --purpose legal"),
    ("disclosure-made", "--client C-1 --scope clinical --basis release"),
    ("release-revoked", "--client C-1"),
    (
        "referral-made",
        "--client C-1 --to-practitioner P-2 --service therapy --reason specialty --client-answer accepted --details x",
    ),
    ("referral-answered", "--client C-1 --referral R2 --answer accepted"),
    ("referral-concluded", "--client C-1 --outcome completed --stable yes --file FILE"),
    ("agreement-issued", "--client C-1 --template consent"),
    ("agreement-declined", "--client C-1 --reason client-choice"),
    ("agreement-issued", "--client C-1 --template consent"),
    ("agreement-signed", "--client C-1 --signer client --method typed --meaning agreed"),
    ("engagement-renewed", "--client C-1"),
    ("agreement-revoked", "--client C-1 --agreement A1 --reason replaced"),
    ("engagement-closed", "--client C-1 --reason goals-met --goals-met --stable yes --file FILE"),
    ("hold-placed", "--client C-1 --matter M --reason asked"),
    ("hold-released", "--client C-1 --matter M --reason over"),
    ("entry-corrected", "--client C-1 --corrects 10 --set minutes=45 --reason mistyped"),
    (
        "client-registered",
        "--client C-2 --name Zoé --date-of-birth 1990-01-02 --contact x --jurisdiction US-NC",
    ),
    ("clients-compared", "--client C-1 --other C-2 --found same-person --basis particulars"),
    ("keys-destroyed", "--client C-1 --ground retention --override asked --authorised-by director"),
]


def test_the_table_has_every_type() -> None:
    assert {command for command, _ in MINIMAL} == set(COMMANDS)


def test_each_is_recorded_with_few_options(program: Program) -> None:
    # Given a practice and a file; when each type is recorded in turn
    file = program.file("scan.pdf", "a scan")
    done = []
    for command, options in MINIMAL:
        words = [file if word == "FILE" else word for word in options.split(" ")]
        done.append((command, program("record", command, *words)))

    # Then each is, and says in which stream, at which seq and log position
    assert [(command, each.out + each.err) for command, each in done if each.code != 0] == []
    assert all(" log position " in each.out for _, each in done)

    # And the file was hashed
    filed = next(entry for entry in program.stream("client/C-1") if entry.type == "RecordFiled")
    assert filed.event.document_sha256 == hashlib.sha256(b"a scan").hexdigest()
    assert filed.event.session == "S1"


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_nothing_but_the_command_says_what_is_needed(program: Program, command: str) -> None:
    before = program.count()

    done = program("record", command)

    assert done.code == 2
    assert "--" in done.err
    assert "Traceback" not in done.err
    assert program.count() == before
