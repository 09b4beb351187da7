"""What lies on the bottom before a run: metal of some thickness, film beneath, and the law of each.

Lengths along the bottom meet charge per area here: the rest of the march knows cells only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array
from fem_island.surface.charge_state import State
from fem_island.surface.kinetics import ReactionLaw
from fem_island.surface.ladder import Ladder, Rung
from fem_island.surface.measure import PLANAR, Measure

_POINTS = 4
"""Of the quadrature over a cell: exact for a quadratic thickness against a quadratic."""

Thickness = Callable[[Array], Array]
"""Charge per area [C/m^2] of positions [m]."""


@dataclass(frozen=True)
class Metal:
    """A stretch of the bottom with lithium metal on it.

    Attributes:
        start: Left end [m].
        end: Right end [m].
        charge: Charge that the metal can give [C/m^2] at positions [m].
        law: Its reaction.
        island: Number in the case; None for a part of a layer.
        corners: Where the charge has a corner, a crest or a trough [m].
    """

    start: float
    end: float
    charge: Thickness
    law: ReactionLaw
    island: int | None
    corners: tuple[float, ...] = ()


@dataclass(frozen=True)
class FilmRung:
    """A plateau of the film.

    Attributes:
        law: Its reaction; it may give only, or also take.
        equilibrium_potential: U [V].
        capacity: Charge when full [C/m^2].
        taken: Share of that which is missing at the start, of positions [m].
    """

    law: ReactionLaw
    equilibrium_potential: float
    capacity: float
    taken: Callable[[Array], Array]


@dataclass(frozen=True)
class BottomStores:
    """All stores of a bottom.

    Attributes:
        width: Length of the bottom [m].
        metal: From left to right.
        film: From the fullest plateau down.
        film_extent: Intervals that the film covers [m].
        film_takes: Whether the film takes lithium.
        plating_law: Law of metal that grows where there was none, or None where none may.
        measure: What a place of the bottom counts for.
    """

    width: float
    metal: tuple[Metal, ...]
    film: tuple[FilmRung, ...] = ()
    film_extent: tuple[tuple[float, float], ...] = ()
    film_takes: bool = False
    plating_law: ReactionLaw | None = None
    measure: Measure = PLANAR

    @property
    def is_mirrored(self) -> bool:
        """Is the right half the mirror image of the left one?"""
        if not self.measure.is_uniform:
            return False
        near = 1e-12 * self.width
        for one, other in zip(self.metal, reversed(self.metal), strict=True):
            if abs(one.start + other.end - self.width) > near or one.law != other.law:
                return False
            places = np.linspace(one.start, one.end, 41)[1:-1]
            here, there = one.charge(places), other.charge(self.width - places)
            if np.abs(here - there).max() > 1e-12 * max(float(np.abs(here).max()), 1e-300):
                return False
        for (left, right), (other_left, other_right) in zip(
            self.film_extent, reversed(self.film_extent), strict=True
        ):
            if (
                max(abs(left + other_right - self.width), abs(right + other_left - self.width))
                > near
            ):
                return False
        places = np.linspace(0, self.width, 101)
        return all(
            np.array_equal(rung.taken(places), rung.taken(places)[::-1]) for rung in self.film
        )

    @property
    def size_of_metal(self) -> float:
        """What the metal covers of the extent."""
        return sum(self.measure.size(metal.start, metal.end) for metal in self.metal)

    def ladder(self, middles: Array) -> Ladder:
        """The rungs of cells with these middles [m]."""
        laws: list[tuple[ReactionLaw, npt.NDArray[np.intp]]] = []
        covered = np.zeros(len(middles), dtype=bool)
        for law in dict.fromkeys(metal.law for metal in self.metal):
            here = np.zeros(len(middles), dtype=bool)
            for metal in self.metal:
                if metal.law == law:
                    here |= (middles > metal.start) & (middles < metal.end)
            laws.append((law, np.flatnonzero(here)))
            covered |= here
        if self.plating_law is not None and not covered.all():
            laws.append((self.plating_law, np.flatnonzero(~covered)))
        filmed = _inside(middles, self.film_extent)
        rungs = [Rung(tuple(laws), 0.0, covered.astype(np.float64), takes=True)]
        for rung in self.film:
            capacity = np.where(filmed, rung.capacity, 0.0)
            where = ((rung.law, np.flatnonzero(filmed)),)
            rungs.append(Rung(where, rung.equilibrium_potential, capacity, self.film_takes))
        return Ladder(tuple(rungs), grows_on_film=self.film_takes)

    def state(self, edges: Array) -> State:
        """The first state of cells with these ends [m], shape (cells, 2)."""
        middles = edges.mean(axis=1)
        ladder = self.ladder(middles)
        points, weights = np.polynomial.legendre.leggauss(_POINTS)
        local, weights = points / 2, weights / 2
        # Levels are functions of the share of a cell's size, so that their means are exact.
        places = self.measure.place(edges[:, :1], edges[:, 1:], 0.5 + local)
        level = np.zeros((3, len(middles)))
        for metal in self.metal:
            inside = (middles > metal.start) & (middles < metal.end)
            charge = np.asarray(metal.charge(places[inside].ravel())).reshape(-1, _POINTS)
            level[0, inside] = charge @ weights
            level[1, inside] = 12 * charge @ (weights * local)
            level[2, inside] = 180 * charge @ (weights * (local**2 - 1 / 12))
        taken = np.array(
            [
                rung.capacity * (own.taken(places.ravel()).reshape(-1, _POINTS) @ weights)
                for rung, own in zip(ladder.film, self.film, strict=True)
            ]
        ).reshape(len(self.film), len(middles))
        tilt = np.array(
            [
                -12
                * rung.capacity
                * (own.taken(places.ravel()).reshape(-1, _POINTS) @ (weights * local))
                for rung, own in zip(ladder.film, self.film, strict=True)
            ]
        ).reshape(taken.shape)
        return State(
            ladder=ladder,
            time=0.0,
            mid=level[0],
            tilt=level[1],
            bend=level[2],
            taken=taken,
            film_tilt=tilt,
            room_tilt=-tilt,
            buried=taken,
            ready=np.zeros(len(middles), dtype=bool),
            lost=np.zeros(len(middles)),
        )


def _inside(places: Array, intervals: Sequence[tuple[float, float]]) -> npt.NDArray[np.bool_]:
    inside = np.zeros(len(places), dtype=bool)
    for left, right in intervals:
        inside |= (places > left) & (places < right)
    return inside
