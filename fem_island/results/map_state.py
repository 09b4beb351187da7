"""A solution on a contact map as everything that is reported needs it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from fem_island.case.case import Case
from fem_island.machine.arrays import Array
from fem_island.surface.contact import FILM, LITHIUM, Contact
from fem_island.surface.kinetics import ReactionLaw

_RESOLVED = 1.0
"""Largest size of a pixel over the layer in which a reaction crowds its current at an edge, slope h
/ kappa, up to which the potential of pixels that carry constant currents can be trusted at a point.
"""


@dataclass(frozen=True)
class Reacting:
    """The pixels of one kind that react.

    Attributes:
        law: The reaction.
        equilibrium_potential: U [V].
        pixels: Their numbers, row by row, ascending, shape (n,).
        overpotential: Mean over every pixel [V].
        density: Their current densities [A/m^2].
    """

    law: ReactionLaw
    equilibrium_potential: float
    pixels: npt.NDArray[np.intp]
    overpotential: Array
    density: Array


@dataclass(frozen=True)
class Range:
    """Smallest and largest value at a point, and what is known of them.

    Attributes:
        low: The smallest.
        high: The largest.
        unsure_low: How far it is from the mean over its pixel.
        unsure_high: How far that is.
        beyond: How far beyond either a smooth curve through corners goes between them.
        crowding: Size of a pixel over the layer at the edges.
    """

    low: float
    high: float
    unsure_low: float
    unsure_high: float
    beyond: float
    crowding: float

    @property
    def resolved(self) -> bool:
        """Whether the pixels are small beside the layer at the edges."""
        return self.crowding <= _RESOLVED


@dataclass(frozen=True)
class MapState:
    """A solution on the pixels of an image, each of whose edges is cut into equal parts.

    Attributes:
        case: What was computed.
        contact: What reacts where.
        refinement: Parts of an edge.
        drive: phi_Li less the mean potential over the bottom [V].
        corners: phi_Li - phi at the corners of pixels [V], shape (rows + 1, columns + 1).
        lithium: The pixels of lithium.
        film: The pixels of a film that reacts, or None.
    """

    case: Case
    contact: Contact
    refinement: int
    drive: float
    corners: Array
    lithium: Reacting
    film: Reacting | None

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of pixels."""
        return self.corners.shape[0] - 1, self.corners.shape[1] - 1

    @property
    def pixel(self) -> float:
        """Edge of a pixel [m]."""
        return self.contact.image.pixel / self.refinement

    @cached_property
    def owners(self) -> npt.NDArray[np.int32]:
        """Number of the region of every pixel of lithium, from 0 on, shape (n,)."""
        image = self.contact.image
        pixels = self.lithium.pixels
        if self.refinement > 1:
            row, column = np.divmod(pixels, self.shape[1])
            pixels = row // self.refinement * image.shape[1] + column // self.refinement
        return np.asarray(image.regions.numbers.ravel()[pixels] - 1)

    def by_region(self, values: Array) -> Array:
        """Sums over the pixels of every region that is listed, shape (regions,)."""
        regions = self.contact.image.regions
        sums = np.bincount(self.owners, weights=values, minlength=len(regions))
        return np.asarray(sums[: regions.listed])

    def at_centers(self) -> Array:
        """Overpotential at the center of every region that is listed [V]: mean over its pixel.

        NaN where the electrolyte does not touch it.
        """
        parts = np.arange(self.refinement)
        rows, columns = (
            place[:, None] * self.refinement + parts
            for place in self.contact.image.regions.centers.T
        )
        wanted = rows[:, :, None] * self.shape[1] + columns[:, None, :]
        pixels = self.lithium.pixels
        found = np.minimum(np.searchsorted(pixels, wanted), len(pixels) - 1)
        values = np.where(pixels[found] == wanted, self.lithium.overpotential[found], np.nan)
        return np.asarray(values.mean(axis=(1, 2)))

    def touched(self, kind: int | None) -> npt.NDArray[np.bool_]:
        """Corners that pixels of a kind have, or those that are not lithium where it is None."""
        if kind is None:
            covers = self.contact.exposed(self.refinement)
        else:
            covers = self.contact.covers(kind, self.refinement)
        found = np.zeros(self.corners.shape, dtype=bool)
        for part in (
            found[1:, 1:],
            found[1:, :-1],
            found[:-1, 1:],
            found[:-1, :-1],
        ):
            part |= covers
        return found

    def overpotentials(self, kind: int) -> Range:
        """Smallest and largest overpotential on lithium or on the film [V].

        At the corners of pixels, where the current is crowded into no less than a pixel: there they
        converge like the square of its size. Beyond that the overpotential that is larger in size
        is still taken there, which is too large, and the smaller one from means over pixels.
        """
        reacting = self.lithium if kind == LITHIUM else self.film
        if reacting is None:
            raise ValueError("nothing reacts there")
        touched = self.touched(kind)
        (low, below), (high, above) = (self.largest_drive(touched, sign) for sign in (-1, 1))
        low, high = (value - reacting.equilibrium_potential for value in (low, high))
        means = reacting.overpotential
        mean_low, mean_high = float(means.min()), float(means.max())
        slope = float(np.max(reacting.law.slope(np.array([mean_low, mean_high]))))
        crowding = slope * self.pixel / self.case.conductivity
        resolved = crowding <= _RESOLVED
        unsure_low, unsure_high = abs(low - mean_low), abs(high - mean_high)
        if not resolved and abs(high) >= abs(low):
            low = mean_low
        elif not resolved:
            high = mean_high
        # A pixel that stands alone has its smallest overpotential inside.
        low, high = min(low, mean_low), max(high, mean_high)
        return Range(low, high, unsure_low, unsure_high, max(below, above), crowding)

    def largest_drive(
        self, among: npt.NDArray[np.bool_], sign: Literal[1, -1] = 1
    ) -> tuple[float, float]:
        """Largest or smallest of what drives a reaction at some corners [V].

        Args:
            among: The corners, shape (rows + 1, columns + 1).
            sign: 1 for the largest, -1 for the smallest.

        Returns:
            The value, and how far beyond it parabolas through it and its neighbours go.
        """
        place = int(np.where(among, sign * self.corners, -np.inf).argmax())
        at = np.unravel_index(place, self.corners.shape)
        value, beyond = float(self.corners[at]), 0.0
        for line, here in ((self.corners[:, at[1]], at[0]), (self.corners[at[0]], at[1])):
            if 0 < here < len(line) - 1:
                before, after = (sign * (value - float(line[here + step])) for step in (-1, 1))
                if before > 0 and after > 0:
                    beyond += (before - after) ** 2 / (8 * (before + after))
        return value, beyond

    def distance_of_peak(self) -> float:
        """Distance of the place where most drives the film from the nearest lithium [m]."""
        drives = np.where(self.touched(FILM), self.corners, -np.inf)
        row, column = np.unravel_index(int(drives.argmax()), drives.shape)
        rows, columns = np.divmod(self.lithium.pixels, self.shape[1])
        across = np.maximum(np.maximum(rows - row, row - rows - 1), 0)
        along = np.maximum(np.maximum(columns - column, column - columns - 1), 0)
        return float(self.pixel * np.sqrt((across**2 + along**2).min()))

    def share_above(self, current_density: float) -> float:
        """Share of the area of lithium whose current density is above one in size [A/m^2]."""
        return float(np.mean(np.abs(self.lithium.density) > current_density))

    def density_map(self) -> Array:
        """Current density of every pixel of the image [A/m^2], upwards, shape (rows, columns)."""
        found = np.zeros(self.shape[0] * self.shape[1])
        for reacting in (self.lithium, self.film):
            if reacting is not None:
                found[reacting.pixels] = reacting.density
        rows, columns = self.contact.image.shape
        parts = self.refinement
        return np.asarray(found.reshape(rows, parts, columns, parts).mean(axis=(1, 3)))
