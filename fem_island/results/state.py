"""Solutions on the bottom as everything that is reported needs them, whichever solver made them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import basix
import numpy as np

from fem_island.machine.arrays import Array
from fem_island.results.trace import Trace
from fem_island.surface.bottom import Stretch
from fem_island.surface.uniform_state import UniformStates


@dataclass(frozen=True)
class BottomState:
    """Solutions as the observables need them, whichever solver made them.

    Attributes:
        bottom: What lies where.
        uniform: The uniform states of k operating points.
        deviation: Traces on the bottom of the potential's deviation from them [V]; values of
            shape (k, pieces, nodes).
        top_deviation_mean: Mean of the deviation at the top [V], shape (k,).
        quadrature_degree: Of the reaction terms in the discrete equations.
        mirrored: Whether the right half of all traces is the mirror image of the left one.
    """

    bottom: tuple[Stretch, ...]
    uniform: UniformStates
    deviation: Trace
    top_deviation_mean: Array
    quadrature_degree: int
    mirrored: bool = False

    def overpotential(self, stretch: Stretch) -> Trace:
        """Traces of the overpotential on one stretch [V]."""
        return self._overpotentials[self.bottom.index(stretch)]

    def drive(self, stretch: Stretch) -> Trace:
        """Traces of phi_Li - phi on one stretch [V]."""
        part = self.deviation.restricted(stretch.start, stretch.end)
        return Trace(part.ends, self.uniform.drive[:, None, None] - part.values, part.nodes)

    def current_density(self, stretch: Stretch) -> tuple[Array, Array, Array]:
        """The reaction at the quadrature points of the discrete equations.

        Returns:
            Positions [m], shape (pieces, points); current densities [A/m^2], shape
            (k, pieces, points); weights [m], shape (pieces, points).
        """
        points, weights = quadrature(self.quadrature_degree)
        trace = self.overpotential(stretch)
        positions, values = trace.sampled(points)
        currents = (
            np.zeros_like(values) if stretch.law is None else stretch.law.current_density(values)
        )
        return positions, currents, trace.lengths[:, None] * weights

    def to_search(self, trace: Trace) -> Trace | None:
        """The part of a trace that has all of its values, or None if another trace has them."""
        if not self.mirrored:
            return trace
        middle = 0.5 * (self.bottom[0].start + self.bottom[-1].end)
        left = trace.restricted(self.bottom[0].start, middle)
        return left if len(left.ends) else None

    @cached_property
    def _overpotentials(self) -> list[Trace]:
        """Traces of the overpotential on every stretch."""
        traces = []
        for stretch, uniform in zip(self.bottom, self.uniform.overpotentials.T, strict=True):
            part = self.deviation.restricted(stretch.start, stretch.end)
            traces.append(Trace(part.ends, uniform[:, None, None] - part.values, part.nodes))
        return traces


@lru_cache(maxsize=16)
def quadrature(degree: int) -> tuple[Array, Array]:
    """Points from 0 to 1 and weights of the rule for the reaction terms; shapes (points,)."""
    points, weights = basix.make_quadrature(basix.CellType.interval, degree)
    return np.array(points, dtype=np.float64)[:, 0], np.array(weights, dtype=np.float64)
