"""The report stands alone, has no empty heading, and says what the tables say."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from layout_planner.errors import Severity
from layout_planner.report import write_html
from layout_planner.report.document import Cell, Grid, Paragraph, Section, Sub, number_sections
from layout_planner.report.summary import Indicators
from layout_planner.rules import check_plan


class Outline(HTMLParser):
    """Collect headings with the text under each, addresses, and table cells."""

    def __init__(self) -> None:
        super().__init__()
        self.headings: list[list[str]] = []
        self.addresses: list[str] = []
        self.tags: set[str] = set()
        self._in: str = ""

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.add(tag)
        self._in = tag
        self.addresses += [v for k, v in attrs if k in ("src", "href") and v]
        if tag in ("h2", "h3"):
            self.headings.append([tag, "", ""])

    def handle_endtag(self, tag) -> None:
        if tag == self._in:
            self._in = ""

    def handle_data(self, data) -> None:
        if not self.headings:
            return
        self.headings[-1][1 if self._in in ("h2", "h3") else 2] += data.strip()


def outline(text: str) -> Outline:
    parser = Outline()
    parser.feed(text)
    return parser


@pytest.fixture(scope="module")
def full(tmp_path_factory, merger, merger_tables, findings, moves, impact, baseline, baseline_tables) -> str:
    path: Path = tmp_path_factory.mktemp("html") / "report.html"
    write_html(merger, merger_tables, findings, path, moves=moves, impact=impact, parent=baseline,
               parent_tables=baseline_tables, run="abc1234567")  # fmt: skip
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def plain(tmp_path_factory, baseline, baseline_tables) -> str:
    path: Path = tmp_path_factory.mktemp("html") / "report.html"
    write_html(baseline, baseline_tables, [], path)
    return path.read_text(encoding="utf-8")


def test_nothing_is_fetched_and_nothing_runs(full) -> None:
    found = outline(full)
    assert all(a.startswith("data:") for a in found.addresses)
    assert not found.tags & {"script", "iframe", "object", "form"}
    assert not re.search(
        r"url\(|@import|https?://", re.sub(r"data:[^\"]+", "", full).replace("http://evil.example", "")
    )


def test_headings_are_numbered_as_in_official_documents_and_none_is_empty(full, plain) -> None:
    for text in (full, plain):
        headings = outline(text).headings
        first = [title for tag, title, _ in headings if tag == "h2"]
        assert [t[0] for t in first] == list("一二三四五六七八九十")[: len(first)]
        following = [*headings[1:], ["h2", "", ""]]
        for (tag, title, below), after in zip(headings, following, strict=True):
            assert below or (tag == "h2" and after[0] == "h3"), title


def test_sections_without_content_are_left_out(full, plain) -> None:
    titles = {title for _, title, _ in outline(full).headings}
    assert "七、撤并影响" in titles
    assert not any("撤并影响" in title for _, title, _ in outline(plain).headings)
    assert "没有发现不符合或需提醒的事项" in plain
    assert "本方案维持现有学校" in plain


def test_the_summary_says_the_indicators(full, merger_tables) -> None:
    now = Indicators(merger_tables)
    assert f"样例县{now.say('pupils')}名义务教育阶段学生中，{now.say('within_limit_share')}在规定时限内" in full
    assert f"95%不超过{now.say('minutes_p95')}分钟" in full
    assert "与“现状”相比，在办学校由24所变为22所" in full


def test_before_and_after_stand_side_by_side_with_arrows(full) -> None:
    assert "▲ 变差" in full or "▼ 变差" in full
    assert re.search(r"<th[^>]*>现状</th><th[^>]*>两校合并</th>", full)


def test_findings_carry_source_and_confidence_and_are_escaped(full) -> None:
    assert "国办发〔2018〕27号" in full
    assert "已核对原文" in full
    assert "=HYPERLINK(&#34;http://evil.example&#34;" in full


def test_names_from_the_data_cannot_become_markup(tmp_path, baseline, baseline_tables) -> None:
    plan = baseline.relabel("<script>alert(1)</script>")
    write_html(plan, baseline_tables, [], tmp_path / "r.html")
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_maps_have_captions_and_texts_for_those_who_cannot_see(full) -> None:
    assert full.count("<img ") == full.count('alt="样例县地图') == 3
    assert "图1" in full
    assert "表1" in full


def test_the_footer_names_version_engine_and_run(full) -> None:
    foot = full[full.index("<footer>") :]
    assert "layout_planner 0." in foot
    assert "abc1234567" in foot
    assert "manifest.json" in foot


def test_the_same_plan_gives_the_same_bytes(tmp_path, plain, baseline, baseline_tables) -> None:
    write_html(baseline, baseline_tables, [], tmp_path / "r.html")
    assert (tmp_path / "r.html").read_text(encoding="utf-8") == plain


def test_no_english_is_left_over(full) -> None:
    body = re.sub(
        r"<style>.*?</style>|<code>.*?</code>|<[^>]+>|data:[^\"]+", " ", full[full.index("<body>") :], flags=re.S
    )
    words = set(re.findall(r"[A-Za-z_]{3,}", body))
    allowed = {"layout_planner", "tables", "xlsx", "manifest", "json", "CGCS", "degree", "Gauss", "Kruger",
               "HYPERLINK", "http", "evil", "example", "quot", "gbf", "class", "bands"}  # fmt: skip
    assert words <= allowed


def test_empty_sections_and_subsections_take_no_number() -> None:
    one = Section("甲", subs=(Sub("空", ()), Sub("满", (Paragraph("字"),))))
    numbered = number_sections([Section("空"), one, Section("乙", (Grid("表", (Cell("a"),), ()),))])
    assert [(s.number, s.title) for s in numbered] == [("一、", "甲"), ("二、", "乙")]
    assert numbered[0].sub_numbers == ("（一）",)
    assert [sub.title for sub in numbered[0].subs] == ["满"]


def test_a_share_that_leaves_somebody_out_is_never_called_all_of_them() -> None:
    rows = [("within", 0.99992, "%"), ("all", 1.0, "%")]
    table = pd.DataFrame(rows, columns=["indicator", "value", "unit"])
    said = Indicators(SimpleNamespace(indicators=table))
    assert (said.say("within"), said.say("all")) == ("99.9%以上", "100.0%")


def test_closed_schools_show_the_register_beside_the_model_and_stay_when_nobody_moves(
    tmp_path, merger, merger_tables, moves, impact, baseline, baseline_tables
) -> None:
    path = tmp_path / "report.html"
    write_html(merger, merger_tables, [], path, moves=moves.iloc[:0], impact=impact, parent=baseline,
               parent_tables=baseline_tables)  # fmt: skip
    text = path.read_text(encoding="utf-8")
    assert "没有学生更换学校" in text
    assert "每所撤并学校的学生" in text
    assert "现有在校生" not in text
    schools = merger.county.schools.assign(enrolment=pd.array([17] * len(merger.county.schools), dtype="Int64"))
    known = replace(merger, county=replace(merger.county, schools=schools))
    write_html(known, merger_tables, [], path, moves=moves, impact=impact, parent=baseline,
               parent_tables=baseline_tables)  # fmt: skip
    assert "现有在校生" in path.read_text(encoding="utf-8")


def test_breaches_that_the_plan_before_has_too_are_told_apart(
    tmp_path, merger, merger_tables, baseline, baseline_tables
) -> None:
    found = check_plan(merger, merger_tables, merger.scenario.rules)
    path = tmp_path / "report.html"
    write_html(merger, merger_tables, found, path, parent=baseline, parent_tables=baseline_tables)
    text = path.read_text(encoding="utf-8")
    serious = {(f.rule_id, f.subject_id) for f in found if f.severity == Severity.ERROR}
    if serious:
        assert f"本方案有{len(serious)}项" in text
        assert "是“现状”没有的）" in text or "（“现状”也都有）" in text
