"""The acceptance stories with every ledger on a PostgreSQL server, each in a schema of its own.

`python -m tests.postgres.acceptance FOLDER [OPTIONS...]` runs the stories of a folder on the server of EL_POSTGRES_URL,
else on a private one; the options go to their runner. The stories name a file as their ledger: this module is also the
command they call, and puts a schema named after the file in its place.
"""

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.postgres.server import Server

FILE = "sqlite:///"
RUNNERS = ("run_bad.py", "run_cases.py")
ROOT = Path(__file__).resolve().parents[2]


def as_the_program(arguments: Sequence[str]) -> None:
    """The program, with a schema for each file that is named as a ledger."""
    from cli import main

    sys.argv = ["engagement-ledger", *(_on_the_server(argument) for argument in arguments)]
    main()


def _on_the_server(argument: str) -> str:
    if not argument.startswith(FILE):
        return argument
    url = os.environ["EL_POSTGRES_URL"]
    schema = "story_" + hashlib.sha256(argument.encode()).hexdigest()[:16]
    return f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3D{schema}"


def run(folder: Path, options: Sequence[str]) -> int:
    """Every runner of the folder, one after the other; 1 if a story failed."""
    with ExitStack() as stack:
        url = os.environ.get("EL_POSTGRES_URL")
        if url is None:
            server = Server()
            stack.callback(server.remove)
            url = server.init().start().url()
        environment = {**os.environ, "EL_POSTGRES_URL": url, "PYTHONPATH": str(ROOT)}
        command = f"'{sys.executable}' -m tests.postgres.acceptance --program"
        failed = 0
        for runner in RUNNERS:
            print(f"\n-- {runner}, on PostgreSQL", flush=True)
            done = subprocess.run(
                [sys.executable, "-B", folder / runner, "--cmd", command, *options],
                env=environment,
                check=False,
            )
            failed |= done.returncode
        return failed


if __name__ == "__main__":
    if sys.argv[1:2] == ["--program"]:
        as_the_program(sys.argv[2:])
    else:
        sys.exit(run(Path(sys.argv[1]), sys.argv[2:]))
