"""The program, as the tests of commands have it."""

from tests.commands.conftest import client, empty, program

__all__ = ["client", "empty", "program"]
