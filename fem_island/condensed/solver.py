"""Series of operating points of one cell on its condensed grid, each with its error estimate."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Iterator
from itertools import pairwise
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from fem_island import accuracy
from fem_island.accuracy import Resolution
from fem_island.bottom import stretches
from fem_island.cell import Case
from fem_island.columns import STATUSES, Columns
from fem_island.condensed import grid, planning
from fem_island.condensed.geometry import CondensedGeometry, condense
from fem_island.condensed.series import OperatingPoints, place, taken
from fem_island.errors import ComputationError
from fem_island.newton import NewtonSolver, at_current
from fem_island.observables import missing
from fem_island.trace import Array
from fem_island.uniform_state import NO_UNIFORM_STATE, uniform_states

logger = logging.getLogger(__name__)

_LARGEST_PIECE = 256
"""Currents that are solved together: enough that Python's share of the time is small."""

_LARGEST_AXIS = 2000
"""Nodes along the bottom above which ``newton`` is faster than a dense condensation."""

_KEPT_GEOMETRIES = 8

_CHECK_RESIDUAL = 1e-7
"""Relative residual of the check; its error is far below the difference that it is made for."""

_FAILED, _UNMET = STATUSES.index("failed"), STATUSES.index("tolerance not met")

_NO_EQUILIBRIUM = "Tafel kinetics has no equilibrium; give a current other than 0"


class GridTooLargeError(ComputationError):
    """The bottom has more nodes than a dense condensation is made for."""


