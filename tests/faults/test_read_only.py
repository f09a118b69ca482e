"""A place that cannot be written: it can be read and verified, and what is tried is refused in plain words."""

import os
import shutil

import pytest

from tests.faults.examining import examine
from tests.faults.mounts import read_only
from tests.faults.saying import DONE, KEYS, NEW_CONTACT, SESSION, STORAGE, next_command_works, require
from tests.faults.sites import Site

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
@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_file_or_folder_that_this_user_may_not_write(file_site: Site, what: str) -> None:
    site = file_site
    site.create()
    for folder in (site.folder, *site.folder.parents[:3]):
        folder.chmod(0o755)
    if what == "file":
        site.folder.chmod(0o777)
    for file in site.folder.glob("practice.*"):
        file.chmod(0o644)
    site.before = NOBODY
    site.folder.parent.chmod(0o700)
    require(site.program("timeline", "C-1"), STORAGE, "Permission denied")
    site.folder.parent.chmod(0o755)
    for act in (NEW_CONTACT, SESSION):
        said = site.program(*act)
        require(said, STORAGE if "practice.db" in said.told else KEYS, "read-only", "try again")
    require(site.program("verify"), DONE, "Sound")
    site.before = ()
    next_command_works(site)
    examine(site).require_clean()
