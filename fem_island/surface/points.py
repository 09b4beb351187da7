"""Operating points: what is solved together, bottoms of the same stretches at applied currents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from fem_island.case.case import Case
from fem_island.case.variants import BARE, with_film
from fem_island.machine.arrays import Array
from fem_island.machine.equal_rows import equal_rows
from fem_island.surface.bottom import Bottom, Tag, stretches
from fem_island.surface.pointwise_law import laws_taken
from fem_island.surface.uniform_state import UniformStates, potential_of, uniform_states

_UNEVEN = 1.001
"""By which the last stretch is longer where lengths alone would make a mirror image."""

PerPoint = Any
"""A float where k operating points have the same, or an array of shape (k,)."""


@dataclass(frozen=True)
class OperatingPoints:
    """k applied currents of one cell, or of cells that differ in numbers alone.

    What differs between cells beside their currents has the points along its first axis: the
    parameters of laws (``PointwiseLaw``), the conductivity, and the lengths of stretches. These are
    then those of ``bottom``, a template, times a factor of their own.

    Attributes:
        case: What is computed; what differs between the points does not count in it.
        bottom: What reacts where, in the state that the points share.
        uniform: Their uniform states.
        current_densities: I [A/m^2], shape (k,).
        stretching: Length of every stretch over that in ``bottom``, shape (k, stretches); None
            where all points have the same.
        conductivities: Kappa of every point [S/m], shape (k,); None is that of the case.
        raising: Height of the electrolyte over that of the case, shape (k,); None where all points
            have that.
        film_shifts: How far the potentials of the film are above those of ``bottom`` and the case
            [V], shape (k,); None where they are not.
    """

    case: Case
    bottom: Bottom
    uniform: UniformStates
    current_densities: Array
    stretching: Array | None = None
    conductivities: Array | None = None
    raising: Array | None = None
    film_shifts: Array | None = None

    @classmethod
    def of(
        cls,
        case: Case,
        current_densities: npt.ArrayLike | None = None,
        *,
        bottom: Bottom | None = None,
    ) -> OperatingPoints:
        """Points of a case with their uniform states.

        Args:
            case: What is computed.
            current_densities: I [A/m^2], shape (k,); None is the case's own.
            bottom: What reacts where; None is what the case describes.
        """
        if current_densities is None:
            current_densities = [case.operation.current_density]
        currents = np.asarray(current_densities, dtype=np.float64)
        bottom = stretches(case) if bottom is None else bottom
        return cls(case, bottom, uniform_states(bottom, currents), currents)

    @classmethod
    def stacked(
        cls,
        case: Case,
        bottom: Bottom,
        current_densities: Array,
        *,
        stretching: Array,
        conductivities: Array,
        raising: Array | None = None,
        film_shifts: Array | None = None,
    ) -> OperatingPoints:
        """Points of cells that differ in numbers; see the attributes."""
        sizes = sizes_of(bottom, stretching)
        uniform = uniform_states(bottom, current_densities, sizes=sizes, film_shifts=film_shifts)
        numbers = stretching, conductivities, raising, film_shifts
        return cls(case, bottom, uniform, current_densities, *numbers)

    def __len__(self) -> int:
        """Number of points."""
        return len(self.current_densities)

    @property
    def conductivity(self) -> PerPoint:
        """Kappa [S/m], of all or of every point."""
        return self.case.conductivity if self.conductivities is None else self.conductivities

    @property
    def height(self) -> PerPoint:
        """H [m], of all or of every point."""
        height = self.case.cell.electrolyte.height
        return height if self.raising is None else height * self.raising

    def potential(self, number: int) -> PerPoint:
        """U of a stretch, by its number, at all or at every point [V]."""
        return potential_of(self.bottom[number], self.film_shifts)

    @cached_property
    def geometries(self) -> npt.NDArray[np.intp]:
        """A number for every point, equal where lengths and heights are equal, shape (k,)."""
        lengths = np.zeros((len(self), 0)) if self.stretching is None else self.stretching
        heights = np.ones(len(self)) if self.raising is None else self.raising
        return equal_rows(np.column_stack([lengths, heights]))

    @property
    def applied(self) -> Array:
        """Total applied currents: I times the extent of the bottom, shape (k,)."""
        return np.asarray(self.current_densities * self.extent)

    @property
    def extent(self) -> PerPoint:
        """What the applied current density is spread over, of all or of every point."""
        if self.stretching is None:
            return self.bottom.extent
        return np.asarray(self._sizes.sum(axis=1))

    def size(self, number: int) -> PerPoint:
        """How much of the extent a stretch has, by its number, at all or at every point."""
        if self.stretching is None:
            return self.bottom.size(self.bottom[number])
        return np.asarray(self._sizes[:, number])

    @property
    def sizes(self) -> Array | None:
        """How much of the extent stretches have, (k, stretches); None where as in ``bottom``."""
        return None if self.stretching is None else self._sizes

    @cached_property
    def _sizes(self) -> Array:
        if self.stretching is None:
            raise ValueError("all points have the sizes of their bottom")
        return sizes_of(self.bottom, self.stretching)

    def weights(self, number: int, positions: Array, lengths: Array) -> Array:
        """Weights of integrals over a stretch, where its places lie at the points.

        Args:
            number: Of the stretch.
            positions: Places in ``bottom`` [m].
            lengths: What they count for of its length there [m], of the same shape.

        Returns:
            In the unit of the extent, of the shape of the places, or for every point (k, ...).
        """
        measure = self.bottom.measure
        if self.stretching is None:
            return measure.weight(positions) * lengths
        along = (-1, *[1] * np.ndim(positions))
        factor = self.stretching[:, number].reshape(along)
        if measure.is_uniform:
            return np.asarray(factor * (measure.weight(positions) * lengths))
        start = starts_of(self.bottom, self.stretching)[:, number].reshape(along)
        there = start + factor * (positions - self.bottom[number].start)
        return np.asarray(measure.weight(there) * factor * lengths)

    def length(self, number: int) -> PerPoint:
        """Length of a stretch, by its number, at all or at every point [m]."""
        return self.bottom[number].length * self.factor(number)

    def factor(self, number: int) -> PerPoint:
        """Length of a stretch over that in ``bottom``: 1, or of every point, shape (k,)."""
        return 1.0 if self.stretching is None else self.stretching[:, number]

    def stretched(self, places: PerPoint) -> PerPoint:
        """Where places of ``bottom`` are at the points.

        Args:
            places: One of all points, or of every point [m], shape (k,).
        """
        if self.stretching is None:
            return places
        ends = np.array([stretch.end for stretch in self.bottom])
        starts = np.array([stretch.start for stretch in self.bottom])
        number = np.searchsorted(ends, places).clip(max=len(ends) - 1)
        after = np.cumsum(self.stretching * (ends - starts), axis=1)
        rows = np.arange(len(self))
        beyond = np.asarray(places) - ends[number]
        return np.asarray(after[rows, number] + self.stretching[rows, number] * beyond)

    def taken(self, points: npt.NDArray[np.intp]) -> OperatingPoints:
        """Some of the points, ascending."""
        if len(points) == len(self):
            return self
        stretching, conductivities, raising = self.stretching, self.conductivities, self.raising
        shifts = self.film_shifts
        return replace(
            self,
            bottom=laws_taken(self.bottom, points),
            uniform=self.uniform.taken(points),
            current_densities=self.current_densities[points],
            stretching=None if stretching is None else stretching[points],
            conductivities=None if conductivities is None else conductivities[points],
            raising=None if raising is None else raising[points],
            film_shifts=None if shifts is None else shifts[points],
        )

    def on(self, bottom: Bottom) -> OperatingPoints:
        """The same points on a bottom that is cut differently."""
        stretching = self.stretching
        if stretching is not None:
            stretching = stretching[:, list(self.parents(bottom))]
        sizes = None if stretching is None else sizes_of(bottom, stretching)
        uniform = uniform_states(
            bottom, self.current_densities, sizes=sizes, film_shifts=self.film_shifts
        )
        return replace(self, bottom=bottom, uniform=uniform, stretching=stretching)

    def on_each(self, bottoms: Sequence[Bottom], *, mirrored: bool) -> OperatingPoints:
        """The same points on a bottom of their own each, with its stretches cut, on one template.

        Args:
            bottoms: As many as there are points, cut in the same stretches in other places. Laws
                are those of the points.
            mirrored: Whether every one is its own mirror image.
        """
        lengths = np.array([[stretch.length for stretch in bottom] for bottom in bottoms])
        parents = list(self.parents(bottoms[0]))
        if self.stretching is not None:
            lengths *= self.stretching[:, parents]
        common = common_lengths(lengths.max(axis=0), mirrored=mirrored)
        ends = np.concatenate([[0.0], np.cumsum(common)]).tolist()
        parts = (
            replace(stretch, start=ends[number], end=ends[number + 1], law=self.bottom[parent].law)
            for number, (stretch, parent) in enumerate(zip(bottoms[0], parents, strict=True))
        )
        uniform = UniformStates(self.uniform.drive, self.uniform.overpotentials[:, parents])
        template = self.bottom.with_parts(parts)
        return replace(self, bottom=template, uniform=uniform, stretching=lengths / common)

    def parents(self, bottom: Bottom) -> tuple[int, ...]:
        """Numbers of the stretches of which those of a bottom are parts."""
        ends = [stretch.end for stretch in self.bottom]
        middles = [0.5 * (stretch.start + stretch.end) for stretch in bottom]
        return tuple(np.searchsorted(ends, middles).tolist())

    def without_film(self) -> OperatingPoints:
        """The same points on bare copper."""
        case = with_film(self.case, BARE)
        if self.stretching is None:
            return OperatingPoints.of(case, self.current_densities)
        bare = self.bottom.with_parts(
            stretch
            if stretch.tag is not Tag.FILM
            else replace(stretch, tag=Tag.EXPOSED, law=None, equilibrium_potential=0.0, charge=None)
            for stretch in self.bottom
        )
        return replace(self, case=case, film_shifts=None).on(bare)


def common_lengths(longest: Array, *, mirrored: bool) -> Array:
    """Lengths of the stretches of a template, of which points on it have others.

    Args:
        longest: Of every stretch [m], shape (stretches,).
        mirrored: Whether the bottoms of all points are their own mirror images.
    """
    if mirrored:
        return np.maximum(longest, longest[::-1])
    if np.allclose(longest, longest[::-1], rtol=1e-9, atol=0.0):
        # A template is not its own mirror image where its points are not.
        return np.append(longest[:-1], _UNEVEN * longest[-1])
    return longest


def starts_of(bottom: Bottom, stretching: Array) -> Array:
    """Where stretches begin that are longer or shorter than those of a bottom [m].

    Args:
        bottom: The stretches.
        stretching: Their lengths over those there, shape (k, stretches).
    """
    lengths = stretching * np.array([stretch.length for stretch in bottom])
    return np.asarray(np.cumsum(lengths, axis=1) - lengths)


def sizes_of(bottom: Bottom, stretching: Array) -> Array:
    """How much of the extent they have, shape (k, stretches); see ``starts_of``."""
    lengths = stretching * np.array([stretch.length for stretch in bottom])
    # Exact for weights that are constant or linear along the bottom.
    middles = starts_of(bottom, stretching) + 0.5 * lengths
    return np.asarray(bottom.measure.weight(middles) * lengths)
