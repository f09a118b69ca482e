"""The recorder test cases that eventsourcing ships, importable without the library's optional cipher.

They import `eventsourcing.cipher`, which needs pycryptodome; the ledger seals with `cryptography` and has no use for
it. A stand-in lets the module load, and the three mapper tests that encrypt are left out by those who use this.
"""

import sys
from importlib.util import find_spec
from types import ModuleType

if find_spec("Crypto") is None:
    stand_in = ModuleType("eventsourcing.cipher")
    stand_in.AESCipher = type("AESCipher", (), {})  # type: ignore[attr-defined]
    sys.modules.setdefault(stand_in.__name__, stand_in)

from eventsourcing.tests import persistence as cases

__all__ = ["cases"]
