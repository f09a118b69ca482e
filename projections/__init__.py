"""The read side: everything rebuilt from events."""
