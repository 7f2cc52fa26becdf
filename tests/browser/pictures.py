"""What a screenshot shows, counted."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image


def pixels(page, selector: str = "#stage") -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(page.locator(selector).screenshot())).convert("RGB"))


def count(picture: np.ndarray, color: str) -> int:
    return int((picture == [int(color[i : i + 2], 16) for i in (1, 3, 5)]).all(axis=2).sum())
