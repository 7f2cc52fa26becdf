"""The engine of connected zones: walks, exact improvement by parts, relaxations with contiguity."""
