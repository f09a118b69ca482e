"""Import of history: files checked as a whole and recorded in one transaction, or not at all."""

from ledger.importing.importing import Imported, import_files

__all__ = ["Imported", "import_files"]
