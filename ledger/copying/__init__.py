"""Copying a whole ledger: backup, restore, and from one database to another, with the same entries, tree and roots.

`copying` copies rows and recomputes the tree, `drafts` makes files that appear whole or not at all, `soundness`
verifies what was made, `backing_up` and `restoring` are what people ask for.
"""
