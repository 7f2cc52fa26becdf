"""Documents as Word files in the style of official papers: GB/T 9704 page, fonts and line spacing, page numbers.

Source: GB/T 9704—2012 党政机关公文格式 (margins 37, 28, 26 and 35 mm; body 仿宋 三号, 28 points a line).
"""

from __future__ import annotations

import io
import struct
from copy import deepcopy
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

import docx
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from layout_planner.dossier.blocks import Document, Form, Grid, Head, Para, Picture
from layout_planner.dossier.ledger import Entry, Line, Name
from layout_planner.report.docx import save_book

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from docx.document import Document as Book
    from docx.oxml.xmlchemy import BaseOxmlElement
    from docx.table import Table, _Cell
    from docx.text.paragraph import Paragraph
    from docx.text.run import Run

    from layout_planner.dossier.blocks import Block, Value

__all__ = ["write_word"]

# A constant instead of the clock: the same document gives the same bytes.
_CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 - the file format has no time zone
_TITLE, _HEI, _KAI, _FANG, _SONG = "方正小标宋简体", "黑体", "楷体_GB2312", "仿宋_GB2312", "宋体"
_TITLE_PT, _BODY_PT, _CAPTION_PT, _CELL_PT, _REF_PT, _PAGE_PT = 22, 16, 12, 9, 9, 14
_LINE_PT = 28
_PAGE_MM, _TOP, _LEFT, _RIGHT, _BOTTOM = (210, 297), 37, 28, 26, 35
_WIDE_MM = _PAGE_MM[0] - _LEFT - _RIGHT
_HIGH_MM = 115
_REF_MM = 12
_CELL_MARGIN_TWIPS = 45
_UNIT_PT = 8
_MM_PER_PT, _CELL_SIDES_MM = 25.4 / 72, 1.9
_SMALL_ROWS = 8
"""Tables of at most so many rows stay on one page."""
_GREY = RGBColor(0x59, 0x59, 0x59)
_LATIN = "Times New Roman"


def write_word(document: Document, path: Path) -> None:
    """Write a document as a Word file; the same document gives the same bytes.

    Parameters
    ----------
    document : Document
        With numbered sections.
    path : Path
        Ends in ``.docx``; the folder exists.
    """
    book = docx.Document()
    _set_page(book)
    book.core_properties.created = book.core_properties.modified = _CREATED
    book.core_properties.title, book.core_properties.author = document.title, "layout_planner"
    _plain(book, document.title, _TITLE_PT, _TITLE, align=WD_ALIGN_PARAGRAPH.CENTER, spacing=34)
    if document.subtitle.parts:
        _spell(_paragraph(book, align=WD_ALIGN_PARAGRAPH.CENTER), document.subtitle, _BODY_PT, _KAI)
    _paragraph(book)
    for section in document.sections:
        _plain(book, section.number + section.title, _BODY_PT, _HEI, indent=True, keep=True)
        for block in section.blocks:
            _write(book, block)
        for sub in section.subs:
            _plain(book, sub.number + sub.title, _BODY_PT, _KAI, indent=True, keep=True)
            for block in sub.blocks:
                _write(book, block)
    save_book(book, path)


def _set_page(book: Book) -> None:
    page = book.sections[0]
    page.orientation = WD_ORIENT.PORTRAIT
    page.page_width, page.page_height = (Mm(size) for size in _PAGE_MM)
    page.top_margin, page.bottom_margin = Mm(_TOP), Mm(_BOTTOM)
    page.left_margin, page.right_margin = Mm(_LEFT), Mm(_RIGHT)
    page.footer_distance = Mm(28)
    normal = book.styles["Normal"]
    normal.font.size, normal.font.name = Pt(_BODY_PT), _LATIN
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _FANG)
    language = OxmlElement("w:lang")
    language.set(qn("w:eastAsia"), "zh-CN")
    normal.element.get_or_add_rPr().append(language)
    foot = page.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(foot, "— ", _PAGE_PT, _SONG)
    _page_number(foot)
    _run(foot, " —", _PAGE_PT, _SONG)


def _page_number(paragraph: Paragraph) -> None:
    """Put in the field of the page number."""
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = paragraph.add_run()
        run.font.size, run.font.name = Pt(_PAGE_PT), _SONG
        mark = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark.text = text
        run._element.append(mark)


