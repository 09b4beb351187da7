"""The closed form of the mean overpotential, and how far it is off, for the page that is sent away.

Where the electrolyte hardly matters the current density is the same all along an island, and

    eta = (R T / (F a)) asinh(I W / (2 i0 w)),    aa = ac = a

    eta  mean overpotential on the island [V]      I   applied current density [A/m^2]
    i0   exchange current density [A/m^2]          W   width of the cell [m]
    w    island width [m]                          a   transfer coefficient of both directions

This says nothing of edges, of the field, or of films that act. How far it is off is measured on the
map of Figure 6 c, for factors of i0 and of the conductivity around those of the case: ``checked``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fem_island.case.case import Case
from fem_island.case.kinetics import ButlerVolmer
from fem_island.case.variants import BARE, with_film
from fem_island.errors import ConvergenceError, Fault, InputError
from fem_island.experiments.sweeps.running import sweep
from fem_island.machine.arrays import Array
from fem_island.materials.constants import FARADAY_CONSTANT, GAS_CONSTANT
from fem_island.studies.figure6 import paper

POINTS = 50
"""Of the map along each axis, at the case's own i0 and conductivity, as in the paper."""

_POINTS_BESIDE = 8
_FACTORS = tuple(10.0 ** (half / 2) for half in range(-3, 4))
"""Of i0 and of the conductivity, around those of the case."""

_TOO_MUCH = 1e-4
"""Error [V] beyond which lower conductivities, with which it is larger, are not looked at."""


def check_applies(case: Case) -> None:
    """Refuse a case for which there is no closed form.

    Raises:
        InputError: It has several islands, or another law.
    """
    cell, faults = case.cell, []
    law = cell.island_kinetics(cell.islands[0])
    if len(cell.islands) > 1 or cell.lithium is not None:
        faults.append(Fault("islands", None, "must be one: --export has a closed form for one"))
    if type(law) is not ButlerVolmer:
        reason = 'must be "butler-volmer": --export has no closed form for another law'
        faults.append(Fault("kinetics.law", law.law, reason))
    elif law.anodic_transfer_coefficient != law.cathodic_transfer_coefficient:
        reason = "must be equal: --export has no closed form for others"
        faults.append(Fault("kinetics", None, f"both transfer coefficients {reason}"))
    width = cell.electrolyte.width
    center = cell.islands[0].center
    if center is not None and abs(center - width / 2) > 1e-9 * width:
        reason = "must be the middle of the cell: so the closed form of --export was checked"
        faults.append(Fault("islands.0.center", 1e6 * center, reason))
    if faults:
        raise InputError(faults)


def closed_form(case: Case, widths: Array, current_densities: Array) -> Array:
    """Mean overpotentials [V], shape (widths, currents).

    Args:
        case: The cell.
        widths: w [m].
        current_densities: I [A/m^2].

    Example:
        >>> float(closed_form(Case(), np.array([5e-6]), np.array([2.5])).round(6)[0, 0])
        0.084643
    """
    law = case.cell.island_kinetics(case.cell.islands[0])
    temperature = case.operation.temperature
    i0 = law.exchange_current_density_at(temperature)
    local = case.cell.electrolyte.width * current_densities / widths[:, None]
    scale = GAS_CONSTANT * temperature / (FARADAY_CONSTANT * _coefficient(case))
    return np.asarray(scale * np.arcsinh(local / (2 * i0)))


def _coefficient(case: Case) -> float:
    law = case.cell.island_kinetics(case.cell.islands[0])
    return float(getattr(law, "anodic_transfer_coefficient"))  # noqa: B009


def checked(case: Case) -> dict[str, Any]:
    """How far the closed form is off: largest errors [V] over the map, as plain data.

    Raises:
        ConvergenceError: A point of the maps has no solution.
    """
    case = with_film(case, BARE)
    beside = [_errors(case, of_i0) for of_i0 in _FACTORS]
    return {
        "own": _error(case, POINTS, 1.0, 1.0),
        "factors": list(_FACTORS),
        "beside": beside,
        "widths": [1e6 * float(each) for each in _widths(case, POINTS)[[0, -1]]],
        "currents": [0.1 * float(each) for each in paper.CURRENT_DENSITIES[[0, -1]]],
    }


def _errors(case: Case, of_i0: float) -> list[float | None]:
    """Errors for all conductivities; None for those below one with which it is off by too much."""
    found: list[float | None] = []
    for of_kappa in reversed(_FACTORS):
        off = None if found and (found[-1] or np.inf) > _TOO_MUCH else 0.0
        found.append(off if off is None else _error(case, _POINTS_BESIDE, of_i0, of_kappa))
    return found[::-1]


def _widths(case: Case, count: int) -> Array:
    """Island widths of the map [m]: 1 to 50 um in the paper's cell."""
    return np.linspace(1 / POINTS, 1.0, count) * case.cell.electrolyte.width


def _error(case: Case, count: int, of_i0: float, of_kappa: float) -> float:
    """Largest error on the map with other i0 and conductivity, with what the solver may be off."""
    cell = case.cell
    law = cell.island_kinetics(cell.islands[0])
    i0 = of_i0 * law.exchange_current_density
    kappa = of_kappa * cell.electrolyte.conductivity
    widths = _widths(case, count)
    currents = np.geomspace(paper.CURRENT_DENSITIES[0], paper.CURRENT_DENSITIES[-1], count)
    changed_law = law.model_copy(update={"exchange_current_density": i0})
    electrolyte = cell.electrolyte.model_copy(update={"conductivity": kappa})
    islands = tuple(each.model_copy(update={"kinetics": None}) for each in cell.islands)
    update = {"kinetics": changed_law, "electrolyte": electrolyte, "islands": islands}
    other = case.model_copy(update={"cell": cell.model_copy(update=update)})
    data = sweep(other, island_width=widths, current_density=currents)
    dims = ("island_width", "current_density")
    solved = data["overpotential_mean"].transpose(*dims).to_numpy()
    estimate = data["error_estimate_overpotential_mean"].to_numpy()
    if not np.isfinite(solved).all():
        raise ConvergenceError("a point of the map that the closed form is checked on has failed")
    off = np.abs(solved - closed_form(other, widths, currents)).max()
    return float(off + estimate.max())
