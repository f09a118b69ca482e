"""The facts: what may be recorded (DESIGN section 3)."""
