"""What a film would do, judged by the cell without it: which materials act, and which run empty.

A film that acts takes the drive down, below the potentials of others that would have acted in its
place. Where the film carries a current, the answer is therefore that of a second solution, without
it. Only on which side of each material's potential the drive is matters, so that it goes without a
check, unless the drive is too close to a potential to tell.

A film gives all of its lithium only if the drive gets above its last plateau when it has nothing
left to give below that. The drive then is that of bare copper: where it is lower, the film stops
on the way, and when it would be empty is no number.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
import numpy.typing as npt

from fem_island.case.case import Case
from fem_island.case.variants import BARE, with_film
from fem_island.machine.arrays import Array
from fem_island.results.columns import Columns
from fem_island.results.exposed_drive import thresholds

Numbers = npt.NDArray[np.intp]

MARGIN = 10.0
"""How close to a potential a drive without a check does not tell on which side it is, over the
tolerance; there it is solved again, with a check."""


class _Solver(Protocol):
    """What solves bare copper."""

    def largest_exposed_drive(self, case: Case, current_densities: Array) -> Array:
        """Largest drive beside the islands [V], without a check."""

    def solve(self, case: Case, current_densities: Array) -> Columns:
        """Results with estimates."""


def answer_for_bare_copper(
    case: Case, current_densities: Array, columns: Columns, solver: _Solver
) -> None:
    """Set which materials delithiate without the case's film, and whether that gets empty at all.

    Args:
        case: What was computed.
        current_densities: I of each point [A/m^2], shape (k,).
        columns: The results. Nothing changes where the film carries no current, and where bare
            copper has no solution.
        solver: Solves a case at several currents.
    """
    bare = with_film(case, BARE)

    def drive(points: Numbers) -> Array:
        return solver.largest_exposed_drive(bare, current_densities[points])

    def checked(points: Numbers) -> Array:
        found = solver.solve(bare, current_densities[points])
        return np.asarray(found.numbers["exposed_drive_max"])

    set_answers(case, columns, drive, checked)


def set_answers(
    case: Case,
    columns: Columns,
    drive_of: Callable[[Numbers], Array],
    checked_drive_of: Callable[[Numbers], Array],
    *,
    film_shifts: Array | None = None,
) -> None:
    """As ``answer_for_bare_copper``, with what solves bare copper as functions of points.

    Args:
        case: What was computed.
        columns: The results.
        drive_of: Largest drive beside the islands at some of the points [V], without a check.
        checked_drive_of: The same with a check.
        film_shifts: See ``limits``; of all points.
    """
    film, numbers = case.cell.interlayer, columns.numbers
    if film is None or film.reaction == "none":
        return
    density = "interlayer_current_density"
    acts = (numbers[f"{density}_min"] != 0) | (numbers[f"{density}_max"] != 0)
    points = np.flatnonzero(acts & ~columns.failed)
    if not len(points):
        return
    drive = drive_of(points)
    margin = MARGIN * case.accuracy.tolerance
    potentials = limits(case, None if film_shifts is None else film_shifts[points])
    unsure = np.flatnonzero((np.abs(drive[:, None] - potentials) <= margin).any(axis=1))
    if len(unsure):
        drive[unsure] = checked_drive_of(points[unsure])
    known = np.isfinite(drive)
    points, above = points[known], (drive[:, None] > potentials)[known]
    numbers["delithiates"][points] = above[:, :-1]
    stops = points[~above[:, -1]]
    time = "interlayer_time_until_empty"
    for name in (f"{time}_mean", f"{time}_local", f"error_estimate_{time}_local"):
        numbers[name][stops] = np.nan


def limits(case: Case, film_shifts: Array | None = None) -> Array:
    """Potentials of which it matters on which side the drive of bare copper is [V].

    Those of all materials, and last that of the last plateau of the case's film.

    Args:
        case: What is computed.
        film_shifts: How far the film's potentials are above those of the case at k points [V],
            shape (k,); with it the potentials have the shape (k, limits).
    """
    film = case.cell.interlayer
    steps = () if film is None else film.steps_at(case.operation.temperature)
    last = steps[-1].potential if steps else np.inf
    if film_shifts is None:
        return np.append(thresholds(case), last)
    return np.column_stack([thresholds(case, film_shifts), last + film_shifts])
