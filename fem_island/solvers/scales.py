"""Sizes that a discretisation must resolve, judged from the uniform states of operating points.

ohmic drop   size of the potential differences along the bottom [V]
crowding     fast kinetics crowd the current at the edges of what reacts, like the square root of
             the distance, down to the length kappa / slope
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from fem_island.machine.arrays import Array
from fem_island.surface.bottom import Stretch, Tag
from fem_island.surface.points import OperatingPoints
from fem_island.surface.uniform_state import reacting_currents

CURRENT_TOLERANCE = 1e-4
"""Wanted error of the extreme local current densities, as a share of the larger: with fast kinetics
a small error of the potential is a large one of the current."""


@dataclass(frozen=True)
class ReactingStretch:
    """A stretch that reacts, in the uniform states of k operating points.

    Attributes:
        stretch: Which one.
        number: Of it on the bottom.
        length: Its length [m], of all points or of each, shape (k,).
        current_density: Magnitude of its local current density [A/m^2], shape (k,).
        slope: Derivative of that with respect to the overpotential [S/m^2], shape (k,).
        layer: kappa / slope, the thinnest layer in which its current varies [m], shape (k,).
    """

    stretch: Stretch
    number: int
    length: float | Array
    current_density: Array
    slope: Array
    layer: Array

    @property
    def crowding(self) -> Array:
        """How much larger the current density is at an edge than in the uniform state, (k,)."""
        return np.asarray(np.sqrt(1 + self.length / self.layer))

    @property
    def at_edges(self) -> Array:
        """Current density at the edges [A/m^2], shape (k,)."""
        return np.asarray(self.current_density * self.crowding)


def reacting_stretches(points: OperatingPoints) -> Iterator[ReactingStretch]:
    """All stretches that react."""
    for number, stretch in enumerate(points.bottom):
        if stretch.law is not None:
            overpotential = points.uniform.overpotentials[:, number]
            slope = np.broadcast_to(stretch.law.slope(overpotential), overpotential.shape)
            with np.errstate(divide="ignore"):
                layer = points.conductivity / slope
            current = np.abs(stretch.law.current_density(overpotential))
            yield ReactingStretch(stretch, number, points.length(number), current, slope, layer)


def wanted_errors(points: OperatingPoints) -> Array:
    """Largest errors of potentials with which potentials and currents are as wanted [V], (k,)."""
    wanted = np.full(len(points), points.case.accuracy.tolerance)
    for reacting in reacting_stretches(points):
        if reacting.stretch.tag is Tag.ISLAND:
            # Without current there is none to be wrong.
            current = reacting.current_density
            relative = np.where(current > 0, CURRENT_TOLERANCE * current / reacting.slope, np.inf)
            wanted = np.minimum(wanted, relative)
    return wanted


def ohmic_drops(points: OperatingPoints) -> Array:
    """Size of the potential differences along x in the electrolyte [V], shape (k,).

    In the uniform states, what reacts gives other currents than flow off above it. Their
    difference, summed up from the left wall or the axis, flows sideways through a height H. Beside
    that drop there is the constriction, of the size of the largest current density of a stretch
    times its length over kappa.
    """
    bottom = points.bottom
    if len(bottom) == 1:
        # Of what is not linear in y, which any degree has exactly.
        return np.zeros(len(points))
    densities = np.zeros((len(bottom), len(points)))
    numbers = range(len(bottom))
    sizes = _by_stretch(points.size(number) for number in numbers)
    for number, reacting in enumerate(bottom):
        if reacting.law is not None:
            overpotential = points.uniform.overpotentials[:, number]
            densities[number] = reacting.law.current_density(overpotential)
    lengths = _by_stretch(points.length(number) for number in numbers)
    flows = np.cumsum(sizes * (densities - points.current_densities), axis=0)
    before = np.concatenate([np.zeros((1, len(points))), flows[:-1]])
    # Linear between the ends of a stretch, over what a height has for it to pass.
    along = np.cumsum(0.5 * (before + flows) * lengths**2 / sizes, axis=0)
    sideways = (along.max(axis=0) - np.minimum(along.min(axis=0), 0.0)) / points.height
    constricted = (lengths * np.abs(densities)).max(axis=0)
    return np.asarray(np.maximum(constricted, sideways) / points.conductivity)


def largest_drop(points: OperatingPoints) -> Array:
    """What potential differences along the bottom certainly stay below [V], shape (k,).

    All the current through an island as narrow as the narrowest, and along all of the width. It is
    for planar cells that strip, whose islands all give current.
    """
    numbers = range(len(points.bottom))
    width = sum(points.length(number) for number in numbers)
    islands = [n for n in numbers if points.bottom[n].tag is Tag.ISLAND]
    narrowest = np.min(_by_stretch(points.length(number) for number in islands), axis=0)
    paths = 1 + np.maximum(2.0, width / (4 * points.height)) + np.log(8 * width / narrowest)
    return np.asarray(np.abs(points.applied) / points.conductivity * paths)


def planned_drops(points: OperatingPoints) -> Array:
    """The ohmic drops that a resolution is planned for [V], shape (k,).

    Twice those of ``ohmic_drops``, in which the currents of neighbours can cancel; but not more
    than if all that reacts flowed along the whole width, unless that is what it does.
    """
    drops = ohmic_drops(points)
    width = sum(points.length(number) for number in range(len(points.bottom)))
    flatness = np.maximum(1.0, width / (8 * points.height))
    carried = reacting_currents(points.bottom, points.uniform, sizes=points.sizes)
    most = carried / points.extent * width / points.conductivity * flatness
    return np.asarray(np.maximum(drops, np.minimum(2 * drops, most)))


def _by_stretch(values: Iterable[float | Array]) -> Array:
    """Numbers of every stretch, shape (stretches, k), or (stretches, 1) of all points."""
    return np.stack([np.atleast_1d(value) for value in values])
