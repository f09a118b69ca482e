"""A private PostgreSQL server on a free loopback port: started, stopped, killed, copied to a standby.

PostgreSQL refuses to run as root; then it runs as the system's `postgres` user, or as `nobody`. `python -m
tests.postgres.server COMMAND...` runs a command with such a server's address in EL_POSTGRES_URL, unless that is set.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import psycopg

OLDEST = 15
PATIENCE = 60.0
"""For how many seconds a server may take to start or stop."""

SETTINGS: Mapping[str, object] = {
    "listen_addresses": "127.0.0.1",
    "max_connections": 100,
    "log_min_messages": "warning",
    "lc_messages": "C",
}
TRUST = "local all all trust\nhost all all 127.0.0.1/32 trust\nhost replication all 127.0.0.1/32 trust\n"
SUPERUSER = "postgres"


def programs() -> Path | None:
    """The folder with a PostgreSQL server's programs that are new enough; the newest, where there are several."""
    folders = [Path(found).parent for name in ("postgres", "pg_ctl") if (found := shutil.which(name))]
    if pg_config := shutil.which("pg_config"):
        told = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        folders.append(Path(told.stdout.strip()))
    folders += Path("/usr/lib/postgresql").glob("*/bin")
    by_version = {_version(folder): folder for folder in folders if (folder / "initdb").exists()}
    newest = max(by_version, default=0)
    return by_version[newest] if newest >= OLDEST else None


def _version(folder: Path) -> int:
    told = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
    words = told.stdout.split()
    return int(words[2].split(".")[0]) if len(words) > 2 and words[2][:2].isdigit() else 0


class Server:
    """One server with its data under `folder`, which is made. Without a folder: a temporary one, gone with `remove`."""

    def __init__(self, folder: Path | None = None, settings: Mapping[str, object] | None = None) -> None:
        found = programs()
        if found is None:
            raise FileNotFoundError(f"no PostgreSQL server of version {OLDEST} or newer")
        self.programs = found
        self.folder = folder or Path(tempfile.mkdtemp(prefix="el-postgres-"))
        self.data = self.folder / "data"
        self.settings = {**SETTINGS, **(settings or {})}
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    # -- its life -----------------------------------------------------------------------------------------

    def init(self) -> "Server":
        """Make the cluster."""
        self._own_folder()
        self._run("initdb", "-D", self.data, "-U", SUPERUSER, "-E", "UTF8", "--locale=C", "-A", "trust")
        (self.data / "pg_hba.conf").write_text(TRUST)
        return self

    def start(self) -> "Server":
        """Start it and wait until it takes connections."""
        settings = {**self.settings, "port": self.port, "unix_socket_directories": self.folder}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self.programs / "postgres", "-D", self.data, *options],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=self.folder,
                **_unprivileged(),
            )
        until = time.monotonic() + PATIENCE
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"the server did not start:\n{self.log()[-2000:]}")
            time.sleep(0.02)
        return self

    def _is_ready(self) -> bool:
        """What the server itself writes down when it takes connections; the file may be an earlier process's."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        process = self._process
        return (
            process is not None
            and len(lines) > 7
            and lines[0] == str(process.pid)
            and lines[7].strip() in ("ready", "standby")
        )

    def stop(self, mode: str = "fast") -> None:
        """Shut it down: `smart` waits for sessions, `fast` ends them, `immediate` leaves recovery to the next start."""
        signals = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}
        if self._process is not None:
            self._process.send_signal(signals[mode])
            self._process.wait(PATIENCE)
            self._process = None

    def restart(self, mode: str = "fast") -> None:
        """Stop it and start it again on the same port."""
        self.stop(mode)
        self.start()

    def kill(self) -> None:
        """`kill -9` for all its processes at once, as a power cut would."""
        if self._process is not None:
            children = _children(self._process.pid)
            self._process.kill()
            for child in children:
                _kill(child)
            self._process.wait(PATIENCE)
            self._process = None

    def remove(self) -> None:
        """Stop it for good and take its files away."""
        self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def is_running(self) -> bool:
        """Whether its first process is alive."""
        return self._process is not None and self._process.poll() is None

    def log(self) -> str:
        """What it has said so far."""
        return (self.folder / "log").read_text(errors="replace")

    # -- reaching it --------------------------------------------------------------------------------------

    def url(self, database: str = "postgres", *, user: str = SUPERUSER, **parameters: str) -> str:
        """The address of one of its databases."""
        query = f"?{urlencode(parameters, quote_via=quote)}" if parameters else ""
        return f"postgresql://{quote(user)}@127.0.0.1:{self.port}/{quote(database)}{query}"

    def run(self, *statements: str, database: str = "postgres") -> list[Any]:
        """Statements as the superuser, each in a transaction of its own; the rows of the last."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.cursor()
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []

    # -- a standby ----------------------------------------------------------------------------------------

    def standby(self, folder: Path | None = None, *, name: str = "standby") -> "Server":
        """A copy that follows this server, not started yet.

        It follows synchronously once `synchronous_standby_names` of this server names it.
        """
        copy = Server(folder, self.settings)
        copy._own_folder()
        source = f"host=127.0.0.1 port={self.port} user={SUPERUSER} application_name={name}"
        copy._run("pg_basebackup", "-D", copy.data, "-d", source, "-R", "-X", "stream", "-c", "fast")
        return copy

    def require_standby(self, name: str = "standby") -> None:
        """From now on a commit waits until the standby has it on its disk; returns when the standby follows."""
        self.run(f"ALTER SYSTEM SET synchronous_standby_names = '{name}'", "SELECT pg_reload_conf()")
        until = time.monotonic() + PATIENCE
        while not self.run("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'"):
            if time.monotonic() > until:
                raise RuntimeError(f"the standby does not follow:\n{self.log()[-2000:]}")
            time.sleep(0.05)

    def promote(self) -> None:
        """Make a standby a primary; returns when it takes writes."""
        self._run("pg_ctl", "promote", "-w", "-D", self.data)

    # -- as whom ------------------------------------------------------------------------------------------

    def _own_folder(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        account = _unprivileged()
        if account:
            shutil.chown(self.folder, account["user"], account["group"])
        self.folder.chmod(0o755)

    def _run(self, program: str, *arguments: object) -> None:
        done = subprocess.run(
            [self.programs / program, *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
            cwd=self.folder,
            **_unprivileged(),
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr[-2000:]}")


def _unprivileged() -> dict[str, Any]:
    """As whom the server runs where this process is root."""
    if os.geteuid():
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = pwd.getpwnam(SUPERUSER if SUPERUSER in names else "nobody")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _children(pid: int) -> list[int]:
    """The processes that a process has started, as Linux tells."""
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listed.read_text().split()] if listed.exists() else []


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as asking:
        asking.bind(("127.0.0.1", 0))
        port: int = asking.getsockname()[1]
        return port


def main(command: Sequence[str]) -> int:
    """Runs a command beside a server of its own, unless one is given."""
    if os.environ.get("EL_POSTGRES_URL"):
        return subprocess.run(command, check=False).returncode
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the server does not outlive this process
    server = Server()
    try:
        server.init().start()
        environment = {**os.environ, "EL_POSTGRES_URL": server.url()}
        return subprocess.run(command, env=environment, check=False).returncode
    finally:
        server.remove()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
