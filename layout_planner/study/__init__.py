"""Studies of 就近入学: actual enrolment against the nearest school and the catchment, and why pupils go past it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING

from layout_planner.errors import Flaw, InputError, LayoutError, Text, counted, language
from layout_planner.io.files import find_files
from layout_planner.io.village_enrolment import VillageEnrolment, read_village_enrolment
from layout_planner.plan import Plan
from layout_planner.study.enrolment import Estimate, Settings, estimate
from layout_planner.study.figure import study_figure
from layout_planner.study.headline import measure_table
from layout_planner.study.paper import paper_table
from layout_planner.study.straight import straight_line_plan
from layout_planner.study.tables import flow_table, reason_table, share_table, tie_table, trip_frame
from layout_planner.study.words import conclusions
from layout_planner.study.writing import write_study

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from matplotlib.figure import Figure

    from layout_planner.assign.zones import Zones
    from layout_planner.config.scenario import Scenario
    from layout_planner.io.attendance import Attendance
    from layout_planner.io.county import County
    from layout_planner.travel.matrix import TravelMatrix

__all__ = ["EnrolmentStudy", "Settings", "enrolment_study", "read_enrolment", "straight_line_plan"]


@dataclass(frozen=True, eq=False)
class EnrolmentStudy:
    """What a study of 就近入学 found.

    Attributes
    ----------
    label : str
        What was studied: the enrolment table, or a plan by its name.
    estimate : Estimate
        Everything by trip, for those who want to go on from there.
    flaws : tuple of Flaw
        Remarks on the enrolment table.
    """

    label: str
    estimate: Estimate
    flaws: tuple[Flaw, ...] = ()

    @cached_property
    def measures(self) -> pd.DataFrame:
        """Headline results of the county with intervals (table ``study_measures``)."""
        return measure_table(self.estimate)

    @cached_property
    def shares(self) -> pd.DataFrame:
        """Shares by county, band, town and country, and township (table ``study_shares``)."""
        return share_table(self.estimate)

    @cached_property
    def reasons(self) -> pd.DataFrame:
        """Why pupils go past the nearest school (table ``study_reasons``)."""
        return reason_table(self.estimate)

    @cached_property
    def flows(self) -> pd.DataFrame:
        """Where the pupils of every village go, and why (table ``study_flows``)."""
        return flow_table(self.estimate)

    def by_tie(self, ties_min: Sequence[float] = (0.0, 2.0, 5.0)) -> pd.DataFrame:
        """Tell how the shares depend on when two schools count as equally near.

        Parameters
        ----------
        ties_min : sequence of float
            Minutes within which they do.

        Returns
        -------
        DataFrame
            ``tie_min`` (minutes) and the shares of all pupils: ``nearest_share``, ``tied_share``, ``past_share``,
            ``seats_share`` and ``choice_share``; where pupils live is that of the estimate.
        """
        return tie_table(self.estimate, ties_min)

    @property
    def conclusions(self) -> tuple[Text, ...]:
        """What was found, in sentences with their uncertainty (``.zh`` and ``.en`` of each)."""
        return conclusions(self)

    def paper_table(self, lang: str = "zh", *, townships: bool = False) -> pd.DataFrame:
        """Make the table of a paper, see :func:`layout_planner.study.paper.paper_table`."""
        return paper_table(self, lang, townships=townships)

    def figure(self, lang: str = "zh") -> Figure:
        """Draw the figure of a paper, see :func:`layout_planner.study.figure.study_figure`."""
        return study_figure(self, lang)

    def write(self, folder: Path, lang: str = "zh") -> list[Path]:
        """Write workbook, table (LaTeX, Markdown), figure (PNG, PDF) and conclusions into a folder that exists."""
        return write_study(self, folder, lang)

    @cached_property
    def trips(self) -> pd.DataFrame:
        """The trips by demand point, band and school, for statistics of one's own."""
        return trip_frame(self.estimate)

    def __repr__(self) -> str:
        row = self.measures.set_index("measure")["value"]
        return (
            f"<EnrolmentStudy {self.label!r}: {counted(row['pupils'], 'pupil')}, {row['nearest_share']:.1%} at "
            "the nearest "
            f"school, {row['past_share']:.1%} past it>"
        )

    def _repr_html_(self) -> str:
        lang = language()
        rows = "".join(
            f"<tr><th>{escape(str(r['label'] if lang == 'zh' else r['label_en']))}</th><td>{r['value']:.1%}</td></tr>"
            for r in self.measures.to_dict("records")
            if r["unit"] == "%"
        )
        return f"<table><caption>{escape(self.label)}</caption>{rows}</table>"


