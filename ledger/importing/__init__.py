"""Import of history: files checked as a whole and recorded in one transaction, or not at all."""

from ledger.importing.imported import Imported
from ledger.importing.importing import import_files

__all__ = ["Imported", "import_files"]