def _write(book: Book, block: Block) -> None:
    if isinstance(block, Para):
        right = WD_ALIGN_PARAGRAPH.RIGHT if block.kind == "right" else None
        small = block.kind == "note"
        target = _paragraph(book, align=right, indent=block.kind == "body", spacing=18 if small else _LINE_PT)
        _spell(target, block.line, _CELL_PT + 1.5 if small else _BODY_PT, _SONG if small else _FANG, bold=block.strong)
    elif isinstance(block, Picture):
        holder = _paragraph(book, align=WD_ALIGN_PARAGRAPH.CENTER, keep=True, spacing=0)
        holder.add_run().add_picture(io.BytesIO(block.png), width=Mm(_picture_mm(block.png)))
        _plain(book, block.number + block.caption, _CAPTION_PT, _HEI, align=WD_ALIGN_PARAGRAPH.CENTER, spacing=22)
    elif isinstance(block, Grid):
        _write_grid(book, block)
    else:
        _write_form(book, block)


def _picture_mm(png: bytes) -> float:
    """Give the width at which a picture is as wide as the page, or as high as it may be."""
    wide, high = struct.unpack(">II", png[16:24])  # width and height stand in the first chunk of every PNG
    return min(_WIDE_MM, _HIGH_MM * wide / high)


def _caption(book: Book, block: Grid | Form) -> None:
    """Write a table's caption above it."""
    _plain(
        book, block.number + block.caption, _CAPTION_PT, _HEI, align=WD_ALIGN_PARAGRAPH.CENTER, keep=True, spacing=24
    )


def _write_grid(book: Book, block: Grid) -> None:
    if block.caption:
        _caption(book, block)
    refs = [*block.refs, *[""] * (len(block.rows) - len(block.refs))]
    cited = any(refs)
    ref_mm = 2 * _REF_MM if any(" " in ref for ref in refs) else _REF_MM
    widths = _widths(block.heads, _WIDE_MM - (ref_mm if cited else 0)) + ([ref_mm] if cited else [])
    table = _new_table(book, widths)
    heads = [*block.heads, *([Head("出处")] if cited else [])]
    for cell, head in zip(table.rows[0].cells, heads, strict=True):
        _fill(cell, head.text, bold=True, align=WD_ALIGN_PARAGRAPH.CENTER)
        if head.unit:
            _run(cell.paragraphs[0], f"\n（{head.unit}）", _UNIT_PT, _SONG)
    _repeat(table)
    for row, ref in zip(block.rows, refs, strict=True):
        cells = table.add_row().cells  # type: ignore[no-untyped-call]
        for cell, value, head in zip(cells, row, block.heads, strict=False):
            _fill(cell, value, align=WD_ALIGN_PARAGRAPH.RIGHT if head.number else None, own=ref.split())
        if cited:
            _fill(cells[-1], Name(ref.replace(" ", "、")), align=WD_ALIGN_PARAGRAPH.CENTER, grey=True)
    _finish(table, widths)
    if block.note is not None:
        _spell(_paragraph(book, spacing=16), block.note, _CELL_PT, _SONG)
    else:
        _paragraph(book, spacing=10)


def _widths(heads: Sequence[Head], room: float) -> list[float]:
    """Divide the width of a page (mm) among columns, so that no unit in a head is broken."""
    least = [_MM_PER_PT * _UNIT_PT * (len(head.unit) + 2) + _CELL_SIDES_MM if head.unit else 0.0 for head in heads]
    wide = [head.width for head in heads]
    narrow = [low > room * w / sum(wide) for low, w in zip(least, wide, strict=True)]
    left = room - sum(low for low, short in zip(least, narrow, strict=True) if short)
    others = sum(w for w, short in zip(wide, narrow, strict=True) if not short)
    return [
        low if short else left * w / others for low, w, short in zip(least, wide, narrow, strict=True)
    ]  # fmt: skip


def _write_form(book: Book, block: Form) -> None:
    if block.caption:
        _caption(book, block)
    widths = [46.0, _WIDE_MM - 46.0]
    table = _new_table(book, widths)
    for k, (label, value) in enumerate(block.rows):
        cells = table.rows[0].cells if k == 0 else table.add_row().cells  # type: ignore[no-untyped-call]
        _fill(cells[0], label, bold=True)
        _fill(cells[1], value)
    _finish(table, widths)
    _paragraph(book, spacing=10)


