"""Whether coordinates look like another system than the declared one: said with figures, never acted upon.

Schools and villages stand by roads, beside buildings and in their townships; moved as one by some hundred metres they
stand anywhere. So the places as they are under each system are compared with the same places under common shifts of
the same kind: the shifted copies tell, for this network and these points, how near chance comes. Under a wrong system
the score is a draw from that chance; under the right one it is out of the ordinary. The log-likelihood ratio of
“another system is right” against “the declared one is right” is half the difference of the squared deviations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from layout_planner.errors import Severity, Text
from layout_planner.io.crs import in_china, to_crs
from layout_planner.io.tables import Loaded

__all__ = ["OFFSET_SYSTEMS", "Evidence", "Fit", "Verdict", "check_offset", "compare_systems"]

Points = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float64]

OFFSET_SYSTEMS = ("wgs84", "gcj02", "bd09")
"""Systems between which coordinates in degrees are mistaken."""
SYSTEM_LABELS = {
    "wgs84": Text("WGS-84", "WGS-84"),
    "gcj02": Text("GCJ-02（高德、腾讯）", "GCJ-02 (Amap, Tencent)"),
    "bd09": Text("BD-09（百度）", "BD-09 (Baidu)"),
}
_FEWEST = 5
_MOST = 400
_SHIFTS = 96
_SHIFT_M = (300.0, 1400.0)
_BINS_M = np.array([0.0, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 640.0, 1280.0])
_SCALES_M = (10.0, 20.0, 40.0, 80.0, 160.0)
_BORROWED = 8.0
_ANYWHERE = 0.1
_LEAST_DEVIATION = 3.0
_LEAST_LOG_RATIO = 7.0
_ENOUGH = 10
_MOST_DEVIATION = 6.0


@dataclass(frozen=True, eq=False)
class Evidence:
    """What places are held against, in one projected CRS.

    ``roads`` and ``buildings`` are trees of geometries; ``stated`` are the polygons of the townships that the places
    state, aligned with the places (``None`` where a place states none). Each may be missing.
    """

    roads: shapely.STRtree | None = None
    buildings: shapely.STRtree | None = None
    stated: npt.NDArray[np.object_] | None = None


@dataclass(frozen=True)
class Fit:
    """How the places lie under one system.

    ``road_m`` and ``building_m`` are median metres to the nearest one, ``stated_share`` the share of places in the
    township that they state; not-a-number without such evidence. ``deviation`` is how many standard deviations nearer
    than under common shifts the places lie, not below 0.
    """

    road_m: float
    building_m: float
    stated_share: float
    deviation: float


@dataclass(frozen=True)
class Verdict:
    """What the comparison says: the fit under each system, and the system that is likelier than the declared one.

    ``likelier`` is ``None`` where the declared system stands; ``log_ratio`` is the natural logarithm of the likelihood
    ratio of the best other system against the declared one.
    """

    declared: str
    fits: Mapping[str, Fit]
    log_ratio: float
    likelier: str | None


def _shifts() -> Points:
    """Spread common shifts (n, 2) in metres evenly over the directions and over the lengths of the offsets."""
    turn = np.arange(_SHIFTS) * np.pi * (3.0 - np.sqrt(5.0))
    share = (np.arange(_SHIFTS) + 0.5) / _SHIFTS
    length = np.sqrt(_SHIFT_M[0] ** 2 + share * (_SHIFT_M[1] ** 2 - _SHIFT_M[0] ** 2))
    return length[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])


def _metres(tree: shapely.STRtree, xy: Points) -> Floats:
    nearest, metres = tree.query_nearest(shapely.points(xy), return_distance=True, all_matches=False)
    out = np.empty(len(xy))
    out[nearest[0]] = metres
    return out


def _weigh(metres: Floats, systems: int) -> Floats:
    """Weigh distances (m, n) for “these places stand by it” against what shifted places show; high is near, shape (m,).

    Where every shift is as near, as in a town's streets, a place says nothing. How far the places stand from it is
    profiled over a few scales; one place in ten may stand anywhere.
    """
    width = np.diff(_BINS_M)
    bins = np.clip(np.searchsorted(_BINS_M, metres, side="right") - 1, 0, len(width) - 1)
    counts = np.stack([(bins[systems:] == k).sum(axis=0) for k in range(len(width))], axis=1).astype(np.float64)
    usual = (counts.sum(axis=0) + 1.0) / (counts.sum() + len(width))
    chance = (counts + _BORROWED * usual) / (counts.sum(axis=1, keepdims=True) + _BORROWED) / width
    density = chance[np.arange(metres.shape[1]), bins]
    best = np.full(len(metres), -np.inf)
    for scale in _SCALES_M:
        near = np.exp(-metres / scale) / scale
        best = np.maximum(best, np.log((1.0 - _ANYWHERE) * near / density + _ANYWHERE).mean(axis=1))
    return best


def _scores(evidence: Evidence, copies: Points, systems: int) -> tuple[list[Floats], list[Floats]]:
    """Score copies (m, n, 2) of the places by each evidence, high is good, and give the medians and shares to show."""
    count, size, _ = copies.shape
    flat = copies.reshape(-1, 2)
    scores, shown = [], []
    for tree in (evidence.roads, evidence.buildings):
        if tree is None or len(tree) == 0:
            shown.append(np.full(count, np.nan))
            continue
        metres = _metres(tree, flat).reshape(count, size)
        scores.append(_weigh(metres, systems))
        shown.append(np.median(metres, axis=1))
    known = None if evidence.stated is None else np.array([s is not None for s in evidence.stated], dtype=bool)
    if evidence.stated is None or known is None or known.sum() < _FEWEST:
        return scores, [*shown, np.full(count, np.nan)]
    areas = evidence.stated[known]
    shapely.prepare(areas)
    within = np.stack([shapely.contains_xy(areas, c[known, 0], c[known, 1]).mean() for c in copies])
    return [*scores, within], [*shown, within]


def _deviations(scores: list[Floats], systems: int) -> Floats:
    """Tell how far the scores of the systems (first) stand above those of the shifted copies, in standard deviations.

    Several kinds of evidence add as squares, as their log-likelihoods do, so that a weak one does not dilute a strong
    one; below chance counts as chance.
    """
    squares = np.zeros(systems)
    for score in scores:
        chance = score[systems:]
        spread = float(chance.std(ddof=1))
        if spread > 0:
            squares += np.maximum((score[:systems] - chance.mean()) / spread, 0.0) ** 2
    return np.sqrt(squares)


def compare_systems(places: Mapping[str, Points], declared: str, evidence: Evidence) -> Verdict:
    """Compare how places lie under several coordinate systems and tell whether another is likelier than the declared.

    Parameters
    ----------
    places : mapping of str to array of float, shape (n, 2)
        For each system, the places in the projected CRS of the evidence, in metres.
    declared : str
        Which of the systems was declared.
    evidence : Evidence

    Returns
    -------
    Verdict
        Another system is likelier if the places lie more than three standard deviations nearer than chance under it
        and the likelihood ratio passes e⁷ ≈ 1,100, and e times more for each place short of ten, whose scores have
        heavier tails. Without evidence, or with fewer than five places, the declaration stands.
    """
    systems = list(places)
    size = len(places[declared])
    pick = np.unique(np.linspace(0, size - 1, min(size, _MOST)).round().astype(np.int64)) if size else np.zeros(0, int)
    if size < _FEWEST or (evidence.roads is None and evidence.buildings is None and evidence.stated is None):
        nothing = Fit(np.nan, np.nan, np.nan, 0.0)
        return Verdict(declared, dict.fromkeys(systems, nothing), 0.0, None)
    chosen = {system: places[system][pick] for system in systems}
    copies = np.concatenate([np.stack(list(chosen.values())), chosen[declared] + _shifts()[:, None, :]])
    stated = None if evidence.stated is None else evidence.stated[pick]
    scores, shown = _scores(Evidence(evidence.roads, evidence.buildings, stated), copies, len(systems))
    deviation = _deviations(scores, len(systems)) if scores else np.zeros(len(systems))
    road_m, building_m, share = shown
    fits = {
        system: Fit(float(road_m[i]), float(building_m[i]), float(share[i]), float(deviation[i]))
        for i, system in enumerate(systems)
    }
    others = [s for s in systems if s != declared]
    best = max(others, key=lambda s: fits[s].deviation)
    squares = [float(np.clip(fits[s].deviation, 0.0, _MOST_DEVIATION)) ** 2 for s in (best, declared)]
    log_ratio = (squares[0] - squares[1]) / 2.0
    found = fits[best].deviation > _LEAST_DEVIATION and log_ratio > _LEAST_LOG_RATIO + max(0, _ENOUGH - size)
    return Verdict(declared, fits, log_ratio, best if found else None)


def _figures(fit: Fit) -> Text:
    """Spell how places lie under one system."""
    zh, en = [], []
    for metres, word in ((fit.road_m, Text("道路", "road")), (fit.building_m, Text("房屋", "building"))):
        if np.isfinite(metres):
            zh.append(f"中位离{word.zh} {metres:.0f} 米")
            en.append(f"a median {metres:.0f} m from a {word.en}")
    if np.isfinite(fit.stated_share):
        zh.append(f"{fit.stated_share:.0%}在所填乡镇内")
        en.append(f"{fit.stated_share:.0%} in the township stated")
    return Text("、".join(zh), ", ".join(en))


def check_offset(loaded: Loaded, lonlat: Points, declared: str, evidence: Evidence, crs: CRS) -> None:
    """Warn where the rows of a table look like another coordinate system than the declared one.

    GCJ-02 and BD-09 coordinates that are not declared so lie 0.5 and 1.2 km off, and so do those that are converted
    twice. Nothing is corrected: people decide. Outside China, where the systems do not differ, nothing is compared.

    Parameters
    ----------
    lonlat : array of float, shape (n, 2)
        Where the rows lie in WGS-84 if the declaration is right; not-a-number where unknown.
    declared : str
        A projected system counts as WGS-84 that may have been made from GCJ-02 or BD-09.
    evidence : Evidence
        In the working ``crs``; ``stated`` is aligned with ``lonlat``.
    """
    known = np.isfinite(lonlat).all(axis=1)
    if not known.any() or not in_china(*np.median(lonlat[known], axis=0)):
        return
    own = declared if declared in OFFSET_SYSTEMS else "wgs84"
    raw = to_crs(lonlat[known], "wgs84", own)
    stated = None if evidence.stated is None else evidence.stated[known]
    places = {system: to_crs(raw, system, crs) for system in OFFSET_SYSTEMS}
    verdict = compare_systems(places, own, Evidence(evidence.roads, evidence.buildings, stated))
    if verdict.likelier is None:
        return
    best, odds = verdict.likelier, int(np.floor(verdict.log_ratio / np.log(10.0)))
    name, said = SYSTEM_LABELS[best], SYSTEM_LABELS.get(declared, Text(declared, declared))
    here, there = _figures(verdict.fits[own]), _figures(verdict.fits[best])
    what = Text(
        f"坐标看起来像 {name.zh}：按 {name.zh}，{there.zh}；按声明的 {said.zh}，{here.zh}"
        f"（{int(known.sum())} 个点，似然比约 10 的 {odds} 次方）",
        f"the coordinates look like {name.en}: as {name.en}, they lie {there.en}; as declared, {said.en}, {here.en} "
        f"({int(known.sum())} points, likelihood ratio about 10^{odds})",
    )
    mend = Text(
        f"没有改动坐标。向数据来源核实；确为 {name.zh} 时，在 data.crs 中写 {loaded.table.name}: {best}",
        f"nothing was converted: ask whoever made the table; if it is {name.en}, write {loaded.table.name}: {best} in "
        "data.crs",
    )
    loaded.report("coordinates_offset", what, mend, column="lon", severity=Severity.WARNING)
