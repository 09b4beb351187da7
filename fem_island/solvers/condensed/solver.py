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

from fem_island.case.cell import Case, at_current
from fem_island.errors import ComputationError
from fem_island.machine.arrays import Array
from fem_island.results.columns import STATUSES, Columns
from fem_island.results.observables import missing
from fem_island.solvers.condensed import grid, planning
from fem_island.solvers.condensed.attempts import Attempt, Found, Setting
from fem_island.solvers.condensed.geometry import CondensedGeometry, condense
from fem_island.solvers.condensed.series import OperatingPoints, place, taken
from fem_island.solvers.estimates import set_estimates
from fem_island.solvers.fronts import cut_at, fronts, has_release, stops_somewhere
from fem_island.solvers.resolution import Resolution
from fem_island.surface.bottom import stretches
from fem_island.surface.uniform_state import NO_UNIFORM_STATE, uniform_states

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
    ) -> tuple[Columns, list[Setting | None]]:
        """Like ``solve``, and on what each result was found; None if on no condensed grid."""
        currents = np.asarray(current_densities, dtype=np.float64)
        columns = missing(case, len(currents))
        settings: list[Setting | None] = [None] * len(currents)
        for part, signed in _by_branch(case, currents):
            found = Found(missing(signed, len(part)), [None] * len(part))
            self._solve(signed, currents[part], found)
            place(columns, part, found.columns)
            for point, setting in zip(part.tolist(), found.settings, strict=True):
                settings[point] = setting
        if _has_branches(case):
            for point in np.flatnonzero(currents == 0):
                columns.reasons[int(point)] = _NO_EQUILIBRIUM
        return columns, settings

    def setting(
        self, case: Case, current_densities: Array, setting: Setting
    ) -> tuple[OperatingPoints, CondensedGeometry]:
        """The points of ``solve`` and the condensed grid of a setting."""
        uniform = uniform_states(setting.bottom, current_densities)
        series = OperatingPoints(case, setting.bottom, uniform, current_densities)
        return series, self._geometry(series, setting.resolution)

    def _solve(self, case: Case, currents: Array, found: Found) -> None:
        """Solve currents at which all reactions have one law each."""
        bottom = stretches(case)
        uniform = uniform_states(bottom, currents)
        for point in np.flatnonzero(~np.isfinite(uniform.drive)):
            found.columns.reasons[int(point)] = NO_UNIFORM_STATE
        series = OperatingPoints(case, bottom, uniform, currents)
        self._refine(series, np.flatnonzero(np.isfinite(uniform.drive)), found, may_cut=True)

    def _refine(
        self,
        series: OperatingPoints,
        points: npt.NDArray[np.intp],
        found: Found,
        *,
        may_cut: bool,
    ) -> None:
        """Solve points on finer and finer grids until they meet the tolerance.

        Args:
            series: All points.
            points: Which of them to solve.
            found: Where the best results go.
            may_cut: Whether to cut the film where it stops giving lithium.
        """
        case, bottom = series.case, series.bottom
        resolution = planning.first_resolution(case, bottom, series.uniform.taken(points))
        tried = False
        while len(points):
            try:
                attempt = self._attempt(series.taken(points), resolution)
            except GridTooLargeError as error:
                logger.info("%s", error)
                if not tried:
                    place(found.columns, points, _by_newton(case, series.current_densities[points]))
                break
            better = np.flatnonzero((attempt.excess < found.excess[points]) | (not tried))
            found.excess[points[better]] = attempt.excess[better]
            place(found.columns, points[better], taken(attempt.columns, better))
            for number in points[better].tolist():
                found.settings[number] = Setting(bottom, resolution)
            tried = True
            unmet = (attempt.excess > 1) & (attempt.columns.numbers["status"] != _FAILED)
            worst = float(attempt.excess[unmet].max(initial=0.0))
            if may_cut and has_release(bottom):
                stops = np.flatnonzero(stops_somewhere(attempt.columns))
                unmet[self._cut(series, points, stops, attempt, found)] = False
            points = points[unmet]
            if len(points):
                finer = planning.finer_resolution(case, bottom, resolution, excess=worst)
                logger.info("%d points at %.1e of what is wanted: %s", len(points), worst, finer)
                if finer is None:
                    break
                resolution = finer

    def _cut(
        self,
        series: OperatingPoints,
        points: npt.NDArray[np.intp],
        stops: npt.NDArray[np.intp],
        attempt: Attempt,
        found: Found,
    ) -> list[int]:
        """Solve points again, one by one, with the film cut where it stops giving lithium.

        Even where the tolerance is met: a solution and its check then have the same kink, so that
        their difference says too little of the error.

        Returns:
            Which of the attempt's points were.
        """
        if not len(stops):
            return []
        places = fronts(attempt.series.taken(stops).state(attempt.geometry, attempt.of(stops)))
        cut = [(n, where) for n, where in zip(stops.tolist(), places, strict=True) if where]
        for number, where in cut:
            point = points[[number]]
            bottom = cut_at(series.bottom, where, mirrored=grid.is_mirrored(series.bottom))
            one = Found(taken(found.columns, point), [None])
            self._refine(series.taken(point).on(bottom), np.arange(1), one, may_cut=False)
            if one.columns.numbers["status"][0] != _FAILED:
                place(found.columns, point, one.columns)
                found.excess[point], found.settings[point[0]] = one.excess[0], one.settings[0]
        return [number for number, _ in cut]

    def _attempt(self, series: OperatingPoints, resolution: Resolution) -> Attempt:
        """Results at one resolution with their estimates."""
        coarse = self._geometry(series, resolution)
        finer = planning.check_of(series.case, series.bottom, series.uniform, resolution)
        fine = self._geometry(series, finer)
        start = np.zeros((len(series.current_densities), coarse.operator.size))
        solved = series.solve(coarse, start)
        columns = series.observe(coarse, solved)
        series.reject(columns, solved)
        excess = np.full(len(start), np.inf)
        attempt = Attempt(series, coarse, solved, columns, excess)
        good = np.flatnonzero(columns.numbers["status"] != _FAILED)
        if not len(good):
            return attempt
        # The check differs little, so that it is one step of Newton away.
        prolonged = solved.deviation[good] @ fine.prolongation(coarse)
        series = series.taken(good)
        checked = series.solve(fine, prolonged, tolerance=_CHECK_RESIDUAL)
        check = series.observe(fine, checked)
        reported = taken(columns, good)
        excess[good] = set_estimates(series.case, reported, check)
        for point in np.flatnonzero(~checked.solved):
            reported.numbers["status"][point] = _UNMET
            reported.reasons[int(point)] = "the error could not be estimated: Newton failed"
        excess[np.isnan(excess)] = np.inf
        place(columns, good, reported)
        return attempt

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
    from fem_island.solvers.meshed.solver import NewtonSolver

    with NewtonSolver() as solver:
        return solver.solve(case, currents)
