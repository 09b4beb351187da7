"""The height of a grid as a ladder: what its lines in y are to functions of x.

In a grid of rectangles the Laplacian is A = K_x (x) M_y + M_x (x) K_y with the stiffness and mass
matrices K, M of both axes. Split the nodes in y into the bottom (0) and all others (i). With the
eigenvectors of the others,

    K_ii v_j = mu_j M_ii v_j ,   v orthonormal in M_ii ,   beta_j = v_j . (M_y 1)_i ,

and the potential written as

    psi(x, y_i) = sum_j v_j(y_i) [ beta_j u_j(x) - m_j psi_0(x) ] ,   m_j = v_j . M_i0 ,        (1)

the energy psi . A psi / 2 is that of a ladder along x, whose rails psi_0, u_1, u_2, ... know of one
another through the bottom alone:

    1/2 [ a psi_0 . K_x psi_0                                                                   (2)
          + sum_j d_j { (psi_0 - u_j) . M_x (psi_0 - u_j) + u_j . K_x u_j / mu_j } ]

    a = M_00 - sum_j m_j^2 = 1 / inv(M_y)_00 ,   d_j = mu_j beta_j^2 .

All its terms are positive, and a constant is psi_0 = u_j = const without energy, so that no digits
are lost. To an eigenvector of x the bottom answers with a lambda + sum_j d_j lambda / (lambda +
mu_j), which is the discrete form of sqrt(lambda) tanh(sqrt(lambda) H).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from fem_island.machine.arrays import Array
from fem_island.solvers.condensed.grid import GridLine


@dataclass(frozen=True)
class Height:
    """The ladder of an axis in y; letters as above.

    Attributes:
        stiffness: mu_j [1/m^2], ascending, shape (j,).
        coupling: d_j [1/m], shape (j,).
        rail: a [m].
        vectors: v_j at the nodes above the bottom [1/sqrt(m)], shape (nodes, j).
        load: beta_j [sqrt(m)], shape (j,).
        mass: m_j [sqrt(m)], shape (j,).
    """

    stiffness: Array
    coupling: Array
    rail: float
    vectors: Array
    load: Array
    mass: Array

    @property
    def count(self) -> int:
        """Number of rails u_j."""
        return len(self.stiffness)

    def column(self, bottom: Array, rails: Array) -> Array:
        """Equation (1) above the bottom.

        Args:
            bottom: psi_0, shape (...).
            rails: u_j, shape (j, ...).

        Returns:
            psi at the nodes above the bottom, shape (nodes, ...).
        """
        weighted = np.tensordot(self.vectors * self.load, rails, axes=1)
        return np.asarray(weighted - np.multiply.outer(self.vectors @ self.mass, bottom))


def height_of(axis: GridLine) -> Height:
    """The ladder of an axis; kept, since many grids share their lines in y."""
    return _kept(axis.breaks.tobytes(), axis.degree)


@lru_cache(maxsize=64)
def _kept(breaks: bytes, degree: int) -> Height:
    axis = GridLine(np.frombuffer(breaks), degree)
    stiffness, mass = axis.matrices()
    inner = np.linalg.inv(np.linalg.cholesky(stiffness[1:, 1:]))
    # The smooth modes, which carry nearly all, are the largest of the inverse, and singular values
    # keep twice as many digits of the sharp ones as eigenvalues would.
    factor = np.linalg.cholesky(mass[1:, 1:])
    _, roots, rows = np.linalg.svd(inner @ factor)
    inverse, vectors = roots**2, np.linalg.solve(factor.T, rows.T)
    load = vectors.T @ mass[1:].sum(axis=1)
    return Height(
        stiffness=1 / inverse,
        coupling=load**2 / inverse,
        rail=1 / float(np.linalg.inv(mass)[0, 0]),
        vectors=vectors,
        load=load,
        mass=vectors.T @ mass[1:, 0],
    )
