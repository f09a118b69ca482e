"""A place that cannot be written: it can be read and verified, and what is tried is refused in plain words."""

import os
import shutil
from pathlib import Path

import pytest

from tests.faults.examining import examine
from tests.faults.mounts import read_only
from tests.faults.saying import DONE, KEYS, NEW_CONTACT, SESSION, STORAGE, next_command_works, require
from tests.faults.sites import Site, in_file

NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


def test_a_read_only_file_system(file_site: Site) -> None:
    site = file_site
    site.create()
    with read_only(site.folder):
        for act in (NEW_CONTACT, SESSION):
            said = site.program(*act)
            require(said, STORAGE if "practice.db" in said.told else KEYS, "try again")
            assert "read-only" in said.told or "nothing can be written" in said.told
        require(site.program("timeline", "C-1"), DONE, "therapy E1")
        require(site.program("show", "client", "C-1"), DONE, "therapy E1")
        require(site.program("verify"), DONE, "Sound")
    next_command_works(site)
    examine(site).require_clean()


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="only root can become nobody")
def test_files_that_this_user_may_not_write(open_folder: Path) -> None:
    site = in_file(open_folder)
    site.create()
    for file in site.folder.glob("practice.*"):
        file.chmod(0o644)
    for folder in (0o755, 0o777):
        site.folder.chmod(folder)
        site.before = NOBODY
        said = site.program(*NEW_CONTACT)
        require(said, STORAGE if "practice.db" in said.told else KEYS, "try again")
        assert "read-only" in said.told or "nothing can be written" in said.told
        require(site.program("verify"), DONE, "Sound")
        site.before = ()
        next_command_works(site)
        examine(site).require_clean()
    site.folder.chmod(0o700)
    site.before = NOBODY
    require(site.program("timeline", "C-1"), STORAGE, "Permission denied")
    require(site.program("verify"), STORAGE, "Permission denied")
