"""Measurements of the ledger, and the histories they are made on."""
