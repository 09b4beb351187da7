"""One stretch of the bottom with its ends held: the modes inside, and what couples the ends.

Only its lines matter, so that what was worked out once is kept for all that have the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from fem_island.machine.arrays import Array
from fem_island.solvers.condensed.grid import GridLine


@dataclass(frozen=True)
class HeldStretch:
    """A stretch of m inner nodes that shares one or two ends e with its neighbours.

    A node on a wall counts as an inner one. K and M are the stiffness and mass matrices.

    Attributes:
        eigenvalues: lambda of K V = M V diag(lambda) inside [1/m^2], shape (m,).
        vectors: V, orthonormal in M [1/sqrt(m)], shape (m, m).
        stiffness: V' K between inside and ends, shape (m, e).
        mass: V' M between them, shape (m, e).
        conductance: Of the stretch between its ends, shape (e, e) [1/m].
        end_mass: M of the ends, shape (e, e) [m].
        loads: V' M 1, shape (m,).
        end_loads: M 1 of the ends, shape (e,) [m].
    """

    eigenvalues: Array
    vectors: Array
    stiffness: Array
    mass: Array
    conductance: Array
    end_mass: Array
    loads: Array
    end_loads: Array

    @property
    def static(self) -> Array:
        """How the modes follow the ends where nothing flows off, V' K / lambda, shape (m, e)."""
        return np.asarray(self.stiffness / self.eigenvalues[:, None])

    def coupling(self, tau: Array, inverse: Array) -> Array:
        """Matrix between the ends, times the stretching: equation (5), shape (u, j, e, e).

        Args:
            tau: mu s^2 [1/m^2], shape (u, j).
            inverse: 1 / (lambda + tau), shape (u, j, m).
        """
        count = len(self.end_loads)
        left, right = self.stiffness[:, :, None], self.mass[:, None, :]
        mixed = left * right
        fixed = left * self.static[:, None, :] - mixed - np.swapaxes(mixed, 1, 2)
        squared = self.mass[:, :, None] * self.mass[:, None, :]
        times = tau[:, :, None]
        changed = self.end_mass.ravel() + inverse @ fixed.reshape(-1, count * count)
        changed = changed - times * (inverse @ squared.reshape(-1, count * count))
        found = self.conductance.ravel() + times * changed
        return np.asarray(found.reshape(*tau.shape, count, count))


@lru_cache(maxsize=1024)
def held_stretch(breaks: bytes, degree: int, *, left: bool, right: bool) -> HeldStretch:
    """Solve the eigenvalue problem of the inside.

    Args:
        breaks: Ends of its elements [m], as bytes.
        degree: Polynomial degree.
        left: Whether it shares its left end.
        right: Whether it shares its right end.
    """
    line = GridLine(np.frombuffer(breaks), degree)
    stiffness, mass = line.matrices()
    last = line.size - 1
    ends = [0] * left + [last] * right
    inside = slice(int(left), last + 1 - int(right))
    inner, inner_mass = stiffness[inside, inside], mass[inside, inside]
    # As in ``separable``: the smooth modes, which carry nearly all, have the largest nu.
    inverse = np.linalg.inv(np.linalg.cholesky(inner))
    nu, vectors = np.linalg.eigh(inverse @ inner_mass @ inverse.T)
    nu, vectors = nu[::-1], (inverse.T @ vectors[:, ::-1]) / np.sqrt(nu[::-1])
    length = line.breaks[-1] - line.breaks[0]
    between = np.array([[1.0, -1.0], [-1.0, 1.0]]) / length
    loads = mass.sum(axis=1)
    return HeldStretch(
        eigenvalues=1 / nu,
        vectors=vectors,
        stiffness=vectors.T @ stiffness[inside][:, ends],
        mass=vectors.T @ mass[inside][:, ends],
        conductance=between if left and right else np.zeros((1, 1)),
        end_mass=mass[np.ix_(ends, ends)],
        loads=vectors.T @ loads[inside],
        end_loads=loads[ends],
    )
