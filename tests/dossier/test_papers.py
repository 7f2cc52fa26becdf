"""The papers of a merger: every number is in the ledger, nothing is left empty or in English."""

from __future__ import annotations

import re
from pathlib import Path

import docx
import pytest
from docx.text.paragraph import Paragraph
from reader import Book, entries, is_cell, numbers, passages, place_of, wrong

from layout_planner.dossier.blocks import Document
from layout_planner.dossier.county import county_document
from layout_planner.dossier.facts import Facts
from layout_planner.dossier.ledger import Entry, Name
from layout_planner.dossier.notice import notice_document
from layout_planner.dossier.school import school_document

QUOTED = ("2025—2026学年初", "不足1")
Papers = tuple[Facts, Path]


@pytest.fixture(scope="module")
def documents(papers: Papers) -> list[Document]:
    facts, _ = papers
    dossiers = [school_document(facts, code) for code in facts.cases.decided]
    return [*dossiers, county_document(facts), notice_document(facts)]


def words(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.docx"))


def test_every_school_that_closes_or_converts_has_a_dossier(papers: Papers) -> None:
    facts, folder = papers
    names = [path.stem for path in (folder / "一校一案").glob("*.docx")]
    assert len(names) == len(facts.cases.decided) == 3
    assert sum(name.endswith("撤并方案") for name in names) == 2
    assert sum(name.endswith("改办教学点方案") for name in names) == 1


def test_every_number_of_a_document_is_the_one_cell_that_it_cites(papers: Papers, documents: list[Document]) -> None:
    facts, folder = papers
    shown = [part for document in documents for part in entries(document) if isinstance(part, Entry)]
    assert sum(part.is_number for part in shown) > 300
    assert not wrong(documents, facts, Book(folder / "数据台账.xlsx"))


@pytest.mark.parametrize(
    ("table", "column"),
    [("case_impact", "pupils"), ("case_moves", "minutes_after"), ("case_receiving", "seats_left"),
     ("case_money", "funds_change"), ("case_parameters", "number"), ("case_calendar", "to_day")],
)  # fmt: skip
def test_a_cell_that_is_changed_is_found(papers: Papers, documents: list[Document], table: str, column: str) -> None:
    facts, folder = papers
    _, defined, frame = next(found for found in facts.ledger.tables if found[1].name == table)
    used = {part.ref for document in documents for part in entries(document) if isinstance(part, Entry)
            and part.column == column}  # fmt: skip
    ref = next(ref for ref in frame["ref"] if ref in used)
    changed = Book(folder / "数据台账.xlsx")
    place = ref, place_of(defined, frame.columns)[column]
    value = changed.cells[place]
    changed.cells[place] = f"{value}后" if isinstance(value, str) else (value or 0) + 1
    found = wrong(documents, facts, changed)
    assert found
    assert all(f"({ref}, {column})" in text for text in found)


def test_word_files_show_the_numbers_of_their_documents_and_no_others(
    papers: Papers, documents: list[Document]
) -> None:
    _, folder = papers
    for document in documents:
        path = next(path for path in words(folder) if path.stem == document.stem)
        read = numbers("\n".join(passage.text for passage in passages(path)))
        said = [n for part in entries(document) for n in numbers(part if isinstance(part, str) else part.text)]
        units = [n for n in said if n]
        assert read == units, path.name


def test_numbers_outside_the_ledger_are_names_and_dates_only(papers: Papers, documents: list[Document]) -> None:
    facts, folder = papers
    known = Book(folder / "数据台账.xlsx").texts() | {facts.county.text, facts.cases.before.label}
    for document in documents:
        for part in entries(document):
            if isinstance(part, Name) and re.search(r"\d", part.text):
                assert part.text in known or part.text in QUOTED, part.text
            elif isinstance(part, str):
                assert not re.search(r"\d", part), part


def test_every_reference_is_traced_to_a_cell_that_shows_the_number(papers: Papers) -> None:
    facts, folder = papers
    book = Book(folder / "数据台账.xlsx")
    traced = {str(row[0]) for row in book.traces}
    for path in words(folder):
        assert {ref for passage in passages(path) for ref in passage.refs} <= traced
    columns = {
        (str(title), column.zh): column.name for title, table, _ in facts.ledger.tables for column in table.columns
    }
    for _, sheet, cell, label, shown, *_ in book.traces:
        value = book.by_place[str(sheet), str(cell)]
        assert is_cell("" if shown is None else str(shown), value, columns[str(sheet), str(label)]), (
            sheet,
            cell,
            shown,
        )


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
        left = re.findall(r"[A-Za-z]{2,}", re.sub("GB (50099|24407)", "", text))
        assert not left, f"{path.name}: {left}"


def test_the_same_plan_gives_the_same_bytes(papers: Papers, tmp_path: Path) -> None:
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
