"""What lies on the bottom of a map before a run: a thickness image as levels of charge in pixels.

Inside a pixel the thickness is a plane. Its slopes are the means of those to the neighbours that
hold lithium, where they agree in sign, no more than twice the smaller of both, and no steeper than
a plane that ends at a corner of the pixel. So an edge that thins out moves smoothly through pixels,
and an edge that is steep stays until it has run out. What counts of a plane is how much of the
pixel lies below every level: that of a level that varies by the length of its gradient.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from fem_island.experiments.stripping.bottom_stores import FilmRung
from fem_island.experiments.stripping.map_fronts import MapFronts
from fem_island.experiments.stripping.pixels import PixelCells
from fem_island.machine.arrays import Array
from fem_island.solvers.cosine.pixels import PixelGrid
from fem_island.surface.charge_state import State
from fem_island.surface.kinetics import ReactionLaw
from fem_island.surface.ladder import Ladder, Rung

_EDGE = 0.5
"""Lowest charge over the mean of a pixel below which it thins out."""


@dataclass(frozen=True)
class Inside:
    """How the metal lies inside of pixels.

    Attributes:
        cover: Part of the pixel that it covers, shape (rows, columns).
        tilt: Of the level function where it covers all of the pixel [C/m^2], same shape.
        lowest: Lowest charge anywhere in the pixel [C/m^2], same shape.
        thins: Whether the image's pixel thins out, so that an edge in it moves; else it is a cliff.
    """

    cover: Array
    tilt: Array
    lowest: Array
    thins: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class MapStores:
    """All stores of the bottom of a map.

    Attributes:
        charge: That the metal of every pixel can give [C/m^2], shape (rows, columns).
        pixel: Edge of a pixel [m].
        law: Reaction of the metal.
        known: How the metal lies in pixels that are not those of the image; in these it is planes.
        parts: Parts of an edge of the image's pixels.
        film: From the fullest plateau down; it covers all of the bottom.
        film_takes: Whether the film takes lithium.
        plating_law: Law of metal that grows where there was none, or None where none may.
    """

    charge: Array
    pixel: float
    law: ReactionLaw
    known: Inside | None = None
    parts: int = 1
    film: Sequence[FilmRung] = ()
    film_takes: bool = False
    plating_law: ReactionLaw | None = None

    @cached_property
    def slopes(self) -> tuple[Array, Array]:
        """Change of the charge over a pixel along y and x [C/m^2], shape (rows, columns) each."""
        rows, columns = (_slope(np.moveaxis(self.charge, axis, 0)) for axis in (0, 1))
        columns = np.moveaxis(columns, 0, 1)
        # No lower than nothing at the lowest corner.
        fall = 0.5 * (np.abs(rows) + np.abs(columns))
        share = np.divide(self.charge, fall, out=np.ones_like(fall), where=fall > self.charge)
        return rows * share, columns * share

    @cached_property
    def inside(self) -> Inside:
        """How the metal lies in the pixels."""
        if self.known is not None:
            return self.known
        cover, tilt, lowest = self._planes(*self.slopes)
        return Inside(cover, tilt, lowest, lowest <= _EDGE * self.charge)

    @property
    def levels(self) -> tuple[Array, Array]:
        """Middle and tilt of the level function of every pixel [C/m^2], shape (rows, columns)."""
        cover, tilt = self.inside.cover, self.inside.tilt
        # What covers a part of a pixel thins out towards its edge.
        partly = (cover > 0) & (cover < 1)
        highest = 2 * self.charge / np.where(partly, cover, 1.0)
        tilt = np.where(partly, highest / np.where(partly, cover, 1.0), tilt)
        return np.where(partly, highest - 0.5 * tilt, self.charge), tilt

    def refined(self, parts: int) -> MapStores:
        """The same on pixels whose edges are cut into parts, each with its part of a plane."""
        if parts == 1:
            return self
        offsets = (np.arange(parts) + 0.5) / parts - 0.5
        down, along = self.slopes
        whole = self.charge[:, None, :, None] + (
            down[:, None, :, None] * offsets[None, :, None, None]
            + along[:, None, :, None] * offsets
        )
        rows, columns = self.charge.shape
        charge = np.maximum(whole.reshape(rows * parts, columns * parts), 0.0)
        finer = replace(self, charge=charge, pixel=self.pixel / parts, parts=parts)
        block = np.ones((parts, parts), dtype=bool)
        slopes = [np.asarray(np.kron(slope / parts, block)) for slope in self.slopes]
        planes = finer._planes(*slopes)
        return replace(finer, known=Inside(*planes, np.kron(self.inside.thins, block)))

    def coarsened(self) -> MapStores | None:
        """The same on pixels that are twice as long; None where they do not fit."""
        rows, columns = self.charge.shape
        if rows % 2 or columns % 2 or rows * columns < 16:
            return None

        def fours(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
            blocks = values.reshape(rows // 2, 2, columns // 2, 2).swapaxes(1, 2)
            return blocks.reshape(rows // 2, columns // 2, 4)

        inside = self.inside
        charge = fours(self.charge).mean(axis=2)
        # As spread out as the planes of the four are.
        square = fours(self.charge**2 + inside.tilt**2 / 12).mean(axis=2)
        tilt = np.sqrt(12 * np.maximum(square - charge**2, 0.0))
        known = Inside(
            cover=fours(inside.cover).mean(axis=2),
            tilt=np.minimum(tilt, 2 * charge),
            lowest=fours(inside.lowest).min(axis=2),
            thins=fours(inside.thins & (self.charge > 0)).any(axis=2),
        )
        return replace(self, charge=charge, pixel=2 * self.pixel, known=known)

    def cells(self, height: float) -> PixelCells:
        """The pixels that can ever react, under an electrolyte of a height [m]."""
        everywhere = bool(self.film) or self.plating_law is not None
        reacts = np.ones(self.charge.size, dtype=bool) if everywhere else self.charge.ravel() > 0
        grid = PixelGrid(self.charge.shape, self.pixel, height)
        return PixelCells(grid, np.flatnonzero(reacts))

    def fronts(self, state: State, cells: PixelCells) -> MapFronts:
        """Where its edges can move at the beginning."""
        least = self.inside.lowest.ravel()[cells.pixels]
        thins = self.inside.thins.ravel()[cells.pixels]
        return MapFronts.of(state, cells, self.parts, least, thins)

    def state(self, cells: PixelCells) -> State:
        """The first state of the pixels that can react."""
        charge = self.charge.ravel()[cells.pixels]
        mid, tilt = (each.ravel()[cells.pixels] for each in self.levels)
        count = len(charge)
        covered = charge > 0
        laws: list[tuple[ReactionLaw, npt.NDArray[np.intp]]] = [(self.law, np.flatnonzero(covered))]
        if self.plating_law is not None and not covered.all():
            laws.append((self.plating_law, np.flatnonzero(~covered)))
        rungs = [Rung(tuple(laws), 0.0, covered.astype(np.float64), takes=True)]
        taken = np.zeros((len(self.film), count))
        everywhere = np.arange(count)
        for number, rung in enumerate(self.film):
            full = np.full(count, rung.capacity)
            where = ((rung.law, everywhere),)
            rungs.append(Rung(where, rung.equilibrium_potential, full, self.film_takes))
            taken[number] = rung.capacity * float(rung.taken(np.zeros(1))[0])
        nothing = np.zeros(count)
        return State(
            ladder=Ladder(tuple(rungs), grows_on_film=self.film_takes),
            time=0.0,
            mid=mid,
            tilt=tilt,
            bend=nothing,
            taken=taken,
            film_tilt=np.zeros_like(taken),
            room_tilt=np.zeros_like(taken),
            buried=taken,
            ready=np.zeros(count, dtype=bool),
            lost=nothing,
        )

    def _planes(self, down: Array, along: Array) -> tuple[Array, Array, Array]:
        """Cover, tilt and lowest charge of planes with slopes along y and x."""
        metal = self.charge > 0
        # Of the levels a plane has, the spread counts, not its corners.
        tilt = np.where(metal, np.minimum(np.hypot(down, along), 2 * self.charge), 0.0)
        lowest = self.charge - 0.5 * (np.abs(down) + np.abs(along))
        return metal.astype(np.float64), tilt, np.maximum(lowest, 0.0)


def _slope(charge: Array) -> Array:
    """Change over a pixel along the first axis, by its neighbours that hold something."""
    both = (charge[1:] > 0) & (charge[:-1] > 0)
    known = np.where(both, np.diff(charge, axis=0), np.nan)
    none = np.full((1, *charge.shape[1:]), np.nan)
    before, after = np.concatenate([none, known]), np.concatenate([known, none])
    # At an edge, where there is one of both, the other one goes on as it does one pixel further in.
    beyond = np.concatenate([none, before[:-1]]), np.concatenate([after[1:], none])
    at_start, at_end = np.isnan(before), np.isnan(after)
    before, after = (
        np.where(at_start, 2 * after - np.where(np.isnan(beyond[1]), after, beyond[1]), before),
        np.where(at_end, 2 * before - np.where(np.isnan(beyond[0]), before, beyond[0]), after),
    )
    smaller = np.minimum(np.abs(before), np.abs(after))
    mean = 0.5 * (before + after)
    # Steps that differ much are those of a crest or of a cliff.
    limited = np.sign(mean) * np.minimum(np.abs(mean), 2 * smaller)
    found = np.where((before * after > 0) & (charge > 0), limited, 0.0)
    return np.nan_to_num(found)
