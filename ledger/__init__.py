"""The write side: what may be recorded, and how it is kept."""
