"""What a solution reports of the film: its current, where that is largest, how long it lasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from fem_island.case.placement import SNAP
from fem_island.machine.arrays import Array
from fem_island.materials.plateaus import StoredCharge
from fem_island.results.trace import Trace
from fem_island.surface.bottom import Bottom, Stretch, Tag
from fem_island.surface.kinetics import ReactionLaw
from fem_island.surface.points import OperatingPoints


class OverpotentialTraces(Protocol):
    """What is needed of the solutions of k operating points."""

    @property
    def points(self) -> OperatingPoints:
        """The points."""

    @property
    def bottom(self) -> Bottom:
        """All stretches."""

    def overpotential(self, stretch: Stretch) -> Trace:
        """Traces of the overpotential on a stretch [V]."""

    def searched(self, stretch: Stretch) -> Trace | None:
        """Traces on the part of a stretch that has all of its values; None if another has them."""


def observe_film(
    numbers: npt.NDArray[np.void],
    state: OverpotentialTraces,
    currents: Sequence[Array],
    per_applied: Array,
) -> None:
    """Set what is reported of the film, if there is one.

    Args:
        numbers: Results of k operating points.
        state: Their solutions.
        currents: Of every stretch of the bottom, shapes (k,).
        per_applied: One over the total applied current, shape (k,).
    """
    points = state.points
    film = [
        (number, stretch) for number, stretch in enumerate(state.bottom) if stretch.tag is Tag.FILM
    ]
    if not film:
        return
    current = np.sum([currents[number] for number, _ in film], axis=0)
    parts = [_Part(state, stretch, len(numbers)) for _, stretch in film]
    # Adding 0 makes the zero of a current of -0 positive.
    numbers["interlayer_current_fraction"] = current * per_applied + 0.0
    size = sum(points.size(number) for number, _ in film)
    numbers["interlayer_current_density_mean"] = current / size
    smallest = np.min([part.smallest for part in parts], axis=0)
    largest = np.array([part.largest for part in parts])
    peak = largest.max(axis=0)
    numbers["interlayer_current_density_min"] = smallest
    numbers["interlayer_current_density_max"] = peak
    gives = peak > 0
    places = np.array([part.peak for part in parts])
    place = places[largest.argmax(axis=0), np.arange(len(numbers))]
    numbers["interlayer_peak_distance"] = np.where(gives, _from_islands(points, place), np.nan)
    stored = sum(
        points.size(number)
        / state.bottom.size(stretch)
        * stretch.charge.total(stretch.start, stretch.end, state.bottom.measure.weight)
        for number, stretch in film
        if stretch.charge is not None
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        lasts = np.where(current > 0, stored / current, np.nan)
    numbers["interlayer_time_until_empty_mean"] = lasts
    # Where a part is on the next plateau already, the time to it says nothing.
    same_step = len({stretch.equilibrium_potential for _, stretch in film}) == 1
    later = [part.until_next_step if same_step else part.nothing for part in parts]
    for name, times in (
        ("empty_local", [part.until_empty for part in parts]),
        ("next_plateau", later),
    ):
        first = np.fmin.reduce(times, axis=0)
        numbers[f"interlayer_time_until_{name}"] = np.where(gives, first, np.nan)


def _from_islands(points: OperatingPoints, places: Array) -> Array:
    """Distance of a place of every point from the nearest island [m], shape (k,)."""
    places = points.stretched(places)
    distances = [
        np.maximum(points.stretched(stretch.start) - places, places - points.stretched(stretch.end))
        for stretch in points.bottom
        if stretch.tag is Tag.ISLAND
    ]
    nearest: Array = np.min(distances, axis=0)
    # A node at an island's edge is there but for rounding.
    return np.where(nearest < SNAP * points.stretched(points.bottom[-1].end), 0.0, nearest)


class _Part:
    """One stretch of film at k operating points.

    Attributes:
        smallest: Smallest current density [A/m^2], shape (k,).
        largest: Largest current density [A/m^2].
        peak: Where that is [m].
        until_empty: Time until it is empty at its first place [s]; NaN where it gives nothing.
        until_next_step: Time until the potential steps up there [s].
        nothing: NaN for every point.
    """

    def __init__(self, state: OverpotentialTraces, stretch: Stretch, count: int) -> None:
        """Look at one stretch of film."""
        self.smallest = self.largest = np.zeros(count)
        self.peak = np.full(count, stretch.start)
        self.nothing = np.full(count, np.nan)
        self.until_empty = self.until_next_step = self.nothing
        if stretch.law is None:
            return
        whole = state.overpotential(stretch)
        searched = state.searched(stretch)
        trace = whole if searched is None else searched  # else the mirror image of another stretch
        low, _ = trace.extremes()
        high, self.peak = trace.peak()
        # Laws increase, so that the extremes of the current are at those of the overpotential.
        self.smallest = stretch.law.current_density(low)
        self.largest = stretch.law.current_density(high)
        if stretch.charge is None:
            return
        charge = stretch.charge
        if charge.is_uniform:
            left = charge.values[0]
            self.until_empty = _time(left, self.largest)
            if charge.next_step > 0 and left - charge.next_step > 1e-9 * charge.next_step:
                self.until_next_step = _time(left - charge.next_step, self.largest)
            return
        giving = _Giving(whole, stretch.law, charge)
        self.until_empty = giving.first_time(0.0)
        if charge.next_step > 0 and min(charge.values) > charge.next_step * (1 + 1e-9):
            self.until_next_step = giving.first_time(charge.next_step)


def _time(charge: float, current_density: Array) -> Array:
    """When a place has given its charge [s], shape (k,); NaN where it gives none.

    Args:
        charge: [C/m^2].
        current_density: [A/m^2], shape (k,).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(current_density > 0, charge / current_density, np.nan)


