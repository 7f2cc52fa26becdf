"""Documents as Word files in the style of official papers: GB/T 9704 page, fonts and line spacing, page numbers.

Source: GB/T 9704—2012 党政机关公文格式 (margins 37, 28, 26 and 35 mm; body 仿宋 三号, 28 points a line).
"""

from __future__ import annotations

import io
import struct
from datetime import datetime
from typing import TYPE_CHECKING

import docx
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

from layout_planner.dossier.blocks import Document, Form, Grid, Head, Para, Picture
from layout_planner.dossier.elements import LATIN, new_citation, new_paragraph, new_row, new_run
from layout_planner.dossier.ledger import Entry, Line
from layout_planner.report.docx import save_book

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from docx.document import Document as Book
    from docx.oxml.xmlchemy import BaseOxmlElement

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
_REF_MM, _LABEL_MM = 12, 46
_CELL_MARGIN_TWIPS = 45
_UNIT_PT = 8
_MM_PER_PT, _CELL_SIDES_MM = 25.4 / 72, 1.9
_SMALL_ROWS = 8
"""Tables of at most so many rows stay on one page."""


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
    normal.font.size, normal.font.name = Pt(_BODY_PT), LATIN
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _FANG)
    language = OxmlElement("w:lang")
    language.set(qn("w:eastAsia"), "zh-CN")
    normal.element.get_or_add_rPr().append(language)
    foot = page.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    foot._p.append(new_run("— ", _PAGE_PT, _SONG))
    _page_number(foot)
    foot._p.append(new_run(" —", _PAGE_PT, _SONG))


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
        Paragraph(holder, book._body).add_run().add_picture(io.BytesIO(block.png), width=Mm(_picture_mm(block.png)))
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
    heads = [*block.heads, *([Head("出处")] if cited else [])]
    table, keep = _new_table(book, widths), len(block.rows) < _SMALL_ROWS
    row, cells = new_row(widths, [WD_ALIGN_PARAGRAPH.CENTER] * len(widths), keep=keep and bool(refs), head=True)
    for cell, head in zip(cells, heads, strict=True):
        cell.append(new_run(head.text, _CELL_PT, _SONG, bold=True))
        if head.unit:
            cell.append(new_run(f"\n（{head.unit}）", _UNIT_PT, _SONG))
    table.append(row)
    aligns = [WD_ALIGN_PARAGRAPH.RIGHT if head.number else None for head in block.heads]
    aligns += [WD_ALIGN_PARAGRAPH.CENTER] * cited
    for k, (values, ref) in enumerate(zip(block.rows, refs, strict=True), 1):
        row, cells = new_row(widths, aligns, keep=keep and k < len(refs))
        for cell, value in zip(cells, values, strict=False):
            _fill(cell, value, own=ref.split())
        if cited:
            cells[-1].append(new_run(ref.replace(" ", "、"), _CELL_PT - 1, _SONG, grey=True))
        table.append(row)
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
    widths = (_LABEL_MM, _WIDE_MM - _LABEL_MM)
    table = _new_table(book, widths)
    for k, (label, value) in enumerate(block.rows, 1):
        row, cells = new_row(widths, (None, None), keep=len(block.rows) <= _SMALL_ROWS and k < len(block.rows))
        _fill(cells[0], label, bold=True)
        _fill(cells[1], value)
        table.append(row)
    _paragraph(book, spacing=10)


def _new_table(book: Book, widths: Sequence[float]) -> BaseOxmlElement:
    table = book.add_table(rows=0, cols=len(widths), style="Table Grid")
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
    return table._tbl


def _fill(cell: BaseOxmlElement, value: Value, *, bold: bool = False, own: Sequence[str] = ()) -> None:
    """Write a value into the paragraph of a cell, with its reference unless it is the row's own."""
    if isinstance(value, Line):
        _spell(cell, value, _CELL_PT, _SONG, bold=bold, own=own)
        return
    cell.append(new_run(value if isinstance(value, str) else value.text, _CELL_PT, _SONG, bold=bold))
    if isinstance(value, Entry) and value.ref not in own:
        cell.append(_cite(value.ref, _CELL_PT))


def _spell(
    paragraph: BaseOxmlElement, said: Line, size: float, font: str, *, bold: bool = False, own: Sequence[str] = ()
) -> None:
    """Write a sentence with its references above the line."""
    for text, ref in said.pieces():
        if text:
            paragraph.append(new_run(text, size, font, bold=bold))
        if ref and ref not in own:
            paragraph.append(_cite(ref, size))


def _cite(ref: str, size: float) -> BaseOxmlElement:
    return new_citation(ref, min(size, _REF_PT + 2.0), _SONG)


def _plain(
    book: Book, text: str, size: float, font: str, *, align: WD_ALIGN_PARAGRAPH | None = None, indent: bool = False,
    keep: bool = False, spacing: float = _LINE_PT,
) -> None:  # fmt: skip
    _paragraph(book, align=align, indent=indent, keep=keep, spacing=spacing).append(new_run(text, size, font))


def _paragraph(
    book: Book, *, align: WD_ALIGN_PARAGRAPH | None = None, indent: bool = False, keep: bool = False,
    spacing: float = _LINE_PT,
) -> BaseOxmlElement:  # fmt: skip
    """Put an empty paragraph at the end of the book."""
    indent_pt = _BODY_PT * 2 if indent else 0
    paragraph = new_paragraph(align=align, indent_pt=indent_pt, keep=keep, spacing_pt=spacing)
    book.element.body.insert_element_before(paragraph, "w:sectPr")
    return paragraph
