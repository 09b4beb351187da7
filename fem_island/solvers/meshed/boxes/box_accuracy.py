"""Solving a contact map on hexahedra to a tolerance: finer grids, and what they converge to.

The first two grids have one cell on every pixel, of degree 1 and 2; what the second changed by is
more than twice its error. Every further grid cuts each cell of the one before in eight. The errors
of means then fall by the ratio

    q = 1/4   where currents vary smoothly       q = 1/2   where fast kinetics crowd them at edges

in each. With the difference d of two grids what is reported is value + (q / (1 - q)) d for all
numbers that are linear in the solution. With two grids of one degree q is not known: 1/4 is taken,
and the estimate covers all up to 0.6. With three it is what the potential at the top tells, and the
estimate is what the last grid changed, and a share of the step. Numbers at single places are those
of the finest grid, with the differences of grids as their estimates.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from itertools import count, takewhile
from typing import Any

from mpi4py import MPI

import numpy as np
import numpy.typing as npt

from fem_island.case.case import Case
from fem_island.case.contact_map import ContactMap
from fem_island.errors import ConvergenceError, Fault, InputError
from fem_island.machine.memory import available_memory
from fem_island.results.columns import Columns
from fem_island.results.map_observables import LINEAR
from fem_island.results.result import CONVERGED, TOLERANCE_NOT_MET
from fem_island.solvers.cosine.accuracy import estimate_places
from fem_island.solvers.meshed.boxes.box_grid import BoxGrid
from fem_island.solvers.meshed.boxes.box_level import BoxLevel, solve_box
from fem_island.surface.contact import Contact

logger = logging.getLogger(__name__)

MOST_MEMORY = 8 * 2.0**30
"""What all ranks together take at most [bytes]."""

BYTES_PER_UNKNOWN = {1: 2600, 2: 5600}
"""By degree; measured with matrix, Jacobian and multigrid."""

_OF_DEGREE = 0.6
"""Error of degree 2 over what it changed of degree 1."""

_FASTEST, _SLOWEST = 0.25, 0.6
_LEAST_OF_STEP = 0.4
_NAMES = ("potential_top_mean", "overpotential_mean", "interlayer_current_fraction")
_OF_OTHER = 0.1
"""Of the potential at the top and of the mean overpotential, the least of one per the other."""

_ROUNDING = 1e-11


def box_to_tolerance(
    case: Case, comm: MPI.Comm, *, most_memory: float = MOST_MEMORY
) -> tuple[Columns, BoxLevel]:
    """Solve one operating point on finer and finer grids until the tolerance is met. Collective.

    Args:
        case: What to compute.
        comm: Who shares it.
        most_memory: What all ranks together may take [bytes].

    Returns:
        Results with estimates, and the finest grid's.

    Raises:
        InputError: The degree is not 1 or 2, or not even the first grid fits into the memory.
        ConvergenceError: There is no solution on the first grid.
    """
    contact = Contact.of(case)
    memory = min(most_memory, comm.bcast(available_memory()))
    grids = grids_within(case, memory)
    wanted = case.accuracy.tolerance
    levels: list[BoxLevel] = []
    for grid in grids:
        coarser = levels[-1] if levels else None
        logger.info("%d x %d x %d hexahedra, %d unknowns", *reversed(grid.shape), grid.unknowns)
        try:
            levels.append(solve_box(case, contact, grid, comm=comm, coarser=coarser))
        except ConvergenceError:
            if coarser is None:
                raise
            break
        columns, excess = _estimated(levels, wanted)
        if excess <= 1:
            break
    return columns, levels[-1]


def grids_within(case: Case, memory: float) -> list[BoxGrid]:
    """The grids of a case that fit into so many bytes, from coarse to fine.

    The first is of degree 1, the others of 2 as long as one of these fits.

    Raises:
        InputError: The degree is not 1 or 2, or there is none.
    """
    contact, given = case.cell.map, case.accuracy.degree
    if contact is None:
        raise ValueError("the case has no contact map")
    if given is not None and given not in BYTES_PER_UNKNOWN:
        raise InputError([Fault("accuracy.degree", given, "must be 1 or 2 for newton on maps")])

    def needs(grid: BoxGrid) -> float:
        return grid.unknowns * BYTES_PER_UNKNOWN[grid.degree]

    def of_degree(degree: int) -> list[BoxGrid]:
        grids = (_grid(case, contact, degree, 2**number) for number in count())
        return list(takewhile(lambda grid: needs(grid) <= memory, grids))

    found = of_degree(given or 1)
    if not found:
        rows, columns = contact.shape
        least = needs(_grid(case, contact, given or 1, 1))
        reason = f"needs {least / 1e9:.3g} GB in newton, of which {memory / 1e9:.3g} may be used"
        raise InputError([Fault("map.image", f"{columns} x {rows} pixels", reason)])
    finer = [] if given else of_degree(2)
    return [found[0], *finer] if finer else found


def _grid(case: Case, contact: ContactMap, degree: int, parts: int) -> BoxGrid:
    return BoxGrid.over(
        contact.shape,
        pixel=contact.pixel,
        height=case.cell.electrolyte.height,
        parts=parts,
        degree=degree,
    )


def _estimated(levels: Sequence[BoxLevel], wanted: float) -> tuple[Columns, float]:
    """The results with their estimates, and the largest error of a mean over what is wanted."""
    last = levels[-1]
    columns = last.columns.taken(np.arange(1))
    numbers = columns.numbers
    if len(levels) == 1:
        if numbers["status"][0] == CONVERGED:
            numbers["status"] = TOLERANCE_NOT_MET
            columns.reasons[0] = "only one grid fits into the memory: there are no error estimates"
        return columns, np.inf
    alike = [level for level in levels if level.field.grid.degree == last.field.grid.degree]
    after, before = _step(levels[-2:]), _step(alike[-3:-1])
    ratio = _FASTEST if len(alike) > 1 else 0.0
    if before:
        top = "potential_top_mean"
        size, earlier = abs(float(after[top][0])), abs(float(before[top][0]))
        ratio = float(np.clip(size / earlier if earlier > 0 else 0.0, _FASTEST, _SLOWEST))
    rest = ratio / (1 - ratio)
    errors = {}
    for name in LINEAR:
        numbers[name] = last.columns.numbers[name] + rest * after[name]
    for name in _NAMES:
        size = abs(float(after[name][0]))
        if len(alike) == 1:
            errors[name] = _OF_DEGREE * size
        elif not before:
            errors[name] = (_SLOWEST / (1 - _SLOWEST) - rest) * size
        else:
            moved = abs((1 + rest) * float(after[name][0]) - rest * float(before[name][0]))
            errors[name] = moved + _LEAST_OF_STEP * rest * size
    top, mean, _ = _NAMES
    errors[top] += _OF_OTHER * errors[mean]
    errors[mean] += _OF_OTHER * errors[top]
    current = abs(last.state.case.operation.current_density)
    errors["constriction_resistance"] = (
        (errors[top] + errors[mean]) / current if current > 0 else np.nan
    )
    size = abs(float(numbers[top][0]))
    for name, error in errors.items():
        value = float(numbers[name][0])
        rounding = _ROUNDING * max(size, abs(value))
        numbers[f"error_estimate_{name}"] = error + rounding if np.isfinite(value) else np.nan
    worst = max(errors[top], errors[mean])
    estimate_places(numbers, levels, worst + _ROUNDING * size)
    if not worst <= wanted and numbers["status"][0] == CONVERGED:
        numbers["status"] = TOLERANCE_NOT_MET
        columns.reasons[0] = f"the estimated error of a mean potential is {worst:.1e} V"
    return columns, worst / wanted


def _step(levels: Sequence[BoxLevel]) -> dict[str, npt.NDArray[Any]]:
    """What the second of two grids changed; nothing where there are not two."""
    if len(levels) < 2:
        return {}
    coarse, fine = (level.columns.numbers for level in levels)
    return {name: fine[name] - coarse[name] for name in LINEAR}
