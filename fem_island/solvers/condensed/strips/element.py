"""One element of the bottom with one rail of the ladder, without its inner nodes.

On an element of length h, a rail u with stiffness mu and coupling d has the energy

    d h / 2 [ (psi - u) . M^ (psi - u) + u . K^ u / t ] ,   t = mu h^2 ,                        (1)

with the matrices M^, K^ of the reference element (see ``height``). Inner nodes (I) of u are
diagonalised with its ends (B) held,

    K^_II Z = M^_II Z diag(nu) ,   Z . M^_II Z = 1 ,   P = Z . M^_I* ,   Q = Z . K^_IB - nu P_B .

In a geometry with a weight along x, the matrices of the reference element are those of every
element with that weight, and k is times the conductance between its ends.

What matters between neighbours is psi - u at an end where elements are long (t > 1), since u
follows psi there, and u itself where they are short. With E the choice of the ends of the first
kind, F that of the others, and b = u at F, -(psi - u) at E, eliminating the inner nodes leaves the
energy (1) as

    psi, psi   R . D R + E . k E / t + F . m F       D = diag(1 / (nu (nu + t))) ,  R = nu P + Q E
    psi, b     R . D Q + E . k / t - F . m           k = [[1, -1], [-1, 1]]
    b, b       Q . D Q + k / t + m                   m = M^_BB - P_B . P_B

times d h. No term is a difference of larger ones, for any t, so that S keeps its digits on elements
of very different lengths: a long one does not spoil a short one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from fem_island.machine.arrays import Array
from fem_island.solvers.condensed.grid import GridLine, reference

_CONDUCTANCE = np.array([[1.0, -1.0], [-1.0, 1.0]])


@dataclass(frozen=True)
class InnerModes:
    """Reference elements of a degree p with their ends held; letters as above.

    Attributes:
        eigenvalues: nu, shape (elements, p - 1).
        vectors: Z, shape (elements, p - 1, p - 1).
        mass: P, shape (elements, p - 1, p + 1).
        stiffness: Z . K^_IB, shape (elements, p - 1, 2).
        ends: m, shape (elements, 2, 2).
        conductance: Between the ends, shape (elements,).
    """

    eigenvalues: Array
    vectors: Array
    mass: Array
    stiffness: Array
    ends: Array
    conductance: Array

    @property
    def across(self) -> Array:
        """Q, shape (elements, p - 1, 2)."""
        return self.stiffness - self.eigenvalues[..., None] * self.mass[..., [0, -1]]


def inner_modes(axis: GridLine) -> InnerModes:
    """The modes of every element of an axis, or of the one that all are alike."""
    return _alike(axis.degree) if axis.measure.is_uniform else _modes_of(*axis.references)


@lru_cache(maxsize=16)
def _alike(degree: int) -> InnerModes:
    part = reference(degree)
    modes = _modes_of(part.stiffness[None], part.mass[None])
    return replace(modes, conductance=np.ones(1))


def _modes_of(stiffness: Array, mass: Array) -> InnerModes:
    """The modes of matrices of shape (elements, p + 1, p + 1)."""
    inside, ends = slice(1, -1), [0, -1]
    factor = np.linalg.inv(np.linalg.cholesky(mass[:, inside, inside]))
    eigenvalues, vectors = np.linalg.eigh(factor @ stiffness[:, inside, inside] @ factor.mT)
    vectors = factor.mT @ vectors
    held = vectors.mT @ mass[:, inside]
    pulled = vectors.mT @ stiffness[:, inside][..., ends]
    through = (pulled[..., 0] * pulled[..., 1] / eigenvalues).sum(axis=1)
    return InnerModes(
        eigenvalues=eigenvalues,
        vectors=vectors,
        mass=held,
        stiffness=pulled,
        ends=mass[:, ends][..., ends] - held[..., ends].mT @ held[..., ends],
        conductance=through - stiffness[:, 0, -1],
    )


@dataclass(frozen=True)
class ElementBlocks:
    """Elements of the bottom, each with all rails, without their inner nodes.

    Attributes:
        bottom: psi, psi, of all rails together, shape (elements, p + 1, p + 1).
        across: psi, b, shape (rails, elements, p + 1, 2).
        beside: b, b of the two ends of an element, shape (rails, elements).
        sums: Sums of the rows of b, b, shape (rails, elements, 2).
    """

    bottom: Array
    across: Array
    beside: Array
    sums: Array


def element_blocks(
    axis: GridLine, stiffness: Array, coupling: Array, follows: Array
) -> ElementBlocks:
    """Condense elements.

    Args:
        axis: The elements.
        stiffness: mu of every rail [1/m^2], shape (rails,).
        coupling: d of every rail [1/m], shape (rails,).
        follows: 1 where psi - u is the unknown (E), 0 where u is, shape (rails, elements + 1).
    """
    modes, lengths = inner_modes(axis), axis.lengths
    nu, across = modes.eigenvalues, modes.across
    scale = coupling[:, None] * lengths
    ratio = stiffness[:, None] * lengths**2
    chosen = np.stack([follows[:, :-1], follows[:, 1:]], axis=2)
    # D times d h, shape (rails, elements, modes).
    weights = scale[..., None] / (nu * (nu + ratio[..., None]))
    conductance = (scale / ratio * modes.conductance)[..., None, None] * _CONDUCTANCE
    masses = scale[..., None, None] * modes.ends
    own = nu[..., None] * modes.mass

    first = np.einsum("emi,em,emj->eij", own, weights.sum(axis=0), own)
    mixed = np.einsum("emi,emb,emb->eib", own, np.einsum("jem,jeb->emb", weights, chosen), across)
    first[:, :, [0, -1]] += mixed
    first[:, [0, -1]] += mixed.transpose(0, 2, 1)
    between = np.einsum("jem,ema,emb->jeab", weights, across, across)
    both = chosen[..., :, None] * chosen[..., None, :]
    neither = (1 - chosen[..., :, None]) * (1 - chosen[..., None, :])
    corners = (both * (between + conductance) + neither * masses).sum(axis=0)
    first[:, [[0], [-1]], [0, -1]] += corners

    second = np.einsum("emi,jem,emb->jeib", own, weights, across)
    second[:, :, [0, -1]] += chosen[..., :, None] * (between + conductance)
    second[:, :, [0, -1]] -= (1 - chosen[..., :, None]) * masses
    held = between + masses
    return ElementBlocks(
        bottom=first,
        across=second,
        beside=held[..., 0, 1] + conductance[..., 0, 1],
        sums=held.sum(axis=3),
    )
