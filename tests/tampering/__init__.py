"""The tamper campaign: what somebody who has read the source may do to a ledger's files, and what shows it."""
