"""Alternating current on a condensed grid, about an operating point.

With exp(j omega t), the conductivity sigma = kappa + j omega eps0 eps of the electrolyte and the
admittance y(x) of the bottom, whose metals are all at one potential, the amplitudes psi_r at a
current density I obey the equations of ``electrolyte`` with a linear reaction - y psi:

    A psi_r = - I W q ,   A = sigma S + Y ,   Y_km = int y v_k v_m ds ,                        (4)
    Z = - <psi>_top / I = W^2 q . inv(A) q + (H - c) / sigma ,

where c is the constant of equation (3). Z is per area of the top. A is symmetric, and since q is
both what drives the potentials and how they are seen, errors of psi_r enter Z squared.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fem_island.machine.arrays import Array
from fem_island.materials.constants import VACUUM_PERMITTIVITY
from fem_island.solvers.condensed.geometry import CondensedGeometry
from fem_island.solvers.condensed.reactions import Reactions
from fem_island.surface.admittance import ComplexArray
from fem_island.surface.bottom import Bottom
from fem_island.surface.points import OperatingPoints

_LARGEST_BATCH = 2**21
"""Complex numbers in all matrices of a batch, 32 MB."""

STEP = 1e-4
"""Of ln omega in differences of admittances, which are powers of it: exact to 1e-9."""


@dataclass(frozen=True)
class SmallSignal:
    """The linear response of a condensed cell about one operating point.

    Attributes:
        geometry: The condensed grid, with every node that has an admittance among the unknowns.
        bottom: The whole bottom, with its admittances.
        slopes: s of the reactions at the quadrature points [S/m^2], shape (elements, points).
        conductivity: kappa [S/m].
        permittivity: eps of the electrolyte, relative to vacuum.
    """

    geometry: CondensedGeometry
    bottom: Bottom
    slopes: Array
    conductivity: float
    permittivity: float

    @classmethod
    def of(cls, points: OperatingPoints, geometry: CondensedGeometry, slopes: Array) -> SmallSignal:
        """The response about a point that was solved on a grid; ``slopes`` as above."""
        electrolyte = points.case.cell.electrolyte
        return cls(
            geometry, points.bottom, slopes, electrolyte.conductivity, electrolyte.permittivity
        )

    def impedance(self, angular_frequency: Array) -> ComplexArray:
        """Z [Ohm m^2] at angular frequencies [rad/s], shape (f,); NaN where nothing conducts."""
        return self._seen(angular_frequency, self.potential(angular_frequency))

    def impedance_and_slope(self, angular_frequency: Array) -> tuple[ComplexArray, ComplexArray]:
        """Z and dZ / d ln omega [Ohm m^2] at angular frequencies above 0.

        From (4), dZ = - psi . dA psi + d((H - c) / sigma) with psi at 1 A/m^2, as A is symmetric.
        """
        geometry = self.geometry
        potential = self.potential(angular_frequency)
        bulk = self.bulk(angular_frequency)
        stored = 1j * bulk.imag
        ratio = np.exp(STEP)
        change = self.admittance(angular_frequency * ratio)
        change -= self.admittance(angular_frequency / ratio)
        change *= geometry.elements.weights / (2 * STEP)
        sampled = potential @ geometry.elements.sampling.T
        slope = np.einsum("fq,fq->f", change.reshape(sampled.shape), sampled**2)
        slope += stored * np.einsum("fn,fn->f", potential @ geometry.operator.stiffness, potential)
        slope /= -geometry.operator.width
        slope += geometry.top_mean.from_top[0] * stored / bulk**2
        return self._seen(angular_frequency, potential), slope

    def potential(self, angular_frequency: Array) -> ComplexArray:
        """psi_r at 1 A/m^2 [V m^2/A], shape (f, n); NaN where nothing conducts."""
        geometry, operator = self.geometry, self.geometry.operator
        reactions = Reactions(geometry.elements, self.bottom, np.zeros((1, 0)))
        found = np.full((len(angular_frequency), operator.size), np.nan + 0j)
        load = -operator.width * operator.top_share[:, None]
        count = max(1, _LARGEST_BATCH // operator.size**2)
        for first in range(0, len(angular_frequency), count):
            part = angular_frequency[first : first + count]
            surface = self.admittance(part)
            conducts = np.flatnonzero(surface.any(axis=(1, 2)))
            matrices = self.bulk(part[conducts])[:, None, None] * operator.stiffness
            reactions.add_derivative(matrices, surface[conducts] * geometry.elements.weights)
            found[first + conducts] = np.linalg.solve(matrices, load)[:, :, 0]
        return found

    def bulk(self, angular_frequency: Array) -> ComplexArray:
        """Sigma of the electrolyte [S/m], shape (f,)."""
        stored = angular_frequency * (VACUUM_PERMITTIVITY * self.permittivity)
        return np.asarray(self.conductivity + 1j * stored)

    def admittance(self, angular_frequency: Array) -> ComplexArray:
        """Y at the quadrature points [S/m^2], shape (f, elements, points)."""
        found = np.zeros((len(angular_frequency), *self.slopes.shape), dtype=np.complex128)
        for number, inside in self.geometry.elements.stretches:
            own = self.bottom[number].admittance
            if own is not None:
                found[:, inside] = own.admittance(
                    self.slopes[None, inside], angular_frequency[:, None, None]
                )
        return found

    def local_current(self, angular_frequency: Array) -> tuple[Array, ComplexArray]:
        """Where the current flows along the bottom, at the quadrature points.

        Returns:
            Positions [m], shape (points,); local current density over that at the top, shape
            (f, points). Elsewhere there is none.
        """
        geometry = self.geometry
        elements = geometry.elements
        sampled = self.potential(angular_frequency) @ elements.sampling.T
        currents = -self.admittance(angular_frequency).reshape(sampled.shape) * sampled
        positions = elements.positions.ravel()
        if geometry.mirrored:
            whole = self.bottom[-1].end
            positions = np.concatenate([positions, whole - positions[::-1]])
            currents = np.concatenate([currents, currents[:, ::-1]], axis=1)
        return positions, currents

    def _seen(self, angular_frequency: Array, potential: ComplexArray) -> ComplexArray:
        """Z of potentials at 1 A/m^2."""
        geometry = self.geometry
        seen = geometry.top_mean.from_top[0] / self.bulk(angular_frequency)
        return np.asarray(-seen - potential @ geometry.operator.top_share)
