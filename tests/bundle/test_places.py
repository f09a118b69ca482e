"""Bundles of ledgers elsewhere: in a database on a server, and where nothing can be written."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ledger.application import Ledger
from ledger.places import Places
from projections.bundle import verify
from projections.bundle.bundle import Bundle, make
from projections.bundle.request import Request, domains
from tests.bundle.conftest import dates
from tests.bundle.eventful import eventful
from tests.faults.mounts import read_only
from tests.faults.sites import in_file


def test_a_bundle_of_a_ledger_on_a_server_says_the_same(
    ledger: Ledger, postgres_place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = Places.of(postgres_place, keys=f"{tmp_path}/p.keys", role=f"{tmp_path}/p.role")
    request = Request("C-1", scope="coaching", reveal=domains("identity,coaching"))
    with closing(eventful(tmp_path, monkeypatch, places)) as elsewhere:
        made = make(elsewhere, request, "director", dates(elsewhere))
        again = make(elsewhere, request, "director", dates(elsewhere))

    here = make(ledger, request, "director", dates(ledger))
    assert made.content == again.content
    assert told(made) == told(here)
    assert made.files["analysis.json"] == here.files["analysis.json"]
    place = tmp_path / "b.zip"
    place.write_bytes(made.content)
    results, _ = verify.verify(str(place), verify.Key(made.manifest["key"]))
    assert not [wrong for _, _, wrong in results if wrong]


def told(made: Bundle) -> Any:
    """The record but for what differs by chance: salts and so digests, the ledger's key."""
    record = json.loads(made.files["record.json"])
    del record["key"], record["moments"]["sealed_at"], record["moments"]["as_of"]
    for entry in record["entries"]:
        for text in entry.get("texts", ()):
            del text["digest"]
    return record


def test_where_nothing_can_be_written_the_last_seal_does(tmp_path: Path) -> None:
    # Given a sealed ledger on a file system that is then read-only
    folder, out = tmp_path / "ledger", tmp_path / "out"
    folder.mkdir()
    out.mkdir()
    site = in_file(folder)
    site.before = ("env",)  # a child of this process, which sees what it mounts
    site.create()
    assert site.program("checkpoint", "seal").code == 0

    # When a bundle is made of it
    with read_only(folder):
        done = site.program("bundle", "C-1", "-o", str(out / "b.zip"), "--json")

    # Then it rests on that seal, and says so
    assert done.code == 0, done.told
    assert json.loads(done.out)["moments"]["sealed_now"] is False
    results, _ = verify.verify(str(out / "b.zip"))
    assert not [wrong for _, _, wrong in results if wrong]


def test_where_nothing_can_be_written_and_no_seal_covers_it_nothing_is_made(tmp_path: Path) -> None:
    folder, out = tmp_path / "ledger", tmp_path / "out"
    folder.mkdir()
    out.mkdir()
    site = in_file(folder)
    site.before = ("env",)  # a child of this process, which sees what it mounts
    site.create()
    site.program("checkpoint", "seal")
    moved = ("record", "client-relocated", "--client", "C-1", "--jurisdiction", "US-VA")
    assert site.program(*moved).code == 0

    with read_only(folder):
        done = site.program("bundle", "C-1", "-o", str(out / "b.zip"))

    assert done.code == 5
    assert "no seal covers this client's file" in done.told
    assert list(out.iterdir()) == []
