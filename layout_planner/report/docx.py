"""A document as a Word file that an office can go on writing in: A4, Chinese fonts, tables with repeated heads."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from layout_planner.report.document import Block, Cell, Figure, Grid, Paragraph, Points, Section

if TYPE_CHECKING:
    from pathlib import Path

    from docx.document import Document as WordDocument
    from docx.table import _Cell
    from docx.text.paragraph import Paragraph as WordParagraph

__all__ = ["write_docx"]

# A constant instead of the clock: the same document gives the same bytes.
_CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 - the file format has no time zone
_ZIP_DATE = (2000, 1, 1, 0, 0, 0)
_SONG, _HEI, _FANG = "宋体", "黑体", "仿宋"
_TITLE_PT, _HEAD_PT, _SUB_PT, _BODY_PT, _CELL_PT = 22, 16, 14, 14, 9
_INDENT = 2
_PAGE_MM = (297, 210)
_MARGIN_MM = 20


def write_docx(title: str, subtitle: str, sections: Sequence[Section], path: Path) -> None:
    """Write numbered sections as a Word file, landscape A4; the same sections give the same bytes.

    Parameters
    ----------
    title, subtitle : str
    sections : sequence of Section
        As :func:`layout_planner.report.document.number_sections` gives them.
    path : Path
        Ends in ``.docx``.
    """
    book = Document()
    page = book.sections[0]
    page.orientation = WD_ORIENT.LANDSCAPE
    page.page_width, page.page_height = (Mm(size) for size in _PAGE_MM)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Mm(_MARGIN_MM)
    book.core_properties.created = book.core_properties.modified = _CREATED
    book.core_properties.title, book.core_properties.author = title, "layout_planner"
    _line(book, title, _TITLE_PT, _SONG, bold=True, align=WD_ALIGN_PARAGRAPH.CENTER)
    _line(book, subtitle, _CELL_PT + 3, _SONG, align=WD_ALIGN_PARAGRAPH.CENTER)
    for section in sections:
        _line(book, section.number + section.title, _HEAD_PT, _HEI, keep=True)
        for block in section.blocks:
            _write(book, block)
        for number, sub in zip(section.sub_numbers, section.subs, strict=False):
            _line(book, number + sub.title, _SUB_PT, _HEI, keep=True)
            for block in sub.blocks:
                _write(book, block)
    _save(book, path)


def _write(book: WordDocument, block: Block) -> None:
    if isinstance(block, Paragraph):
        _line(book, block.text, _BODY_PT, _FANG, bold=block.strong, indent=True)
    elif isinstance(block, Points):
        for i, text in enumerate(block.lines, 1):
            _line(book, f"{i}. {text}", _BODY_PT, _FANG, indent=True)
    elif isinstance(block, Figure):
        _line(book, block.caption, _BODY_PT - 2, _HEI, align=WD_ALIGN_PARAGRAPH.CENTER, keep=True)
        picture = io.BytesIO(base64.b64decode(block.source.partition(",")[2]))
        height = Mm(_PAGE_MM[1] - 3 * _MARGIN_MM)
        book.add_paragraph().add_run().add_picture(picture, height=height)
        book.paragraphs[-1].alignment = WD_ALIGN_PARAGRAPH.CENTER
    else:
        _write_grid(book, block)


def _write_grid(book: WordDocument, grid: Grid) -> None:
    _line(book, grid.caption, _BODY_PT - 2, _HEI, align=WD_ALIGN_PARAGRAPH.CENTER, keep=True)
    table = book.add_table(rows=1, cols=len(grid.heads), style="Table Grid")
    for cell, head in zip(table.rows[0].cells, grid.heads, strict=True):
        unit = f"（{head.unit}）" if head.unit else ""
        _fill(cell, Cell(head.text + unit), bold=True)
    repeat = OxmlElement("w:tblHeader")
    repeat.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(repeat)
    for row in grid.rows:
        for cell, value in zip(table.add_row().cells, row, strict=True):
            _fill(cell, value)
    if grid.note:
        _line(book, grid.note, _CELL_PT, _SONG)


def _fill(cell: _Cell, value: Cell, *, bold: bool = False) -> None:
    paragraph = cell.paragraphs[0]
    _spell(paragraph, value.text, _CELL_PT, _SONG, bold=bold or value.mark == "bad")
    if value.number:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _line(
    book: WordDocument, text: str, size: float, font: str, *, bold: bool = False, indent: bool = False,
    keep: bool = False, align: WD_ALIGN_PARAGRAPH | None = None,
) -> None:  # fmt: skip
    paragraph = book.add_paragraph()
    if align is not None:
        paragraph.alignment = align
    paragraph.paragraph_format.space_after = Pt(4)
    paragraph.paragraph_format.keep_with_next = keep
    if indent:
        paragraph.paragraph_format.first_line_indent = Pt(size * _INDENT)
    _spell(paragraph, text, size, font, bold=bold)


def _spell(paragraph: WordParagraph, text: str, size: float, font: str, *, bold: bool = False) -> None:
    """Add text in a font; Word asks for the font of Chinese characters apart."""
    run = paragraph.add_run(text)
    run.font.size, run.font.name, run.font.bold = Pt(size), font, bold
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def _save(book: WordDocument, path: Path) -> None:
    """Save with constant dates in the archive."""
    raw = io.BytesIO()
    book.save(raw)
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            plain = zipfile.ZipInfo(entry.filename, _ZIP_DATE)
            plain.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(plain, old.read(entry))
