"""What a Word file repeats thousands of times: python-docx makes one of each look, the others are copied from it."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import TYPE_CHECKING

import docx
from docx.enum.text import WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from docx.document import Document as Book
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml.xmlchemy import BaseOxmlElement

__all__ = ["LATIN", "new_citation", "new_paragraph", "new_row", "new_run"]

LATIN = "Times New Roman"
_GREY = RGBColor(0x59, 0x59, 0x59)


def new_run(
    text: str, size: float, font: str, *, bold: bool = False, grey: bool = False, raised: bool = False
) -> BaseOxmlElement:
    """Make text in a font: Latin letters and digits in Times New Roman, Chinese characters in the font named.

    Parameters
    ----------
    text : str
        A line feed breaks the line.
    size : float
        Points.
    """
    run = deepcopy(_run(size, font, bold, grey, raised))
    for k, words in enumerate(text.split("\n")):
        if k:
            run.append(OxmlElement("w:br"))
        if words:
            run.append(_words(words))
    return run


def new_citation(ref: str, size: float, font: str) -> BaseOxmlElement:
    """Make a reference such as ［3-2］, raised and grey, that is not broken at its hyphen."""
    run = deepcopy(_run(size, font, False, True, True))
    before, _, after = ref.partition("-")
    for element in (_words(f"［{before}"), OxmlElement("w:noBreakHyphen"), _words(f"{after}］")):
        run.append(element)
    return run


def new_paragraph(
    *, align: WD_ALIGN_PARAGRAPH | None = None, indent_pt: float = 0.0, keep: bool = False, spacing_pt: float = 0.0
) -> BaseOxmlElement:
    """Make an empty paragraph: lines ``spacing_pt`` apart, or as its largest letter wants; ``keep`` with the next."""
    return deepcopy(_paragraph(align, indent_pt, keep, spacing_pt))


def new_row(
    widths_mm: Sequence[float], aligns: Sequence[WD_ALIGN_PARAGRAPH | None], *, keep: bool = False, head: bool = False
) -> tuple[BaseOxmlElement, list[BaseOxmlElement]]:
    """Make a row of a table that no page parts, and give it with the paragraph of each cell.

    Parameters
    ----------
    widths_mm, aligns : sequences by cell
    keep : bool
        Stay on the page of the next row.
    head : bool
        Stand on every page that the table reaches.
    """
    row = OxmlElement("w:tr")
    rules = OxmlElement("w:trPr")
    if head:
        repeat = OxmlElement("w:tblHeader")
        repeat.set(qn("w:val"), "true")
        rules.append(repeat)
    rules.append(OxmlElement("w:cantSplit"))
    row.append(rules)
    for width, align in zip(widths_mm, aligns, strict=True):
        row.append(deepcopy(_cell(width, align, keep)))
    return row, [cell[-1] for cell in row[1:]]


@cache
def _scratch() -> Book:
    return docx.Document()


@cache
def _run(size: float, font: str, bold: bool, grey: bool, raised: bool) -> BaseOxmlElement:
    run = _scratch().add_paragraph().add_run()
    run.font.size, run.font.name, run.font.bold = Pt(size), LATIN, bold
    if grey:
        run.font.color.rgb = _GREY
    if raised:
        run.font.superscript = True
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    return run._element


@cache
def _empty() -> BaseOxmlElement:
    return OxmlElement("w:t")


def _words(text: str) -> BaseOxmlElement:
    element = deepcopy(_empty())
    element.text = text
    if text.strip() != text:
        element.set(qn("xml:space"), "preserve")
    return element


@cache
def _paragraph(align: WD_ALIGN_PARAGRAPH | None, indent: float, keep: bool, spacing: float) -> BaseOxmlElement:
    paragraph = _scratch().add_paragraph()
    form = paragraph.paragraph_format
    form.space_after = form.space_before = Pt(0)
    if spacing:
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(spacing)
    form.keep_with_next = keep
    if align is not None:
        paragraph.alignment = align
    if indent:
        form.first_line_indent = Pt(indent)
    return paragraph._element


@cache
def _cell(width_mm: float, align: WD_ALIGN_PARAGRAPH | None, keep: bool) -> BaseOxmlElement:
    cell = _scratch().add_table(1, 1).cell(0, 0)
    cell.width = Mm(width_mm)
    paragraph = cell.paragraphs[0]
    form = paragraph.paragraph_format
    form.space_after = form.space_before = Pt(1)
    form.line_spacing = 1.0
    if align is not None:
        paragraph.alignment = align
    if keep:
        form.keep_with_next = True
    return cell._tc
