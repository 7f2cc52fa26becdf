"""What a notebook keeps of its execution: words, tables and pictures, and nothing that another run would change."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, from_dict
from PIL import Image

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
COLOURS = 256
WIDEST_PX = 1400
PLAIN, HTML, PNG = "text/plain", "text/html", "image/png"
_LIVE = re.compile(r"<(?:iframe|script|link|object|embed)\b", re.IGNORECASE)
_STYLE = re.compile(r"<style scoped>.*?</style>\s*", re.DOTALL)
_NUMBER = re.compile(r"\d+\.\d+|\d+")
_CLOCK = re.compile(
    r"<tr><th>(?:seconds|用时（秒）)</th><td>[^<]*</td></tr>|, \d+\.\d s(?=>)|；用时 \d+ 秒|; \d+ s(?=\))"
)
_ADDRESS = re.compile(r" at 0x[0-9a-f]{6,}")


def settle(executed: NotebookNode) -> NotebookNode:
    """Copy an executed notebook as it is kept: no clocks, no versions, pages that need a script left to who runs it."""
    book = deepcopy(executed)
    book.metadata = from_dict(METADATA)
    for cell in _code(book):
        cell.metadata.pop("execution", None)
        cell.outputs = [_output(each) for each in _joined(cell.outputs)]
    return book


def keep_absent(fresh: NotebookNode, kept: NotebookNode, data: Path) -> NotebookNode:
    """Give cells that tell of data which are not here (``needs`` in their metadata) the outputs that were kept."""
    for new, old in zip(_code(fresh), _code(kept), strict=True):
        if "needs" in new.metadata and not (data / new.metadata["needs"]).is_dir():
            new.outputs = deepcopy(old.outputs)
    return fresh


def noise(book: NotebookNode, places: tuple[str, ...] = ()) -> list[str]:
    """List what nobody should read in a notebook: warnings, addresses of objects, folders of a machine."""
    found = []
    for number, cell in enumerate(_code(book), 1):
        for output in cell.outputs:
            said = _words(output)
            if output.output_type == "error" or output.get("name") == "stderr":
                found.append(f"[{number}] {output.output_type}: {said[:300]}")
            found += [f"[{number}] {sign}" for sign in _ADDRESS.findall(said)]
            found += [f"[{number}] names the folder {place}" for place in places if place in said]
            if _LIVE.search(said):
                found.append(f"[{number}] needs a script, a frame or another file")
    return found


def stale(kept: NotebookNode, fresh: NotebookNode) -> list[str]:
    """List the cells whose kept words differ from fresh ones; of pictures only whether there is one is compared.

    What a search of limited time finds may differ between machines: of cells that say so (``search`` in their
    metadata) only the number of outputs is compared, and what they conclude is asserted in the notebook.
    """
    found: list[str] = []
    if not has_outputs(kept):
        return found
    for number, (old, new) in enumerate(zip(_code(kept), _code(fresh), strict=True), 1):
        was, now = ([_told(output) for output in cell.outputs] for cell in (old, new))
        if len(was) != len(now):
            found.append(f"[{number}] keeps {len(was)} outputs, and now has {len(now)}")
        if "search" not in new.metadata:
            found += [
                f"[{number}] kept: {a}\n[{number}]  now: {b}" for a, b in zip(was, now, strict=False) if differ(a, b)
            ]
    return found


def has_outputs(book: NotebookNode) -> bool:
    """Tell whether a notebook keeps anything: one that was never kept cannot be stale."""
    return any(cell.outputs for cell in _code(book))


def differ(kept: str, fresh: str) -> bool:
    """Tell whether two texts differ, by more than the last of three or more decimals.

    >>> differ("12.345 minutes", "12.346 minutes"), differ("12.3 minutes", "12.4 minutes"), differ("3 schools", "4")
    (False, True, True)
    """
    if _NUMBER.sub("0", kept) != _NUMBER.sub("0", fresh):
        return True
    return any(
        a != b and (len(a.partition(".")[2]) < 3 or abs(float(a) - float(b)) > 1.01 * 10.0 ** -len(a.partition(".")[2]))
        for a, b in zip(_NUMBER.findall(kept), _NUMBER.findall(fresh), strict=True)
    )


def _code(book: NotebookNode) -> Iterator[NotebookNode]:
    return (cell for cell in book.cells if cell.cell_type == "code")


def _joined(outputs: list[NotebookNode]) -> Iterator[NotebookNode]:
    """Join what was printed in pieces: how a kernel cuts it is chance."""
    last: Any = None
    for output in outputs:
        if last is not None and output.output_type == "stream" and output.get("name") == last.get("name"):
            last.text += output.text
            continue
        if last is not None:
            yield last
        last = output
    if last is not None:
        yield last


def _output(output: NotebookNode) -> NotebookNode:
    """Keep the richest form that a page without scripts can show."""
    if output.output_type == "stream":
        output.text = _CLOCK.sub("", output.text)
    if "data" not in output:
        return output
    data = output.data
    if HTML in data and _LIVE.search(data[HTML]):
        del data[HTML]
    for kind in {PLAIN, HTML} & set(data):
        data[kind] = _STYLE.sub("", _CLOCK.sub("", data[kind]))
    if PNG in data:
        data[PNG] = _small(data[PNG])
    if len(data) > 1:
        data.pop(PLAIN, None)
    output.metadata = from_dict({kind: facts for kind, facts in output.metadata.items() if kind in data})
    return output


def _small(picture: str) -> str:
    """Make a PNG of few colours, no wider than a page shows."""
    image = Image.open(io.BytesIO(base64.b64decode(picture)))
    if image.mode == "P" and image.width <= WIDEST_PX:
        return picture.strip()
    image = image.convert("RGB")
    if image.width > WIDEST_PX:
        image = image.resize((WIDEST_PX, round(image.height * WIDEST_PX / image.width)), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(out, format="PNG", optimize=True)
    return base64.b64encode(out.getvalue()).decode("ascii")


def _words(output: NotebookNode) -> str:
    if output.output_type == "stream":
        return str(output.text)
    if output.output_type == "error":
        return f"{output.ename}: {output.evalue}"
    return "\n".join(str(text) for kind, text in sorted(output.data.items()) if kind.startswith("text/"))


def _told(output: NotebookNode) -> str:
    pictures = [kind for kind in output.get("data", {}) if kind.startswith("image/")]
    return "\n".join([_words(output), *pictures])
