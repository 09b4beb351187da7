"""Strips side by side: where a grid is cut, and which unknowns of the whole a strip has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array
from fem_island.solvers.condensed.grid import GridLine
from fem_island.solvers.condensed.strips.chain import Matrix
from fem_island.solvers.condensed.strips.height import Height
from fem_island.solvers.condensed.strips.strip import Strip, condense
from fem_island.surface.bottom import Stretch

Numbers = npt.NDArray[np.intp]

_NODES_PER_LINE = 1.6
"""Fewest nodes along the bottom of a strip, per line in y: where the work was measured to be least,
since short strips have many cuts, and the work of a long one grows with the cube of its nodes."""

_SAME = 1e-11
"""Differences of element lengths, as a share of the largest, that are rounding."""


def cut_lines(x: GridLine, bottom: Sequence[Stretch], *, lines: int) -> Numbers:
    """Where to cut a grid: in the middle of stretches, far from what changes at their ends.

    Args:
        x: Lines along the bottom.
        bottom: Its stretches.
        lines: Number of nodes in y.

    Returns:
        Numbers of lines in x, ascending.
    """
    middles = np.array([(stretch.start + stretch.end) / 2 for stretch in bottom[1:-1]])
    nearest = np.searchsorted(0.5 * (x.breaks[1:] + x.breaks[:-1]), middles)
    fewest = _NODES_PER_LINE * lines / x.degree
    chosen, last = [], 0
    for line in nearest.tolist():
        if line - last >= fewest and len(x.lengths) - line >= fewest / 2:
            chosen.append(line)
            last = line
    return np.array(chosen, dtype=np.intp)


@dataclass(frozen=True)
class PlacedStrip:
    """A strip in its place.

    Attributes:
        strip: The strip, which several places may share.
        first_node: Number of its first node along the whole bottom.
        inside: Numbers of the reacting unknowns between its cuts.
        cuts: Numbers of the cuts at its ends: none, one or two.
        reacting: Places, among the strip's unknowns, of those that react, from left to right; they
            include reacting cuts.
        first_reacting: Number of the first of these.
    """

    strip: Strip
    first_node: int
    inside: slice
    cuts: tuple[int, ...]
    reacting: Numbers
    first_reacting: int

    @property
    def nodes(self) -> slice:
        """Numbers of its nodes along the whole bottom."""
        return slice(self.first_node, self.first_node + self.strip.axis.size)

    def unknowns(self, potential: Matrix, cuts: Matrix) -> Matrix:
        """Its unknowns, of k potentials of shape (k, n) and cuts of shape (cuts, 1 + j, k)."""
        return np.concatenate([potential.T[self.inside], *(cuts[cut] for cut in self.cuts)])

    def spread(self, values: Matrix, cuts: Matrix) -> None:
        """Add values of its unknowns at the cuts, shape (own cuts * (1 + j), k), to all cuts."""
        size = cuts.shape[1]
        for place, cut in enumerate(self.cuts):
            cuts[cut] += values[place * size : (place + 1) * size]

    def spread_matrix(self, values: Matrix, diagonal: Matrix, beside: Matrix) -> None:
        """Add a matrix of its unknowns at the cuts to the blocks of a chain."""
        size = diagonal.shape[1]
        for place, cut in enumerate(self.cuts):
            own = slice(place * size, (place + 1) * size)
            diagonal[cut] += values[own, own]
        if len(self.cuts) == 2:
            beside[self.cuts[0]] += values[:size, size:]


@dataclass(frozen=True)
class Row:
    """All strips of a grid.

    Attributes:
        strips: From left to right.
        at_cuts: For every cut the number of the reacting unknown at its foot; -1 if it does not.
        block: Number of unknowns of a cut, 1 + j.
        size: Number of reacting unknowns.
    """

    strips: tuple[PlacedStrip, ...]
    at_cuts: Numbers
    block: int
    size: int

    @property
    def reacts(self) -> npt.NDArray[np.bool_]:
        """Which cuts react at their feet."""
        return self.at_cuts >= 0

    def blocks(self, kind: npt.DTypeLike = np.float64) -> tuple[Matrix, Matrix]:
        """Zeros for the blocks of a chain of all cuts: on the diagonal, and beside it."""
        count = len(self.at_cuts)
        shape = (self.block, self.block)
        return np.zeros((count, *shape), kind), np.zeros((max(count - 1, 0), *shape), kind)


def row_of(x: GridLine, height: Height, reacting: npt.NDArray[np.bool_], lines: Numbers) -> Row:
    """Condense strip by strip.

    Args:
        x: Lines along the bottom.
        height: The ladder of the lines in y.
        reacting: For every node of the bottom whether it is part of a reacting element.
        lines: Numbers of the lines in x, ascending, at which to cut; neither end is among them.
    """
    before = np.concatenate([[0], np.cumsum(reacting)]).astype(np.intp)
    known: dict[tuple[object, ...], Strip] = {}
    placed: list[PlacedStrip] = []
    edges = [0, *lines.tolist(), len(x.lengths)]
    sizes = [None, *(_size_at(x, line) for line in lines.tolist()), None]
    for number, (first, last) in enumerate(pairwise(edges)):
        nodes = slice(first * x.degree, last * x.degree + 1)
        # Where a place counts like any other, strips are equal wherever they lie.
        start = x.breaks[first] if x.measure.is_uniform else 0.0
        axis = GridLine(x.breaks[first : last + 1] - start, x.degree, x.measure)
        ends = sizes[number], sizes[number + 1]
        key = _key(axis, ends, reacting[nodes])
        if key not in known:
            known[key] = condense(axis, height, reacting[nodes], cut_sizes=ends)
        cuts = tuple(cut for cut in (number - 1, number) if 0 <= cut < len(lines))
        placed.append(_placed(known[key], cuts, reacting[nodes], nodes.start, before))
    feet_of_cuts = x.degree * lines
    at_cuts = np.where(reacting[feet_of_cuts], before[feet_of_cuts], -1)
    return Row(tuple(placed), at_cuts, height.count + 1, int(before[-1]))


def _placed(
    strip: Strip,
    cuts: tuple[int, ...],
    reacting: npt.NDArray[np.bool_],
    first_node: int,
    before: Numbers,
) -> PlacedStrip:
    """A strip in its place; ``before`` counts the reacting nodes left of every node."""
    block = strip.height.count + 1
    feet = [place for place, node in enumerate(strip.cuts.tolist()) if reacting[node]]
    left = [strip.inner + place * block for place in feet if strip.cuts[place] == 0]
    right = [strip.inner + place * block for place in feet if strip.cuts[place] > 0]
    first = int(before[first_node])
    inside = first + len(left)
    return PlacedStrip(
        strip=strip,
        first_node=first_node,
        inside=slice(inside, inside + strip.inner),
        cuts=cuts,
        reacting=np.concatenate([left, np.arange(strip.inner), right]).astype(np.intp),
        first_reacting=first,
    )


def _size_at(x: GridLine, line: int) -> float:
    """Length of the elements beside a line [m]."""
    return float(np.sqrt(x.lengths[line - 1] * x.lengths[line]))


def _key(
    axis: GridLine, sizes: Sequence[float | None], reacting: npt.NDArray[np.bool_]
) -> tuple[object, ...]:
    """What is equal for strips that are equal but for rounding."""
    scale = _SAME * float(axis.lengths.max())
    lengths: Array = np.rint(axis.lengths / scale)
    ends = tuple(None if size is None else round(size / scale) for size in sizes)
    return float(axis.breaks[0]), lengths.tobytes(), ends, reacting.tobytes()