def read_enrolment(scenario: Scenario, county: County) -> VillageEnrolment:
    """Read the actual enrolment that a scenario's data hold (``village_enrolment``).

    Raises
    ------
    InputError
        If there is no such table, or with everything that is wrong with it.
    """
    path = find_files(scenario.data)["village_enrolment"]
    if path is None or not path.is_file():
        what = Text("没有各村就读情况表", "there is no table of enrolment by village")
        mend = Text(
            "放入 village_enrolment.xlsx，或在 data.village_enrolment 写明；空表由 template village_enrolment 写出",
            "add village_enrolment.xlsx or name it in data.village_enrolment; template village_enrolment writes one",
        )
        file = "" if path is None else path.name
        raise InputError.collect([Flaw("file_missing", what, mend, file=file, key="data.village_enrolment")])
    return read_village_enrolment(path, county.villages, county.schools)


def enrolment_study(
    county: County,
    times: Mapping[str, TravelMatrix],
    scenario: Scenario,
    actual: VillageEnrolment | pd.DataFrame | Plan | None = None,
    *,
    zones: Zones | Attendance | None = None,
    urban: Collection[str] | None = None,
    settings: Settings | None = None,
) -> EnrolmentStudy:
    """Study who attends the nearest school, who goes past it and why, and how sure that is.

    Parameters
    ----------
    county : County
        With demand: its points tell where within a village pupils live.
    times : mapping of str to TravelMatrix
        As for :func:`layout_planner.assign.assign`.
    scenario : Scenario
        Travel limits and seasons; its decisions say which schools are open.
    actual : VillageEnrolment, DataFrame or Plan, optional
        Who attends which school: enrolment by village (``village_id``, ``school_id``, ``band``, ``pupils``,
        ``boarders``), or a plan. By default the table of the scenario's data.
    zones : Zones or Attendance, optional
        Catchments, drawn or read; by default those of ``data.zones``, which the county has read.
    urban : collection of str, optional
        Codes of the townships that are town; by default those with an open town primary school.
    settings : Settings, optional
        Ties, draws, level, seed; the scenario's seed by default.

    Returns
    -------
    EnrolmentStudy

    Raises
    ------
    InputError
        With everything that is wrong with the enrolment table.
    LayoutError
        If the county has no demand yet.

    Notes
    -----
    "Nearest" is by road and in the toolkit's order (see :mod:`layout_planner.study.reasons`, where the questions and
    their order are stated). That a pupil goes past the nearest school is a finding, not a breach: 就近 is not the
    nearest in a straight line, and seats, grades and boarding may leave no other choice.
    """
    if county.demand is None:
        raise LayoutError(Text("尚未计算需求点的学生数", "the county has no demand yet"))
    if actual is None:
        actual = read_enrolment(scenario, county)
    flaws: tuple[Flaw, ...] = ()
    label = str(Text("各村就读情况", "enrolment by village"))
    if isinstance(actual, VillageEnrolment):
        flaws = actual.flaws
        actual = actual.frame
    elif isinstance(actual, Plan):
        label = actual.label
    chosen = Settings(seed=scenario.seed) if settings is None else settings
    return EnrolmentStudy(label, estimate(county, times, scenario, actual, zones, urban, chosen), flaws)
