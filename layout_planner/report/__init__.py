"""Workbooks, reports and layers that a planner hands on."""
