"""What may go wrong around the program, made to go wrong: killed processes, full disks, locks, servers, clocks.

Nothing of the program is replaced: children are real processes of it, and the faults are real ones. What a child told
its journal, act by act, is the truth that the ledger is held against.
"""
