"""The potential in the box over a contact map.

With the cosine transform j_kl of the current density at the bottom,

    phi(x, y, z) = -D - I z / kappa + sum of j_kl cosh(q (H - z)) / (kappa q sinh(q H)) cos cos

in which j_kl includes the aliases of what pixels can show, which die out like exp(-q z): beyond one
pixel above the bottom two of them on each side are plenty. Below that the potential is taken as
linear in z, from the corners of pixels at the bottom on.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import scipy

from fem_island.machine.arrays import Array
from fem_island.results.box_field import are_inside, as_places
from fem_island.results.field import SLACK
from fem_island.results.map_state import MapState

_ALIASES = (0, -1, 1)
"""Of each direction: the mode itself, and the two that are closest to it."""


@dataclass(frozen=True)
class MapField:
    """The potential in the box.

    Attributes:
        state: The solution at the bottom.
    """

    state: MapState

    @classmethod
    def of(cls, state: MapState) -> MapField:
        """The field over a solution."""
        return cls(state)

    @property
    def size(self) -> tuple[float, float, float]:
        """Lengths along x, y and z [m]."""
        image = self.state.contact.image
        return image.width, image.depth, self.state.case.cell.electrolyte.height

    @cached_property
    def _modes(self) -> Array:
        """Cosine coefficients of the current density of pixels [A/m^2], shape (rows, columns)."""
        state = self.state
        everywhere = np.zeros(state.shape[0] * state.shape[1])
        for part in (state.lithium, state.film):
            if part is not None:
                everywhere[part.pixels] = part.density
        modes = scipy.fft.dctn(everywhere.reshape(state.shape), type=2, norm="forward")
        # ``forward`` gives half of each mode but the first, along each direction.
        modes[1:] *= 2
        modes[:, 1:] *= 2
        return np.asarray(modes)

    def potential(self, points: npt.ArrayLike) -> Array:
        """Potential at points.

        Args:
            points: x, y and z of every point [m], z from the bottom, shape (n, 3).

        Returns:
            phi [V], shape (n,); NaN outside the box.
        """
        places = as_places(points)
        inside = are_inside(places, self.size)
        found = np.full(len(places), np.nan)
        for z in np.unique(places[inside, 2]).tolist():
            there = inside & (places[:, 2] == z)
            found[there] = self._at(places[there, 0], places[there, 1], max(z, 0.0))
        return found

    def current_density(self, points: npt.ArrayLike) -> Array:
        """Current density at points, from differences of the potential over a fifth of a pixel.

        Args:
            points: x, y and z of every point [m], shape (n, 3).

        Returns:
            i = -kappa grad(phi) [A/m^2], shape (n, 3); NaN outside the box.
        """
        places = as_places(points)
        step = 0.1 * self.state.pixel
        found = np.empty_like(places)
        for direction, length in enumerate(self.size):
            ends = [places.copy(), places.copy()]
            for end, sign in zip(ends, (-1, 1), strict=True):
                moved = end[:, direction] + sign * step
                inside = (end[:, direction] >= -SLACK) & (end[:, direction] <= length + SLACK)
                end[inside, direction] = np.clip(moved[inside], 0.0, length)
            low, high = (self.potential(end) for end in ends)
            with np.errstate(invalid="ignore", divide="ignore"):
                slope = (high - low) / (ends[1] - ends[0])[:, direction]
            found[:, direction] = -self.state.case.conductivity * slope
        return found

    def layer(self, z: float, *, most: int) -> Array:
        """Potential at corners of pixels at a height [V]; see ``BoxField``."""
        rows, columns = (min(count, most) for count in self.state.shape)
        if z < self.state.pixel:
            low = self._thin(-self.state.corners, rows, columns)
            high = self._layer_above(self.state.pixel, rows, columns)
            return np.asarray(low + z / self.state.pixel * (high - low))
        return self._layer_above(z, rows, columns)

    def _thin(self, values: Array, rows: int, columns: int) -> Array:
        """Every so many corners, by linear interpolation where they do not divide the pixels."""
        from scipy.ndimage import map_coordinates

        at = [
            np.linspace(0, count, parts + 1)
            for count, parts in zip(self.state.shape, (rows, columns), strict=True)
        ]
        return np.asarray(map_coordinates(values, np.meshgrid(*at, indexing="ij"), order=1))

    def _layer_above(self, z: float, rows: int, columns: int) -> Array:
        """The modes that a coarse layer can show; finer ones are fine structure of the bottom."""
        kept = self._modes[: rows + 1, : columns + 1]
        _, shown = self._response(kept.shape, (0, 0), z)
        values = kept * shown
        padded = np.zeros((rows + 1, columns + 1))
        padded[: values.shape[0], : values.shape[1]] = values
        padded[1:] /= 2
        padded[:, 1:] /= 2
        # The last mode of a transform of type 1 counts once.
        padded[-1:] *= 2
        padded[:, -1:] *= 2
        potential = scipy.fft.dctn(padded, type=1, overwrite_x=True)
        return np.asarray(potential + self._mean_at(z))

    def _mean_at(self, z: float) -> float:
        case = self.state.case
        return -self.state.drive - case.operation.current_density * z / case.conductivity

    def _response(
        self, shape: tuple[int, ...], aliases: tuple[int, int], z: float
    ) -> tuple[tuple[Array, Array], Array]:
        """Wavenumbers and potential per current density of a pixel's modes [Ohm m^2]."""
        state = self.state
        height = state.case.cell.electrolyte.height
        angles = [
            np.pi * np.arange(count) / whole + 2 * np.pi * alias
            for count, whole, alias in zip(shape, state.shape, aliases, strict=True)
        ]
        signs = [1.0 if alias % 2 == 0 else -1.0 for alias in aliases]
        across, along = (
            sign * np.sinc(angle / (2 * np.pi)) for sign, angle in zip(signs, angles, strict=True)
        )
        q = np.hypot(angles[0][:, None], angles[1][None, :]) / state.pixel
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            decay = np.exp(-q * z) * (1 + np.exp(-2 * q * (height - z)))
            found = decay / (q * -np.expm1(-2 * q * height))
        found[q == 0] = 0.0
        found *= across[:, None] * along / state.case.conductivity
        return (angles[0], angles[1]), found

    def _at(self, x: Array, y: Array, z: float) -> Array:
        """Potential at places of one height [V]."""
        pixel = self.state.pixel
        if z < pixel:
            low, high = self._at_bottom(x, y), self._above(x, y, pixel)
            return np.asarray(low + z / pixel * (high - low))
        return self._above(x, y, z)

    def _at_bottom(self, x: Array, y: Array) -> Array:
        from scipy.ndimage import map_coordinates

        place = np.stack([y, x]) / self.state.pixel
        return np.asarray(-map_coordinates(self.state.corners, place, order=1, mode="nearest"))

    def _above(self, x: Array, y: Array, z: float) -> Array:
        modes, pixel = self._modes, self.state.pixel
        total = np.full(len(x), self._mean_at(z))
        # Far above the bottom the fine modes have died out.
        reach = 40 * pixel / (np.pi * max(z, pixel))
        kept = modes[: int(reach * modes.shape[0]) + 2, : int(reach * modes.shape[1]) + 2]
        aliases = _ALIASES if z < 12 * pixel else (0,)
        for first in aliases:
            for second in aliases:
                (across, along), response = self._response(kept.shape, (first, second), z)
                in_rows = np.cos(np.outer(y / pixel, across)) @ (kept * response)
                total += (in_rows * np.cos(np.outer(x / pixel, along))).sum(axis=1)
        return total
