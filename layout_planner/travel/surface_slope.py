"""How slope changes a speed: Tobler's function on foot, a balance of power on a bicycle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["TOBLER_BEST_SLOPE", "TOBLER_DECAY", "TOBLER_FLAT_KMH", "Cyclist", "SlopeCurve", "tobler_factor"]

Floats = npt.NDArray[np.float64]

SlopeCurve = Callable[[float, Floats], Floats]
"""Takes a speed on the flat (km/h) and slopes (rise over run, positive upwards), gives the speeds on them (km/h)."""

TOBLER_DECAY = 3.5
TOBLER_BEST_SLOPE = -0.05
TOBLER_FLAT_KMH = 6.0 * float(np.exp(TOBLER_DECAY * TOBLER_BEST_SLOPE))

_GRAVITY = 9.81
_KMH = 3.6
_TOP_MS = 120.0
_HALVINGS = 60


def tobler_factor(slope: npt.ArrayLike) -> Floats:
    """Give the walking speed on a slope as a share of that on the flat.

    Tobler's 6 exp(-3.5 |slope + 0.05|) km/h divided by its value at slope 0 (5.037 km/h).

    Source: W. Tobler, Three presentations on geographical analysis and modeling, NCGIA 93-1, 1993.

    >>> round(float(tobler_factor(0.0)), 6), round(float(tobler_factor(-0.05)) * TOBLER_FLAT_KMH, 6)
    (1.0, 6.0)
    """
    away = np.abs(np.asarray(slope, dtype=np.float64) - TOBLER_BEST_SLOPE)
    return np.asarray(np.exp(TOBLER_DECAY * (abs(TOBLER_BEST_SLOPE) - away)))


@dataclass(frozen=True)
class Cyclist:
    """A rider whose power stays what the speed on the flat takes; a :data:`SlopeCurve`.

    Power goes into air, rolling, and height: P = loss V (drag area air/2 V² + m g (roll cos b + sin b) + bearing V).
    Uphill, whoever would ride slower than they push the bicycle gets off; downhill, brakes hold the cap.

    Attributes
    ----------
    mass_kg : float
        Rider, load and bicycle.
    drag_area_m2, air_kg_m3 : float
        Drag coefficient times frontal area, and density of air at 20 degrees.
    rolling, bearing, loss : float
        Rolling resistance, resistance that grows with speed (N s/m), and losses of the drive.
    cap_kmh : float
        Speed that is never exceeded (unless the speed on the flat is higher); 25 km/h is the design limit of
        electric bicycles in GB 17761.
    push_kmh : float
        Speed of pushing on the flat; on slopes it follows Tobler.

    Source: the model of W. Zorn, kreuzotter.de/english/espeed.htm, with the masses and coefficients that AccessMod
    uses (80 + 12 kg, 0.4 m², 0.008, 0.2, 1.09).
    """

    mass_kg: float = 92.0
    drag_area_m2: float = 0.4
    air_kg_m3: float = 1.204
    rolling: float = 0.008
    bearing: float = 0.2
    loss: float = 1.09
    cap_kmh: float = 25.0
    push_kmh: float = 3.0

    def watts(self, speed_kmh: float) -> float:
        """Give the power (W) that holds a speed on the flat."""
        v = speed_kmh / _KMH
        force = (
            self.drag_area_m2 * self.air_kg_m3 / 2 * v * v + self.mass_kg * _GRAVITY * self.rolling + self.bearing * v
        )
        return self.loss * v * force

    def __call__(self, flat_kmh: float, slope: Floats) -> Floats:
        """Give the speed (km/h) on each slope of a rider who makes ``flat_kmh`` on the flat."""
        angle = np.arctan(np.asarray(slope, dtype=np.float64))
        drag = self.drag_area_m2 * self.air_kg_m3 / 2
        hold = self.mass_kg * _GRAVITY * (self.rolling * np.cos(angle) + np.sin(angle))
        bearing = self.bearing * np.cos(angle)
        effort = self.watts(flat_kmh) / self.loss
        low, high = np.zeros_like(angle), np.full_like(angle, _TOP_MS)
        for _ in range(_HALVINGS):  # one positive root: the power taken, less the power given, changes sign once
            middle = (low + high) / 2
            short = middle * (middle * (drag * middle + bearing) + hold) < effort
            low, high = np.where(short, middle, low), np.where(short, high, middle)
        ridden = np.minimum(low * _KMH, max(self.cap_kmh, flat_kmh))
        return np.maximum(ridden, min(self.push_kmh, flat_kmh) * tobler_factor(slope))
