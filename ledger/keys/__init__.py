"""The key database and the role files: who may read what (DESIGN section 6)."""
