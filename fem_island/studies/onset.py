"""The island size at which the overpotential reaches the potential where a film gives up lithium.

Where the electrolyte's resistance hardly matters, the local current density is the same all along
an island. It is I W / w then, and the film acts where the islands are smaller than

    w* = I W / i(U),    i(U) = i0 [exp(aa F U / RT) - exp(-ac F U / RT)],

which is 2 i0 sinh(F U / 2RT) for aa = ac = 1/2. This is the closed form that contours of computed
overpotentials are compared with. Like the paper, it judges by the mean overpotential on the island.

    w   island width [m]                     w*      island width at onset [m]
    W   width of the cell [m]                I       applied current density [A/m^2]
    U   delithiation potential [V]           i0      exchange current density [A/m^2]
    R   interface resistance [Ohm m^2]       aa, ac  transfer coefficients
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from scipy.interpolate import BarycentricInterpolator, CubicSpline, PPoly

from fem_island.case.case import Case, Operation
from fem_island.case.kinetics import Kinetics
from fem_island.machine.arrays import Array
from fem_island.materials.constants import FARADAY_CONSTANT, GAS_CONSTANT
from fem_island.surface.kinetics import Reaction

_FEWEST = 4
"""Points that a cubic spline needs."""


def closed_form_width(
    case: Case, potential: float, exchange_current_density: float | None = None
) -> float:
    """Island width at onset [m] where the electrolyte's resistance does not matter.

    Args:
        case: A planar cell and its current; its islands are left aside.
        potential: U of the film [V].
        exchange_current_density: i0 [A/m^2]; None takes that of the cell's kinetics.

    Example:
        >>> round(1e6 * closed_form_width(Case(), 0.05), 2)
        11.02
    """
    coverage = closed_form_coverage(case, potential, exchange_current_density)
    return coverage * case.cell.electrolyte.width


def closed_form_coverage(
    case: Case, potential: float, exchange_current_density: float | None = None
) -> float:
    """Share of the bottom I / i(U) that islands of any shape cover at that onset.

    Args:
        case: The cell and its current; its islands are left aside.
        potential: U of the film [V].
        exchange_current_density: i0 [A/m^2]; None takes that of the cell's kinetics.
    """
    kinetics = case.cell.kinetics
    if exchange_current_density is not None:
        changed = {"exchange_current_density": exchange_current_density}
        kinetics = kinetics.model_copy(update=changed)
    law = Reaction.of(kinetics, case.operation)
    return case.operation.current_density / float(law.current_density(potential))


def exchange_current_density_of(
    resistance: float, kinetics: Kinetics, operation: Operation
) -> float:
    """The i0 [A/m^2] of an interface resistance [Ohm m^2]: R = RT / [F i0 (aa + ac)].

    Example:
        >>> round(exchange_current_density_of(1e-4, Kinetics(), Operation()), 1)
        256.9
    """
    coefficients = kinetics.anodic_transfer_coefficient + kinetics.cathodic_transfer_coefficient
    thermal = GAS_CONSTANT * operation.temperature / FARADAY_CONSTANT
    return thermal / (resistance * coefficients)


def onset_width(
    maps: xr.Dataset,
    *,
    current_density: float,
    potential: float,
    variable: str = "overpotential_mean",
    along: str = "island_width",
) -> float | None:
    """Island width at which a map over width and current reaches a potential at one current.

    Cubic splines over the logarithms of current and width, through the points that were computed.

    Args:
        maps: With the coordinates ``along`` [m] and current_density [A/m^2], both above 0.
        current_density: I [A/m^2].
        potential: U of the film [V].
        variable: What must reach it [V].
        along: The coordinate of sizes.

    Returns:
        The largest such width [m]: smaller islands are beyond the potential. None where the map
        does not reach it, or has too few points.
    """
    grid = maps[variable].transpose(along, "current_density")
    currents = grid["current_density"].to_numpy()
    widths, potentials = [], []
    for width, values in zip(grid[along].to_numpy(), grid.to_numpy(), strict=True):
        spline = _spline(currents, values)
        if spline is not None and spline.x[0] <= np.log(current_density) <= spline.x[-1]:
            widths.append(width)
            potentials.append(float(spline(np.log(current_density))))
    spline = _spline(np.array(widths), np.array(potentials))
    if spline is None:
        return None
    crossings = spline.solve(potential, extrapolate=False)
    return float(np.exp(crossings.max())) if crossings.size else None


def _spline(positions: Array, values: Array) -> PPoly | None:
    """Cubic spline over the logarithm of the positions, or None for too few finite values."""
    known = np.isfinite(values)
    if known.sum() < _FEWEST:
        return None
    order = np.argsort(positions[known])
    return CubicSpline(np.log(positions[known])[order], values[known][order])


def width_between(widths: Array, overpotentials: Array, potential: float) -> float | None:
    """Width [m] between others at which a potential is reached.

    The logarithm of the width is the polynomial of the overpotential through all of them: on widths
    that differ by some percent, four leave an error far below that of the solutions.

    Args:
        widths: Island widths [m], rising.
        overpotentials: Those computed for them [V].
        potential: U of the film [V].

    Returns:
        The width, or None where the potential is not between them, one is missing, or they do not
        fall with the width.
    """
    if not overpotentials[-1] <= potential <= overpotentials[0]:
        return None
    if not np.all(np.diff(overpotentials) < 0):
        return None
    logarithm = BarycentricInterpolator(overpotentials, np.log(widths))(potential)
    return float(np.exp(logarithm))