class CondensedSolver:
    """Solves series of operating points that differ in the applied current only.

    It keeps the condensed grids of the latest geometries, which other kinetics, temperatures,
    conductivities and potentials share. A result depends on the case and on the currents that are
    solved with it, and on nothing that was computed before.

    Example:
        >>> columns = CondensedSolver().solve(Case(), np.array([2.5]))
        >>> round(float(columns.numbers["overpotential_mean"][0]), 4)
        0.0846
    """

    name = "condensed"

    def __init__(self) -> None:
        """Start without geometries."""
        self._geometries: OrderedDict[tuple[object, ...], CondensedGeometry] = OrderedDict()

    def __enter__(self) -> Self:
        """Start of the lifetime of the geometries."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Forget them."""
        self._geometries.clear()

    def pieces(self, count: int, *, islands: int = 1) -> list[slice]:
        """How ``count`` ascending currents of a series are cut into batches for ``solve``.

        What a current costs grows steeply with the islands, so that batches get smaller.
        """
        batches = -(-count // max(1, _LARGEST_PIECE // islands**2))
        ends = [count * batch // batches for batch in range(batches + 1)] if count else [0]
        return [slice(start, end) for start, end in pairwise(ends)]

    def solve(self, case: Case, current_densities: Array) -> Columns:
        """Everything that is reported, for every current.

        Args:
            case: What to compute, whatever its current.
            current_densities: I [A/m^2], shape (k,).
        """
        return self.solve_and_tell(case, current_densities)[0]

    def solve_and_tell(
        self, case: Case, current_densities: Array
    ) -> tuple[Columns, list[Resolution | None]]:
        """Like ``solve``, and at which resolution each result was found; None if at none."""
        currents = np.asarray(current_densities, dtype=np.float64)
        columns = missing(case, len(currents))
        resolutions: list[Resolution | None] = [None] * len(currents)
        for part, signed in _by_branch(case, currents):
            place(columns, part, self._solve(signed, currents[part], part, resolutions))
        if _has_branches(case):
            for point in np.flatnonzero(currents == 0):
                columns.reasons[int(point)] = _NO_EQUILIBRIUM
        return columns, resolutions

    def setting(
        self, case: Case, current_densities: Array, resolution: Resolution
    ) -> tuple[OperatingPoints, CondensedGeometry]:
        """The points of ``solve`` and the condensed grid of a resolution."""
        bottom = stretches(case)
        uniform = uniform_states(bottom, current_densities)
        series = OperatingPoints(case, bottom, uniform, current_densities)
        return series, self._geometry(series, resolution)

    def _solve(
        self,
        case: Case,
        currents: Array,
        numbers: npt.NDArray[np.intp],
        resolutions: list[Resolution | None],
    ) -> Columns:
        """Solve currents at which all reactions have one law each; note the resolutions."""
        columns = missing(case, len(currents))
        bottom = stretches(case)
        uniform = uniform_states(bottom, currents)
        points = np.flatnonzero(np.isfinite(uniform.drive))
        for point in np.flatnonzero(~np.isfinite(uniform.drive)):
            columns.reasons[int(point)] = NO_UNIFORM_STATE
        resolution = planning.first_resolution(case, bottom, uniform.taken(points))
        series = OperatingPoints(case, bottom, uniform, currents)
        least = np.full(len(currents), np.inf)
        tried = False
        while len(points):
            try:
                attempt, excess = self._attempt(series.taken(points), resolution)
            except GridTooLargeError as error:
                logger.info("%s", error)
                if not tried:
                    place(columns, points, _by_newton(case, currents[points]))
                break
            better = np.flatnonzero((excess < least[points]) | (not tried))
            least[points[better]] = excess[better]
            place(columns, points[better], taken(attempt, better))
            for number in numbers[points[better]].tolist():
                resolutions[number] = resolution
            tried = True
            unmet = (excess > 1) & (attempt.numbers["status"] != _FAILED)
            points = points[unmet]
            if len(points):
                worst = float(excess[unmet].max())
                finer = planning.finer_resolution(case, bottom, resolution, excess=worst)
                logger.info("%d points at %.1e of what is wanted: %s", len(points), worst, finer)
                if finer is None:
                    break
                resolution = finer
        return columns

    def _attempt(self, series: OperatingPoints, resolution: Resolution) -> tuple[Columns, Array]:
        """Results at one resolution with their estimates, and their errors over what is wanted."""
        coarse = self._geometry(series, resolution)
        finer = planning.check_of(series.case, series.bottom, series.uniform, resolution)
        fine = self._geometry(series, finer)
        start = np.zeros((len(series.current_densities), coarse.operator.size))
        solved = series.solve(coarse, start)
        columns = series.observe(coarse, solved)
        series.reject(columns, solved)
        excess = np.full(len(start), np.inf)
        good = np.flatnonzero(columns.numbers["status"] != _FAILED)
        if not len(good):
            return columns, excess
        # The check differs little, so that it is one step of Newton away.
        prolonged = solved.deviation[good] @ fine.prolongation(coarse)
        series = series.taken(good)
        checked = series.solve(fine, prolonged, tolerance=_CHECK_RESIDUAL)
        check = series.observe(fine, checked)
        reported = taken(columns, good)
        excess[good] = accuracy.set_estimates(series.case, reported, check)
        for point in np.flatnonzero(~checked.solved):
            reported.numbers["status"][point] = _UNMET
            reported.reasons[int(point)] = "the error could not be estimated: Newton failed"
        excess[np.isnan(excess)] = np.inf
        place(columns, good, reported)
        return columns, excess

    def _geometry(self, series: OperatingPoints, resolution: Resolution) -> CondensedGeometry:
        """The condensed grid, kept or new."""
        bottom = series.bottom
        height, probes = series.case.cell.electrolyte.height, series.case.output.probes
        places = tuple((stretch.start, stretch.end, stretch.law is None) for stretch in bottom)
        key = (places, grid.is_mirrored(bottom), height, probes, resolution)
        known = self._geometries.get(key)
        if known is None:
            nodes = grid.nodes_of(bottom, height=height, resolution=resolution)
            if nodes > _LARGEST_AXIS:
                raise GridTooLargeError(f"{nodes} nodes along the bottom are too many to condense")
            known = condense(bottom, height=height, resolution=resolution, probes=probes)
            self._geometries[key] = known
            if len(self._geometries) > _KEPT_GEOMETRIES:
                self._geometries.popitem(last=False)
        self._geometries.move_to_end(key)
        return known


def _has_branches(case: Case) -> bool:
    """Is there a law that is another one for stripping than for plating?"""
    cell = case.cell
    return any(cell.island_kinetics(island).law == "tafel" for island in cell.islands)


def _by_branch(case: Case, currents: Array) -> Iterator[tuple[npt.NDArray[np.intp], Case]]:
    """Numbers of the currents that have the same laws, and a case with these laws."""
    if not _has_branches(case):
        yield np.arange(len(currents)), case
        return
    for sign, points in ((1.0, np.flatnonzero(currents > 0)), (-1.0, np.flatnonzero(currents < 0))):
        if len(points):
            yield points, at_current(case, sign)


def _by_newton(case: Case, currents: Array) -> Columns:
    """Solve one by one, on meshes that are not condensed."""
    with NewtonSolver() as solver:
        return solver.solve(case, currents)
