"""Word files: page numbers, headings, tables that keep their rows whole, Chinese fonts, the same bytes each time."""

from __future__ import annotations

import pytest
from docx import Document
from docx.oxml.ns import qn

from layout_planner.report.document import Cell, Grid, Paragraph, Section, number_sections
from layout_planner.report.docx import write_docx


def written(path, **options):
    rows = tuple((Cell("东村小学"), Cell("东至河、南至县界；" * 4), Cell(f"{n}", number=True)) for n in range(80))
    grid = Grid("各校", (Cell("学校"), Cell("四至"), Cell("学生数", unit="人")), rows, "注")
    write_docx("公告", "", number_sections([Section("名单", (Paragraph("如下。"), grid))]), path, **options)
    return Document(path)


def test_pages_are_numbered_and_headings_stand_in_the_navigation(tmp_path):
    book = written(tmp_path / "a.docx")
    assert "PAGE" in book.sections[0].footer._element.xml
    assert [p.text for p in book.paragraphs if p.style.name == "Heading 1"] == ["一、名单"]


def test_a_table_repeats_its_head_keeps_rows_whole_and_gives_long_texts_room(tmp_path):
    table = written(tmp_path / "a.docx").tables[0]
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows[1:])
    school, sides, pupils = (column.width for column in table.columns)
    assert pupils <= school < sides


def test_every_run_names_a_chinese_font(tmp_path):
    book = written(tmp_path / "a.docx", portrait=True, opening=["甲"], witnesses=["监督"], ending=["教育局", "今日"])
    runs = [run for paragraph in book.paragraphs for run in paragraph.runs]
    fonts = {run._element.rPr.rFonts.get(qn("w:eastAsia")) for run in runs}
    assert fonts == {"宋体", "黑体", "仿宋"}
    assert [p.text for p in book.paragraphs][-3:] == ["监督", "教育局", "今日"]


def test_the_same_document_gives_the_same_bytes(tmp_path):
    written(tmp_path / "a.docx")
    written(tmp_path / "b.docx")
    assert (tmp_path / "a.docx").read_bytes() == (tmp_path / "b.docx").read_bytes()


def test_short_words_stay_on_one_line_beside_long_texts_and_long_titles_shrink(tmp_path):
    heads = (Cell("抽签序号", number=True), Cell("公布日期"), Cell("在哪里公布"))
    rows = ((Cell("12", number=True), Cell("2026年8月13日"), Cell("中国福利彩票发行管理中心官网" * 6)),) * 3
    section = Section("数", (Grid("公开的数", heads, rows),))
    title = "样例县第二小学2026级新生电脑随机分班结果公告"
    write_docx(title, "", number_sections([section]), tmp_path / "a.docx", portrait=True)
    book = Document(tmp_path / "a.docx")
    number, day, where = (column.width.mm for column in book.tables[0].columns)
    assert number + day + where == pytest.approx(170, abs=0.1)
    assert day > 3.8 + (3 + 7 / 2) * 10 * 0.3528  # three Chinese letters, seven digits, the cell's margins
    assert where > 2 * day > 2 * number
    assert (len(title) - 4 / 2) * book.paragraphs[0].runs[0].font.size.pt * 0.3528 < 170
    assert all(cell.paragraphs[0].paragraph_format.keep_with_next for cell in book.tables[0].rows[0].cells)
