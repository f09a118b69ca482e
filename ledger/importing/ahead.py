"""Reading ahead: of a long file, a second process checks the lines while this one seals and writes.

The other process is this program started anew, not a copy of this one: that could hold the ledger open, and
starting from the caller's own script could run it twice. It is told the file and the key for fingerprints, writes
its batches to a pipe, and ends when nobody reads them. Whatever stops it, this process reads on by itself.
"""

import marshal
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

from ledger.importing.prepared import Bad, Batch, Prepared, batches

LONG = 8_000_000
"""Files of so many bytes are worth a second process."""

WHILE_IT_STARTS = 8
"""How many batches this process does by itself meanwhile."""

_PROGRAM = "from ledger.importing.ahead import serve; serve()"
_LENGTH = 8


def read_ahead(path: Path, key: bytes) -> Iterator[Batch]:
    """The batches of a file, from two processes where that pays."""
    if path.stat().st_size < LONG or (os.cpu_count() or 1) < 2:
        yield from batches(path, key)
        return
    came = 0
    with suppress(OSError), _reader(path) as process:
        if process.stdin is None or process.stdout is None:  # pipes were asked for
            raise OSError
        process.stdin.write(key)
        process.stdin.close()
        for batch in batches(path, key, most=WHILE_IT_STARTS):
            came += 1
            yield batch
        while (received := _receive(process.stdout)) is not None:
            came += 1
            yield received
        if process.wait() == 0:
            return
    yield from batches(path, key, after=came)


def _reader(path: Path) -> subprocess.Popen[bytes]:
    """The second process; Ctrl-C is for the first, at whose end it ends too."""
    return subprocess.Popen(  # noqa: S603  # our own interpreter and our own text
        [sys.executable, "-c", _PROGRAM, str(path), str(WHILE_IT_STARTS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(one or str(Path.cwd()) for one in sys.path)},
        start_new_session=True,
    )


def serve() -> None:
    """The second process: the key comes from standard input, batches go to standard output."""
    _, path, after = sys.argv
    key = sys.stdin.buffer.read()
    for batch in batches(Path(path), key, after=int(after)):
        _send(batch, sys.stdout.buffer)


def _send(batch: Batch, pipe: IO[bytes]) -> None:
    """A batch as its length and its plain values."""
    written = marshal.dumps((batch.size, list(map(tuple, batch.stated)), list(map(tuple, batch.bad))))
    pipe.write(len(written).to_bytes(_LENGTH))
    pipe.write(written)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> Batch | None:
    """The next batch; None where no whole one comes any more."""
    length = int.from_bytes(pipe.read(_LENGTH))
    written = pipe.read(length)
    if not length or len(written) < length:
        return None
    size, stated, bad = marshal.loads(written)  # noqa: S302  # what our own process wrote
    return Batch(size, list(map(Prepared._make, stated)), list(map(Bad._make, bad)))
