"""The potential in the electrolyte as plain data: what a solution keeps of it, whoever made it.

A field is a polynomial on every cell of a mesh, in arrays alone: it can be copied, pickled, kept by
the thousand, and evaluated where none of the libraries is installed that computed it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from fem_island.errors import Fault, InputError
from fem_island.machine.arrays import Array
from fem_island.quantities import LENGTH, to_si

SLACK = 1e-12
"""Distance from the cell up to which a point counts as one on its boundary [m]."""


class Field(Protocol):
    """A potential on the rectangle 0 <= x <= W, 0 <= y <= H."""

    @property
    def degree(self) -> int:
        """Polynomial degree on a cell."""

    def potential(self, points: npt.ArrayLike) -> Array:
        """Phi [V] at points (x, y) [m] of shape (n, 2), shape (n,); NaN outside the cell."""

    def gradient(self, points: npt.ArrayLike) -> Array:
        """Its gradient [V/m], shape (n, 2); between cells that of one of them."""

    def cells(self) -> LagrangeCells:
        """All cells with the values on them."""


@dataclass(frozen=True)
class LagrangeCells:
    """Polynomials on cells, as files and pictures take them: every cell has points of its own.

    Attributes:
        kind: Shape of the cells.
        degree: Polynomial degree p.
        points: Evenly spaced points of every cell in the order of VTK's Lagrange cells [m], shape
            (cells, n, 2).
        potential: Phi there [V], shape (cells, n).
        gradient: The gradient of the cell's own polynomial there [V/m], shape (cells, n, 2).
    """

    kind: Literal["triangle", "quadrilateral"]
    degree: int
    points: Array
    potential: Array
    gradient: Array


Coordinates = Literal["x and y", "x, y and z"]
"""What a point has."""


def as_points(points: Any, coordinates: Coordinates = "x and y") -> Array:
    """Points as an array of shape (n, 2), or (n, 3), in m; coordinates may be texts with units.

    Args:
        points: One, or several.
        coordinates: What each must have.

    Raises:
        InputError: They are not such points.

    Example:
        >>> as_points([("25 um", "7.5 um")])
        array([[2.5e-05, 7.5e-06]])
    """
    wanted = f"must be {coordinates} in m of one point, or of each of several"
    count = {"x and y": 2, "x, y and z": 3}[coordinates]
    try:
        given = np.asarray(_in_metres(points), dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError([Fault("points", None, f"{wanted}: {error}")]) from None
    if given.ndim not in (1, 2) or given.shape[-1] != count:
        raise InputError([Fault("points", f"array of shape {given.shape}", wanted)])
    return given.reshape(-1, count)


def _in_metres(points: Any) -> Any:
    """The points with numbers instead of texts and quantities of pint."""
    if isinstance(points, list | tuple):
        return [_in_metres(each) for each in points]
    if hasattr(points, "m_as") and getattr(points, "shape", ()) != ():
        return points.m_as(LENGTH.unit)
    if isinstance(points, str) or hasattr(points, "m_as"):
        return to_si(points, LENGTH)
    return points


@lru_cache(maxsize=16)
def triangle_places(degree: int) -> Array:
    """Evenly spaced points of the triangle (0, 0), (1, 0), (0, 1) in VTK's order, shape (n, 2)."""
    return np.array(_triangle(degree), dtype=np.float64).reshape(-1, 2) / degree


def _triangle(side: int) -> list[tuple[int, int]]:
    """Corners, then sides, then what is inside, which is a triangle again."""
    if side <= 0:
        return [(0, 0)] if side == 0 else []
    steps = range(1, side)
    return [
        *((0, 0), (side, 0), (0, side)),
        *((i, 0) for i in steps),
        *((side - i, i) for i in steps),
        *((0, side - i) for i in steps),
        *((i + 1, j + 1) for i, j in _triangle(side - 3)),
    ]


@lru_cache(maxsize=16)
def square_places(degree: int) -> Array:
    """Evenly spaced points of the unit square in VTK's order, shape (n, 2)."""
    steps = range(1, degree)
    places = [
        *((0, 0), (degree, 0), (degree, degree), (0, degree)),
        *((i, 0) for i in steps),
        *((degree, j) for j in steps),
        *((i, degree) for i in steps),
        *((0, j) for j in steps),
        *((i, j) for j in steps for i in steps),
    ]
    return np.array(places, dtype=np.float64) / degree
