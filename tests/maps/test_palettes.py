from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest

from layout_planner.maps.palettes import (
    CHANGE,
    CLASSES,
    DECISIONS,
    LOAD,
    MINUTES,
    OVER,
    RATIO,
    TOKENS,
    Scale,
    contrast,
    lightness,
)

DEUTERANOPIA = np.array(
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
)
PROTANOPIA = np.array(
    [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
)


def rgb(color: str) -> np.ndarray:
    return np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255


@pytest.mark.parametrize("scale", [MINUTES, OVER, LOAD, CLASSES])
def test_a_sequential_scale_darkens_step_by_step_so_that_a_grey_print_keeps_its_order(scale: Scale):
    steps = -np.diff([lightness(color) for color in scale.colors])
    assert steps.min() > 7


def test_a_diverging_scale_darkens_from_the_middle_to_both_ends():
    light = np.array([lightness(color) for color in CHANGE.colors])
    assert (np.diff(light[:4]) > 3).all()
    assert (np.diff(light[3:]) < -3).all()


@pytest.mark.parametrize("eye", [DEUTERANOPIA, PROTANOPIA], ids=["deuteranopia", "protanopia"])
@pytest.mark.parametrize("scale", [MINUTES, OVER, LOAD, CLASSES, CHANGE, RATIO])
def test_neighbouring_classes_differ_for_a_colour_blind_reader(scale: Scale, eye: np.ndarray):
    seen = [eye @ rgb(color) for color in scale.colors]
    assert min(np.linalg.norm(a - b) for a, b in pairwise(seen)) > 0.1


@pytest.mark.parametrize("eye", [DEUTERANOPIA, PROTANOPIA, np.eye(3)], ids=["deuteranopia", "protanopia", "all"])
def test_any_two_decisions_differ_and_are_seen_on_the_land(eye: np.ndarray):
    colors = [color for name, color in DECISIONS.items() if name != "inactive"]
    assert min(np.linalg.norm(eye @ (rgb(a) - rgb(b))) for a, b in combinations(colors, 2)) > 0.2
    assert min(contrast(color, TOKENS["land"]) for color in colors) >= 3


@pytest.mark.parametrize("text", ["ink", "muted", "accent", "warn"])
@pytest.mark.parametrize("ground", ["paper", "wash", "accent-soft"])
def test_text_is_readable_on_every_ground(text: str, ground: str):
    assert contrast(TOKENS[text], TOKENS[ground]) >= 4.5


def test_a_value_on_a_break_belongs_where_the_label_says():
    assert MINUTES.classify([30.0, 30.1]).tolist() == [2, 3]
    assert CLASSES.classify([35, 36, 45, 46, 55, 56, 65, 66]).tolist() == [0, 1, 1, 2, 2, 3, 3, 4]
    assert LOAD.classify([1.0, 1.001, float("nan")]).tolist() == [2, 3, -1]


def test_a_scale_with_a_label_too_few_is_refused():
    with pytest.raises(ValueError, match="one colour and one label"):
        Scale("x", "", (1,), ("#000000", "#ffffff"), ("a",), ("a", "b"))
