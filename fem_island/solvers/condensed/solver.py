"""Operating points of one cell on its condensed grid, each with its error estimate."""

from __future__ import annotations

from contextlib import AbstractContextManager
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from fem_island.case.case import Case
from fem_island.machine.arrays import Array
from fem_island.results.columns import Columns, layout_of
from fem_island.results.exposed_drive import largest_exposed_drive
from fem_island.solvers.accuracy import to_tolerance
from fem_island.solvers.attempt import Attempt, Best
from fem_island.solvers.bare_copper import MARGIN, answer_for_bare_copper, limits, set_answers
from fem_island.solvers.condensed import planning
from fem_island.solvers.condensed.method import LARGEST_GRID, CondensedMethod, GridTooLargeError
from fem_island.solvers.condensed.newton import MOST_STEPS
from fem_island.solvers.condensed.solved import SolvedOnGrid
from fem_island.solvers.directions import by_direction, reasons_at_rest
from fem_island.solvers.scales import largest_drop
from fem_island.surface.points import OperatingPoints

_LARGEST_PIECE = 256
"""Currents that are solved together: enough that Python's share of the time is small."""

_LARGEST_STACK = 4096
"""Points of a stack: enough that Python's share is small also where they need many resolutions."""

_LARGEST_NUMBERS = 2**23
"""Numbers in the matrices of the points of a stack, 64 MB."""

Integers = npt.NDArray[np.intp]

Found = tuple[Attempt[SolvedOnGrid], int] | None
"""The attempt that a result is of, and its number there; None if there is no result."""


