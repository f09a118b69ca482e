"""Pages that a person opens in a browser: one self-contained file each, built from the parts that lie here."""
