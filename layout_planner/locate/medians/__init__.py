"""The engine of medians: interchange, path relinking, Lagrangean bounds and an exact finish."""
