"""No id, no archive and no link makes the program read or write where it was not told to."""

import json
import os
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ledger.commands import files
from projections.bundle import verify
from tests.commands.program import Program

ELSEWHERE = ("../../evil", "..", "/etc/passwd", "a/b", "C-1/../../x", ".hidden", "a\\b", "C-1\0x")


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


@pytest.mark.parametrize("client", ELSEWHERE)
def test_no_client_is_named_like_a_path(program: Program, client: str) -> None:
    before = program.count()
    register = ("--name", "x", "--date-of-birth", "1990-01-01", "--contact", "x", "--jurisdiction", "US-NC")

    assert program("record", "client-registered", "--client", client, *register).code == 5
    assert program("show", "client", client).code == 5
    assert program("bundle", client, "-o", str(program.folder / "x.zip")).code == 5
    line = {"type": "ClientRelocated", "occurred_at": "2026-01-02", "by": "x", "client": client}
    file = program.file("lines.ndjson", json.dumps(line | {"jurisdiction": "US-NC"}) + "\n")
    assert program("import", file).code == 5
    assert program.count() == before


@pytest.mark.parametrize("made", ["backup", "csv", "bundle", "html", "receipt"])
def test_what_is_written_is_not_written_through_a_link(client: Program, made: str) -> None:
    # Given a link to somebody's file where the new one shall stand
    victim = client.folder / "victim"
    victim.write_text("precious")
    link = client.folder / "link"
    link.symlink_to(victim)
    client.good("checkpoint", "seal")
    command = {
        "backup": ("backup", str(link)),
        "csv": ("export", "csv", str(link)),
        "bundle": ("bundle", "C-1", "-o", str(link)),
        "html": ("audit", "--html", str(link)),
        "receipt": (
            "record",
            "client-relocated",
            "--client",
            "C-1",
            "--jurisdiction",
            "US-NC",
            "--receipt",
            str(link),
        ),
    }[made]

    # When it is written
    done = client(*command)

    # Then the other's file is as it was
    assert "Traceback" not in done.err
    assert victim.read_text() == "precious"


def test_a_draft_is_not_written_through_a_link(tmp_path: Path) -> None:
    # Given somebody who knows what a draft will be called, in a folder open to all
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / f".receipt.{os.getpid()}.new").symlink_to(victim)

    files.write_file("--receipt", tmp_path / "receipt", "text")

    assert victim.read_text() == "precious"
    assert (tmp_path / "receipt").read_text() == "text"
    assert stat.S_IMODE((tmp_path / "receipt").stat().st_mode) == 0o600


def test_an_archive_is_read_and_never_unpacked(client: Program) -> None:
    # Given a bundle into which somebody put members with other names than a bundle's
    client.good("checkpoint", "seal")
    good, bad = client.folder / "good.zip", client.folder / "in" / "bad.zip"
    client.good("bundle", "C-1", "-o", str(good))
    bad.parent.mkdir()
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(bad, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        new.writestr("../evil", "x")
        new.writestr(str(client.folder / "evil"), "x")
    before = contents(client.folder)

    # When it is checked as its receiver would
    done = subprocess.run(
        [sys.executable, verify.__file__, str(bad)], capture_output=True, text=True, check=False
    )

    # Then nothing was written anywhere
    assert contents(client.folder) == before
    assert done.returncode != 0
    assert "is no file of a bundle" in done.stdout + done.stderr
