"""Small and read-only file systems, seen by this test process and those that it starts, and by nobody else.

The process goes into a mount namespace of its own, which ends with it: nothing stays behind whatever happens.
"""

import ctypes
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import pytest

CLONE_NEWNS = 0x00020000


@cache
def own_namespace() -> bool:
    """Whether this process could take a mount namespace of its own."""
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "unshare") or libc.unshare(CLONE_NEWNS):
        return False
    return subprocess.run(["mount", "--make-rprivate", "/"], capture_output=True, check=False).returncode == 0


@contextmanager
def mounted(folder: Path, *how: str) -> Iterator[Path]:
    """The folder with something mounted on it; skips where this process may not mount."""
    if not own_namespace():
        pytest.skip("no file systems can be mounted here: that takes root, on Linux")
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", *how, str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def small(folder: Path, kib: int) -> Iterator[Path]:
    """A file system of so many KiB."""
    with mounted(folder, "-t", "tmpfs", "-o", f"size={kib}k,mode=777", "none"):
        yield folder


@contextmanager
def read_only(folder: Path) -> Iterator[Path]:
    """The folder, that nobody can write."""
    with mounted(folder, "--bind", str(folder)):
        subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
        yield folder


@contextmanager
def filled(folder: Path, leave: int = 0) -> Iterator[None]:
    """A small file system on which only so many KiB are left, or nothing at all."""
    ballast = folder / secrets.token_hex(4)
    with ballast.open("wb", buffering=0) as file:
        while (size := shutil.disk_usage(folder).free - leave * 1024) > 0:
            with suppress(OSError):  # somebody else has taken some of it
                os.posix_fallocate(file.fileno(), 0, size)
                break
    try:
        yield
    finally:
        ballast.unlink()
