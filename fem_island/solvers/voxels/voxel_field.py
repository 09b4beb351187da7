"""The potential in an electrolyte of voxels, between their middles and its two sides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array
from fem_island.results.box_field import are_inside, as_places, evaluated_layer
from fem_island.results.map_state import MapState
from fem_island.solvers.voxels.voxel_box import VoxelBox

_HAS_WEIGHT = 1e-6
"""Weight of the neighbours that conduct below which a point counts as one inside of a pore."""


@dataclass(frozen=True)
class VoxelField:
    """The potential in the box, linear between neighbours that conduct.

    Attributes:
        state: The solution at the bottom.
        box: The voxels.
        values: Potential [V] at the bottom, at the middles of voxels and at the top, shape
            (layers + 2, rows, columns); NaN where nothing conducts.
    """

    state: MapState
    box: VoxelBox
    values: Array

    @property
    def size(self) -> tuple[float, float, float]:
        """Lengths along x, y and z [m]."""
        _, rows, columns = self.box.conductivity.shape
        return columns * self.box.pixel, rows * self.box.pixel, self.box.height

    def potential(self, points: npt.ArrayLike) -> Array:
        """Potential at points.

        Args:
            points: x, y and z of every point [m], z from the bottom, shape (n, 3).

        Returns:
            phi [V], shape (n,); NaN outside the box, and inside of pores.
        """
        places = as_places(points)
        size = np.array(self.size)
        inside = are_inside(places, size)
        found = np.full(len(places), np.nan)
        found[inside] = self._interpolated(np.clip(places[inside], 0.0, size))
        return found

    def current_density(self, points: npt.ArrayLike) -> Array:
        """Current density at points, from differences of the potential over a fifth of a voxel.

        Args:
            points: x, y and z of every point [m], shape (n, 3).

        Returns:
            i = -k grad(phi) [A/m^2], shape (n, 3); NaN outside the box, and inside of pores.
        """
        places, size = as_places(points), np.array(self.size)
        pixel, layer = self.box.pixel, self.box.thickness
        shape = self.box.conductivity.shape
        lengths = (layer, pixel, pixel)
        numbers = tuple(
            np.clip((along / length).astype(np.intp), 0, count - 1)
            for along, length, count in zip(places.T[::-1], lengths, shape, strict=True)
        )
        conductivity = self.box.conductivity[numbers]
        found = np.empty_like(places)
        for direction, step in enumerate((0.1 * pixel, 0.1 * pixel, 0.1 * layer)):
            low, high = places.copy(), places.copy()
            low[:, direction] = np.maximum(low[:, direction] - step, 0.0)
            high[:, direction] = np.minimum(high[:, direction] + step, size[direction])
            with np.errstate(invalid="ignore", divide="ignore"):
                slope = self.potential(high) - self.potential(low)
                slope /= (high - low)[:, direction]
            found[:, direction] = -conductivity * slope
        return found

    def layer(self, z: float, *, most: int) -> Array:
        """Potential at corners of pixels at a height [V]; see ``BoxField``."""
        rows, columns = (min(count, most) for count in self.box.conductivity.shape[1:])
        return evaluated_layer(self, z, rows, columns)

    def _interpolated(self, places: Array) -> Array:
        """Mean of the eight values around a point, weighted by how close they are."""
        layers, rows, columns = self.box.conductivity.shape
        z = self.box.thickness * np.concatenate([[0.0], np.arange(layers) + 0.5, [layers]])
        y, x = (self.box.pixel * (np.arange(count) + 0.5) for count in (rows, columns))
        lower, shares = [], []
        for line, along in zip((z, y, x), places.T[::-1], strict=True):
            at = np.clip(along, line[0], line[-1])
            number = np.clip(np.searchsorted(line, at, side="right") - 1, 0, max(len(line) - 2, 0))
            above = np.minimum(number + 1, len(line) - 1)
            length = np.where(above > number, line[above] - line[number], 1.0)
            share = (at - line[number]) / length
            lower.append((number, above))
            shares.append((1 - share, share))
        total, weights = np.zeros(len(places)), np.zeros(len(places))
        for corner in np.ndindex(2, 2, 2):
            numbers = tuple(lower[axis][side] for axis, side in enumerate(corner))
            weight = np.prod([shares[axis][side] for axis, side in enumerate(corner)], axis=0)
            values = self.values[numbers]
            known = np.isfinite(values)
            total += np.where(known, weight * np.where(known, values, 0.0), 0.0)
            weights += np.where(known, weight, 0.0)
        found = np.where(weights > _HAS_WEIGHT, total / np.maximum(weights, _HAS_WEIGHT), np.nan)
        return np.asarray(found)
