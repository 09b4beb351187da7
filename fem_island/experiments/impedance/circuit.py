"""The circuit of the paper's Figure 4b with fitted numbers: R1 + (R2 // CPE) + W.

Z = R1 + R2 / (1 + R2 Q (j omega)^n) + sigma_W (1 - j) / sqrt(omega)

R1, R2    resistances [Ohm m^2]                 Q, n   constant phase element
sigma_W   Warburg coefficient [Ohm m^2 s^-0.5]         [F s^(n-1)/m^2], [1]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fem_island.machine.arrays import Array
from fem_island.surface.admittance import ComplexArray

PARAMETERS = (
    "series_resistance",
    "arc_resistance",
    "arc_capacitance",
    "arc_exponent",
    "warburg_coefficient",
)
"""R1, R2, Q, n, sigma_W: names of ``CircuitFit`` in this order."""

_MISLEADING = 0.1
"""Share of the bulk's resistance by which R1 is another thing."""


@dataclass(frozen=True)
class Estimate:
    """A fitted number.

    Attributes:
        value: The best fit.
        interval_68: Central 68 % interval, or None where the data do not say.
        interval_95: Central 95 % interval.
    """

    value: float
    interval_68: tuple[float, float] | None
    interval_95: tuple[float, float] | None

    def record(self) -> dict[str, object]:
        """As a table for JSON."""
        return {
            "value": self.value,
            "interval_68": None if self.interval_68 is None else list(self.interval_68),
            "interval_95": None if self.interval_95 is None else list(self.interval_95),
        }


@dataclass(frozen=True)
class CircuitFit:
    """R1 + (R2 // CPE) + W fitted to a spectrum.

    Intervals are for noise in proportion to the magnitude, of the size that the residuals show.
    Where residuals are systematic, the circuit is not that of the cell, and intervals mean little.

    Attributes:
        series_resistance: R1 [Ohm m^2].
        arc_resistance: R2 [Ohm m^2].
        arc_capacitance: Q [F s^(n-1)/m^2].
        arc_exponent: n.
        warburg_coefficient: sigma_W [Ohm m^2 s^-0.5].
        misfit: Root mean square of the residuals relative to the magnitude.
        systematic: Whether neighbouring residuals are alike, which noise is not.
        bulk_resistance: What R1 would be if it were the electrolyte and what is in series with it
            [Ohm m^2], where that is known; else None.
    """

    series_resistance: Estimate
    arc_resistance: Estimate
    arc_capacitance: Estimate
    arc_exponent: Estimate
    warburg_coefficient: Estimate
    misfit: float
    systematic: bool
    bulk_resistance: float | None = None

    @property
    def hint(self) -> str | None:
        """What to keep in mind of this fit, on one line; None for a good one."""
        said = []
        first, bulk = self.series_resistance.value, self.bulk_resistance
        if bulk is not None and abs(first - bulk) > _MISLEADING * bulk:
            said.append(
                f"R1 is {1e4 * first:.3g} Ohm cm^2, but electrolyte and leads have "
                f"{1e4 * bulk:.3g}: R1 is not the bulk here"
            )
        if self.systematic:
            said.append(
                f"the residuals ({100 * self.misfit:.2g} % of |Z|) are systematic: this circuit is "
                "not that of the cell, and its numbers can be those of no part of it"
            )
        return "; ".join(said) or None

    def impedance(self, frequencies: Array) -> ComplexArray:
        """Z of the fitted circuit [Ohm m^2] at frequencies [Hz]."""
        omega = 2 * np.pi * frequencies
        layer = self.arc_capacitance.value * (1j * omega) ** self.arc_exponent.value
        found = self.series_resistance.value + self.arc_resistance.value / (
            1 + self.arc_resistance.value * layer
        )
        return np.asarray(found + self.warburg_coefficient.value * (1 - 1j) / np.sqrt(omega))

    def record(self) -> dict[str, object]:
        """As a table for JSON."""
        numbers: dict[str, object] = {name: getattr(self, name).record() for name in PARAMETERS}
        return {**numbers, "misfit": self.misfit, "hint": self.hint}
