"""One client, one file: which clients may be the same person, found without keeping anybody's name in clear text."""
