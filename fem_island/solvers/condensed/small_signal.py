"""Alternating current on a condensed grid, about an operating point.

With exp(j omega t), the conductivity sigma = kappa + j omega eps0 eps of the electrolyte and the
admittance y(x) of the bottom, whose metals are all at one potential, the amplitudes psi_r at a
current density I obey the equations of ``electrolyte`` with a linear reaction - y psi:

    A psi_r = - I W q ,   A = sigma S + Y ,   Y_km = int y v_k v_m ds ,                        (4)
    Z = - <psi>_top / I = W q . inv(A) q + (H - c) / sigma ,

where c is the constant of equation (3). Z is per area of the top. A is symmetric, and since q is
both what drives the potentials and how they are seen, errors of psi_r enter Z squared.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from fem_island.machine.arrays import Array
from fem_island.solvers.condensed.geometry import CondensedGeometry
from fem_island.solvers.condensed.reactions import Reactions
from fem_island.solvers.electrolyte import BottomOperator
from fem_island.solvers.response import STEP, LocalCurrent, complex_conductivity
from fem_island.surface.admittance import ComplexArray
from fem_island.surface.bottom import Bottom
from fem_island.surface.points import OperatingPoints

_LARGEST_BATCH = 2**21
"""Complex numbers in all matrices of a batch, 32 MB."""


class Unknowns(Protocol):
    """What psi_r is written in: the nodes, or fewer functions that suffice for a response."""

    @property
    def stiffness(self) -> Array:
        """S between the unknowns, shape (n, n)."""

    @property
    def top_share(self) -> Array:
        """Q of the unknowns, shape (n,)."""

    @property
    def sampling(self) -> Array:
        """From the unknowns to all quadrature points, shape (points, n)."""

    def add_surface(self, matrices: ComplexArray, weighted: ComplexArray) -> None:
        """Add Y.

        Args:
            matrices: To what, shape (f, n, n).
            weighted: y times the quadrature weights, shape (f, elements, points).
        """


@dataclass(frozen=True)
class Nodes:
    """The nodes of a condensed grid as unknowns.

    Attributes:
        geometry: The grid.
        bottom: The whole bottom.
    """

    geometry: CondensedGeometry
    bottom: Bottom

    @cached_property
    def stiffness(self) -> Array:
        """S between the nodes, which a bottom in strips does not have."""
        operator = self.geometry.operator
        if not isinstance(operator, BottomOperator):
            raise TypeError("a response needs a bottom that is condensed as a whole")
        return operator.stiffness

    @property
    def top_share(self) -> Array:
        """Q of the nodes."""
        return self.geometry.operator.top_share

    @cached_property
    def sampling(self) -> Array:
        """From the nodes to all quadrature points."""
        found = self.geometry.elements.sampling
        return found if isinstance(found, np.ndarray) else np.asarray(found.toarray())

    def add_surface(self, matrices: ComplexArray, weighted: ComplexArray) -> None:
        """Add Y, element by element."""
        reactions = Reactions(self.geometry.elements, self.bottom, np.zeros((1, 0)))
        reactions.derivative(weighted).add_to(matrices)


@dataclass(frozen=True)
class SmallSignal:
    """The linear response of a condensed cell about one operating point.

    Attributes:
        geometry: The condensed grid, with every node that has an admittance among the unknowns.
        bottom: The whole bottom, with its admittances.
        slopes: s of the reactions at the quadrature points [S/m^2], shape (elements, points).
        conductivity: kappa [S/m].
        permittivity: eps of the electrolyte, relative to vacuum.
        unknowns: What psi_r is written in.
    """

    geometry: CondensedGeometry
    bottom: Bottom
    slopes: Array
    conductivity: float
    permittivity: float
    unknowns: Unknowns

    @classmethod
    def of(cls, points: OperatingPoints, geometry: CondensedGeometry, slopes: Array) -> SmallSignal:
        """The response about a point that was solved on a grid; ``slopes`` as above."""
        return cls(
            geometry,
            points.bottom,
            slopes,
            points.conductivity,
            points.case.cell.electrolyte.permittivity,
            Nodes(geometry, points.bottom),
        )

    def impedance(self, angular_frequency: Array) -> ComplexArray:
        """Z [Ohm m^2] at angular frequencies [rad/s], shape (f,); NaN where nothing conducts."""
        return self._seen(angular_frequency, self.amplitudes(angular_frequency))

    def impedance_and_slope(self, angular_frequency: Array) -> tuple[ComplexArray, ComplexArray]:
        """Z and dZ / d ln omega [Ohm m^2] at angular frequencies above 0.

        From (4), dZ = - psi . dA psi / W + d((H - c) / sigma) with psi at 1 A/m^2, as A is
        symmetric.
        """
        geometry, unknowns = self.geometry, self.unknowns
        amplitudes = self.amplitudes(angular_frequency)
        bulk = self.bulk(angular_frequency)
        stored = 1j * bulk.imag
        ratio = np.exp(STEP)
        change = self.admittance(angular_frequency * ratio)
        change -= self.admittance(angular_frequency / ratio)
        change *= geometry.elements.weights / (2 * STEP)
        sampled = amplitudes @ unknowns.sampling.T
        slope = np.einsum("fq,fq->f", change.reshape(sampled.shape), sampled**2)
        slope += stored * np.einsum("fn,fn->f", amplitudes @ unknowns.stiffness, amplitudes)
        slope /= -geometry.operator.width
        slope += self._constant * stored / bulk**2
        return self._seen(angular_frequency, amplitudes), slope

    def amplitudes(self, angular_frequency: Array) -> ComplexArray:
        """The unknowns at 1 A/m^2 [V m^2/A], shape (f, n); NaN where nothing conducts."""
        unknowns = self.unknowns
        size = len(unknowns.top_share)
        found = np.full((len(angular_frequency), size), np.nan + 0j)
        load = -self.geometry.operator.width * unknowns.top_share[:, None]
        count = max(1, _LARGEST_BATCH // max(size, len(unknowns.sampling) // size) ** 2)
        for first in range(0, len(angular_frequency), count):
            part = angular_frequency[first : first + count]
            surface = self.admittance(part)
            conducts = np.flatnonzero(surface.any(axis=(1, 2)))
            matrices = self.bulk(part[conducts])[:, None, None] * unknowns.stiffness
            unknowns.add_surface(matrices, surface[conducts] * self.geometry.elements.weights)
            found[first + conducts] = np.linalg.solve(matrices, load)[:, :, 0]
        return found

    def bulk(self, angular_frequency: Array) -> ComplexArray:
        """Sigma of the electrolyte [S/m], shape (f,)."""
        return complex_conductivity(self.conductivity, self.permittivity, angular_frequency)

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

    def local_current(self, angular_frequency: Array) -> LocalCurrent:
        """Where the current flows along the bottom, at the quadrature points."""
        sampled = self.amplitudes(angular_frequency) @ self.unknowns.sampling.T
        currents = -self.admittance(angular_frequency).reshape(sampled.shape) * sampled
        positions = self.geometry.elements.positions.ravel()
        if self.geometry.mirrored:
            whole = self.bottom[-1].end
            positions = np.concatenate([positions, whole - positions[::-1]])
            currents = np.concatenate([currents, currents[:, ::-1]], axis=1)
        return LocalCurrent({"position": positions}, currents)

    @cached_property
    def _constant(self) -> float:
        """C - H of equation (4) [m]."""
        nothing = np.zeros((1, self.geometry.operator.size))
        return float(self.geometry.top_mean.field(nothing, np.ones(1), 1.0)[0, 0])

    def _seen(self, angular_frequency: Array, amplitudes: ComplexArray) -> ComplexArray:
        """Z of amplitudes at 1 A/m^2."""
        seen = self._constant / self.bulk(angular_frequency)
        return np.asarray(-seen - amplitudes @ self.unknowns.top_share)
