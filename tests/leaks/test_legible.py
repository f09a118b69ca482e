"""No command prints a character that moves the cursor, colours the screen or turns the reading order around.

Texts with such characters are not recorded; a database from elsewhere may hold them all the same. So the check is
taken out for these tests, and the hostile text stands in every free text of every type of entry.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger import values
from ledger.commands.fields import problem_with
from ledger.events.corrections import EntryCorrected
from ledger.events.registry import RECORDABLE
from ledger.schema import example_of
from tests.commands.program import Done, Program
from tests.leaks.secrets import ALSO, CHANGED

HOSTILE = "\x1b[31mred\x1b]0;title\x07 \x9b2J\u202egnp.exe\u2066\u200e\x7f\r\u2028"
UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
CLIENT = "C-7F3K9Q"


def lines() -> list[dict[str, Any]]:
    """An entry of each type, hostile wherever free text may stand."""
    told = []
    for event_type in RECORDABLE:
        if event_type is EntryCorrected:
            continue
        hostile = {
            name: f"{HOSTILE} {name}"
            for name, facts in event_type.FACTS.items()
            if not facts.many and not facts.mapping and problem_with(event_type, name, HOSTILE) is None
        }
        told.append({**example_of(event_type), **hostile, **CHANGED.get(event_type, {})})
        if event_type in ALSO:
            told.append({**example_of(event_type), **hostile, **ALSO[event_type]})
    correction = {"type": "EntryCorrected", "occurred_at": "2026-03-02", "by": "x", "reason": HOSTILE}
    told.append({**correction, "corrects": "registration", "changes": {"contact": f"{HOSTILE} changed"}})
    next(one for one in told if one["type"] == "ClientRegistered")["source"] = "registration"
    return told


@pytest.fixture
def hostile(empty: Program, monkeypatch: pytest.MonkeyPatch) -> Program:
    """A ledger in which every free text is hostile."""
    monkeypatch.setattr(values, "_FORBIDDEN", re.compile("(?!)"))
    empty.good("init", "--practice", f"Harbor {HOSTILE}", "--time-zone", "UTC", "--go-live", "2026-01-01")
    file = empty.folder / "lines.ndjson"
    file.write_text("".join(json.dumps(one) + "\n" for one in lines()))
    reason = (
        "--authorised-by",
        "director",
        "--reason",
        f"moved {HOSTILE}",
        "--source-system",
        f"x {HOSTILE}",
    )
    empty.good("import", str(file), "--as-found", *reason)
    given = (
        "--name",
        HOSTILE,
        "--date-of-birth",
        "1990-01-01",
        "--contact",
        HOSTILE,
        "--jurisdiction",
        "US-NC",
    )
    empty("record", "client-registered", "--client", "C-3", *given)
    opening = ("--client", CLIENT, "--service", "coaching", "--practitioner", "P-2", "--focus", "goals")
    against = ("--override", f"because {HOSTILE}", "--authorised-by", "director")
    checked(empty.good("record", "engagement-opened", *opening, "--engagement", "E9", *against))
    empty.good("checkpoint", "seal")
    return empty


def checked(done: Done) -> str:
    """What a command said, once no character of it is unsafe."""
    said = done.out + done.err
    assert "Traceback" not in said
    assert UNSAFE.findall(said.replace("\r\n", "\n")) == []
    return said


LOOKING: tuple[tuple[str, ...], ...] = (
    ("show", "client", CLIENT),
    ("show", "client", CLIENT, "--reveal"),
    ("show", "practitioner", "P-1"),
    ("timeline", CLIENT),
    ("timeline", CLIENT, "--reveal"),
    ("replay", CLIENT),
    ("statement", CLIENT),
    ("transitions", CLIENT),
    ("audit",),
    ("doubles", "--all"),
    ("policy", "show"),
    ("caseload",),
    ("engagements",),
    ("agreements",),
    ("referrals",),
    ("licences",),
    ("obligations",),
    ("disclosures",),
    ("overrides",),
    ("status",),
    ("doctor",),
    ("verify",),
    ("checkpoint", "list"),
    ("projections", "status"),
)


def test_every_command_that_shows_what_is_stored(hostile: Program) -> None:
    told = {}
    for command in LOOKING:
        for form in ((), ("--json",)):
            done = hostile(*command, *form)
            assert done.code in (0, 1, 4), command
            told[*command, *form] = checked(done)
            if form:
                json.loads(done.out)

    # And it was there to be shown: written out, and as it is once JSON is read
    assert "\\u001b[31mred" in told["timeline", CLIENT, "--reveal"]
    assert HOSTILE in "".join(texts(json.loads(told["timeline", CLIENT, "--reveal", "--json"])))


def texts(document: Any) -> Iterator[str]:
    """Every text in a JSON document."""
    if isinstance(document, str):
        yield document
    elif isinstance(document, dict | list):
        for one in document.values() if isinstance(document, dict) else document:
            yield from texts(one)


def test_what_is_written_to_standard_output(hostile: Program) -> None:
    done = hostile.good("export", "ndjson", "-", "--reveal")

    checked(done)
    told = [json.loads(line) for line in done.out.splitlines()]
    assert any(HOSTILE in str(line.get("contact")) for line in told)


@pytest.mark.parametrize(
    "args",
    [
        (HOSTILE,),
        (HOSTILE, "--help"),
        ("record", HOSTILE),
        ("record", HOSTILE, "--help"),
        ("record", "client-registered", f"--{HOSTILE}"),
        ("record", "client-registered", HOSTILE),
        ("record", "session-held", "--client", HOSTILE),
        ("record", "session-held", "--client", "C-1", "--modality", HOSTILE),
        ("record", "session-held", "--client", "C-1", "--minutes", HOSTILE),
        ("record", "policy-adopted", "--set", f"{HOSTILE}=1"),
        ("record", "session-held", "--client", "C-1", "--occurred-at", HOSTILE),
        ("--as", HOSTILE, "record", "client-relocated", "--client", "C-1", "--jurisdiction", "US-NC"),
        ("--tz", HOSTILE, "timeline", "C-1"),
        ("desk", HOSTILE),
        ("may", HOSTILE),
        ("show", "client", HOSTILE),
        ("timeline", "C-1", "--as-of", HOSTILE),
        ("rules", "explain", HOSTILE),
        ("events", "explain", HOSTILE),
        ("import", f"{HOSTILE}.ndjson"),
        ("restore", HOSTILE),
        ("receipt", "verify", HOSTILE),
        ("bundle", "C-1", "-o", "x.zip", "--redact", HOSTILE),
        ("audit", "--policy", HOSTILE),
        ("--ledger", HOSTILE, "status"),
        ("--ledger", f"sqlite:///{HOSTILE}", "status"),
        ("--ledger", f"postgresql://u:p@127.0.0.1:1/{HOSTILE}", "status"),
    ],
    ids=lambda args: " ".join(args).replace(HOSTILE, "HOSTILE"),
)
def test_what_was_typed_is_repeated_legibly(program: Program, args: tuple[str, ...]) -> None:
    done = program(*args)

    assert checked(done)
    assert done.code != 0 or "--help" in args


def test_names_of_files_are_told_legibly(hostile: Program, tmp_path: Path) -> None:
    folder = tmp_path / "bad \x1b[31m\u202e"
    folder.mkdir()
    for command in (
        ("backup", str(folder / "backup.db")),
        ("export", "csv", str(folder / "all.csv")),
        ("bundle", CLIENT, "-o", str(folder / "bundle.zip")),
        ("audit", "--html", str(folder / "audit.html")),
        (
            "record",
            "client-relocated",
            "--client",
            CLIENT,
            "--jurisdiction",
            "US-NC",
            "--receipt",
            str(folder / "r"),
        ),
        ("import", str(folder / "all.csv")),
    ):
        checked(hostile(*command))
