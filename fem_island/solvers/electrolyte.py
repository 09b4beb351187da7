"""The electrolyte as its bottom feels it: the interface between the linear and the nonlinear part.

The electrolyte is linear; only the reactions at the bottom are not. With the nodal values psi_r [V]
of the potential on the reacting part of the bottom (n of them), those psi_i of all other nodes, and
the discrete Laplacian A (no unit in two dimensions) of any mesh, the discrete equations are

    kappa | A_rr  A_ri | | psi_r |       | t_r |   | b(psi_r) |          b_k = int law(eta) v_k ds
          | A_ir  A_ii | | psi_i |  + I  | t_i | = |    0     |          t_k = int_top v_k ds

Eliminating psi_i, which is what static condensation means, leaves n equations that know the rest of
the cell through a matrix S and a vector q only:

    kappa S psi_r + I W q = b(psi_r)                                                          (1)

    S = A_rr - A_ri inv(A_ii) A_ir        potential-to-traction map of the bottom; symmetric,
                                          positive semidefinite, S 1 = 0 (a constant has no current)
    q = (t_r - A_ri inv(A_ii) t_i) / W    share of every node in the current from the top if the
                                          reacting bottom were at one potential; its sum is 1

The sum of (1) is the balance of charge, I W = sum of b, to rounding. Once psi_r is known, the field
anywhere else is again linear in psi_r and in I:

    psi(x, y) = P psi_r + (I / kappa) d .                                                     (2)

An ``Operator`` applies S and q and solves with kappa S + int law' v v ds, and a ``Recovered`` field
applies P and d for some places. That is all that Newton's method (``condensed.newton``) sees. A
``BottomOperator`` and a ``Recovery`` hold them as matrices. There are four ways to make them from a
mesh:

    ``condensed.separable``  meshes of rectangles on a grid x times y, by fast diagonalisation: what
                             ``CondensedSolver`` uses; a geometry costs about a millisecond
    ``condensed.strips``     the same meshes where they are long, as strips side by side: nothing is
                             dense
    ``condensed.stacks``     many of these meshes at once, which differ in lengths
    ``meshed.condensing``    any mesh: the matrix that DOLFINx assembles, in a sparse factorisation

All eliminate the same equations exactly, so on one mesh they agree to rounding, and a solution of
(1) is the one that ``meshed.problem`` finds there. Other problems have the same linear
part: impedance replaces kappa by kappa + j omega epsilon, stripping changes b with time.

    kappa  conductivity [S/m]              psi  potential, or its deviation from a constant [V]
    I, W   applied current density [A/m^2] and width of the bottom [m]
    eta    local overpotential [V]         law  reaction: current density [A/m^2] of eta
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array


@dataclass(frozen=True)
class ElementMass:
    """The integrals c v_k v_m ds of a coefficient c over the reacting bottom, element by element.

    Elements are numbered from left to right, and the unknowns of one follow one another, so that an
    element shares unknowns with its neighbours alone.

    Attributes:
        first: Number of the first unknown of every element, shape (elements,).
        blocks: Integrals of k operating points, shape (k, elements, p + 1, p + 1); complex where
            the coefficient is an admittance.
    """

    first: npt.NDArray[np.intp]
    blocks: npt.NDArray[Any]

    def __len__(self) -> int:
        """Number of operating points."""
        return len(self.blocks)

    def add_to(self, matrices: npt.NDArray[Any]) -> None:
        """Add to matrices of all unknowns, shape (k, n, n)."""
        count = self.blocks.shape[-1]
        for element, first in enumerate(self.first.tolist()):
            block = slice(first, first + count)
            matrices[:, block, block] += self.blocks[:, element]

    def add_part(
        self, matrix: npt.NDArray[Any], point: int, *, first: int, places: npt.NDArray[np.intp]
    ) -> None:
        """Add what one operating point has between some of the unknowns.

        Args:
            matrix: The matrix to add to.
            point: Number of the operating point.
            first: Number of the first of these unknowns, which follow one another.
            places: Rows of the matrix that they have.
        """
        count = self.blocks.shape[-1]
        ends = first, first + len(places) - count + 1
        start, stop = np.searchsorted(self.first, ends).tolist()
        rows = places[self.first[start:stop, None] - first + np.arange(count)]
        blocks = self.blocks[point, start:stop]
        # Neighbours share an unknown, so every second one is added at a time.
        for part in (slice(0, None, 2), slice(1, None, 2)):
            matrix[rows[part, :, None], rows[part, None, :]] += blocks[part]


class Factor(Protocol):
    """Factorised tangents of k operating points."""

    def solve(self, right: Array) -> Array:
        """Solutions for right sides of shape (k, n); NaN where a matrix is singular."""


class Operator(Protocol):
    """What the nonlinear part needs of the condensed electrolyte."""

    @property
    def top_share(self) -> Array:
        """Share of every unknown in the current from the top, q [1], shape (n,) or (k, n)."""

    @property
    def width(self) -> Any:
        """W [m], of all points, or of every point, shape (k,)."""

    @property
    def size(self) -> int:
        """Number of reacting unknowns n."""

    @property
    def numbers(self) -> int:
        """How many numbers the tangent of one operating point has."""

    def taken(self, points: npt.NDArray[np.intp]) -> Operator:
        """The operator of some of the points, where every point has its own."""

    def traction(self, potential: Array, current_densities: Array, conductivity: Any) -> Array:
        """Left side of (1): the current that the electrolyte takes up at every node [A/m].

        Args:
            potential: psi_r [V], shape (k, n).
            current_densities: I [A/m^2], shape (k,).
            conductivity: kappa [S/m], of all points, or of every point, shape (k,).
        """

    def tangent(self, conductivity: Any, mass: ElementMass) -> Factor:
        """Kappa S plus an element mass for every operating point, ready to be solved with."""


class Recovered(Protocol):
    """The field at some places, from what is known at the bottom."""

    def taken(self, points: npt.NDArray[np.intp]) -> Recovered:
        """The recovery of some of the points, where every point has its own."""

    def field(self, potential: Array, current_densities: Array, conductivity: Any) -> Array:
        """Psi at the places [V], shape (k, m); arguments as of ``Operator.traction``."""


def along_points(values: Any) -> Array:
    """A number of all points, or of every point, beside arrays of shape (k, n)."""
    return np.reshape(values, (-1, 1))


@dataclass(frozen=True)
class BottomOperator:
    """The condensed electrolyte: S and q of equation (1).

    Attributes:
        stiffness: S [1], shape (n, n).
        top_share: q [1], shape (n,).
        width: W [m].
    """

    stiffness: Array
    top_share: Array
    width: float

    @property
    def size(self) -> int:
        """Number of reacting unknowns n."""
        return len(self.top_share)

    @property
    def numbers(self) -> int:
        """How many numbers the tangent of one operating point has."""
        return self.size**2

    def taken(self, points: npt.NDArray[np.intp]) -> BottomOperator:
        """See ``Operator.taken``: all points have the same."""
        return self

    def traction(self, potential: Array, current_densities: Array, conductivity: Any) -> Array:
        """See ``Operator.traction``."""
        from_top = self.width * current_densities[:, None] * self.top_share
        return np.asarray(conductivity * (potential @ self.stiffness) + from_top)

    def tangent(self, conductivity: Any, mass: ElementMass) -> DenseFactor:
        """See ``Operator.tangent``."""
        matrices = np.empty((len(mass), self.size, self.size))
        matrices[:] = conductivity * self.stiffness
        mass.add_to(matrices)
        return DenseFactor(matrices)


@dataclass(frozen=True)
class DenseFactor:
    """Tangents of k operating points that are factorised when they are used, once.

    Attributes:
        matrices: Shape (k, n, n).
    """

    matrices: Array

    def solve(self, right: Array) -> Array:
        """See ``Factor.solve``."""
        try:
            return np.asarray(np.linalg.solve(self.matrices, right[:, :, None])[:, :, 0])
        except np.linalg.LinAlgError:
            steps = np.full_like(right, np.nan)
            for point, (matrix, one) in enumerate(zip(self.matrices, right, strict=True)):
                if np.linalg.cond(matrix) < 1e15:
                    steps[point] = np.linalg.solve(matrix, one)
            return steps


@dataclass(frozen=True)
class Recovery:
    """The field at m places from what is known at the bottom: P and d of equation (2).

    Attributes:
        from_bottom: P [1], shape (m, n); every row sums up to 1.
        from_top: d [m], shape (m,).
    """

    from_bottom: Array
    from_top: Array

    def taken(self, points: npt.NDArray[np.intp]) -> Recovery:
        """See ``Recovered.taken``: all points have the same."""
        return self

    def field(self, potential: Array, current_densities: Array, conductivity: Any) -> Array:
        """Psi at the places [V], shape (k, m); arguments as of ``BottomOperator.traction``."""
        ohmic = (current_densities / conductivity)[:, None] * self.from_top
        return np.asarray(potential @ self.from_bottom.T + ohmic)
