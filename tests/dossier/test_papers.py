"""The papers of a merger: every number is in the ledger, nothing is left empty or in English."""

from __future__ import annotations

import re
from pathlib import Path

import docx
import pytest
from docx.text.paragraph import Paragraph
from reader import Book, numbers, passages

from layout_planner.dossier.facts import Facts

QUOTED = ("国办发〔2012〕48号", "国办发〔2018〕27号", "2025—2026学年初", "“不足1”", "GB 50099-2011 3.0.1")
Papers = tuple[Facts, Path]


def words(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.docx"))


def test_every_school_that_closes_or_converts_has_a_dossier(papers: Papers) -> None:
    facts, folder = papers
    names = [path.stem for path in (folder / "一校一案").glob("*.docx")]
    assert len(names) == len(facts.cases.decided) == 3
    assert sum(name.endswith("撤并方案") for name in names) == 2
    assert sum(name.endswith("改办教学点方案") for name in names) == 1


def test_every_number_of_a_document_stands_in_the_row_that_it_cites(papers: Papers) -> None:
    _, folder = papers
    book = Book(folder / "数据台账.xlsx")
    checked = 0
    for path in words(folder):
        for passage in passages(path):
            text = passage.text
            for quoted in QUOTED:
                text = text.replace(quoted, "")
            for number in numbers(text):
                assert book.holds(number, passage.refs), f"{path.name}: {number} in {passage.text!r} {passage.refs}"
                checked += 1
    assert checked > 300


def test_every_reference_is_traced_to_a_cell_that_shows_the_number(papers: Papers) -> None:
    _, folder = papers
    book = Book(folder / "数据台账.xlsx")
    traced = {str(row[0]) for row in book.traces}
    for path in words(folder):
        assert {ref for passage in passages(path) for ref in passage.refs} <= traced
    for ref, sheet, cell, *_ in book.traces:
        assert book.cells[str(sheet), str(cell)] in book.rows[str(ref)] or book.cells[str(sheet), str(cell)] is None


def test_no_heading_is_empty_and_every_table_has_rows(papers: Papers) -> None:
    _, folder = papers
    heading = re.compile(r"^[一二三四五六七八九十]+、|^（[一二三四五六七八九十]+）")
    for path in words(folder):
        body = list(docx.Document(str(path)).iter_inner_content())
        texts = [part.text if isinstance(part, Paragraph) else "表" for part in body]
        heads = [k for k, text in enumerate(texts) if heading.match(text)]
        assert len(heads) > 3
        for k in heads:
            follows = next((t for t in texts[k + 1 :] if t.strip()), "")
            first = texts[k].startswith("（") is False
            assert follows, texts[k]
            assert first or not heading.match(follows), f"{path.name}: nothing under {texts[k]}"
        for table in docx.Document(str(path)).tables:
            assert all(any(cell.text.strip() for cell in row.cells) for row in table.rows)


def test_no_english_is_left_in_a_document(papers: Papers) -> None:
    _, folder = papers
    for path in words(folder):
        text = "\n".join(passage.text for passage in passages(path))
        left = re.findall(r"[A-Za-z]{2,}", text.replace("GB 50099", ""))
        assert not left, f"{path.name}: {left}"


def test_the_same_plan_gives_the_same_bytes(papers: Papers, tmp_path: Path) -> None:
    from layout_planner.dossier.school import school_document
    from layout_planner.dossier.word import write_word

    facts, folder = papers
    code = next(iter(facts.cases.decided))
    document = school_document(facts, code)
    write_word(document, tmp_path / "again.docx")
    assert (tmp_path / "again.docx").read_bytes() == (folder / "一校一案" / f"{document.stem}.docx").read_bytes()


@pytest.mark.parametrize("side", ["before", "after"])
def test_pupils_of_a_school_add_up_to_its_total(papers: Papers, side: str) -> None:
    ledger = papers[0].ledger
    for row in ledger.rows("case_impact"):
        code = row.raw("school_id")
        table = "case_moves" if side == "before" else "case_flows"
        assert sum(part.raw("pupils") for part in ledger.rows(table, school_id=code)) == row.raw("pupils")
