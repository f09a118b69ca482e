"""The program, as the tests of commands have it."""

from tests.commands.conftest import empty, program

__all__ = ["empty", "program"]
