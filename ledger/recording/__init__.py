"""From what somebody states to a sealed, chained entry: checks, gates, sealing."""
