"""Which films would give up lithium: a question about the cell without its film.

A film that acts takes the drive down, below the potentials of others that would have acted in its
place. Where the film carries a current, the answer is therefore that of a second solution, without
it. Only on which side of each material's potential the drive is matters, so that this solution is a
rough one, and a better one is made where the rough one is too close to a potential to tell.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fem_island.case.cell import Case
from fem_island.case.variants import BARE, with_film
from fem_island.machine.arrays import Array
from fem_island.results.columns import Columns
from fem_island.results.observables import thresholds
from fem_island.results.result import FAILED

_ROUGH = 1e-4
"""Tolerance of the first solution [V]."""


def answer_for_bare_copper(
    case: Case,
    current_densities: Array,
    columns: Columns,
    solve: Callable[[Case, Array], Columns],
) -> None:
    """Set which materials delithiate to what it is without the case's film.

    Args:
        case: What was computed.
        current_densities: I of each point [A/m^2], shape (k,).
        columns: The results. Nothing changes where the film carries no current, and where bare
            copper has no solution.
        solve: Solves a case at several currents.
    """
    film, numbers = case.cell.interlayer, columns.numbers
    if film is None or film.reaction == "none":
        return
    density = "interlayer_current_density"
    acts = (numbers[f"{density}_min"] != 0) | (numbers[f"{density}_max"] != 0)
    points = np.flatnonzero(acts & (numbers["status"] != FAILED))
    limits, bare = thresholds(case), with_film(case, BARE)
    wanted = case.accuracy.tolerance
    for tolerance in sorted({wanted, max(wanted, _ROUGH)}, reverse=True):
        if not len(points):
            return
        accuracy = case.accuracy.model_copy(update={"tolerance": tolerance})
        found = solve(bare.model_copy(update={"accuracy": accuracy}), current_densities[points])
        known = found.numbers["status"] != FAILED
        points, drive = points[known], found.numbers["exposed_drive_max"][known, None]
        numbers["delithiates"][points] = drive > limits
        error = np.fmax(found.numbers["error_estimate_overpotential_max"][known, None], tolerance)
        points = points[(np.abs(drive - limits) <= error).any(axis=1)]
