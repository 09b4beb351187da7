"""One cell's geometry at one resolution, condensed: all that does not depend on the reactions.

A bottom that is its own mirror image is solved on its left half; what is reported is made from the
whole bottom again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fem_island.machine.arrays import Array
from fem_island.results.state import BottomState
from fem_island.results.trace import Trace
from fem_island.solvers.condensed import grid, separable
from fem_island.solvers.condensed.newton import CondensedProblem
from fem_island.solvers.condensed.reactions import ReactingElements, Reactions, reacting_elements
from fem_island.solvers.condensed.separable import SeparableElectrolyte
from fem_island.solvers.electrolyte import BottomOperator, Recovery
from fem_island.solvers.resolution import Resolution, boundary_quadrature_degree
from fem_island.surface.bottom import Bottom
from fem_island.surface.points import OperatingPoints


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
    electrolyte: SeparableElectrolyte
    mirrored: bool
    elements: ReactingElements
    bottom: Recovery
    top_mean: Recovery
    probes: Recovery
    quadrature_degree: int

    @property
    def operator(self) -> BottomOperator:
        """S and q."""
        return self.electrolyte.operator

    @property
    def degrees_of_freedom(self) -> int:
        """Unknowns of the discrete problem that was condensed."""
        return self.electrolyte.x.size * self.electrolyte.y.size

    def problem(self, points: OperatingPoints) -> CondensedProblem:
        """The equations of operating points, for the deviation from their uniform states."""
        reactions = Reactions(self.elements, points.bottom, points.uniform.overpotentials)
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

    def at(self, points: Array) -> Recovery:
        """Recovery at points (x, y) of the whole cell [m], shape (m, 2)."""
        return self.electrolyte.at(self.folded(points))

    def prolongation(self, coarse: CondensedGeometry) -> Array:
        """Matrix from the unknowns of another resolution to those of this one, from the right."""
        ours = self.electrolyte.x.nodes[self.electrolyte.reacting]
        values = coarse.electrolyte.x.basis_at(ours)
        return values[:, coarse.electrolyte.reacting].T

    def folded(self, points: Array) -> Array:
        """Points (x, y) [m] moved into the part that is solved."""
        return _folded(points, self.electrolyte.x.breaks[-1]) if self.mirrored else points


def condense(
    stretches: Bottom,
    *,
    height: float,
    resolution: Resolution,
    probes: tuple[tuple[float, float], ...],
) -> CondensedGeometry:
    """Set up a geometry.

    Args:
        stretches: The whole bottom; which of them react matters, but not how.
        height: H [m].
        resolution: Degree and element sizes.
        probes: Points (x, y) that are reported [m].
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
            inside = (middles > stretch.start) & (middles < stretch.end)
            reacting[x.element_nodes[inside]] = True
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