def _new_table(book: Book, widths: Sequence[float]) -> Table:
    table = book.add_table(rows=1, cols=len(widths), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(_CELL_MARGIN_TWIPS))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    table._tbl.tblPr.append(margins)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    return table


def _repeat(table: Table) -> None:
    """Let the head of a table stand on every page that it reaches."""
    repeat = OxmlElement("w:tblHeader")
    repeat.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(repeat)


def _finish(table: Table, widths: Sequence[float]) -> None:
    """Set the widths of the columns; a row is not parted between pages, nor a small table."""
    rows = list(table.rows)
    for k, row in enumerate(rows):
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        together = len(rows) <= _SMALL_ROWS and k < len(rows) - 1
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Mm(width)
            if together:
                cell.paragraphs[0].paragraph_format.keep_with_next = True


def _fill(
    cell: _Cell, value: Value, *, bold: bool = False, align: WD_ALIGN_PARAGRAPH | None = None, grey: bool = False,
    own: Sequence[str] = (),
) -> None:  # fmt: skip
    paragraph = cell.paragraphs[0]
    form = paragraph.paragraph_format
    form.space_after = form.space_before = Pt(1)
    form.line_spacing = 1.0
    if align is not None:
        paragraph.alignment = align
    if isinstance(value, Line):
        _spell(paragraph, value, _CELL_PT, _SONG, bold=bold, own=own)
        return
    run = _run(
        paragraph, value if isinstance(value, str) else value.text, _CELL_PT - (1 if grey else 0), _SONG, bold=bold
    )
    if grey:
        run.font.color.rgb = _GREY
    if isinstance(value, Entry) and value.ref not in own:
        _cite(paragraph, value.ref, _CELL_PT)


def _spell(
    paragraph: Paragraph, said: Line, size: float, font: str, *, bold: bool = False, own: Sequence[str] = ()
) -> None:
    """Write a sentence with its references above the line."""
    for text, ref in said.pieces():
        if text:
            _run(paragraph, text, size, font, bold=bold)
        if ref and ref not in own:
            _cite(paragraph, ref, size)


def _cite(paragraph: Paragraph, ref: str, size: float) -> None:
    run = _run(paragraph, "［", min(size, _REF_PT + 2.0), _SONG)
    before, _, after = ref.partition("-")
    for text in (before, after):
        run.add_text(text)
        run._element.append(OxmlElement("w:noBreakHyphen"))
    run._element.remove(run._element[-1])
    run.add_text("］")
    run.font.superscript = True
    run.font.color.rgb = _GREY


def _plain(
    book: Book, text: str, size: float, font: str, *, align: WD_ALIGN_PARAGRAPH | None = None, indent: bool = False,
    keep: bool = False, spacing: float = _LINE_PT,
) -> None:  # fmt: skip
    _run(_paragraph(book, align=align, indent=indent, keep=keep, spacing=spacing), text, size, font)


def _paragraph(
    book: Book, *, align: WD_ALIGN_PARAGRAPH | None = None, indent: bool = False, keep: bool = False,
    spacing: float = _LINE_PT,
) -> Paragraph:  # fmt: skip
    paragraph = book.add_paragraph()
    form = paragraph.paragraph_format
    form.space_after = form.space_before = Pt(0)
    if spacing:
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(spacing)
    form.keep_with_next = keep
    if align is not None:
        paragraph.alignment = align
    if indent:
        form.first_line_indent = Pt(_BODY_PT * 2)
    return paragraph


def _run(paragraph: Paragraph, text: str, size: float, font: str, *, bold: bool = False) -> Run:
    """Add text in a font: Latin letters and digits in Times New Roman, Chinese characters in the font named."""
    run = paragraph.add_run(text)
    run._element.insert(0, deepcopy(_format(size, font, bold)))
    return run


@cache
def _format(size: float, font: str, bold: bool) -> BaseOxmlElement:
    """Make the properties of a run once: they are copied some thousand times a document."""
    run = docx.Document().add_paragraph().add_run()
    run.font.size, run.font.name, run.font.bold = Pt(size), _LATIN, bold
    properties = run._element.get_or_add_rPr()
    properties.get_or_add_rFonts().set(qn("w:eastAsia"), font)
    return properties