class CondensedSolver(AbstractContextManager["CondensedSolver"]):
    """Solves operating points that differ in the applied current only, at once.

    It keeps the condensed grids of the latest geometries, until the end of a ``with`` statement. A
    result depends on the case and on the currents that are solved with it, and on nothing that was
    computed before.

    Example:
        >>> columns = CondensedSolver().solve(Case(), np.array([2.5]))
        >>> round(float(columns.numbers["overpotential_mean"][0]), 4)
        0.0846
    """

    name = "condensed"

    def __init__(self, *, largest_grid: int = LARGEST_GRID, most_steps: int = MOST_STEPS) -> None:
        """Start without grids.

        Args:
            largest_grid: Unknowns of the largest grid that is tried. A cell that would need more
                for its tolerance is solved on a coarser one, and its status says what came of it.
            most_steps: Of Newton's method; a point that needs more has failed.
        """
        self._method = CondensedMethod(largest_grid=largest_grid, most_steps=most_steps)

    def __exit__(self, *error: object) -> None:
        """Let go of the grids."""
        self._method.clear()

    def pieces(self, count: int, *, islands: int = 1) -> list[slice]:
        """How ``count`` ascending currents are cut into batches for ``solve``.

        What a current costs grows with the islands, so that batches get smaller.
        """
        batches = -(-count // max(1, _LARGEST_PIECE // islands))
        ends = [count * batch // batches for batch in range(batches + 1)] if count else [0]
        return [slice(start, end) for start, end in pairwise(ends)]

    def largest_stack(self, *, islands: int) -> int:
        """How many points with so many islands are handed to ``solve_points`` at once."""
        return max(1, _LARGEST_STACK // islands)

    def solve(self, case: Case, current_densities: Array) -> Columns:
        """Everything that is reported, for every current.

        Args:
            case: What to compute, whatever its current.
            current_densities: I [A/m^2], shape (k,).
        """
        return self.solve_and_keep(case, current_densities)[0]

    def solve_points(self, points: OperatingPoints) -> Columns:
        """Everything that is reported of operating points whose cells may differ in numbers.

        Args:
            points: The points; all reactions have the same laws for the signs of their currents.

        Returns:
            Results; what needs a grid of its own to meet the tolerance has not converged.
        """
        columns = Columns.missing(len(points), layout_of(points.case))
        excess = np.full(len(points), np.inf)
        solvable = np.flatnonzero(np.isfinite(points.uniform.drive))
        groups = planning.alike(points.taken(solvable))
        missed = np.zeros(0, dtype=np.intp)
        for number, group in enumerate(groups, 1):
            # What a group misses is solved with the next one, which is solved more finely.
            together = np.union1d(missed, solvable[group])
            missed = self._solve_group(
                points, together, columns, excess, refine=number == len(groups)
            )

        def drive(numbers: npt.NDArray[np.intp]) -> Array:
            bare = points.taken(numbers).without_film()
            potentials = limits(points.case, points.taken(numbers).film_shifts)
            return self._drive_beside(bare, columns.taken(numbers), potentials)

        def checked(numbers: npt.NDArray[np.intp]) -> Array:
            found = self.solve_points(points.taken(numbers).without_film())
            return np.asarray(found.numbers["exposed_drive_max"])

        set_answers(points.case, columns, drive, checked, film_shifts=points.film_shifts)
        return columns

    def _solve_group(
        self,
        points: OperatingPoints,
        group: Integers,
        columns: Columns,
        excess: Array,
        *,
        refine: bool,
    ) -> Integers:
        """Solve some of the points in a stack, as many at once as fit into memory.

        Args:
            points: All points.
            group: Which of them.
            columns: Where their results go, unless what is there is better.
            excess: Of these results, over what is wanted, shape (points,).
            refine: Whether to solve those that miss the tolerance more finely.

        Returns:
            Those that missed it and were not.
        """
        method, taken = self._method, points.taken(group)
        resolution = method.first(taken)
        if not method.stacks(taken, resolution):
            return group[:0]
        nodes = method.along(taken, method.check_of(taken, resolution))
        missed = []
        for part in np.array_split(group, -(-len(group) * nodes**2 // _LARGEST_NUMBERS)):
            best: Best[SolvedOnGrid] = to_tolerance(
                points.taken(part), method, first=resolution, refine=refine
            )
            better = np.flatnonzero(~(best.excess >= excess[part]) | np.isinf(excess[part]))
            columns.put(part[better], best.columns.taken(better))
            excess[part[better]] = best.excess[better]
            missed.append(part[best.unmet])
        return np.concatenate(missed)

    def largest_exposed_drive(self, case: Case, current_densities: Array) -> Array:
        """Largest drive beside the islands, on grids that the tolerance asks for, without a check.

        Args:
            case: What to compute, whatever its current.
            current_densities: I [A/m^2], shape (k,).

        Returns:
            phi_Li - phi [V], shape (k,); NaN where there is no solution, or nothing is exposed.
        """
        currents = np.asarray(current_densities, dtype=np.float64)
        found = np.full(len(currents), np.nan)
        for part, signed in by_direction(case, currents):
            found[part] = self._largest_exposed_drive(OperatingPoints.of(signed, currents[part]))
        return found

    def _largest_exposed_drive(self, points: OperatingPoints) -> Array:
        found = np.full(len(points), np.nan)
        known = np.flatnonzero(np.isfinite(points.uniform.drive))
        if len(known):
            points = points.taken(known)
            solved = self._method.solve(points, self._method.first(points))
            good = np.flatnonzero(solved.solutions.solved)
            drive = largest_exposed_drive(solved.state(good))
            if drive is not None:
                found[known[good]] = drive
        return found

    def _drive_beside(self, bare: OperatingPoints, filmed: Columns, limits: Array) -> Array:
        """As ``_largest_exposed_drive``, or anything on the same sides of all limits.

        A film that only gives keeps the drive below that of bare copper, which in turn is not
        further from that of the uniform state than all the current can drive it, in a plane.

        Args:
            bare: The points on bare copper.
            filmed: What they report with the film.
            limits: Potentials that matter [V], of all points or of every point.
        """
        least = filmed.numbers["exposed_drive_max"]
        planar = bare.bottom.measure.is_uniform
        most = bare.uniform.drive + (largest_drop(bare) if planar else np.inf)
        gives = (bare.current_densities > 0) & (
            filmed.numbers["interlayer_current_density_min"] >= 0
        )
        margin = MARGIN * bare.case.accuracy.tolerance
        between = (limits > least[:, None] - margin) & (limits < most[:, None] + margin)
        asked = np.flatnonzero(~gives | between.any(axis=1))
        found = least.copy()
        if len(asked):
            found[asked] = self._largest_exposed_drive(bare.taken(asked))
        return np.asarray(found)

    def solve_and_keep(self, case: Case, current_densities: Array) -> tuple[Columns, list[Found]]:
        """Like ``solve``, and the solution that each result was found in."""
        currents = np.asarray(current_densities, dtype=np.float64)
        columns = Columns.missing(len(currents), layout_of(case))
        found: list[Found] = [None] * len(currents)
        for part, signed in by_direction(case, currents):
            points = OperatingPoints.of(signed, currents[part])
            try:
                best: Best[SolvedOnGrid] = to_tolerance(points, self._method)
            except GridTooLargeError as error:
                columns.reasons.update(dict.fromkeys(part.tolist(), str(error)))
                continue
            columns.put(part, best.columns)
            for point, one in zip(part.tolist(), best.found, strict=True):
                found[point] = one
        columns.reasons.update(reasons_at_rest(case, currents))
        answer_for_bare_copper(case, currents, columns, self)
        return columns, found
