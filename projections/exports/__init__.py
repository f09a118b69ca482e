"""Entries for other programs: as the lines that `import` takes."""
