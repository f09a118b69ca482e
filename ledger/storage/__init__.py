"""How entries are kept: eventsourcing's recorders, extended so that one transaction holds all.

`log` says what a log offers, `reading` asks it, `sqlite` keeps it in one file.
"""
