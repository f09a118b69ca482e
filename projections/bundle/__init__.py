"""The evidence bundle: one client's record with its proof, as a zip that checks itself (DESIGN section 8).

The format is docs/reference/bundle.md; why it is so, docs/adr/0008-evidence-bundle.md.
"""
