"""The program run as people run it, in this process: real files, real argument parsing, real exit codes."""

import io
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli import main
from ledger.application import Ledger
from ledger.entry import Entry
from ledger.places import Places


@dataclass(frozen=True)
class Done:
    """What one call gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def told(self) -> str:
        """Everything said, on one line: wrapping is not what is tested."""
        return " ".join((self.out + self.err).split())


class Program:
    """The command line, on one ledger."""

    def __init__(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.folder = folder
        self.url = f"sqlite:///{folder}/ledger.db"
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *args: str, stdin: str = "") -> Done:
        """One call; standard input is no terminal and ends after `stdin`."""
        self._capsys.readouterr()
        self._monkeypatch.setattr(sys, "argv", ["engagement-ledger", "--ledger", self.url, *args])
        self._monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        code = 0
        try:
            main()
        except SystemExit as leaving:
            code = int(leaving.code or 0)
        said = self._capsys.readouterr()
        return Done(code, said.out, said.err)

    def good(self, *args: str, stdin: str = "") -> Done:
        """One call that must succeed."""
        done = self(*args, stdin=stdin)
        assert done.code == 0, f"{args}: {done.code}\n{done.out}{done.err}"
        return done

    def stream(self, name: str) -> list[Entry[Any]]:
        """A stream's entries as stored."""
        ledger = Ledger(Places.of(self.url))
        try:
            return [entry for _, entry in ledger.entries.stream(name, None)]
        finally:
            ledger.close()

    def plain(self, stream: str, seq: int) -> dict[str, Any]:
        """The sealed texts of an entry."""
        ledger = Ledger(Places.of(self.url))
        try:
            return ledger.plain(ledger.entries.stream(stream, None)[seq - 1][1])
        finally:
            ledger.close()

    def count(self) -> int:
        """How many entries there are."""
        ledger = Ledger(Places.of(self.url))
        try:
            return ledger.recorder.count()
        finally:
            ledger.close()

    def file(self, name: str, text: str = "text") -> str:
        """The path of a small file."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)
