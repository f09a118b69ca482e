"""What the program says to a person when something is wrong, and that it goes on when it is put right."""

from tests.faults.sites import Said, Site

DONE, STORAGE, LOCKED, KEYS = 0, 5, 6, 7
"""Exit codes: done; the ledger's place cannot be used; locked or out of reach; the keys cannot be used."""

AS = ("--as", "frontdesk", "record")
NEW_CONTACT = (*AS, "client-details-changed", "--client", "C-1", "--contact", "new@mail.example")
"""A sealed text: it needs a data key."""

SESSION = (*AS, "session-held", "--client", "C-1", "--modality", "video", "--purpose", "service")
"""Coded facts only: it needs no data key."""


def require(said: Said, code: int, *words: str) -> None:
    """It ended with a code, and said so much; no inner workings were shown."""
    assert said.code == code, said
    assert "Traceback" not in said.told, said
    for word in words:
        assert word in said.told, said


def next_command_works(site: Site) -> None:
    """Something is recorded and signed."""
    require(site.program(*NEW_CONTACT), DONE, "under checkpoint")
