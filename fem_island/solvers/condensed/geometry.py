"""One cell's geometry at one resolution, condensed: all that does not depend on the reactions.

A bottom that is its own mirror image is solved on its left half; what is reported is made from the
whole bottom again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array
from fem_island.results.state import BottomState
from fem_island.results.trace import Trace
from fem_island.solvers.condensed import grid, separable, stacks, strips
from fem_island.solvers.condensed.newton import CondensedProblem
from fem_island.solvers.condensed.reactions import ReactingElements, Reactions, reacting_elements
from fem_island.solvers.condensed.separable import SeparableElectrolyte
from fem_island.solvers.condensed.stacks import StackedElectrolyte
from fem_island.solvers.condensed.strips import StripElectrolyte, cut_lines
from fem_island.solvers.electrolyte import Operator, Recovered
from fem_island.solvers.resolution import Resolution, boundary_quadrature_degree
from fem_island.surface.bottom import Bottom
from fem_island.surface.points import OperatingPoints

LARGEST_DENSE = 300
"""Nodes along the bottom above which strips are faster than one dense matrix."""


@dataclass(frozen=True)
class CondensedGeometry:
    """A condensed grid with what is needed to solve on it and to report from it.

    Attributes:
        resolution: Degree and element sizes.
        electrolyte: The condensed grid, of the left half where ``mirrored``.
        mirrored: Whether the right half is the mirror image of the left one.
        elements: Where reactions are evaluated.
        bottom: Recovery of all nodes of the bottom.
        top_mean: Recovery of the mean at the top.
        probes: Recovery of the points that are reported.
        quadrature_degree: Of the reaction terms.
    """

    resolution: Resolution
    electrolyte: SeparableElectrolyte | StripElectrolyte | StackedElectrolyte
    mirrored: bool
    elements: ReactingElements
    bottom: Recovered
    top_mean: Recovered
    probes: Recovered
    quadrature_degree: int

    @property
    def operator(self) -> Operator:
        """S and q."""
        return self.electrolyte.operator

    @property
    def degrees_of_freedom(self) -> int:
        """Unknowns of the discrete problem that was condensed."""
        return self.electrolyte.x.size * self.electrolyte.y.size

    def taken(self, points: npt.NDArray[np.intp]) -> CondensedGeometry:
        """The geometry of some of the points, where every point has its own."""
        if not isinstance(self.electrolyte, StackedElectrolyte):
            return self
        return replace(
            self,
            electrolyte=self.electrolyte.taken(points),
            bottom=self.bottom.taken(points),
            top_mean=self.top_mean.taken(points),
            probes=self.probes.taken(points),
        )

    def problem(self, points: OperatingPoints) -> CondensedProblem:
        """The equations of operating points, for the deviation from their uniform states."""
        reactions = Reactions.at(self.elements, points)
        return CondensedProblem(
            self.operator, reactions, points.current_densities, points.conductivity
        )

    def state(self, points: OperatingPoints, deviation: Array) -> BottomState:
        """Solutions as the observables need them.

        Args:
            points: The k operating points.
            deviation: psi_r of each [V], shape (k, n).
        """
        currents, conductivity = points.current_densities, points.conductivity
        x = self.electrolyte.x
        along = self.bottom.field(deviation, currents, conductivity)
        values, ends = along[:, x.element_nodes], x.ends
        if self.mirrored:
            values = np.concatenate([values, values[:, ::-1, ::-1]], axis=1)
            ends = np.concatenate([ends, points.bottom[-1].end - ends[::-1, ::-1]])
        return BottomState(
            points=points,
            deviation=Trace(ends, values, grid.reference(x.degree).nodes),
            top_deviation_mean=self.top_mean.field(deviation, currents, conductivity)[:, 0],
            quadrature_degree=self.quadrature_degree,
            mirrored=self.mirrored,
        )

    def at(self, points: Array) -> Recovered:
        """Recovery at points (x, y) of the whole cell [m], shape (m, 2).

        Raises:
            ValueError: The geometry is a stack, of which the field is known at the bottom alone.
        """
        return self.electrolyte.at(self.folded(points))

    def prolonged(self, coarse: CondensedGeometry, deviation: Array) -> Array:
        """The unknowns of another resolution in those of this one, shapes (k, n)."""
        ours, x = self.electrolyte.x.nodes[self.electrolyte.reacting], coarse.electrolyte.x
        element = np.searchsorted(x.breaks, ours, side="right") - 1
        element = np.clip(element, 0, len(x.lengths) - 1)
        values = grid.basis(x.degree, (ours - x.breaks[element]) / x.lengths[element])
        along = np.zeros((len(deviation), x.size))
        along[:, coarse.electrolyte.reacting] = deviation
        return np.asarray(np.einsum("kmi,mi->km", along[:, x.element_nodes[element]], values))

    def folded(self, points: Array) -> Array:
        """Points (x, y) [m] moved into the part that is solved."""
        return _folded(points, self.electrolyte.x.breaks[-1]) if self.mirrored else points


def condense(
    stretches: Bottom,
    *,
    height: float,
    resolution: Resolution,
    probes: tuple[tuple[float, ...], ...],
    largest_dense: int = LARGEST_DENSE,
    stretching: Array | None = None,
    raising: Array | None = None,
) -> CondensedGeometry:
    """Set up a geometry.

    Args:
        stretches: The whole bottom; which of them react matters, but not how.
        height: H [m].
        resolution: Degree and element sizes.
        probes: Points (x, y) that are reported [m].
        largest_dense: Nodes along the bottom above which it is cut into strips.
        stretching: Length of every stretch over that in ``stretches``, for every operating point,
            shape (k, stretches); None where all points have the same.
        raising: Their heights over ``height``, shape (k,); None where they have that.
    """
    degree = resolution.degree
    mirrored = grid.is_mirrored(stretches)
    part = grid.part_solved(stretches)
    x = grid.graded_bottom(part, height=height, degree=degree, grading=resolution.grading)
    y = grid.graded_height(height, degree=degree, grading=resolution.grading)
    quadrature_degree = boundary_quadrature_degree(degree)
    middles = x.ends.mean(axis=1)
    reacting = np.zeros(x.size, dtype=bool)
    for stretch in part:
        if stretch.law is not None:
            first, last = np.searchsorted(middles, (stretch.start, stretch.end)).tolist()
            reacting[x.element_nodes[first:last]] = True
    electrolyte: SeparableElectrolyte | StripElectrolyte | StackedElectrolyte
    if stretching is not None:
        cuts = np.searchsorted(middles, [stretch.end for stretch in part[:-1]])
        reacts = [stretch.law is not None for stretch in part]
        raising = np.ones(len(stretching)) if raising is None else raising
        factors = stretching[:, : len(part)]
        electrolyte = stacks.condense(x, y, cuts, reacts, factors, raising)
    elif x.size > largest_dense:
        electrolyte = strips.condense(x, y, reacting, cut_lines(x, part, lines=y.size))
    else:
        electrolyte = separable.condense(x, y, reacting)
    points = np.array(probes, dtype=np.float64).reshape(-1, 2)
    if mirrored:
        points = _folded(points, x.breaks[-1])
    return CondensedGeometry(
        resolution=resolution,
        electrolyte=electrolyte,
        mirrored=mirrored,
        elements=reacting_elements(
            part, x.ends, degree=degree, quadrature_degree=quadrature_degree
        ),
        bottom=electrolyte.bottom(),
        top_mean=electrolyte.top_mean(),
        probes=electrolyte.at(points),
        quadrature_degree=quadrature_degree,
    )


def _folded(points: Array, middle: float) -> Array:
    """Points of the right half moved to their mirror images."""
    folded = points.copy()
    folded[:, 0] = np.minimum(points[:, 0], 2 * middle - points[:, 0])
    return folded
