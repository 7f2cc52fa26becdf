"""Maps that open anywhere, offline."""
