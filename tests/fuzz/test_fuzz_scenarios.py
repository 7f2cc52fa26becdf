"""Whatever is typed into a scenario, it either means what it says or is a flaw that names its line."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hypothesis import given, note
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from layout_planner.config.loader import salvage_scenario, scenario_to_yaml
from layout_planner.config.scenario import Scenario
from layout_planner.errors import Flaw

from .conftest import Place, fuzzed
from .damage import noise

TEXT = """\
name: 三校合并方案
title_en: Three mergers
note: "比较：三所"
data:
  folder: .
  crs: {schools: gcj02, villages: bd09, population: EPSG:4326}
demand:
  source: raster
  calibrate_to: townships
  enrolment_rate: 0.98
travel:
  walk_limit_min: {G1-3: 30, G4-6: 40, G7-9: 60}
  ride_limit_min: {G4-6: 40, G7-9: 50}
  ride_speed_kmh: {track: 15}
  slope: false
  cutoff_min: 90
  seasons:
    - name: 汛期
      months: [6, 7, 8]
      close_ways: ["东桥"]
      slow: {unpaved: 0.5}
classes:
  primary: 45
assign:
  method: capacitated
  closest_first: true
decisions:
  close: ["0990101003", "0990101004"]
  convert_to_teaching_point: ["0990101005"]
  board: {"0990101001": 120}
rules: [cn.gbf2018-27]
publish: {min_pupils: 3, date: "2025年9月"}
outputs: [map, tables]
seed: 7
"""
_TOKENS = (
    "~",
    "null",
    "NO",
    "yes",
    "011052",
    "7:30",
    "0o17",
    "0x1F",
    "1_000",
    "1e400",
    "-1",
    "1.5",
    ".nan",
    ".inf",
    "9" * 5000,
    "2025-09-01",
    "2025-09-01 10:00:00",
    "!!binary aGk=",
    "!!set {a, b}",
    "!!python/object:os.system x",
    "!!int 3",
    "!!float x",
    "&a 1",
    "*a",
    "&a [*a]",
    "&b {k: *b}",
    "<<: *a",
    "? [1, 2]",
    "{a: 1, a: 2}",
    "[]",
    "{}",
    '""',
    "''",
    '"',
    "'",
    "|\n  块",
    ">-\n  块",
    "[[[[[[",
    "]]]]",
    "{" * 60,
    "[" * 3000,
    "- " * 400,
    "：",
    "，",
    "、",
    "“引号”",
    "\t",
    "\u3000",
    "\u00a0",
    "\u2028",
    "\x07",
    "\x00",
    "\ufeff",
    "\ud83d\ude00",
    "---\n",
    "...\n",
    "%YAML 1.1\n---\n",
    "# 注",
    " #",
    ": ",
    "- ",
    "@x",
    "`x`",
    "12345678901234567890",
    "based_on: 情景.yaml\n",
    "based_on: other.yaml\n",
    "based_on: [1]\n",
    "seed: 1\n",
    "1: 2\n",
    "true: 1\n",
    "null: 1\n",
    "[1]: 2\n",
    "2025-01-01: 2\n",
    "decisions: 5\n",
    "rules: 5\n",
    "data: []\n",
    "\r",
    "\r\n",
    "\udcff",
    "三十",
    "３０",
    "30分钟",
    "30 分钟",
)


@st.composite
def mistyped(draw: st.DrawFn) -> str:
    """Change the good scenario in one to four places: a character, a token, a value, a line."""
    text = TEXT
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        kind = draw(st.sampled_from(["drop", "insert", "token", "value", "line", "double", "indent", "cut"]))
        lines = text.split("\n")
        row = draw(st.integers(0, len(lines) - 1))
        if kind == "drop":
            text = text[:at] + text[at + draw(st.integers(1, 5)) :]
        elif kind == "insert":
            text = text[:at] + draw(st.text(max_size=3)) + text[at:]
        elif kind == "token":
            text = text[:at] + draw(st.sampled_from(_TOKENS)) + text[at:]
        elif kind == "value" and ": " in lines[row]:
            lines[row] = f"{lines[row].split(': ', 1)[0]}: {draw(st.sampled_from(_TOKENS))}"
            text = "\n".join(lines)
        elif kind == "line":
            del lines[row]
            text = "\n".join(lines)
        elif kind == "double":
            text = "\n".join([*lines[: row + 1], *lines[row:]])
        elif kind == "indent":
            lines[row] = draw(st.sampled_from([" ", "  ", "\t", "\u3000"])) + lines[row]
            text = "\n".join(lines)
        else:
            text = text[:at]
    return text


def leaves(tree: object, key: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    """Walk the values that a tree states, with their key paths; lists count as one value."""
    if isinstance(tree, Mapping):
        for name, value in tree.items():
            yield from leaves(value, (*key, str(name)))
    else:
        yield key, tree


def stated(text: str) -> object:
    """Read the text with another YAML 1.2 loader than the program's."""
    try:
        return YAML(typ="safe", pure=True).load(text)
    except (YAMLError, ValueError, RecursionError, TypeError, AttributeError, KeyError):
        return None


