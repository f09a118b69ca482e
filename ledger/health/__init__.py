"""How a ledger is: where it stands (`status`), and what about it should be put right (`doctor`).

Nothing is written, no passphrase is asked for, and nothing is spoken to but the database that is named.
"""
