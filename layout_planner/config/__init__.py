"""Scenario files: frozen data, read from YAML, with overrides that are logged."""
