"""Word files: page numbers, headings, tables that keep their rows whole, Chinese fonts, the same bytes each time."""

from __future__ import annotations

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
    book = written(tmp_path / "a.docx", portrait=True, opening=["甲"], witnesses="监督", ending=["教育局", "今日"])
    runs = [run for paragraph in book.paragraphs for run in paragraph.runs]
    fonts = {run._element.rPr.rFonts.get(qn("w:eastAsia")) for run in runs}
    assert fonts == {"宋体", "黑体", "仿宋"}
    assert [p.text for p in book.paragraphs][-3:] == ["监督", "教育局", "今日"]


def test_the_same_document_gives_the_same_bytes(tmp_path):
    written(tmp_path / "a.docx")
    written(tmp_path / "b.docx")
    assert (tmp_path / "a.docx").read_bytes() == (tmp_path / "b.docx").read_bytes()
