"""Where islands lie at all points of a plan at once, and whether they can.

It is what ``Cell.island_ends`` and ``case.placement`` say of one cell, for many of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fem_island.case.case import Case
from fem_island.case.placement import NARROWEST_SHARE, SNAP
from fem_island.machine.arrays import Array

_PLACE = re.compile(
    r"electrolyte\.(width|radius|height)|islands(\.\d+)?\.(width|center|inner_radius|outer_radius)"
)
_MIRRORED = 1e-12
"""How much the halves of a bottom that is its own mirror image may differ, over its width."""

_FLATTEST, _TALLEST = 1e-3, 1e3
"""Height over width of a cell."""


def moves(path: str) -> bool:
    """Whether the key of a path says where things lie, and nothing else."""
    return _PLACE.fullmatch(path) is not None


@dataclass(frozen=True)
class Layouts:
    """The bottoms of n points, from left to right: exposed, island, exposed, ..., exposed.

    Around an axis, from there to the wall.

    Attributes:
        order: Numbers of the islands from left to right, shape (n, islands).
        lengths: Of all stretches [m], 0 where an island meets a wall or another island, shape
            (n, 2 islands + 1).
        possible: Whether islands lie in the cell and beside one another, shape (n,).
        heights: Of the electrolyte [m], shape (n,).
        mirrored: Whether lengths are the same from both sides, shape (n,).
    """

    order: npt.NDArray[np.intp]
    lengths: Array
    possible: npt.NDArray[np.bool_]
    heights: Array
    mirrored: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, case: Case, values: Callable[[str], Array | None]) -> Layouts:
        """The layouts of points that differ from a case.

        Args:
            case: What does not differ.
            values: The values of a key by its path, shape (n,); None where it does not differ.
        """
        electrolyte = case.cell.electrolyte
        planar = electrolyte.geometry == "planar"
        width = values("electrolyte.width" if planar else "electrolyte.radius")
        height = values("electrolyte.height")
        width = np.array([electrolyte.span]) if width is None else width
        height = np.array([electrolyte.height]) if height is None else height
        width, height = np.broadcast_arrays(width, height)
        ends = np.stack(
            np.broadcast_arrays(
                *(
                    side
                    for number in range(len(case.cell.islands))
                    for side in _ends(case, number, width, values)
                )
            ),
            axis=-1,
        )
        ends = ends.reshape(len(ends), -1, 2)
        order = np.argsort(ends[:, :, 0], axis=1, kind="stable")
        ends = np.take_along_axis(ends, order[:, :, None], axis=1)
        lengths = np.empty((len(ends), 2 * ends.shape[1] + 1))
        lengths[:, 1::2] = ends[:, :, 1] - ends[:, :, 0]
        lengths[:, 0], lengths[:, -1] = ends[:, 0, 0], width - ends[:, -1, 1]
        lengths[:, 2:-1:2] = ends[:, 1:, 0] - ends[:, :-1, 1]
        possible = _possible(lengths, ends, width)
        shape = width / height
        possible &= (shape * _FLATTEST < 1) & (shape * _TALLEST > 1)
        gaps = lengths[:, ::2]
        gaps[np.abs(gaps) <= SNAP * width[:, None]] = 0.0
        different = np.abs(lengths - lengths[:, ::-1]).max(axis=1)
        height = np.broadcast_to(height, len(lengths))
        mirrored = planar & (different <= _MIRRORED * width)
        return cls(order, lengths, possible, height, mirrored)


def _ends(
    case: Case, number: int, width: Array, values: Callable[[str], Array | None]
) -> tuple[Array, Array]:
    """Left and right end of an island [m]."""
    island = case.cell.islands[number]

    def of(name: str, own: float | None) -> Array | None:
        for path in (f"islands.{number}.{name}", f"islands.{name}"):
            found = values(path)
            if found is not None:
                return found
        return None if own is None else np.full_like(width, own)

    snap = SNAP * width
    inner, outer = of("inner_radius", island.inner_radius), of("outer_radius", island.outer_radius)
    if outer is None:
        length, center = of("width", island.width), of("center", island.center)
        if length is None:
            raise ValueError("an island has no width")
        half = length / 2
        middle = width / 2 if center is None else center
        left = np.where(np.abs(middle) <= snap, 0.0, middle - half)
        right = np.where(np.abs(middle - width) <= snap, width, middle + half)
    else:
        left, right = np.zeros_like(outer) if inner is None else inner, outer
    left = np.where(np.abs(left) <= snap, 0.0, left)
    return left, np.where(np.abs(right - width) <= snap, width, right)


def _possible(lengths: Array, ends: Array, width: Array) -> npt.NDArray[np.bool_]:
    """Whether ``case.placement`` certainly finds no fault; where not, a case has to be asked."""
    narrowest = NARROWEST_SHARE * width[:, None]
    islands, gaps = lengths[:, 1::2], lengths[:, ::2]
    inside = (ends[:, 0, 0] >= 0) & (ends[:, :, 1] <= width[:, None]).all(axis=1)
    wide = (islands >= narrowest).all(axis=1)
    apart = ((np.abs(gaps) <= SNAP * width[:, None]) | (gaps >= narrowest)).all(axis=1)
    return np.asarray(inside & wide & apart)
