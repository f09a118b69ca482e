"""What makes the record provable: canonical bytes, Merkle trees, the stream index, signed checkpoints.

Pure functions over bytes: no database, no clock, no file. Of the project only `ledger.errors` is imported.
"""
