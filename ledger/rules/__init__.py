"""The rule catalogue: one small module per rule (RULES.md)."""
