"""The effective law of an interface with islands, for models that know one dimension only.

A cell model that resolves no islands sees an interface at which the current density depends on the
potential difference between lithium and an electrolyte without constriction,

    eta = -<phi>_top - I H / kappa ,

the mean overpotential of the islands and the constriction together. Here it is tabulated over the
coverage w / W and eta, on a grid that such models interpolate.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import xarray
from scipy.interpolate import PchipInterpolator

from fem_island.case.case import Case
from fem_island.case.cell import Cell
from fem_island.case.file import as_case
from fem_island.errors import ComputationError, Fault, InputError
from fem_island.experiments.evaluation.function import PointFunction, function
from fem_island.machine.arrays import Array
from fem_island.surface.kinetics import Reaction

_PER_COVERAGE = 40
"""Currents that are solved first, evenly spaced in the logarithm."""

_ROUNDS = 3
"""Of Newton's method for the current, from an interpolation between those."""

_INPUTS = ("islands.width", "operation.current_density")
_OUTPUTS = ("overpotential_mean", "constriction_resistance")


def interface_law(
    cell: Cell | Case | Path | str,
    *,
    coverages: Sequence[float] | Array,
    overpotentials: Sequence[float] | Array,
) -> xarray.Dataset:
    """Current density of an interface over coverage and overpotential.

    Args:
        cell: The cell with one island, a whole case, or a case file; the island gets the widths.
        coverages: Shares w / W of the bottom, above 0 and at most 1, rising, shape (c,).
        overpotentials: eta [V], rising, all above 0 or all below, shape (n,).

    Returns:
        Along "coverage" and "overpotential": ``current_density`` of the cell [A/m^2],
        ``overpotential_mean`` of the islands [V], ``constriction_resistance`` [Ohm m^2], and
        ``error_estimate``, by how much the solution misses eta [V].

    Raises:
        InputError: Values are not allowed, or the cell has not one island.
        ComputationError: There is no solution somewhere.

    Example:
        >>> law = interface_law(Cell(), coverages=[0.1, 0.5], overpotentials=[0.02, 0.05])
        >>> law.current_density.values.round(2).tolist()
        [[0.4, 1.13], [1.99, 5.64]]
    """
    case = as_case(cell)
    covered, wanted = np.asarray(coverages, float), np.asarray(overpotentials, float)
    _check(case, covered, wanted)
    width = case.cell.electrolyte.width
    solve = function(case, inputs=_INPUTS, output=_OUTPUTS)
    law = Reaction.of(case.cell.island_kinetics(case.cell.islands[0]), case.operation)
    sign = np.sign(wanted[0])
    reach = np.abs(wanted)
    # Constriction only lessens the current, so that these reach the largest eta.
    most = np.abs(np.asarray(law.current_density(sign * reach.max() * 1.01), dtype=np.float64))
    least = np.abs(np.asarray(law.current_density(sign * reach.min()), dtype=np.float64))
    found = np.zeros((len(covered), len(wanted)))
    mean, resistance, error = (np.zeros_like(found) for _ in range(3))
    for number, share in enumerate(covered.tolist()):
        currents = share * np.geomspace(1e-2 * least, most, _PER_COVERAGE)
        etas = np.abs(_eta(solve, share * width, sign * currents)[0])
        guess = np.exp(PchipInterpolator(np.log(etas), np.log(currents))(np.log(reach)))
        slope = PchipInterpolator(np.log(etas), np.log(currents)).derivative()(np.log(reach))
        for _ in range(_ROUNDS):
            eta, means, resistances = _eta(solve, share * width, sign * guess)
            missed = np.abs(eta) - reach
            found[number], mean[number], resistance[number] = sign * guess, means, resistances
            error[number] = np.abs(missed)
            guess = guess * np.exp(-slope * missed / reach)
    if not np.isfinite(found + error).all():
        raise ComputationError("the cell has no solution at some coverage and overpotential")
    return _dataset(case, covered, wanted, found, mean, resistance, error)


def _check(case: Case, coverages: Array, overpotentials: Array) -> None:
    faults = []
    if len(case.cell.islands) != 1:
        faults.append(Fault("islands", len(case.cell.islands), "must be one island"))
    rising = len(coverages) > 0 and bool((np.diff(coverages) > 0).all())
    if not rising or not 0 < coverages[0] <= coverages[-1] <= 1:
        faults.append(Fault("coverages", None, "must rise, above 0 and up to 1"))
    rising = len(overpotentials) > 0 and bool((np.diff(overpotentials) > 0).all())
    if not rising or not overpotentials[0] * overpotentials[-1] > 0:
        faults.append(Fault("overpotentials", None, "must rise, all above 0 or all below"))
    if faults:
        raise InputError(faults)


def _eta(solve: PointFunction, width: float, currents: Array) -> tuple[Array, Array, Array]:
    """eta, mean overpotential and constriction resistance at currents."""
    points = np.stack([np.full(len(currents), width), currents], axis=1)
    mean, resistance = solve(points).T
    return mean + currents * resistance, mean, resistance


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
            "error_estimate": (plane, error, said("overpotential that the solution misses", "V")),
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
