"""The effective law of an interface with islands, for models that know one dimension only.

A cell model that resolves no islands sees an interface at which the current density depends on the
potential difference between lithium and an electrolyte without constriction,

    eta = -<phi>_top - I H / kappa ,

the mean overpotential of the islands and the constriction together. Here it is tabulated over the
coverage and eta, on a grid that such models interpolate. The current at an eta is found between
none and a bound: the reaction law of the covered share, which constriction only lessens, or what
the constriction alone would let through.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray
from scipy.optimize.elementwise import bracket_root, find_root

from fem_island.case.case import Case
from fem_island.case.cell import Cell
from fem_island.case.file import as_case
from fem_island.case.placement import SNAP
from fem_island.errors import ComputationError, Fault, InputError
from fem_island.experiments.evaluation.evaluating import plan_points
from fem_island.experiments.evaluation.function import Input, PointFunction, function
from fem_island.machine.arrays import Array
from fem_island.materials.constants import FARADAY_CONSTANT, GAS_CONSTANT
from fem_island.quantities import POTENTIAL, PURE_NUMBER, Dimension, to_si
from fem_island.surface.kinetics import Reaction

_CURRENT = "operation.current_density"
_TOP = ("potential_top_mean", "error_estimate.potential_top_mean")
_REPORTED = ("overpotential_mean", "constriction_resistance")

_LEAST = 1e-3
"""Share of the bound that flows at least where there is no state without a current."""

_BEYOND = 1.01
"""Share of the bound up to which currents are searched, past the bound itself for rounding."""

_SMALL = 1e-3
"""Current at which the constriction is looked up, over the smallest of the bounds."""

_FROM_CONSTRICTION = 2.0
"""Most that the current by constriction alone is above eta over that resistance at a small current:
where the kinetics are fast it flows where it has the shortest way, and the resistance is smaller by
some tenths."""

_TOLERANCE = 1e-10
"""By which solutions may miss eta [V], well below what they are known to."""


@dataclass(frozen=True)
class _Searched:
    """What is solved: the cell with its island as wide as a coverage asks for.

    Attributes:
        case: The cell.
        path: Key that says how far the island reaches.
        reaches: Its values for the coverages [m], shape (c,).
    """

    case: Case
    path: str
    reaches: Array

    def function(self, outputs: Sequence[str]) -> PointFunction:
        """Reported numbers as a function of the reach and the current."""
        return function(self.case, inputs=[self.path, _CURRENT], output=list(outputs))

    @property
    def uniform_resistance(self) -> float:
        """H / kappa [Ohm m^2]."""
        return self.case.cell.electrolyte.height / self.case.conductivity


def interface_law(
    cell: Cell | Case | Path | str,
    *,
    coverages: Sequence[float] | Array,
    overpotentials: Sequence[float | str] | Array,
) -> xarray.Dataset:
    """Current density of an interface over coverage and overpotential.

    Args:
        cell: The cell with one island, a whole case, or a case file; the island gets the sizes, a
            ring its outer radius.
        coverages: Shares of the bottom, above 0 and at most 1, rising, shape (c,).
        overpotentials: eta [V], or texts with units, rising, shape (n,): above 0 where lithium is
            stripped, below 0 where it is plated.

    Returns:
        Along "coverage" and "overpotential": ``current_density`` of the cell [A/m^2],
        ``overpotential_mean`` of the islands [V], ``constriction_resistance`` [Ohm m^2], which is
        NaN without a current, and ``error_estimate``, by how much eta may be wrong at that current
        [V].

    Raises:
        InputError: Values are not allowed, or the cell has not one island.
        ComputationError: There is no solution somewhere.

    Example:
        >>> law = interface_law(Cell(), coverages=[0.1, 0.5], overpotentials=[0.02, 0.05])
        >>> law.current_density.values.round(2).tolist()
        [[0.4, 1.13], [1.99, 5.64]]
    """
    case = as_case(cell)
    covered = _numbers("coverages", coverages, PURE_NUMBER)
    wanted = _numbers("overpotentials", overpotentials, POTENTIAL)
    _check(case, covered, wanted)
    searched = _searched(case, covered)
    reaches, etas = np.meshgrid(searched.reaches, wanted, indexing="ij")
    currents = _currents(searched, covered, reaches, etas)
    solve = searched.function([*_TOP, *_REPORTED])
    found = np.moveaxis(solve(np.stack([reaches, currents], axis=-1)), -1, 0)
    top, error, mean, resistance = found
    missed = np.abs(-top - currents * searched.uniform_resistance - etas)
    unsolved = np.argwhere(~np.isfinite(missed + error))
    if len(unsolved):
        row, column = unsolved[0].tolist()
        place = f"coverage {covered[row]:g} and overpotential {wanted[column]:g} V"
        raise ComputationError(f"the cell has no solution at {place}")
    return _dataset(case, covered, wanted, currents, mean, resistance, missed + error)


def _check(case: Case, coverages: Array, overpotentials: Array) -> None:
    faults = []
    if case.cell.electrolyte.geometry == "map":
        reason = "has the coverage of its image; a law over coverage needs a planar or round cell"
        faults.append(Fault("electrolyte.geometry", "map", reason))
    elif len(case.cell.islands) != 1:
        faults.append(Fault("islands", len(case.cell.islands), "must be one island"))
    elif not case.cell.island_kinetics(case.cell.islands[0]).has_equilibrium and (
        len(overpotentials) and not overpotentials.min() * overpotentials.max() > 0
    ):
        reason = "must be all above 0 or all below with kinetics that has no equilibrium"
        faults.append(Fault("overpotentials", None, reason))
    if not _rises(coverages) or not 0 < coverages[0] <= coverages[-1] <= 1:
        faults.append(Fault("coverages", None, "must rise, above 0 and up to 1"))
    if not _rises(overpotentials):
        faults.append(Fault("overpotentials", None, "must rise"))
    if faults:
        raise InputError(faults)


def _numbers(key: str, given: Any, dimension: Dimension) -> Array:
    if np.ndim(given) != 1:
        raise InputError([Fault(key, None, "must be a list of numbers")])
    try:
        return np.array([to_si(each, dimension) for each in given], dtype=np.float64)
    except ValueError as error:
        raise InputError([Fault(key, None, str(error))]) from None


def _rises(values: Array) -> bool:
    return len(values) > 0 and bool((np.diff(values) > 0).all())


def _searched(case: Case, coverages: Array) -> _Searched:
    electrolyte, (island,) = case.cell.electrolyte, case.cell.islands
    if electrolyte.radius is not None:
        inner = 0.0 if island.inner_radius is None else island.inner_radius
        path = "islands.outer_radius"
        reaches = np.hypot(electrolyte.radius * np.sqrt(coverages), inner)
    else:
        width, center = electrolyte.width, island.center
        on_wall = center is not None and min(center, width - center) < SNAP * width
        # Half of an island on a wall is in the cell.
        path, reaches = "islands.width", (2 if on_wall else 1) * width * coverages
    plan_points(case, (Input.of(path).axis(reaches),))
    return _Searched(case, path, reaches)


def _currents(searched: _Searched, coverages: Array, reaches: Array, etas: Array) -> Array:
    """The current density at every coverage and eta [A/m^2], NaN where none was found."""
    case, solve = searched.case, searched.function(_TOP[:1])
    bounds = _bounds(searched, coverages, etas)

    def missed(share: Array, reach: Array, bound: Array, eta: Array) -> Array:
        current = share * bound
        top = solve(np.stack([reach, current], axis=-1))[..., 0]
        return np.asarray(-top - current * searched.uniform_resistance - eta)

    arguments = (reaches.ravel(), bounds.ravel(), etas.ravel())
    law = case.cell.island_kinetics(case.cell.islands[0])
    least = np.full(etas.size, 0.0 if law.has_equilibrium else _LEAST)
    ends = least, np.full(etas.size, _BEYOND)
    film = case.cell.interlayer
    if film is not None and film.reaction != "none":
        # It carries a current of its own, and beside it that of no eta may be below 0.
        ends = bracket_root(missed, *ends, args=arguments).bracket
    tolerances = {"fatol": _TOLERANCE, "xatol": 0.0, "frtol": 0.0}
    found: Any = find_root(missed, ends, args=arguments, tolerances=tolerances)
    return np.asarray(np.where(found.success, found.x, np.nan) * bounds.ravel()).reshape(etas.shape)


def _bounds(searched: _Searched, coverages: Array, etas: Array) -> Array:
    """What currents are in the order of, and below on a passive bottom [A/m^2], shape (c, n)."""
    case = searched.case
    thermal = GAS_CONSTANT * case.operation.temperature / FARADAY_CONSTANT
    eta = np.where(etas == 0, thermal, etas)
    sign = float(np.sign(eta[0, -1]))
    operation = case.operation.model_copy(update={"current_density": sign})
    law = Reaction.of(case.cell.island_kinetics(case.cell.islands[0]), operation)
    kinetic = coverages[:, None] * np.asarray(law.current_density(eta), dtype=np.float64)
    small = sign * _SMALL * np.abs(kinetic).min(axis=1)
    look_up = searched.function(_REPORTED[1:])
    resistance = look_up(np.stack([searched.reaches, small], axis=-1))
    with np.errstate(divide="ignore", invalid="ignore"):
        ohmic = np.where(resistance > 0, _FROM_CONSTRICTION * np.abs(eta) / resistance, np.inf)
    return np.asarray(np.sign(kinetic) * np.minimum(np.abs(kinetic), ohmic))


def _dataset(
    case: Case,
    coverages: Array,
    overpotentials: Array,
    currents: Array,
    mean: Array,
    resistance: Array,
    error: Array,
) -> xarray.Dataset:
    plane = ("coverage", "overpotential")

    def said(words: str, unit: str) -> dict[str, str]:
        return {"long_name": words, "units": unit}

    return xarray.Dataset(
        {
            "current_density": (plane, currents, said("current density of the cell", "A m-2")),
            "overpotential_mean": (plane, mean, said("mean overpotential on the islands", "V")),
            "constriction_resistance": (
                plane,
                resistance,
                said("resistance of the constriction per area of the cell", "ohm m2"),
            ),
            "error_estimate": (plane, error, said("estimated error of the overpotential", "V")),
        },
        {
            "coverage": ("coverage", coverages, said("share of the bottom", "1")),
            "overpotential": (
                "overpotential",
                overpotentials,
                said("potential difference without the electrolyte's uniform drop", "V"),
            ),
        },
        {"Conventions": "CF-1.11", "case": case.to_json()},
    )
