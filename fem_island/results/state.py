"""Solutions on the bottom as everything that is reported needs them, whichever solver made them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.polynomial.legendre import leggauss

from fem_island.machine.arrays import Array
from fem_island.results.trace import Trace
from fem_island.surface.bottom import Bottom, Stretch
from fem_island.surface.points import OperatingPoints
from fem_island.surface.uniform_state import UniformStates


@dataclass(frozen=True)
class Samples:
    """Overpotentials of k operating points where the discrete equations evaluate the reactions.

    Attributes:
        overpotential: [V], shape (k, points).
        weights: Of integrals over the stretch, in the unit of the extent, shape (points,), or of
            every point, shape (k, points).
    """

    overpotential: Array
    weights: Array

    def integral(self, values: Array) -> Array:
        """The integrals over the stretch of what is known at the samples, shape (k,)."""
        if self.weights.ndim == 1:
            return np.asarray(values @ self.weights)
        return np.asarray(np.einsum("kn,kn->k", values, self.weights))

    def mean(self) -> Array:
        """Mean overpotential [V], shape (k,)."""
        return self.integral(self.overpotential) / self.weights.sum(axis=-1)


@dataclass(frozen=True)
class BottomState:
    """Solutions as the observables need them.

    Attributes:
        points: The k operating points that were solved.
        deviation: Traces on the bottom of the potential's deviation from their uniform states [V];
            values of shape (k, pieces, nodes).
        top_deviation_mean: Mean of the deviation at the top [V], shape (k,).
        quadrature_degree: Of the reaction terms in the discrete equations.
        mirrored: Whether the right half of all traces is the mirror image of the left one.
    """

    points: OperatingPoints
    deviation: Trace
    top_deviation_mean: Array
    quadrature_degree: int
    mirrored: bool = False

    @property
    def bottom(self) -> Bottom:
        """What lies where."""
        return self.points.bottom

    @property
    def uniform(self) -> UniformStates:
        """The uniform states of the points."""
        return self.points.uniform

    def overpotential(self, stretch: Stretch) -> Trace:
        """Traces of the overpotential on one stretch [V]."""
        return self._overpotentials[self._numbers[stretch.start]]

    def drive(self, stretch: Stretch) -> Trace:
        """Traces of phi_Li - phi on one stretch [V]."""
        part = self.deviation.restricted(stretch.start, stretch.end)
        return Trace(part.ends, self.uniform.drive[:, None, None] - part.values, part.nodes)

    def samples(self, number: int) -> Samples:
        """What integrals over a stretch are made of.

        Args:
            number: Of the stretch.
        """
        trace = self._overpotentials[number]
        share = 1.0
        if self.mirrored:
            searched = self._searched[number]
            if searched is None:
                return self.samples(len(self.bottom) - 1 - number)
            if len(searched.ends) < len(trace.ends):
                trace, share = searched, 2.0
        points, weights = quadrature(self.quadrature_degree)
        positions, values = trace.sampled(points)
        weighted = self.points.weights(number, positions, trace.lengths[:, None] * weights)
        flat = weighted.reshape(*weighted.shape[:-2], -1)
        return Samples(values.reshape(len(values), -1), share * flat)

    def searched(self, stretch: Stretch) -> Trace | None:
        """Traces of the overpotential on the part of a stretch that has all of its values [V].

        None where another stretch, its mirror image, has them.
        """
        return self._searched[self._numbers[stretch.start]]

    @cached_property
    def _searched(self) -> list[Trace | None]:
        """What is searched of every stretch; its largest values are then found once."""
        if not self.mirrored:
            return list(self._overpotentials)
        left = self.bottom[0].start
        halves = [trace.restricted(left, self._middle) for trace in self._overpotentials]
        return [half if len(half.ends) else None for half in halves]

    @cached_property
    def _numbers(self) -> dict[float, int]:
        """Numbers of the stretches by where they begin; a search for each would be quadratic."""
        return {stretch.start: number for number, stretch in enumerate(self.bottom)}

    @cached_property
    def _middle(self) -> float:
        return 0.5 * (self.bottom[0].start + self.bottom[-1].end)

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
    """Points from 0 to 1 and weights of the rule for the reaction terms; shapes (points,).

    It is that of Gauss and Legendre with the fewest points that are exact for the degree, which is
    also what DOLFINx integrates sides with.
    """
    points, weights = leggauss((degree + 2) // 2)
    return 0.5 * (points + 1), 0.5 * weights
