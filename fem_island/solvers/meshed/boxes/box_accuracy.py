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
from itertools import count, takewhile

from mpi4py import MPI

from fem_island.case.case import Case
from fem_island.case.contact_map import ContactMap
from fem_island.errors import ConvergenceError, Fault, InputError
from fem_island.machine.memory import available_memory
from fem_island.results.columns import Columns
from fem_island.solvers.map_estimates import Ratios, estimated
from fem_island.solvers.meshed.boxes.box_grid import BoxGrid
from fem_island.solvers.meshed.boxes.box_level import BoxLevel, solve_box
from fem_island.surface.contact import Contact

logger = logging.getLogger(__name__)

MOST_MEMORY = 8 * 2.0**30
"""What all ranks together take at most [bytes]."""

BYTES_PER_UNKNOWN = {1: 1300, 2: 2400}
"""By degree; measured with matrix, Jacobian and preconditioner."""

_RATIOS = Ratios(usual=0.25, fastest=0.25, slowest=0.6, of_degree=0.6)
"""Errors of one grid per that of another, measured; see above."""


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
        alike = sum(level.field.grid.degree == grid.degree for level in levels)
        columns, excess = estimated(levels, _RATIOS, wanted=wanted, alike=alike)
        if excess <= 1:
            break
    return columns, levels[-1]


def grids_within(case: Case, memory: float) -> list[BoxGrid]:
    """The grids of a case that fit into so many bytes, from coarse to fine.

    The first is of degree 1, the others of 2 as long as one of these fits.

    Raises:
        InputError: The degree is not 1 or 2, there is none, or the electrolyte is an image.
    """
    contact, given = case.cell.map, case.accuracy.degree
    if contact is None:
        raise ValueError("the case has no contact map")
    image = case.cell.electrolyte.conductivity_image
    if image is not None:
        reason = "is for condensed; newton takes an electrolyte of one conductivity"
        raise InputError([Fault("electrolyte.conductivity_image", image.name, reason)])
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
