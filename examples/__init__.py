"""Example histories in the ledger's import format, and the scripts that write them."""
