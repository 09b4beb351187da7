"""Alternating current on the pixels of a contact map, about an operating point.

With exp(j omega t), the conductivity sigma = kappa + j omega eps0 eps of the electrolyte and the
admittance y_p of every pixel, whose metals are all at one potential, the amplitudes j_p of its
current density at 1 A/m^2 at the top obey the equations of ``newton``, linear and complex:

    j_p / y_p + (G j)_p / sigma = D ,     mean of j = 1 ,     Z = D + H / sigma                  (1)

They say that of all j with that mean those are taken at which

    Z(j) = mean of j (j / y + G j / sigma) + H / sigma

is stationary: an error of j enters Z squared, and dZ / d omega is that of the formula with j held.
Pixels that carry no current at a frequency, y = 0, have no part in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array
from fem_island.solvers.cosine.gradients import Tangent
from fem_island.solvers.cosine.pixels import INSIDE, PixelGrid
from fem_island.solvers.response import STEP, LocalCurrent, complex_conductivity
from fem_island.surface.admittance import Admittance, ComplexArray

_PRECISION = 1e-6
"""Of the solutions of (1): squared in Z, and with all of these numbers in single precision."""


@dataclass(frozen=True)
class Alternating:
    """Pixels with one admittance.

    Attributes:
        pixels: Their numbers, row by row, shape (n,).
        admittance: What they carry.
        slopes: s of the reaction at the operating point [S/m^2], shape (n,).
    """

    pixels: npt.NDArray[np.intp]
    admittance: Admittance
    slopes: Array

    def per_frequency(self, angular_frequency: float) -> ComplexArray:
        """Y [S/m^2] at an angular frequency [rad/s], shape (n,)."""
        return self.admittance.admittance(self.slopes, np.array(angular_frequency))


@dataclass(frozen=True)
class MapSmallSignal:
    """The linear response of a box of electrolyte over a contact map.

    Attributes:
        grid: The electrolyte over the pixels.
        parts: What carries current at some frequency; no pixel is in two of them.
        conductivity: kappa [S/m].
        permittivity: eps of the electrolyte, relative to vacuum.
    """

    grid: PixelGrid
    parts: Sequence[Alternating]
    conductivity: float
    permittivity: float

    @property
    def pixels(self) -> npt.NDArray[np.intp]:
        """Numbers of all pixels of the parts, one part after another, shape (n,)."""
        return np.concatenate([part.pixels for part in self.parts])

    def bulk(self, angular_frequency: Array) -> ComplexArray:
        """Sigma of the electrolyte [S/m], shape (f,)."""
        return complex_conductivity(self.conductivity, self.permittivity, angular_frequency)

    def admittances(self, angular_frequency: float) -> ComplexArray:
        """Y of the pixels of all parts [S/m^2] at an angular frequency [rad/s], shape (n,)."""
        found = [part.per_frequency(angular_frequency) for part in self.parts]
        return np.asarray(np.concatenate(found), dtype=np.complex128)

    def densities(self, angular_frequency: Array) -> ComplexArray:
        """Current densities over that at the top, shape (f, n); NaN where nothing conducts."""
        pixels = self.pixels
        found = np.zeros((len(angular_frequency), len(pixels)), dtype=np.complex128)
        bulk = self.bulk(angular_frequency)
        for number, omega in enumerate(angular_frequency.tolist()):
            admittance = self.admittances(omega)
            carries = admittance != 0
            if not carries.any():
                found[number] = np.nan
                continue
            solved, _, _ = Tangent.of(self.grid, complex(bulk[number])).solve(
                pixels[carries],
                admittance[carries],
                np.zeros(int(carries.sum())),
                float(self.grid.size),
                precision=_PRECISION,
            )
            found[number, carries] = solved
        return found

    def impedance(self, angular_frequency: Array) -> ComplexArray:
        """Z [Ohm m^2] at angular frequencies [rad/s], shape (f,); NaN where nothing conducts."""
        return self._seen(angular_frequency, with_slopes=False)[0]

    def impedance_and_slope(self, angular_frequency: Array) -> tuple[ComplexArray, ComplexArray]:
        """Z and dZ / d ln omega [Ohm m^2] at angular frequencies above 0."""
        return self._seen(angular_frequency, with_slopes=True)

    def left_out(self, angular_frequency: Array, densities: ComplexArray) -> ComplexArray:
        """What pixels leave out of Z, about [Ohm m^2], shape (f,); NaN where nothing conducts.

        Currents that vary inside a pixel are driven by how the potential differs there from its
        mean: y / (1 + y G' / sigma) of it, with the resistance G' of the electrolyte to them. As Z
        is stationary, they change it by - mean of y (what drives them)^2 / (1 + y G' / sigma).

        Args:
            angular_frequency: [rad/s].
            densities: Current densities then, over that at the top, shape (f, n).
        """
        found = np.full(len(angular_frequency), np.nan + 0j)
        pixels, inside = self.pixels, INSIDE * float(self.grid.means[-1, -1])
        rows, places = np.divmod(pixels, self.grid.shape[1])
        for number, omega in enumerate(angular_frequency.tolist()):
            density = densities[number]
            if np.isnan(density).any():
                continue
            sigma = self.bulk(angular_frequency[number : number + 1])[0]
            admittance = self.admittances(omega)
            everywhere = np.zeros(self.grid.size, dtype=np.complex128)
            everywhere[pixels] = density
            shaped = everywhere.reshape(self.grid.shape)
            corners = self.grid.corners(shaped.real) + 1j * self.grid.corners(shaped.imag)
            mean = self.electrolyte(density)
            squares = np.zeros_like(density)
            for down, right in ((0, 0), (0, 1), (1, 0), (1, 1)):
                squares += (corners[rows + down, places + right] - mean) ** 2
            # That of a plane through the corners.
            squares /= 12 * sigma**2
            damped = admittance / (1 + admittance * inside / sigma)
            found[number] = -np.dot(damped, squares) / self.grid.size
        return found

    def electrolyte(self, density: Array) -> Array:
        """G j of current densities of the pixels of all parts [A/m], same shape (n,)."""
        everywhere = np.zeros(self.grid.size, dtype=density.dtype)
        pixels = self.pixels
        everywhere[pixels] = density
        answer = self.grid.potential(everywhere.reshape(self.grid.shape))
        return np.asarray(answer.ravel()[pixels])

    def drive(self, angular_frequency: float, density: ComplexArray) -> ComplexArray:
        """Amplitude of the drive of every pixel of the grid [Ohm m^2], shape (size,).

        Args:
            angular_frequency: [rad/s].
            density: Current densities of the pixels of all parts then, shape (n,).
        """
        pixels, admittance = self.pixels, self.admittances(angular_frequency)
        everywhere: npt.NDArray[Any] = np.zeros(self.grid.size, dtype=np.complex128)
        everywhere[pixels] = density
        resisted = self.grid.potential(everywhere.reshape(self.grid.shape)).ravel()
        resisted /= self.bulk(np.array([angular_frequency]))[0]
        # D of (1), which is that of all pixels but for the error of the solution.
        carries = np.abs(density * admittance) > 0
        alone = density[carries] / admittance[carries] + resisted[pixels[carries]]
        weight = np.abs(admittance[carries])
        return np.asarray(np.dot(alone, weight) / weight.sum() - resisted)

    def local_current(self, angular_frequency: Array) -> LocalCurrent:
        """Where the current flows: of the pixels of this grid."""
        values = np.full((len(angular_frequency), self.grid.size), np.nan + 0j)
        values[:, self.pixels] = self.densities(angular_frequency)
        places = [np.asarray(self.grid.pixel * (np.arange(n) + 0.5)) for n in self.grid.shape]
        coordinates = dict(zip(("y", "x"), places, strict=True))
        return LocalCurrent(coordinates, values.reshape(-1, *self.grid.shape))

    def _seen(
        self, angular_frequency: Array, *, with_slopes: bool
    ) -> tuple[ComplexArray, ComplexArray]:
        bulk = self.bulk(angular_frequency)
        values, slopes = np.full((2, len(bulk)), np.nan + 0j)
        for number, omega in enumerate(angular_frequency.tolist()):
            (density,) = self.densities(angular_frequency[number : number + 1])
            if np.isnan(density).any():
                continue
            size, sigma = self.grid.size, bulk[number]
            admittance = self.admittances(omega)
            carries = admittance != 0
            squares, resistance = density[carries] ** 2 / size, 1 / admittance[carries]
            ohmic = np.dot(density, self.electrolyte(density)) / size + self.grid.height
            values[number] = np.dot(squares, resistance) + ohmic / sigma
            if with_slopes:
                ratio = np.exp(STEP)
                change = 1 / self.admittances(omega * ratio)[carries]
                change -= 1 / self.admittances(omega / ratio)[carries]
                slopes[number] = np.dot(squares, change) / (2 * STEP)
                slopes[number] -= ohmic * 1j * sigma.imag / sigma**2
        return values, slopes
