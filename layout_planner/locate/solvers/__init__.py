"""Programmes in whole numbers and their solvers, with an honest account of what each proved."""
