"""Verifying a ledger: everything recomputed from stored bytes, every fault told with its place."""
