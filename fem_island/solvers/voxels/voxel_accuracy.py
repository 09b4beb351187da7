"""Solving an electrolyte of voxels to a tolerance: smaller voxels, and what they converge to.

The truth is the image with voxels of one conductivity each. Errors are those of contacts, which
``voxel_newton`` corrects, and of the edges of pores and grains, where the potential is singular:
along them finite volumes of half the size have 0.3 to 0.6 of the error. The first solution is at
the image's voxels, every further one at half the size, until the means meet the tolerance.

Where halves of all voxels do not fit into the memory, those of a part do: the part of the whole
height and a sixteenth of the area that has most of the lithium. By how much its ohmic drop is off,
relative to itself, so is that of the whole, as far as one part can tell; that counts twice.
"""

from __future__ import annotations

import logging

from fem_island.case.case import Case
from fem_island.errors import ConvergenceError
from fem_island.machine.memory import available_memory
from fem_island.results.columns import Columns
from fem_island.solvers.map_estimates import Ratios, estimated, told
from fem_island.solvers.voxels.connected import Connected
from fem_island.solvers.voxels.part import errors_of_part
from fem_island.solvers.voxels.voxel_level import VoxelLevel, solve_voxels

logger = logging.getLogger(__name__)

MOST_MEMORY = 8 * 2.0**30
"""What a solution takes at most [bytes]."""

BYTES_PER_VOXEL = 80
"""Of the memory that a solution takes, measured."""

_RATIOS = Ratios(usual=0.4, fastest=0.2, slowest=0.65, of_step=0.8)
"""Errors of one size of voxels per that of another, measured on random pores and grains. With few
voxels across a grain they are larger at first than later."""


def voxels_to_tolerance(
    case: Case, *, most_memory: float = MOST_MEMORY
) -> tuple[Columns, VoxelLevel]:
    """Solve one operating point at smaller and smaller voxels until the tolerance is met.

    Args:
        case: What to compute.
        most_memory: What a solution may take [bytes].

    Returns:
        Results with estimates, and the finest solution.

    Raises:
        InputError: There is no way from the top to lithium.
        ConvergenceError: There is no solution at the image's voxels.
    """
    connected = Connected.of(case)
    wanted = case.accuracy.tolerance
    tolerance = min(max(1e-3 * wanted, 1e-11), 1e-8)
    count = connected.conductivity.size
    levels: list[VoxelLevel] = []
    while True:
        coarser = levels[-1] if levels else None
        logger.info("%d voxels", count)
        try:
            level = solve_voxels(case, connected, tolerance=tolerance, coarser=coarser)
        except ConvergenceError:
            if coarser is None:
                raise
            break
        levels.append(level)
        columns, excess = estimated(levels, _RATIOS, wanted=wanted, alike=len(levels))
        count *= 8
        if excess <= 1 or count * BYTES_PER_VOXEL > min(most_memory, available_memory()):
            break
    if len(levels) == 1:
        errors = errors_of_part(case, connected, levels[0], tolerance=tolerance)
        if errors is not None:
            columns, _ = told(levels[0], errors, wanted=wanted)
    return columns, levels[-1]
