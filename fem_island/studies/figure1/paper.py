"""What the paper's Figure 1 c says, and what is assumed to compare with it.

The paper is Sandoval et al. (Joule 2023). Its cells plate 1 mAh/cm^2 at 0.25 mA/cm^2 in four hours,
which fills the film first, and strip it again. Time counts from the beginning of plating.
"""

from __future__ import annotations

from dataclasses import dataclass

PLATED = 36e3
"""1 mAh/cm^2, with what the film holds [C/m^2]."""

CURRENT_DENSITY = 2.5
"""0.25 mA/cm^2 [A/m^2]."""

STRIPPING_STARTS = 4 * 3600.0
"""After plating [s]."""

PELLET = 0.75e-3
"""Thickness of the pellet [m]."""

FLAT = (8e-3, 15e-3)
"""Voltage before it rises [V]."""

EXCHANGE_CURRENT_DENSITIES = (5.0, 50.0, 300.0)
"""0.5 mA/cm^2, which Figure 6 implies, 5 and 30, near what impedance implies [A/m^2]."""

WIDTH = 400e-6
"""From the thinnest to the thickest place of the lithium [m]: an assumption."""


@dataclass(frozen=True)
class Collector:
    """One of the paper's current collectors.

    Attributes:
        film: Metal on the copper; None for bare copper.
        efficiency: Stripped over plated charge.
        slopes_from: When the voltage begins to slope in the figure [s]; None where it has steps.
        plateaus: Voltages at which the film gives its lithium in the figure [V].
        profile: Thickness of the lithium over its mean at shares of the width: an assumption.
    """

    film: str | None
    efficiency: float
    slopes_from: float | None
    plateaus: tuple[float, ...]
    profile: tuple[tuple[float, float], ...]

    @property
    def name(self) -> str:
        """As the paper calls it."""
        return self.film or "Cu"


_EVEN = ((0.0, 0.97), (1.0, 1.03))

COLLECTORS = (
    Collector(None, 0.9694, None, (), ((0.0, 0.6), (0.4, 1.1), (1.0, 1.1))),
    Collector("Ag", 0.9978, 7.8 * 3600, (), _EVEN),
    Collector("Au", 0.9998, None, (0.07, 0.16), _EVEN),
)
"""On copper the lithium is uneven, on films it is even within 3 %."""
