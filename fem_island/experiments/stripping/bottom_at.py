"""What lies on the bottom at an instant of a run, as the stretches that other experiments know.

A cell of the march says how much of it every rung of its ladder has on top, and not where in the
cell. There the rungs lie in the order that the cells beside it have: towards a side on which more
has run out, what has run out less comes last.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from fem_island.case.case import Case
from fem_island.experiments.stripping.bottom_grid import BottomGrid
from fem_island.experiments.stripping.instant import Instant
from fem_island.machine.arrays import Array
from fem_island.surface.bottom import Bottom, Stretch, Tag
from fem_island.surface.kinetics import ReactionLaw, ReleaseOnly
from fem_island.surface.ladder import Rung
from fem_island.surface.measure import Measure, measure_of

_NONE = 1e-9
"""Part of a cell that is nothing."""

_SLIVER = 1e-5
"""Stretches shorter than this share of the width go to what lies beside them."""


@dataclass(frozen=True)
class _Piece:
    """A part of the bottom with one store on top.

    Attributes:
        start: Left end [m].
        end: Right end [m].
        rung: Number of the store: 0 is metal; None where nothing is left.
        law: Its reaction, or None.
        potential: U [V].
    """

    start: float
    end: float
    rung: int | None
    law: ReactionLaw | None
    potential: float

    def continued(self, other: _Piece) -> bool:
        """Whether another piece is more of the same."""
        mine, its = (self.rung, self.law, self.potential), (other.rung, other.law, other.potential)
        return mine == its


def bottom_at(case: Case, instant: Instant) -> Bottom:
    """The bottom at an instant of a run, from left to right, without gaps.

    Args:
        case: What is stripped.
        instant: When.
    """
    electrolyte = case.cell.electrolyte
    width, measure = electrolyte.span, measure_of(electrolyte.geometry)
    grid = instant.grid
    if not isinstance(grid, BottomGrid):
        raise TypeError("the instant is not of a line")
    solved = float(grid.electrolyte.x.breaks[-1])
    pieces = _whole(_reacting(instant, grid, measure), solved)
    if grid.mirrored:
        turned = [
            _Piece(width - each.end, width - each.start, each.rung, each.law, each.potential)
            for each in reversed(pieces)
        ]
        pieces = [*pieces, *turned]
    parts = [
        part
        for piece in _joined(_joined(pieces, 0.0), _SLIVER * width)
        for part in _stretches(case, piece)
    ]
    return Bottom(tuple(parts), measure)


def _reacting(instant: Instant, grid: BottomGrid, measure: Measure) -> Iterator[_Piece]:
    """The pieces of all cells, from left to right."""
    state, edges = instant.state, grid.edges
    rungs = state.ladder.rungs
    nothing = np.maximum(1.0 - state.standing.sum(axis=0), 0.0)
    shares = np.concatenate([state.standing, nothing[None]])
    # A film that takes up lithium has no room for more where it is full.
    full = state.taken <= 0
    means = np.arange(len(shares)) @ shares
    touching = grid.touching
    laws = [_numbered(rung, len(edges)) for rung in rungs]
    for cell, (start, end) in enumerate(edges.tolist()):
        ends = np.array(start), np.array(end)
        left = float(means[cell - 1]) if touching[cell] else None
        right = float(means[cell + 1]) if touching[cell + 1] else None
        place, below = start, 0.0
        for number, share in _ordered(shares[:, cell], float(means[cell]), left, right):
            below += share
            stop = min(float(measure.place(*ends, np.array(below))), end)
            if number == len(rungs):
                yield _Piece(place, stop, None, None, 0.0)
            else:
                rung = rungs[number]
                law = rung.laws[laws[number][cell]][0]
                if number > 0 and rung.takes and full[number - 1, cell]:
                    law = ReleaseOnly(law)
                yield _Piece(place, stop, number, law, rung.equilibrium_potential)
            place = stop


def _ordered(
    shares: Array, mean: float, left: float | None, right: float | None
) -> list[tuple[int, float]]:
    """Stores in a cell from left to right with the parts of it that they have.

    Args:
        shares: Of the stores, from the top down, shape (stores,).
        mean: Of the numbers of the stores in the cell.
        left: The same of the cell to the left, or None where there is none.
        right: The same of the cell to the right.
    """
    there = [(number, share) for number, share in enumerate(shares.tolist()) if share > _NONE]
    if len(there) < 2:
        return [(number, 1.0) for number, _ in there]
    rises = (mean if left is None else left) <= (mean if right is None else right)
    if left is None or right is None or (left - mean) * (right - mean) <= 0:
        return there if rises else there[::-1]
    # A crest or a trough: what is in the middle is in one part, the others are on both sides.
    outer = there[::-1] if left > mean else there
    halves = [(number, 0.5 * share) for number, share in outer[:-1]]
    return [*halves, outer[-1], *halves[::-1]]


def _numbered(rung: Rung, cells: int) -> npt.NDArray[np.intp]:
    """Which law holds in every cell; the first where none is known."""
    found = np.zeros(cells, dtype=np.intp)
    for number, (_, places) in enumerate(rung.laws):
        found[places] = number
    return found


def _whole(pieces: Iterator[_Piece], width: float) -> list[_Piece]:
    """The pieces with what never reacts between them."""
    found: list[_Piece] = []
    place = 0.0
    for piece in pieces:
        if piece.start - place > 1e-9 * width:
            found.append(_Piece(place, piece.start, None, None, 0.0))
        found.append(piece)
        place = piece.end
    if width - place > 1e-9 * width:
        found.append(_Piece(place, width, None, None, 0.0))
    return found


def _joined(pieces: list[_Piece], shortest: float) -> list[_Piece]:
    """Pieces with what continues them, and those that are too short given to their neighbour."""
    found: list[_Piece] = []
    for piece in pieces:
        if found and (found[-1].continued(piece) or piece.end - piece.start < shortest):
            last = found.pop()
            piece = _Piece(last.start, piece.end, last.rung, last.law, last.potential)
        elif found and found[-1].end - found[-1].start < shortest:
            last = found.pop()
            piece = _Piece(last.start, piece.end, piece.rung, piece.law, piece.potential)
            if found and found[-1].continued(piece):
                last = found.pop()
                piece = _Piece(last.start, piece.end, piece.rung, piece.law, piece.potential)
        found.append(piece)
    return found


def _stretches(case: Case, piece: _Piece) -> Iterator[Stretch]:
    """The stretches of a piece: where nothing is left, film and copper are told apart."""
    if piece.rung == 0:
        island = _island(case, 0.5 * (piece.start + piece.end))
        yield Stretch(piece.start, piece.end, Tag.ISLAND, island, piece.law)
        return
    if piece.rung is not None:
        yield Stretch(piece.start, piece.end, Tag.FILM, None, piece.law, piece.potential)
        return
    film, width = case.cell.interlayer, case.cell.electrolyte.span
    extent = () if film is None else (((0.0, width),) if film.extent is None else film.extent)
    inner = sorted(x for ends in extent for x in ends if piece.start < x < piece.end)
    for start, end in pairwise([piece.start, *inner, piece.end]):
        middle = 0.5 * (start + end)
        filmed = any(low < middle < high for low, high in extent)
        yield Stretch(start, end, Tag.FILM if filmed else Tag.EXPOSED)


def _island(case: Case, place: float) -> int | None:
    """Number of the island that lies at a place [m] in the case; None for other metal."""
    if case.cell.lithium is None:
        for number, island in enumerate(case.cell.islands):
            left, right = case.cell.island_ends(island)
            if left <= place <= right:
                return number
    return None
