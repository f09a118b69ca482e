"""What the ledger shows of its own integrity: signed checkpoints, receipts, seals, verification.

The application's side of `ledger.integrity`, which is pure: here stand the database, the signing key, the order
of writes.
"""