def means(value: object, written: object) -> bool:
    """Whether a value of the scenario is what the file says."""
    if isinstance(value, bool):
        words = ("true", "yes", "on", "y", "t", "1", "1.0") if value else ("false", "no", "off", "n", "f", "0", "0.0")
        return str(written).lower() in words
    if isinstance(value, dict) and not isinstance(written, Mapping):
        return all(means(part, written) for part in value.values())  # one number for every band
    if isinstance(value, (int, float)):
        return math.isclose(float(value), float(str(written)), rel_tol=1e-12)
    if isinstance(value, list) and isinstance(written, (list, tuple)):
        return len(value) == len(written) and all(means(v, w) for v, w in zip(value, written, strict=True))
    if isinstance(value, dict) and isinstance(written, dict):
        return all(means(value.get(str(k)), w) for k, w in written.items())
    return str(value) == str(written)


def differing(scenario: Scenario, text: str) -> list[tuple[tuple[str, ...], object, object]]:
    """List the keys whose value in the scenario is not the stated one; paths and empty values aside."""
    dumped: Any = scenario.model_dump(mode="json")
    wrong = []
    for key, written in leaves(stated(text)):
        if (key[:1] == ("data",) and key[1:2] != ("crs",)) or written is None:
            continue
        node = dumped
        for part in key:
            node = node.get(part) if isinstance(node, dict) else None
        if key[:2] == ("data", "crs"):
            written = str(written).lower().replace("-", "").replace("_", "").strip()
            node = str(node).lower()
        if not means(node, written):
            wrong.append((key, node, written))
    return wrong


def check(path: Path, text: str) -> list[Flaw]:
    """Read a scenario; without a flaw it must mean what it says, and a syntax flaw must name a line."""
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    (path.parent / "other.yaml").write_text("name: 另\nbased_on: 情景.yaml\ndata: {folder: .}\n", encoding="utf-8")
    scenario, flaws = salvage_scenario(path)
    for flaw in flaws:
        note(flaw.render("en"))
        assert flaw.render("zh")
        assert flaw.render("en")
        assert flaw.row is not None or flaw.key or flaw.code in ("scenario_unreadable", "based_on_circle"), flaw
    if not flaws:
        assert scenario is not None
        assert differing(scenario, text) == []
        scenario_to_yaml(scenario)
    return flaws


def test_the_good_scenario_means_what_it_says(place: Place) -> None:
    assert check(place("情景.yaml"), TEXT) == []


@fuzzed(100)
@given(text=mistyped())
def test_a_mistyped_scenario_is_refused_or_means_what_it_says(place: Place, text: str) -> None:
    check(place("情景.yaml"), text)


_scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["G1-3", "map", "gcj02", "raster", "0990101003", "EPSG:4490", "EPSG:99999999", "../x", "a\x00b"])
)
_trees = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=8,
)


def _known_keys(model: Any = Scenario, key: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, info in model.model_fields.items():
        yield (*key, name)
        if hasattr(info.annotation, "model_fields"):
            yield from _known_keys(info.annotation, (*key, name))


@fuzzed(70)
@given(changes=st.lists(st.tuples(st.sampled_from(sorted(_known_keys())), _trees), min_size=1, max_size=3))
def test_any_value_under_any_key_is_refused_or_kept(
    place: Place, changes: list[tuple[tuple[str, ...], object]]
) -> None:
    yaml = YAML(typ="safe", pure=True)
    tree = yaml.load(TEXT)
    for key, value in changes:
        node = tree
        for part in key[:-1]:
            if not isinstance(node.get(part), dict):
                node[part] = {}
            node = node[part]
        node[key[-1]] = value
    path = place("情景.yaml")
    with path.open("w", encoding="utf-8", errors="surrogatepass") as file:
        yaml.dump(tree, file)
    check(path, path.read_text(encoding="utf-8", errors="surrogatepass"))


@fuzzed(60)
@given(
    key=st.sampled_from(sorted(".".join(k) for k in _known_keys())) | st.text(max_size=12),
    value=st.sampled_from(_TOKENS) | st.text(max_size=8),
    form=st.sampled_from(["{}={}", "{}{}", "{}.x={}", "={}{}", "{}.={}"]),
)
def test_any_override_is_refused_or_kept(place: Place, key: str, value: str, form: str) -> None:
    path = place("情景.yaml")
    path.write_text(TEXT, encoding="utf-8")
    scenario, flaws = salvage_scenario(path, [form.format(key, value)])
    assert all(flaw.render("zh") for flaw in flaws)
    assert flaws or scenario is not None


@fuzzed(30)
@given(content=noise)
def test_bytes_that_are_no_scenario_are_a_flaw(place: Place, content: bytes) -> None:
    path = place("情景.yaml")
    path.write_bytes(content)
    scenario, flaws = salvage_scenario(path)
    assert flaws or scenario is not None
