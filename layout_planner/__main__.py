"""Run the command line: ``python -m layout_planner``."""

from layout_planner.cli import main

main()
