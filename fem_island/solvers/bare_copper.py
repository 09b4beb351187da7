"""What a film would do, judged by the cell without it: which materials act, and which run empty.

A film that acts takes the drive down, below the potentials of others that would have acted in its
place. Where the film carries a current, the answer is therefore that of a second solution, without
it. Only on which side of each material's potential the drive is matters, so that this solution is a
rough one, and a better one is made where the rough one is too close to a potential to tell.

A film gives all of its lithium only if the drive gets above its last plateau when it has nothing
left to give below that. The drive then is that of bare copper: where it is lower, the film stops
on the way, and when it would be empty is no number.
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
    """Set which materials delithiate without the case's film, and whether that gets empty at all.

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
    bare = with_film(case, BARE)
    # The last plateau of the film counts like the potential of one more material.
    last = film.steps[-1].potential
    limits = np.append(thresholds(case), last)
    wanted = case.accuracy.tolerance
    for tolerance in sorted({wanted, max(wanted, _ROUGH)}, reverse=True):
        if not len(points):
            return
        accuracy = case.accuracy.model_copy(update={"tolerance": tolerance})
        found = solve(bare.model_copy(update={"accuracy": accuracy}), current_densities[points])
        known = found.numbers["status"] != FAILED
        points, drive = points[known], found.numbers["exposed_drive_max"][known, None]
        above = drive > limits
        numbers["delithiates"][points] = above[:, :-1]
        stops = points[~above[:, -1]]
        for place in ("mean", "local"):
            numbers[f"interlayer_time_until_empty_{place}"][stops] = np.nan
        error = np.fmax(found.numbers["error_estimate_overpotential_max"][known, None], tolerance)
        points = points[(np.abs(drive - limits) <= error).any(axis=1)]
