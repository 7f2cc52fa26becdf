"""Notebooks keep what a code-hosting site can show without a network, and stale outputs are found."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from PIL import Image

from tests.kept import HTML, METADATA, PLAIN, PNG, has_outputs, keep_absent, noise, settle, stale

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.ipynb"))
MOST_BYTES = 1_500_000


def stream(text, name="stdout"):
    return new_output("stream", name=name, text=text)


def shown(**data):
    return new_output("display_data", data={kind.replace("_", "/"): text for kind, text in data.items()})


def book(*outputs, **metadata):
    return new_notebook(cells=[new_code_cell("1 + 1", outputs=list(outputs), metadata=metadata)])


def png(width=30):
    out = io.BytesIO()
    Image.linear_gradient("L").resize((width, 20)).convert("RGBA").save(out, format="PNG", dpi=(100, 100))
    return base64.b64encode(out.getvalue()).decode()


def only(settled):
    (output,) = settled.cells[0].outputs
    return output


def test_what_is_kept_of_a_run_has_no_clock_and_no_version():
    ran = book(stream("2"), execution={"iopub.status.busy": "2027-01-01"})
    ran.metadata["language_info"] = {"name": "python", "version": "3.11.7"}
    kept = settle(ran)
    assert kept.metadata == METADATA
    assert kept.cells[0].metadata == {}
    repr_line = settle(book(stream("<LocationResult optimal: 3 open, gap 0.1%, 2.4 s>")))
    assert only(repr_line).text == "<LocationResult optimal: 3 open, gap 0.1%>"
    for head in ("seconds", "用时（秒）"):
        row = f"<table><tr><th>{head}</th><td>0.3</td></tr></table>"
        assert only(settle(book(shown(text_html=row, text_plain="0")))).data == {HTML: "<table></table>"}


def test_prints_that_arrive_in_pieces_are_joined():
    assert only(settle(book(stream("a\n"), stream("b\n")))).text == "a\nb\n"


def test_a_page_with_a_script_gives_way_to_its_words_and_a_table_needs_no_words_beside_it():
    assert only(settle(book(shown(text_html="<iframe></iframe>", text_plain="a map")))).data == {PLAIN: "a map"}
    table = "<div>\n<style scoped>\n td {}\n</style>\n<table></table></div>"
    assert only(settle(book(shown(text_html=table, text_plain="0")))).data == {HTML: "<div>\n<table></table></div>"}


def test_a_picture_is_kept_in_few_colours_and_no_wider_than_a_page():
    data = only(settle(book(shown(image_png=png(3000), text_plain="<Figure>")))).data
    assert list(data) == [PNG]
    image = Image.open(io.BytesIO(base64.b64decode(data[PNG])))
    assert (image.mode, image.size) == ("P", (1400, 9))


def test_settling_twice_changes_nothing_and_leaves_the_run_as_it_was():
    ran = book(stream("a"), stream("b"), shown(image_png=png(), text_plain="<Figure>"))
    once = settle(ran)
    assert settle(once) == once
    assert len(ran.cells[0].outputs) == 3


@pytest.mark.parametrize(
    "output",
    [
        stream("UserWarning: odd", "stderr"),
        stream("<Thing at 0x7f21aa00>"),
        stream("read /home/me/county"),
        shown(text_html="<script></script>"),
    ],
)
def test_noise_is_named_with_its_cell(output):
    (found,) = noise(book(output), ("/home/me/",))
    assert found.startswith("[1] ")
    assert noise(book(stream("3 schools")), ("/home/me/",)) == []


def test_a_cell_whose_words_or_numbers_changed_is_stale_and_a_last_decimal_or_a_pixel_is_not():
    assert stale(book(stream("3 schools")), book(stream("4 schools")))
    assert stale(book(stream("3 schools")), book(stream("3 pupils")))
    assert stale(book(stream("2"), stream("3", "stderr")), book(stream("2")))
    assert stale(book(shown(text_html="<td>1.5</td>")), book(shown(text_html="<td>1.6</td>")))
    assert stale(book(shown(image_png=png())), book(stream("no picture")))
    assert not stale(book(stream("0.12345 min")), book(stream("0.12346 min")))
    assert not stale(book(shown(image_png=png())), book(shown(image_png=png(40))))


def test_a_notebook_that_keeps_nothing_is_not_stale():
    assert not stale(book(), book(stream("3")))


def test_of_a_search_only_the_number_of_outputs_is_compared():
    assert not stale(book(stream("gap 0.9"), search=True), book(stream("gap 0.8"), search=True))
    assert stale(book(stream("gap 0.9"), search=True), book(search=True))


def test_cells_about_data_that_are_not_here_keep_what_they_had(tmp_path):
    kept, fresh = (book(stream(text), needs="city") for text in ("3 schools", "not here"))
    assert keep_absent(fresh, kept, tmp_path).cells[0].outputs == kept.cells[0].outputs
    (tmp_path / "city").mkdir()
    again = book(stream("4 schools"), needs="city")
    assert keep_absent(again, kept, tmp_path).cells[0].outputs[0].text == "4 schools"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_shipped_notebook_is_kept_as_settled_without_noise_and_with_a_picture(path):
    text = path.read_text(encoding="utf-8")
    kept = nbformat.reads(text, as_version=4)
    assert settle(kept) == kept
    assert noise(kept) == []
    if has_outputs(kept):
        assert text == nbformat.writes(kept) + "\n"
        assert f'"{PNG}"' in text


def test_the_shipped_notebooks_are_small_together():
    assert sum(path.stat().st_size for path in NOTEBOOKS) < MOST_BYTES
