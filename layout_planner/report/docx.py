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
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from layout_planner.report.document import Block, Cell, Figure, Grid, Paragraph, Points, Section

if TYPE_CHECKING:
    from pathlib import Path

    from docx.document import Document as WordDocument
    from docx.shared import Length
    from docx.table import _Cell, _Row
    from docx.text.paragraph import Paragraph as WordParagraph

__all__ = ["save_book", "write_docx"]

# A constant instead of the clock: the same document gives the same bytes.
_CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 - the file format has no time zone
_ZIP_DATE = (2000, 1, 1, 0, 0, 0)
_SONG, _HEI, _FANG, _LATIN = "宋体", "黑体", "仿宋", "Times New Roman"
_TITLE_PT, _HEAD_PT, _SUB_PT, _BODY_PT, _CELL_PT = 22, 16, 14, 14, 10
_INDENT = 2
_PAGE_MM = (210, 297)
_MARGIN_MM = 20
_HEAD_FILL = "EDEDED"
_SHARE = 0.78
"""Part of a page's text height that a figure takes at most, so that its caption and some text stay with it."""
_LETTER_MM, _BESIDE_MM = 3.6, 4.2
"""Width of a Chinese character in a cell, and of the empty margins beside a cell's text."""
_SHORT_MM, _MOST_MM = 36, 120
"""Width up to which a text is kept on one line where the page allows it, and the most that a column asks for."""
_LEAST_TITLE_PT = 18


def write_docx(
    title: str, subtitle: str, sections: Sequence[Section], path: Path, *, portrait: bool = False,
    opening: Sequence[str] = (), alarm: bool = False, witnesses: Sequence[str] = (), ending: Sequence[str] = (),
) -> None:  # fmt: skip
    """Write numbered sections as a Word file with page numbers, A4; the same sections give the same bytes.

    Parameters
    ----------
    title, subtitle : str
    sections : sequence of Section
        As :func:`layout_planner.report.document.number_sections` gives them.
    path : Path
        Ends in ``.docx``.
    portrait : bool
        Upright pages; wide tables want the others.
    opening : sequence of str
        Paragraphs before the first section; with ``alarm`` the first of them stands out.
    witnesses : sequence of str
        Lines below the text, where those who watch sign.
    ending : sequence of str
        Lines at the right below the text: who signs, and the day.
    """
    book = Document()
    page = book.sections[0]
    size = _PAGE_MM if portrait else _PAGE_MM[::-1]
    page.orientation = WD_ORIENT.PORTRAIT if portrait else WD_ORIENT.LANDSCAPE
    page.page_width, page.page_height = (Mm(length) for length in size)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Mm(_MARGIN_MM)
    book.core_properties.created = book.core_properties.modified = _CREATED
    book.core_properties.title, book.core_properties.author = title, "layout_planner"
    for style in ("Normal", "Heading 1", "Heading 2"):
        _plain_style(book, style)
    _number_pages(book)
    text_mm = (size[0] - 2 * _MARGIN_MM, size[1] - 2 * _MARGIN_MM)
    _line(book, title, _title_pt(title, text_mm[0]), _SONG, bold=True, align=WD_ALIGN_PARAGRAPH.CENTER)
    if subtitle:
        _line(book, subtitle, _CELL_PT + 2, _SONG, align=WD_ALIGN_PARAGRAPH.CENTER)
    for i, text in enumerate(opening):
        _line(book, text, _BODY_PT, _FANG, bold=alarm and not i, indent=True)
    for section in sections:
        _line(book, section.number + section.title, _HEAD_PT, _HEI, keep=True, style="Heading 1")
        for block in section.blocks:
            _write(book, block, text_mm)
        for number, sub in zip(section.sub_numbers, section.subs, strict=False):
            _line(book, number + sub.title, _SUB_PT, _HEI, keep=True, style="Heading 2")
            for block in sub.blocks:
                _write(book, block, text_mm)
    if (witnesses or ending) and book.paragraphs:
        book.paragraphs[-1].paragraph_format.keep_with_next = True
    for text in witnesses:
        _line(book, text, _BODY_PT, _FANG, keep=True)
    for text in ending:
        _line(book, text, _BODY_PT, _FANG, align=WD_ALIGN_PARAGRAPH.RIGHT, keep=True)
    save_book(book, path)


def _title_pt(title: str, width_mm: float) -> float:
    """Give the size at which a title stands on one line, within reason."""
    line_mm = (_letters(title) + 1) * _LETTER_MM * _TITLE_PT / _CELL_PT
    return max(_LEAST_TITLE_PT, int(_TITLE_PT * min(1.0, width_mm / line_mm)))


def _plain_style(book: WordDocument, name: str) -> None:
    """Give a style black Chinese letters; Word's own headings are blue and know Latin fonts only."""
    style = book.styles[name]
    style.font.name, style.font.color.rgb, style.font.italic = _LATIN, RGBColor(0, 0, 0), False
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), _SONG if name == "Normal" else _HEI)


def _number_pages(book: WordDocument) -> None:
    """Put “— 1 —” at the foot of every page, as official documents do."""
    paragraph = book.sections[0].footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _spell(paragraph, "— ", _CELL_PT + 1, _SONG)
    run = paragraph.add_run()
    run.font.size = Pt(_CELL_PT + 1)
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._element.append(element)
    _spell(paragraph, " —", _CELL_PT + 1, _SONG)


