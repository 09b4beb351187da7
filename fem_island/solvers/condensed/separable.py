"""The bottom operator of a grid by fast diagonalisation.

On a grid of rectangles with tensor-product polynomials (degree p along x and along y), the discrete
Laplacian is A = K_x (x) M_y + M_x (x) K_y with the stiffness and mass matrices K, M of both axes.
The eigenvectors of the two one-dimensional problems,

    K_x u_l = lambda_l M_x u_l ,   K_y v_j = mu_j M_y v_j ,   u, v orthonormal in M_x, M_y ,

diagonalise it (Lynch, Rice, Thomas, Numer. Math. 6, 185, 1964). A traction f (the current into the
electrolyte per kappa, integrated against the basis functions of the bottom) therefore gives

    psi(x, y) = c + sum_l u_l(x) g_l(y) (u_l . f) - (I / kappa) y ,   l >= 1 ,                 (3)
    g_l(y)    = sum_j v_j(y) v_j(0) / (lambda_l + mu_j) ,

with a constant c that is free, and (I / kappa) y from the constant mode l = 0, which takes up the
top's load and balances it: sum f = I W / kappa. On the reacting nodes this reads psi_r = c + N f,
where N = sum_l u_l g_l(0) u_l^T is the traction-to-potential map. Solved for f under that balance
it is equation (1) of ``solvers.electrolyte``:

    S = inv(N) - a a^T / alpha ,   q = a / alpha ,   a = inv(N) 1 ,   alpha = 1 . a .

N may be singular for constant tractions (if all of the bottom reacts), so theta 1 1^T is added to
it, which changes c by theta I W / kappa and nothing else. What a new geometry costs is an
eigenvalue problem for its lines along x, of size 30 to 100; the lines along y are few and kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array
from fem_island.solvers.condensed.grid import GridLine
from fem_island.solvers.electrolyte import BottomOperator, Recovery

_SHIFT = 10.0
"""Square root of the shift over the first eigenvalue. A larger one costs digits of the smooth
modes; a smaller one is lost beside the stiffness of small elements, and these digits with it."""

EXTREME = 1e-4
"""Smallest element, as a share of the axis, from which on squares of lengths are no problem."""


@dataclass(frozen=True)
class Modes:
    """Eigenvectors of one axis.

    Attributes:
        eigenvalues: Ascending [1/m^2], shape (n,); the first is 0.
        vectors: One per column, orthonormal in the mass matrix [1/sqrt(m)], shape (n, n).
    """

    eigenvalues: Array
    vectors: Array


def modes_of(axis: GridLine, *, extreme: float = EXTREME) -> Modes:
    """Solve the eigenvalue problem of an axis.

    Eigenvalues reach from 1/length^2 to 1/(smallest element)^2, and a solver is as exact as the
    largest one allows. So it is M u = nu (K + shift M) u that is solved: the smooth modes, which
    carry nearly all, then have the largest nu = 1 / (lambda + shift). On extreme grids the sharp
    modes would be lost, and it is the square roots of nu that are computed, as singular values.

    Args:
        axis: The grid along it.
        extreme: Share of the length below which the smallest element makes a grid extreme.
    """
    stiffness, mass = axis.matrices()
    length = axis.breaks[-1] - axis.breaks[0]
    shift = (_SHIFT * np.pi / length) ** 2
    inverse = np.linalg.inv(np.linalg.cholesky(stiffness + shift * mass))
    if axis.lengths.min() > extreme * length:
        nu, vectors = np.linalg.eigh(inverse @ mass @ inverse.T)
        nu, vectors = nu[::-1], (inverse.T @ vectors[:, ::-1]) / np.sqrt(nu[::-1])
    else:
        factor = np.linalg.cholesky(mass)
        _, roots, rows = np.linalg.svd(inverse @ factor)
        nu, vectors = roots**2, np.linalg.solve(factor.T, rows.T)
    eigenvalues = np.maximum(1 / nu - shift, 0.0)
    eigenvalues[0] = 0.0
    return Modes(eigenvalues, vectors)


@dataclass(frozen=True)
class SeparableElectrolyte:
    """A condensed grid.

    Attributes:
        operator: S and q.
        reacting: Numbers of the reacting nodes of the bottom, ascending, shape (n,).
        x: Lines along the bottom.
        y: Lines along the height.
    """

    operator: BottomOperator
    reacting: npt.NDArray[np.intp]
    x: GridLine
    y: GridLine
    _x_modes: Modes
    _y_modes: Modes
    _traction: Array
    _constant: float

    def bottom(self) -> Recovery:
        """Recovery of the field on all nodes of the bottom."""
        recovery = self._recovery(self._x_modes.vectors, self._decay(self._y_modes.vectors[:1]))
        recovery.from_bottom[self.reacting] = np.eye(len(self.reacting))
        recovery.from_top[self.reacting] = 0.0
        return recovery

    def top_mean(self) -> Recovery:
        """Recovery of the mean at the top, to which only the constant mode contributes."""
        operator = self.operator
        height = self.y.breaks[-1]
        return Recovery(operator.top_share[None, :], np.array([self._constant - height]))

    def at(self, points: Array) -> Recovery:
        """Recovery of the field at points (x, y) [m], shape (m, 2)."""
        if not len(points):
            return Recovery(np.zeros((0, self.operator.size)), np.zeros(0))
        along = self.x.basis_at(points[:, 0]) @ self._x_modes.vectors
        decay = self._decay(self.y.basis_at(points[:, 1]) @ self._y_modes.vectors)
        recovery = self._recovery(along, decay)
        return Recovery(recovery.from_bottom, recovery.from_top - points[:, 1])

    def on_grid(self, potential: Array, ohmic: float) -> Array:
        """The field of one operating point on all nodes of the grid [V], shape (y, x).

        Args:
            potential: psi_r [V], shape (n,).
            ohmic: I / kappa [V/m].
        """
        operator = self.operator
        traction = potential @ operator.stiffness + operator.width * ohmic * operator.top_share
        amplitudes = self._decay(self._y_modes.vectors) * (self._traction @ traction)
        constant = operator.top_share @ potential + ohmic * self._constant
        field: Array = amplitudes @ self._x_modes.vectors[:, 1:].T
        field += constant - ohmic * self.y.nodes[:, None]
        field[0, self.reacting] = potential
        return field

    def _decay(self, heights: Array) -> Array:
        """g_l at several heights, where all v_j are given; shape (heights, l)."""
        weights = heights * self._y_modes.vectors[0]
        decay: Array = weights @ _resolvents(self._x_modes, self._y_modes)
        return decay

    def _recovery(self, along: Array, decay: Array) -> Recovery:
        """Equation (3) with f = S psi + (I W / kappa) q."""
        operator = self.operator
        response = (along[:, 1:] * decay) @ self._traction
        return Recovery(
            operator.top_share + response @ operator.stiffness,
            self._constant + operator.width * (response @ operator.top_share),
        )


def condense(x: GridLine, y: GridLine, reacting: npt.NDArray[np.bool_]) -> SeparableElectrolyte:
    """Eliminate all nodes of a grid but the reacting ones.

    Args:
        x: Lines along the bottom.
        y: Lines along the height; their modes are kept for the next grid with the same.
        reacting: For every node of the bottom whether it is part of a reacting element.
    """
    x_modes, y_modes = modes_of(x), kept_modes(y.breaks.tobytes(), y.degree)
    nodes = np.flatnonzero(reacting)
    traction = x_modes.vectors[nodes, 1:].T
    resistance = y_modes.vectors[0] ** 2 @ _resolvents(x_modes, y_modes)
    response = (traction.T * resistance) @ traction
    shift = np.trace(response) / len(nodes)
    inverse = np.linalg.inv(response + shift)
    inverse = 0.5 * (inverse + inverse.T)
    held = inverse.sum(axis=1)
    total = held.sum()
    share = held / total
    width = x.extent
    stiffness = inverse - np.outer(held, share)
    return SeparableElectrolyte(
        operator=BottomOperator(stiffness, share, width),
        reacting=nodes,
        x=x,
        y=y,
        _x_modes=x_modes,
        _y_modes=y_modes,
        _traction=traction,
        _constant=width * (shift - 1 / total),
    )


def _resolvents(x: Modes, y: Modes) -> Array:
    """1 / (lambda_l + mu_j) for l >= 1, shape (j, l)."""
    result: Array = 1 / (y.eigenvalues[:, None] + x.eigenvalues[1:])
    return result


@lru_cache(maxsize=64)
def kept_modes(breaks: bytes, degree: int) -> Modes:
    """The eigenvectors of an axis, by the ends of its elements as bytes; the latest are kept."""
    return modes_of(GridLine(np.frombuffer(breaks), degree))
