"""Publish a plan as workbook, GeoPackage and report, compare two runs, and keep a run so that it can be read back."""

from layout_planner.report.checking import CheckedData, write_check_report
from layout_planner.report.compare import compare_frame, compare_text
from layout_planner.report.comparison import write_comparison
from layout_planner.report.html import write_html
from layout_planner.report.layers import write_geopackage
from layout_planner.report.layout_sections import LayoutPart
from layout_planner.report.rundata import RunData, load_run, save_run_data
from layout_planner.report.tables import write_workbook
from layout_planner.report.zone_files import zone_facts

__all__ = [
    "CheckedData",
    "LayoutPart",
    "RunData",
    "compare_frame",
    "compare_text",
    "load_run",
    "save_run_data",
    "write_check_report",
    "write_comparison",
    "write_geopackage",
    "write_html",
    "write_workbook",
    "zone_facts",
]