def _write(book: WordDocument, block: Block, text_mm: tuple[int, int]) -> None:
    if isinstance(block, Paragraph):
        _line(book, block.text, _BODY_PT, _FANG, bold=block.strong, indent=True)
    elif isinstance(block, Points):
        for i, text in enumerate(block.lines, 1):
            _line(book, f"{i}. {text}", _BODY_PT, _FANG, indent=True)
    elif isinstance(block, Figure):
        picture = base64.b64decode(block.source.partition(",")[2])
        wide, high = (int.from_bytes(picture[i : i + 4], "big") for i in (16, 20))
        width = min(text_mm[0], text_mm[1] * _SHARE * wide / high)
        paragraph = book.add_paragraph()
        paragraph.add_run().add_picture(io.BytesIO(picture), width=Mm(width))
        paragraph.alignment, paragraph.paragraph_format.keep_with_next = WD_ALIGN_PARAGRAPH.CENTER, True
        _line(book, block.caption, _BODY_PT - 2, _HEI, align=WD_ALIGN_PARAGRAPH.CENTER)
    else:
        _write_grid(book, block, text_mm[0])


def _write_grid(book: WordDocument, grid: Grid, width_mm: int) -> None:
    _line(book, grid.caption, _BODY_PT - 2, _HEI, align=WD_ALIGN_PARAGRAPH.CENTER, keep=True)
    heads = [Cell(_headed(head)) for head in grid.heads]
    table = book.add_table(rows=1, cols=len(heads), style="Table Grid")
    table.autofit = False
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    widths = [Mm(width) for width in _widths(heads, grid.rows, width_mm)]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for cell, head, width in zip(table.rows[0].cells, heads, widths, strict=True):
        _fill(cell, head, width, bold=True)
        cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER
        cell.paragraphs[0].paragraph_format.keep_with_next = True
        shade = OxmlElement("w:shd")
        shade.set(qn("w:val"), "clear")
        shade.set(qn("w:fill"), _HEAD_FILL)
        cell._tc.get_or_add_tcPr().append(shade)
    _row_rule(table.rows[0], "w:tblHeader")
    for values in grid.rows:
        row = table.add_row()
        _row_rule(row, "w:cantSplit")
        for cell, value, width in zip(row.cells, values, widths, strict=True):
            _fill(cell, value, width)
    _line(book, grid.note, _CELL_PT, _SONG)


def _headed(head: Cell) -> str:
    """Spell a head with its unit, in brackets of its language."""
    if not head.unit:
        return head.text
    return f"{head.text} ({head.unit})" if head.text.isascii() else f"{head.text}（{head.unit}）"


def _row_rule(row: _Row, name: str) -> None:
    rule = OxmlElement(name)
    rule.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(rule)


def _widths(heads: Sequence[Cell], rows: Sequence[Sequence[Cell]], width_mm: float) -> list[float]:
    """Share the width of the page out among the columns, in millimetres.

    Short texts get their line first, heads half of theirs; what is left goes to the columns by their usual text.
    """
    least, asked = [], []
    for k, head in enumerate(heads):
        sizes = sorted(_wide(row[k].text) for row in rows) or [0.0]
        word = max((_wide(word) for word in head.text.split() if word.isascii()), default=0.0)
        need = max(_wide("") + _letters(head.text) * _LETTER_MM / 2, word, min(sizes[-1], _SHORT_MM))
        least.append(need)
        asked.append(max(need, min(sizes[len(sizes) * 9 // 10 if len(sizes) > 1 else 0], _MOST_MM)))
    if sum(asked) <= width_mm or sum(least) >= width_mm:
        base = asked if sum(asked) <= width_mm else least
        return [width_mm * one / sum(base) for one in base]
    part = (width_mm - sum(least)) / (sum(asked) - sum(least))
    return [low + part * (high - low) for low, high in zip(least, asked, strict=True)]


def _wide(text: str) -> float:
    """Estimate the width of a cell that holds a text on one line, in millimetres."""
    return _BESIDE_MM + _letters(text) * _LETTER_MM


def _letters(text: str) -> float:
    """Count the width of a text in Chinese characters."""
    return sum(1.0 if ord(sign) > 0x2E7F else 0.55 for sign in text)


def _fill(cell: _Cell, value: Cell, width: Length, *, bold: bool = False) -> None:
    cell.width = width
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(1)
    _spell(paragraph, value.text, _CELL_PT, _SONG, bold=bold or value.mark == "bad")
    if value.number:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _line(
    book: WordDocument, text: str, size: float, font: str, *, bold: bool = False, indent: bool = False,
    keep: bool = False, align: WD_ALIGN_PARAGRAPH | None = None, style: str | None = None,
) -> None:  # fmt: skip
    paragraph = book.add_paragraph(style=style)
    if align is not None:
        paragraph.alignment = align
    paragraph.paragraph_format.space_before = Pt(6 if style else 0)
    paragraph.paragraph_format.space_after = Pt(4)
    paragraph.paragraph_format.keep_with_next = keep
    if indent:
        paragraph.paragraph_format.first_line_indent = Pt(size * _INDENT)
    _spell(paragraph, text, size, font, bold=bold)


def _spell(paragraph: WordParagraph, text: str, size: float, font: str, *, bold: bool = False) -> None:
    """Add text in a font; Word asks for the font of Chinese characters apart."""
    run = paragraph.add_run(text)
    run.font.size, run.font.name, run.font.bold = Pt(size), _LATIN, bold
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def save_book(book: WordDocument, path: Path) -> None:
    """Save a Word file with constant dates in its archive, so that equal content gives equal bytes."""
    raw = io.BytesIO()
    book.save(raw)
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            plain = zipfile.ZipInfo(entry.filename, _ZIP_DATE)
            plain.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(plain, old.read(entry))
