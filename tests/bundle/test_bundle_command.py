"""`bundle` as people call it: what it writes, what it refuses to write, and the disclosure it records."""

import json
import zipfile
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ledger.places import Places
from projections.bundle import verify
from tests.bundle.eventful import eventful
from tests.commands.program import Done, Program

DISCLOSED = ("--record", "--from-practitioner", "P-1", "--recipient-kind", "attorney", "--purpose", "legal")


class Bundling:
    """The program on the eventful ledger."""

    def __init__(self, program: Program, folder: Path) -> None:
        self.program = program
        self.place = folder / "out.zip"

    def __call__(self, *options: str, client: str = "C-1") -> Done:
        return self.program("bundle", client, "-o", str(self.place), *options)

    def entries(self) -> int:
        from ledger.application import Ledger

        with closing(Ledger(Places.of(self.program.url))) as ledger:
            return ledger.recorder.last_position()

    def stream(self) -> list[Any]:
        return self.program.stream("client/C-1")


@pytest.fixture
def bundling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Bundling:
    folder = tmp_path / "ledger"
    folder.mkdir()
    eventful(folder, monkeypatch).close()
    program = Program(folder, monkeypatch, capsys)
    program.url = f"sqlite:///{folder}/practice.db"
    return Bundling(program, tmp_path)


def test_it_writes_a_bundle_that_holds_and_says_what_is_in_it(bundling: Bundling) -> None:
    done = bundling()

    assert done.code == 0, done.err
    digest = sha256(bundling.place.read_bytes()).hexdigest()
    for told in (
        "29 of 30 entries",
        "Withheld: 1 entry (16)",
        "With the program's analysis.",
        "Outside anchors of its checkpoint: none.",
        digest,
        "free text in clear in entries 30",
        "Not recorded as a disclosure.",
    ):
        assert told in done.told
    results, _ = verify.verify(str(bundling.place))
    assert not [wrong for _, _, wrong in results if wrong]


def test_json_says_the_same(bundling: Bundling) -> None:
    done = bundling("--json", "--withhold", "7=work product")

    told = done.json
    assert told["sha256"] == sha256(bundling.place.read_bytes()).hexdigest()
    assert [one["seq"] for one in told["withheld"]] == [7, 16]
    assert told["disclosure"] is None
    assert told["key"].startswith("harbor.example/ledger+")


def test_what_is_there_is_left_alone(bundling: Bundling) -> None:
    bundling.place.write_bytes(b"mine")
    before = bundling.entries()

    done = bundling()

    assert (done.code, bundling.place.read_bytes(), bundling.entries()) == (2, b"mine", before)
    assert "--force" in done.err
    assert bundling("--force").code == 0
    assert zipfile.is_zipfile(bundling.place)


def test_twice_the_same(bundling: Bundling) -> None:
    bundling()
    first = bundling.place.read_bytes()

    bundling("--force")

    assert bundling.place.read_bytes() == first


def test_for_somebody_it_is_the_record_only(bundling: Bundling) -> None:
    done = bundling("--for", "Hartnell & Partners")

    assert "The record only, no analysis." in done.told
    with zipfile.ZipFile(bundling.place) as archive:
        assert "analysis.json" not in archive.namelist()
        assert json.loads(archive.read("manifest.json"))["for"] == "Hartnell & Partners"
    assert "With the program's analysis." in bundling("--for", "us", "--with-analysis", "--force").told


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        (("--reveal", "practice"), 2, "--reveal: expected identity, therapy, coaching"),
        (("--scope", "coaching", "--reveal", "therapy"), 2, "does not go with --scope coaching"),
        (("--redact", "9.narrative"), 2, "each needs its reason"),
        (("--withhold", "99=x"), 5, "there is no entry 99"),
        (("--bates", "a/b"), 2, "--bates"),
        (("--for", "a\nb"), 2, "--for: expected one line"),
        (("--as-of", "soon"), 5, "expected a date and time"),
        (("--basis", "release"), 2, "add --record"),
    ],
)
def test_a_mistake_writes_nothing(bundling: Bundling, options: tuple[str, ...], code: int, says: str) -> None:
    before = bundling.entries()

    done = bundling(*options)

    assert (done.code, bundling.place.exists(), bundling.entries()) == (code, False, before)
    assert says in done.told


def test_an_unknown_client_writes_nothing(bundling: Bundling) -> None:
    done = bundling(client="C-404")

    assert (done.code, bundling.place.exists()) == (5, False)


# -- the disclosure ---------------------------------------------------------------------------------------


def test_a_production_is_recorded_with_its_digest(bundling: Bundling) -> None:
    done = bundling(*DISCLOSED, "--basis", "court-order", "--for", "Superior Court")

    assert done.code == 0, done.err
    made = bundling.stream()[-1]
    assert made.type == "DisclosureMade"
    assert made.event.content_sha256 == sha256(bundling.place.read_bytes()).hexdigest()
    assert [one.value for one in made.event.scope] == ["administrative", "clinical", "coaching"]
    assert bundling.program.plain("client/C-1", made.seq) == {"recipient": "Superior Court"}


def test_within_a_scope_only_its_record_set_is_disclosed(bundling: Bundling) -> None:
    bundling(*DISCLOSED, "--basis", "court-order", "--scope", "coaching")

    assert [one.value for one in bundling.stream()[-1].event.scope] == ["administrative", "coaching"]


def test_without_a_release_nothing_is_produced(bundling: Bundling) -> None:
    # the release of the story was revoked (CON-1)
    before = bundling.entries()

    done = bundling(*DISCLOSED, "--basis", "release")

    assert done.code == 3
    assert "CON-1" in done.told
    assert "nothing was written" in done.told
    assert (bundling.place.exists(), bundling.entries()) == (False, before)


def test_a_bare_subpoena_is_remarked_on_and_not_refused(bundling: Bundling) -> None:
    done = bundling(*DISCLOSED, "--basis", "subpoena")

    assert done.code == 0
    assert "CON-5" in done.told


def test_json_of_a_recorded_production_is_one_document(bundling: Bundling) -> None:
    done = bundling(*DISCLOSED, "--basis", "court-order", "--json")

    assert done.json["disclosure"]["seq"] == 31
    assert done.json["disclosure"]["type"] == "DisclosureMade"


def test_what_is_missing_of_a_disclosure_is_asked_for_before_anything_is_written(bundling: Bundling) -> None:
    before = bundling.entries()

    done = bundling("--record")

    assert (done.code, bundling.place.exists(), bundling.entries()) == (2, False, before)
    assert "--basis" in done.told
