"""One stretch of the bottom with its ends held: the modes inside, and what couples the ends.

On a template of unit stretching the stretch has the stiffness and mass matrices K0 and M0; where it
is s times as long, and lies somewhere else, it has

    K = c K0 ,   M = c t M0        c = 1 / s ,  t = s^2   in a plane,
                                   c = 1 ,      t = s^2   around an axis that it begins at,

so that one eigenvalue problem is enough for all lengths, and what was worked out once is kept for
all that have the same lines. A ring's matrices also depend on its inner radius r,

    K = (r / s) K1 + Kr ,   M = s (r M1 + s Mr) ,

with those of the weights 1 and distance from the inner end, so that every ring has modes of its own
(c = t = 1).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from fem_island.case.geometry import Geometry
from fem_island.machine.arrays import Array
from fem_island.solvers.condensed.grid import GridLine
from fem_island.surface.measure import Measure, measure_of

Ends = tuple[bool, bool]
"""Whether a stretch shares its left and its right end with a neighbour."""


@dataclass(frozen=True)
class HeldStretch:
    """A stretch of m inner nodes that shares one or two ends e with its neighbours.

    A node on a wall or an axis counts as an inner one. K and M are the stiffness and mass matrices.
    Arrays have the u grids along their first axis, or 1 where all have the same; units are those of
    a plane.

    Attributes:
        eigenvalues: lambda of K V = M V diag(lambda) inside [1/m^2], shape (u, m).
        vectors: V, orthonormal in M [1/sqrt(m)], shape (u, m, m).
        stiffness: V' K between inside and ends, shape (u, m, e).
        mass: V' M between them, shape (u, m, e).
        conductance: Of the stretch between its ends, shape (u, e, e) [1/m].
        end_mass: M of the ends, shape (u, e, e) [m].
        loads: V' M 1, shape (u, m).
        end_loads: M 1 of the ends, shape (u, e) [m].
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
        """How the modes follow the ends where nothing flows off, V' K / lambda, (u, m, e)."""
        return np.asarray(self.stiffness / self.eigenvalues[:, :, None])

    def inverse(self, tau: Array) -> Array:
        """1 / (lambda + tau), shape (u, j, m), of tau = mu t, shape (u, j) [1/m^2]."""
        return np.asarray(1 / (self.eigenvalues[:, None] + tau[:, :, None]))

    def follows(self, tau: Array, inverse: Array) -> Array:
        """How the modes follow the ends, shape (u, j, m, e); of what ``coupling`` takes."""
        both = self.stiffness[:, None] + tau[:, :, None, None] * self.mass[:, None]
        return np.asarray(-inverse[..., None] * both)

    def coupling(self, tau: Array, inverse: Array) -> Array:
        """Matrix between the ends over c: equation (5), shape (u, j, e, e).

        Args:
            tau: mu t [1/m^2], shape (u, j).
            inverse: 1 / (lambda + tau), shape (u, j, m).
        """
        count = self.end_loads.shape[1]
        left, right = self.stiffness[:, :, :, None], self.mass[:, :, None, :]
        mixed = left * right
        fixed = left * self.static[:, :, None, :] - mixed - np.swapaxes(mixed, 2, 3)
        squared = self.mass[:, :, :, None] * right
        flat = (*self.mass.shape[:2], count * count)
        times = tau[:, :, None]
        changed = self.end_mass.reshape(-1, 1, count * count) + inverse @ fixed.reshape(flat)
        changed = changed - times * (inverse @ squared.reshape(flat))
        found = self.conductance.reshape(-1, 1, count * count) + times * changed
        return np.asarray(found.reshape(*tau.shape, count, count))


@dataclass(frozen=True)
class PlacedStretch:
    """A stretch in u grids.

    Attributes:
        held: With its ends held.
        scale: c, shape (u,).
        stretching: t, shape (u,).
    """

    held: HeldStretch
    scale: Array
    stretching: Array

    def tau(self, eigenvalues: Array) -> Array:
        """Mu t of modes along y, shape (u, j)."""
        return self.stretching[:, None] * eigenvalues


