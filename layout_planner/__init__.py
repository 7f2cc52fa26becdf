"""School layout and catchment planning: travel times, assignment, merger scenarios, maps and reports."""

__version__ = "0.1.0"
