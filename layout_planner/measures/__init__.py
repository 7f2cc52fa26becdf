"""Pure functions that measure a plan."""
