"""How finely a computation is discretised: degree, element sizes, quadrature."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Grading:
    """Element sizes: ``edge_size + growth * distance`` to the nearest change, up to ``max_size``.

    Attributes:
        edge_size: Size at every point where the boundary condition changes [m].
        growth: Increase of the size per distance from there.
        max_size: Largest size [m].
    """

    edge_size: float
    growth: float
    max_size: float


@dataclass(frozen=True)
class Resolution:
    """What a computation is discretised with.

    Attributes:
        degree: Polynomial degree of the potential.
        grading: Element sizes.
    """

    degree: int
    grading: Grading


def boundary_quadrature_degree(degree: int) -> int:
    """Degree that integrates the reaction laws of a potential of polynomial ``degree``."""
    return max(8, 4 * degree)
