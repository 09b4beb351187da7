"""What a solution reports of the film: its current, where that is largest, how long it lasts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from fem_island.case.placement import SNAP
from fem_island.machine.arrays import Array
from fem_island.results.trace import Trace
from fem_island.surface.bottom import Bottom, Stretch, Tag


class OverpotentialTraces(Protocol):
    """What is needed of the solutions of k operating points."""

    @property
    def bottom(self) -> Bottom:
        """All stretches."""

    def overpotential(self, stretch: Stretch) -> Trace:
        """Traces of the overpotential on a stretch [V]."""

    def to_search(self, trace: Trace) -> Trace | None:
        """The part of a trace that has all of its values."""


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
    film = [
        (stretch, current)
        for stretch, current in zip(state.bottom, currents, strict=True)
        if stretch.tag is Tag.FILM
    ]
    if not film:
        return
    current = np.sum([current for _, current in film], axis=0)
    parts = [_Part(state, stretch, len(numbers)) for stretch, _ in film]
    # Adding 0 makes the zero of a current of -0 positive.
    numbers["interlayer_current_fraction"] = current * per_applied + 0.0
    size = sum(state.bottom.size(stretch) for stretch, _ in film)
    numbers["interlayer_current_density_mean"] = current / size
    smallest = np.min([part.smallest for part in parts], axis=0)
    largest = np.array([part.largest for part in parts])
    peak = largest.max(axis=0)
    numbers["interlayer_current_density_min"] = smallest
    numbers["interlayer_current_density_max"] = peak
    gives = peak > 0
    places = np.array([part.peak for part in parts])
    place = places[largest.argmax(axis=0), np.arange(len(numbers))]
    numbers["interlayer_peak_distance"] = np.where(
        gives, _from_islands(state.bottom, place), np.nan
    )
    stored = sum(
        stretch.charge.total(stretch.start, stretch.end)
        for stretch, _ in film
        if stretch.charge is not None
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        lasts = np.where(current > 0, stored / current, np.nan)
    numbers["interlayer_time_until_empty_mean"] = lasts
    for name, times in (
        ("empty_local", [part.until_empty for part in parts]),
        ("next_plateau", [part.until_next_step for part in parts]),
    ):
        first = np.fmin.reduce(times, axis=0)
        numbers[f"interlayer_time_until_{name}"] = np.where(gives, first, np.nan)


def _from_islands(bottom: Bottom, places: Array) -> Array:
    """Distance of places on the bottom from the nearest island [m]."""
    distances = [
        np.maximum(stretch.start - places, places - stretch.end)
        for stretch in bottom
        if stretch.tag is Tag.ISLAND
    ]
    nearest: Array = np.min(distances, axis=0)
    # A node at an island's edge is there but for rounding.
    return np.where(nearest < SNAP * bottom[-1].end, 0.0, nearest)


class _Part:
    """One stretch of film at k operating points.

    Attributes:
        smallest: Smallest current density [A/m^2], shape (k,).
        largest: Largest current density [A/m^2].
        peak: Where that is [m].
        until_empty: Time until it is empty at its first place [s]; NaN where it gives nothing.
        until_next_step: Time until the potential steps up there [s].
    """

    def __init__(self, state: OverpotentialTraces, stretch: Stretch, count: int) -> None:
        """Look at a stretch."""
        self.smallest = self.largest = np.zeros(count)
        self.peak = np.full(count, stretch.start)
        self.until_empty = self.until_next_step = np.full(count, np.nan)
        if stretch.law is None:
            return
        whole = state.overpotential(stretch)
        trace = state.to_search(whole)
        if trace is None:  # the mirror image of another stretch
            trace = whole
        low, high = trace.extremes()
        # Laws increase, so that the extremes of the current are at those of the overpotential.
        self.smallest = stretch.law.current_density(low)
        self.largest = stretch.law.current_density(high)
        positions = trace.ends[:, :1] + trace.lengths[:, None] * trace.nodes
        at_nodes = trace.values.reshape(count, -1)
        self.peak = positions.ravel()[at_nodes.argmax(axis=1)]
        if stretch.charge is None:
            return
        charge = stretch.charge
        if charge.is_uniform:
            left = np.array(charge.values[:1])
            density = self.largest[:, None]
        else:
            left = charge.at(whole.ends[:, :1] + whole.lengths[:, None] * whole.nodes).ravel()
            density = stretch.law.current_density(whole.values.reshape(count, -1))
        self.until_empty = _first(left, density)
        if charge.next_step > 0:
            # Where the film passes to the next plateau already, the time to it says nothing.
            above = left - charge.next_step
            if above.min() > 1e-9 * charge.next_step:
                self.until_next_step = _first(above, density)


def _first(charge: Array, current_density: Array) -> Array:
    """When the first of several places has given its charge [s]; NaN where none gives any.

    Args:
        charge: [C/m^2], shape (places,).
        current_density: [A/m^2], shape (k, places).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        times = np.where(current_density > 0, charge / current_density, np.inf)
    first: Array = times.min(axis=1)
    return np.where(np.isinf(first), np.nan, first)
