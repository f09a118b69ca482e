"""The page on moving to PostgreSQL: its commands, run in order against a server with the logins it speaks of."""

import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli import main
from tests.postgres.server import Server

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "move-to-postgresql.md"
HISTORY = Path(__file__).resolve().parents[2] / "examples" / "lakeside-practice.ndjson"


def commands(port: int) -> Iterator[list[str]]:
    """The lines of the page's blocks, the example's hosts replaced by the test's server."""
    here = f"127.0.0.1:{port}"
    for block in re.findall(r"```\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        for line in block.splitlines():
            yield shlex.split(
                line.replace("db1.example.org,db2.example.org", f"{here},{here}").replace(
                    "db.example.org", here
                )
            )


def test_the_commands_of_the_page_work_in_order(
    own_postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def call(*words: str) -> str:
        monkeypatch.setattr(sys, "argv", ["engagement-ledger", *words])
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        assert left.value.code in (None, 0), f"{words}\n{said.out}{said.err}"
        return said.out

    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ENGAGEMENT_LEDGER", raising=False)
    # Given a ledger in a file, with history in it
    call("--ledger", "sqlite:///harbor.db", "init", "--practice", "Harbor", "--go-live", "2026-01-01")
    call("--ledger", "sqlite:///harbor.db", "import", str(HISTORY))

    # When the page is followed, line by line
    ran = []
    for words in commands(own_postgres.port):
        ran.append(words[0])
        match words[0]:
            case "createuser":
                rights = "CREATEROLE" if "--createrole" in words else ""
                own_postgres.run(f"CREATE ROLE {words[-1]} LOGIN {rights}")
            case "createdb":
                own_postgres.run(
                    f"CREATE DATABASE {words[-1]} OWNER harbor_owner ENCODING 'UTF8' TEMPLATE template0"
                )
            case "export":
                monkeypatch.setenv(*words[1].split("=", 1))
            case "psql":
                own_postgres.run(f"SET ROLE {words[2]}; {words[-1]}", database="harbor")
            case _:
                call(*words[1:])

    # Then the ledger that came back is the one that went, proofs and all
    before, after = (
        call("--ledger", f"sqlite:///{name}.db", "checkpoint", "show") for name in ("harbor", "again")
    )
    assert before == after
    assert {"createuser", "createdb", "export", "psql", "engagement-ledger"} == set(ran)
