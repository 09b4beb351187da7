"""Spectra on condensed grids: the operating point, the response about it, and its error.

The operating point is solved on the grid of the response, so that the response at no frequency is
the exact derivative of the discrete equations: dV/dI to rounding.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fem_island.case.case import Case
from fem_island.errors import ComputationError, ConvergenceError
from fem_island.machine.arrays import Array
from fem_island.solvers.condensed import grid
from fem_island.solvers.condensed.geometry import CondensedGeometry, condense
from fem_island.solvers.condensed.impedance_grids import LADDER, Rung
from fem_island.solvers.condensed.reactions import Reactions
from fem_island.solvers.condensed.reduced import reduced
from fem_island.solvers.condensed.small_signal import SmallSignal
from fem_island.solvers.condensed.solved import SolvedOnGrid, solve_on
from fem_island.solvers.fronts import cut_at, fronts, has_release
from fem_island.solvers.resolution import Resolution
from fem_island.solvers.response import (
    Response,
    SolvedSpectrum,
    checked_places,
    frequency_range,
)
from fem_island.surface.admittance import NoReaction
from fem_island.surface.alternating import alternating_bottom
from fem_island.surface.bottom import Bottom, Stretch
from fem_island.surface.points import OperatingPoints
from fem_island.surface.series import in_series
from fem_island.surface.uniform_state import NO_UNIFORM_STATE

logger = logging.getLogger(__name__)

_SAFETY = 3.0
"""Estimate per difference from the check."""

_ROUNDING = 1e-14
"""Of a spectrum, relative, over the smallest element as a share of the width."""

_LEAST = 3e-10
"""Smallest estimate, relative: nothing below is certain."""

_CHECKED = 5
"""Frequencies at which a spectrum is compared with its check; errors change slowly between them."""

_SPANNED = 1e-3
"""Share of the tolerance that a response in fewer unknowns may add."""

_MOST_NODES = 2000
"""Along the bottom: dense matrices take minutes above that."""

_KEPT_GEOMETRIES = 8
"""The latest; each has dense matrices along its bottom."""

_MOST_CUTS = 6
_FRONT = 1e-9
"""How well the place is found at which a film stops giving lithium, as a share of the width."""


@dataclass(frozen=True)
class _Point:
    """An operating point on one grid: the response about it, and -<phi>_top [V]."""

    small: SmallSignal
    voltage: float

    @property
    def rounding(self) -> float:
        """What rounding may change of a spectrum, relative."""
        axis = self.small.geometry.electrolyte.x
        return _LEAST + _ROUNDING * float(axis.extent / axis.lengths.min())


class ImpedanceSolver:
    """Solves spectra, and keeps the condensed grids of the latest geometries.

    Example:
        >>> from fem_island.case.cell import Cell
        >>> cell = Cell(kinetics={"double_layer": {"capacitance": 0.1}})
        >>> solved = ImpedanceSolver().solve(Case(cell=cell), np.array([1e6, 1.0]), tolerance=1e-6)
        >>> round(solved.resistance_dc * 1e4, 3)  # Ohm cm^2
        193.453
    """

    def __init__(self, *, ladder: Sequence[Rung] = LADDER) -> None:
        """Start without geometries.

        Args:
            ladder: Grids from coarse to fine, at least two; each is checked by the next.
        """
        self._ladder = ladder
        self._geometries: OrderedDict[tuple[object, ...], CondensedGeometry] = OrderedDict()

    def solve(
        self,
        case: Case,
        frequencies: Array,
        *,
        tolerance: float,
        bottom: Bottom | None = None,
    ) -> SolvedSpectrum:
        """The spectrum of a case at its current.

        Args:
            case: What to compute.
            frequencies: At which [Hz], shape (f,).
            tolerance: Wanted error, relative. Where the finest grid does not reach it, the estimate
                of the result says so.
            bottom: What lies where, with its admittances; None is the case's own.

        Raises:
            ConvergenceError: There is no operating point at this current.
            ComputationError: The bottom has too many parts for dense matrices.
        """
        bottom = alternating_bottom(case) if bottom is None else bottom
        series = in_series(case)
        checked = checked_places(frequencies, _CHECKED)
        ends = [2 * np.pi * end for end in frequency_range(frequencies)]
        found: SolvedSpectrum | None = None
        point = self._point(case, bottom, self._ladder[0])
        for finer in self._ladder[1:]:
            direct = Response(point.small, series).resistance_dc()
            fewer = reduced(point.small, *ends, tolerance=_SPANNED * tolerance)
            response = Response(fewer, series)
            values, slopes = response.impedance_and_slope(frequencies)
            try:
                check = self._point(case, bottom, finer)
            except ComputationError:
                if found is None:
                    raise
                break
            judge = Response(check.small, series)
            error = np.abs(judge.impedance(checked) / response.impedance(checked) - 1).max()
            if np.isfinite(direct):
                error = max(error, abs(judge.resistance_dc() / direct - 1))
            estimate = _SAFETY * float(error) + point.rounding
            if found is None or estimate < found.error:
                found = SolvedSpectrum(
                    response, frequencies, values, slopes, direct, estimate, point.voltage
                )
            if found.error <= tolerance:
                break
            logger.info("spectrum at %.1e of %.1e wanted", found.error, tolerance)
            point = check
        if found is None:
            raise ComputationError("no grid was tried")
        return found

    def _point(self, case: Case, bottom: Bottom, rung: Rung) -> _Point:
        """The operating point on the grid of a rung, cut where a film stops giving lithium."""
        resolution = rung.resolution(bottom, case.cell.electrolyte.height)
        whole = OperatingPoints.of(case, bottom=bottom)
        if not any(_reacts(stretch) for stretch in bottom):
            return self._without_reactions(whole, resolution)
        if not np.isfinite(whole.uniform.drive[0]):
            raise ConvergenceError(NO_UNIFORM_STATE)
        solved = self._solved(whole, resolution)
        cuts: list[float] = []
        for _ in range(_MOST_CUTS if has_release(bottom) else 0):
            state = solved.geometry.state(whole, solved.solutions.deviation)
            (found,) = fronts(state)
            if _near(found, cuts, _FRONT * bottom[-1].end):
                break
            cuts = found
            cut = cut_at(bottom, cuts, mirrored=grid.is_mirrored(bottom))
            solved = self._solved(whole.on(cut), resolution)
        points, geometry, deviation = solved.points, solved.geometry, solved.solutions.deviation
        reactions = Reactions(geometry.elements, points.bottom, points.uniform.overpotentials)
        slopes = reactions.evaluate(deviation)[2][0] / geometry.elements.weights
        top = geometry.top_mean.field(deviation, points.current_densities, points.conductivity)
        return _Point(
            SmallSignal.of(points, geometry, slopes), float(points.uniform.drive[0] - top[0, 0])
        )

    def _solved(self, points: OperatingPoints, resolution: Resolution) -> SolvedOnGrid:
        geometry = self._geometry(points, resolution)
        solved = solve_on(points, geometry, np.zeros((1, geometry.operator.size)))
        if not solved.solutions.solved[0]:
            residual = solved.solutions.residuals[0]
            raise ConvergenceError(f"Newton stopped at a residual of {residual:.1e} of the load")
        return solved

    def _without_reactions(self, points: OperatingPoints, resolution: Resolution) -> _Point:
        """Where nothing reacts there is no direct current, and no potential of its own."""
        if points.current_densities[0] != 0:
            raise ConvergenceError("nothing reacts, so that no direct current can flow")
        geometry = self._geometry(points, resolution)
        slopes = np.zeros_like(geometry.elements.weights)
        return _Point(SmallSignal.of(points, geometry, slopes), np.nan)

    def _geometry(self, points: OperatingPoints, resolution: Resolution) -> CondensedGeometry:
        """The grid, condensed as a whole; kept or new."""
        bottom, height = points.bottom, points.case.cell.electrolyte.height
        places = tuple((stretch.start, stretch.end, stretch.law is None) for stretch in bottom)
        key = (places, bottom.measure, grid.is_mirrored(bottom), height, resolution)
        known = self._geometries.pop(key, None)
        if known is None:
            part, sizes = grid.part_solved(bottom), resolution.grading
            degree = resolution.degree
            axis = grid.graded_bottom(part, height=height, degree=degree, grading=sizes)
            if axis.size > _MOST_NODES:
                line = f"a spectrum cannot have {axis.size} nodes along the bottom"
                raise ComputationError(line)
            known = condense(
                bottom, height=height, resolution=resolution, probes=(), largest_dense=_MOST_NODES
            )
        self._geometries[key] = known
        if len(self._geometries) > _KEPT_GEOMETRIES:
            self._geometries.popitem(last=False)
        return known


def _reacts(stretch: Stretch) -> bool:
    return stretch.law is not None and not isinstance(stretch.law, NoReaction)


def _near(found: list[float], known: list[float], distance: float) -> bool:
    """Are these the same places, within a distance?"""
    if len(found) != len(known):
        return False
    return all(abs(one - other) <= distance for one, other in zip(found, known, strict=True))