_FRACTIONS = np.linspace(0.0, 1.0, 17)
"""Places of an element that are looked at before the first of all places is searched."""


@dataclass(frozen=True)
class _Giving:
    """A stretch whose charge varies along it, at k operating points.

    Attributes:
        trace: Overpotentials.
        law: The reaction.
        charge: What is left.
    """

    trace: Trace
    law: ReactionLaw
    charge: StoredCharge

    def first_time(self, kept: float) -> Array:
        """When all above a charge is given at the first place [s]; NaN where none gives any.

        Args:
            kept: That charge [C/m^2].
        """
        positions, values = self.trace.sampled(_FRACTIONS)
        count = len(values)
        # The charge has kinks of its own, which are not nodes of the mesh.
        inside = (self.trace.ends[0, 0], self.trace.ends[-1, 1])
        kinks = np.array([x for x in self.charge.positions if inside[0] < x < inside[1]])
        at_kinks = [self.trace.at(float(x))[:, None] for x in kinks]
        places = np.concatenate([positions.ravel(), kinks])
        along = np.concatenate([values.reshape(count, -1), *at_kinks], axis=1)
        order = np.argsort(places, kind="stable")
        places, along = places[order], along[:, order]
        rate = self._rate(along, places, kept)
        best = rate.argmax(axis=1)
        rows = np.arange(count)
        found = rate[rows, best]
        left, right = (places[np.clip(best + step, 0, len(places) - 1)] for step in (-1, 1))
        between = np.flatnonzero((left < places[best]) & (places[best] < right) & (found > 0))
        if len(between):
            from scipy.optimize import elementwise

            def missing(position: Array, row: npt.NDArray[np.intp]) -> Array:
                return -self._rate(self.trace.at_each(position, row), position, kept)

            bracket = tuple(side[between] for side in (left, places[best], right))
            minimum = elementwise.find_minimum(missing, bracket, args=(rows[between],))
            found[between] = np.maximum(found[between], -minimum.f_x)
        with np.errstate(divide="ignore"):
            return np.where(found > 0, 1 / found, np.nan)

    def _rate(self, overpotential: Array, positions: Array, kept: float) -> Array:
        """Share of the charge above what is kept that is given per time [1/s]."""
        left = self.charge.at(positions) - kept
        density = np.maximum(self.law.current_density(overpotential), 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(density > 0, density / left, 0.0)