def placed_stretch(
    breaks: Array, degree: int, measure: Measure, factors: Array, starts: Array, ends: Ends
) -> PlacedStretch:
    """A stretch of a template where it is stretched and moved.

    Args:
        breaks: Ends of its elements in the template [m].
        degree: Polynomial degree.
        measure: What places count for.
        factors: Its length over that in the template, shape (u,).
        starts: Where it begins [m], shape (u,).
        ends: Which of its ends it shares.
    """
    own = breaks - breaks[0]
    one = np.ones_like(factors)
    if measure.is_uniform or breaks[0] == 0:
        held = _kept_stretch(own.tobytes(), degree, measure.geometry, ends)
        return PlacedStretch(held, 1 / factors if measure.is_uniform else one, factors**2)
    weight = float(measure.weight(np.ones(1))[0])
    even_stiffness, even_mass = GridLine(own, degree).matrices()
    stiffness, mass = GridLine(own, degree, measure).matrices()
    radii, lengths = weight * starts[:, None, None], factors[:, None, None]
    held = _held(
        radii / lengths * even_stiffness + stiffness,
        lengths * (radii * even_mass + lengths * mass),
        ends,
    )
    return PlacedStretch(held, one, one)


@lru_cache(maxsize=1024)
def _kept_stretch(breaks: bytes, degree: int, geometry: Geometry, ends: Ends) -> HeldStretch:
    """That of one template.

    Args:
        breaks: Ends of its elements [m], as bytes.
        degree: Polynomial degree.
        geometry: Of the cell.
        ends: Which of its ends it shares.
    """
    measure = measure_of(geometry)
    line = GridLine(np.frombuffer(breaks), degree, measure)
    stiffness, mass = line.matrices()
    held = _held(stiffness[None], mass[None], ends)
    if measure.is_uniform and ends == (True, True):
        # A line conducts like its length, whatever its elements.
        between = np.array([[[1.0, -1.0], [-1.0, 1.0]]])
        return replace(held, conductance=between / (line.breaks[-1] - line.breaks[0]))
    return held


def _held(stiffness: Array, mass: Array, shared: Ends) -> HeldStretch:
    """Solve the eigenvalue problems of the inside.

    Args:
        stiffness: K, shape (u, nodes, nodes).
        mass: M, likewise.
        shared: Which ends are shared.
    """
    left, right = shared
    last = stiffness.shape[1] - 1
    ends = [0] * left + [last] * right
    inside = slice(int(left), last + 1 - int(right))
    inner, inner_mass = stiffness[:, inside, inside], mass[:, inside, inside]
    # As in ``separable``: the smooth modes, which carry nearly all, have the largest nu.
    inverse = np.linalg.inv(np.linalg.cholesky(inner))
    vectors = np.linalg.eigh(inverse @ inner_mass @ np.swapaxes(inverse, 1, 2))[1]
    vectors = np.swapaxes(inverse, 1, 2) @ vectors[:, :, ::-1]
    # On extreme grids the smallest nu are rounding, and may be negative; not so of the vectors.
    nu = (vectors * (inner_mass @ vectors)).sum(axis=1)
    vectors /= np.sqrt(nu)[:, None, :]
    rows = np.swapaxes(vectors, 1, 2)
    across = rows @ stiffness[:, inside][:, :, ends]
    conductance = np.zeros((len(stiffness), len(ends), len(ends)))
    if left and right:
        straight = (across[:, :, 0] * across[:, :, 1] * nu).sum(axis=1) - stiffness[:, 0, last]
        conductance = straight[:, None, None] * np.array([[1.0, -1.0], [-1.0, 1.0]])
    loads = mass.sum(axis=2)
    return HeldStretch(
        eigenvalues=1 / nu,
        vectors=vectors,
        stiffness=across,
        mass=rows @ mass[:, inside][:, :, ends],
        conductance=conductance,
        end_mass=mass[:, ends][:, :, ends],
        loads=(rows @ loads[:, inside, None])[:, :, 0],
        end_loads=loads[:, ends],
    )
