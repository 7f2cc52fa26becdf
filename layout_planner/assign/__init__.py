"""Who goes where, by which mode, and the classes that form."""
