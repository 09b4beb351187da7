"""A response in as few unknowns as it needs: what solutions at some frequencies span.

Galerkin's equations in what they span (``reduced_basis``) are (4) with the matrices

    V^T S V ,   V^T q ,   V^T Y V ,

where the columns of V are the basis. What a full solution would still add to Z is the residual's
energy, r . inv(A) r / W, and is looked at with the diagonal of A in place of A.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from fem_island.machine.arrays import Array
from fem_island.solvers.condensed.small_signal import SmallSignal
from fem_island.solvers.reduced_basis import spanned
from fem_island.surface.admittance import ComplexArray

_SMALL = 20
"""Unknowns that a spectrum has anyway: too few to gain anything."""

_SAFETY = 100.0
"""Of the diagonal in place of the whole matrix."""

_DEPENDENT = 1e-14
"""Singular value, over the largest, of what others span but for rounding."""


@dataclass(frozen=True)
class Span:
    """Functions as unknowns.

    Attributes:
        basis: V: their values at the nodes, orthonormal, shape (nodes, n).
        stiffness: V^T S V.
        top_share: V^T q.
        sampling: Their values at all quadrature points, shape (points, n).
    """

    basis: Array
    stiffness: Array
    top_share: Array
    sampling: Array

    @classmethod
    def of(cls, whole: SmallSignal, solutions: ComplexArray) -> Span:
        """What solutions span, real and imaginary parts.

        Args:
            whole: The response, with nodes as unknowns.
            solutions: Amplitudes at some frequencies, shape (f, nodes).
        """
        scaled = solutions / np.abs(solutions).max(axis=1, keepdims=True)
        parts = np.concatenate([scaled.real, scaled.imag]).T
        vectors, sizes, _ = np.linalg.svd(parts, full_matrices=False)
        basis = np.asarray(vectors[:, sizes > _DEPENDENT * sizes[0]])
        nodes = whole.unknowns
        return cls(
            basis,
            basis.T @ nodes.stiffness @ basis,
            nodes.top_share @ basis,
            nodes.sampling @ basis,
        )

    def add_surface(self, matrices: ComplexArray, weighted: ComplexArray) -> None:
        """Add V^T Y V."""
        flat = weighted.reshape(len(weighted), 1, -1)
        matrices += (self.sampling.T * flat) @ self.sampling


def reduced(whole: SmallSignal, lowest: float, highest: float, *, tolerance: float) -> SmallSignal:
    """The response between two angular frequencies in fewer unknowns, where that is possible.

    Args:
        whole: The response, with nodes as unknowns; comes back where it needs all of them.
        lowest: From where [rad/s].
        highest: To where.
        tolerance: Largest relative error of Z beside that of the whole.
    """
    if len(whole.unknowns.top_share) <= _SMALL or not lowest < highest:
        return whole

    def part(solutions: ComplexArray) -> SmallSignal:
        return replace(whole, unknowns=Span.of(whole, solutions))

    def missed(part: SmallSignal, places: Array) -> Array:
        return _SAFETY * _missed(whole, part, places)

    found = spanned(
        lowest,
        highest,
        solutions=whole.amplitudes,
        span=part,
        missed=missed,
        tolerance=tolerance,
    )
    return whole if found is None else found


def _missed(whole: SmallSignal, part: SmallSignal, angular_frequency: Array) -> Array:
    """Energy of the residual over Z, with the diagonal of A, shape (f,)."""
    span = part.unknowns
    if not isinstance(span, Span):
        raise TypeError("the response must be a reduced one")
    nodes, elements = whole.unknowns, whole.geometry.elements
    amplitudes = part.amplitudes(angular_frequency)
    bulk = whole.bulk(angular_frequency)[:, None]
    weighted = whole.admittance(angular_frequency) * elements.weights
    weighted = weighted.reshape(len(angular_frequency), -1)
    at_nodes = amplitudes @ span.basis.T
    residual = bulk * (at_nodes @ nodes.stiffness)
    residual += (weighted * (amplitudes @ span.sampling.T)) @ nodes.sampling
    residual += whole.geometry.operator.width * nodes.top_share
    diagonal = bulk * np.diag(nodes.stiffness) + weighted @ nodes.sampling**2
    energy = np.sum(np.abs(residual) ** 2 / np.abs(diagonal), axis=1)
    size = np.abs(part.impedance(angular_frequency)) * whole.geometry.operator.width
    return np.asarray(energy / size)
