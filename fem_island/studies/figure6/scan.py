"""Island size at onset against the exchange current density, which the paper does not state.

For each film and exchange current density a few islands are computed, a little narrower and wider
than the closed form says, and the size at onset is read off between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from fem_island.machine.arrays import Array
from fem_island.studies import onset
from fem_island.studies.figure6 import paper

BESIDE = (-0.02, -0.01, 0.01, 0.02)
"""How much narrower and wider the islands are."""


@dataclass(frozen=True)
class Trial:
    """A film and an exchange current density for which the size at onset is computed.

    Attributes:
        film: Symbol.
        exchange_current_density: i0 [A/m^2].
        closed_form: w* [m] where the electrolyte's resistance does not matter.
    """

    film: str
    exchange_current_density: float
    closed_form: float

    @property
    def island_widths(self) -> Array:
        """The islands, from the narrowest [m], shape (4,)."""
        return self.closed_form * (1 + np.array(BESIDE))


def exchange_current_densities() -> Array:
    """0.1 to 100 mA/cm^2, with the paper's implied value and that of impedance [A/m^2]."""
    measured = paper.exchange_current_density_of_impedance()
    marked = np.array([paper.IMPLIED_EXCHANGE_CURRENT_DENSITY, measured])
    even = np.outer([1.0, 10.0, 100.0], [1.0, 2.0, 5.0]).ravel()
    even = np.append(even, 1000.0)
    # Beside the marked values, another would lie on top of them in the figure.
    apart = np.abs(np.log(even[:, np.newaxis] / marked)).min(axis=1) > np.log(1.5)
    return np.sort(np.concatenate([even[apart], marked]))


def trials() -> tuple[Trial, ...]:
    """All that fit into the cell: an island cannot be wider."""
    found = []
    for film in paper.FILMS:
        potential = paper.delithiation_potential(film)
        for i0 in exchange_current_densities():
            width = onset.closed_form_width(paper.CASE, potential, float(i0))
            trial = Trial(film, float(i0), width)
            if trial.island_widths.max() <= paper.CASE.cell.electrolyte.width:
                found.append(trial)
    return tuple(found)


def onset_widths(scan: xr.Dataset, planned: Sequence[Trial]) -> tuple[float | None, ...]:
    """Size at onset for every trial [m]; None where a solution is missing.

    Args:
        scan: Along "point" the islands of every trial, one trial after the other.
        planned: The trials.
    """
    widths = scan["island_width"].to_numpy().reshape(-1, len(BESIDE))
    overpotentials = scan["overpotential_mean"].to_numpy().reshape(-1, len(BESIDE))
    return tuple(
        onset.width_between(pair, computed, paper.delithiation_potential(trial.film))
        for trial, pair, computed in zip(planned, widths, overpotentials, strict=True)
    )
