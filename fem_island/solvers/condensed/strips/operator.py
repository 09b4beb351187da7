"""S and q of a row of strips, never formed; letters as in the package's docstring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from fem_island.machine.arrays import Array
from fem_island.solvers.condensed.strips.chain import Chain, Factor, Matrix
from fem_island.solvers.condensed.strips.row import PlacedStrip, Row
from fem_island.solvers.electrolyte import ElementMass


@dataclass(frozen=True)
class StripOperator:
    """The condensed electrolyte of a row of strips; see ``solvers.electrolyte.Operator``.

    Attributes:
        top_share: q [1], shape (n,).
        width: W [m].
        row: The strips.
    """

    top_share: Array
    width: float
    row: Row
    _held: Chain

    @classmethod
    def of(cls, row: Row, *, width: float) -> StripOperator:
        """Eliminate the cuts, with the reacting bottom held."""
        diagonal, beside = row.blocks()
        for placed in row.strips:
            inner = placed.strip.inner
            placed.spread_matrix(placed.strip.stiffness[inner:, inner:], diagonal, beside)
        # A foot that reacts is held: an equation of its own.
        feet = np.flatnonzero(row.reacts)
        diagonal[feet, 0, :] = diagonal[feet, :, 0] = 0.0
        diagonal[feet, 0, 0] = 1.0
        beside[feet[feet < len(beside)], 0, :] = 0.0
        beside[feet[feet > 0] - 1, :, 0] = 0.0
        alone = cls(np.zeros(row.size), width, row, Chain(diagonal, beside))
        nothing = np.zeros((1, row.size))
        load = alone.applied(nothing, alone.cuts_of(nothing, np.ones(1)))[0]
        for placed in row.strips:
            _add_reacting(placed, placed.strip.load, load)
        return cls(load / width, width, row, alone._held)

    @property
    def size(self) -> int:
        """Number of reacting unknowns n."""
        return self.row.size

    @property
    def numbers(self) -> int:
        """How many numbers the tangent of one operating point has."""
        strips = sum(one.strip.inner * len(one.strip.stiffness) for one in self.row.strips)
        return strips + 2 * len(self.row.at_cuts) * self.row.block**2

    def apply(self, potential: Matrix) -> Matrix:
        """S psi_r of k potentials, shape (k, n)."""
        return self.applied(potential, self.cuts_of(potential))

    def taken(self, points: npt.NDArray[np.intp]) -> StripOperator:
        """See ``solvers.electrolyte.Operator``: all points have the same."""
        return self

    def traction(self, potential: Array, current_densities: Array, conductivity: Any) -> Array:
        """See ``solvers.electrolyte.Operator``."""
        from_top = self.width * current_densities[:, None] * self.top_share
        return np.asarray(conductivity * self.apply(potential) + from_top)

    def tangent(self, conductivity: Any, mass: ElementMass) -> StripFactor:
        """See ``solvers.electrolyte.Operator``."""
        return StripFactor.of(self.row, conductivity, mass)

    def cuts_of(self, potential: Matrix, load: Array | None = None) -> Matrix:
        """The unknowns of the cuts that belong to potentials of the reacting bottom.

        Args:
            potential: psi_r [V], shape (k, n).
            load: I / kappa [V/m], shape (k,); None is no current.

        Returns:
            psi_0 and b_j [V], shape (cuts, 1 + j, k).
        """
        row = self.row
        known = np.zeros((len(row.at_cuts), row.block, len(potential)), potential.dtype)
        if not len(known):
            return known
        known[row.reacts, 0] = potential.T[row.at_cuts[row.reacts]]
        right = np.zeros_like(known)
        for placed in row.strips:
            strip = placed.strip
            current = strip.stiffness[strip.inner :] @ placed.unknowns(potential, known)
            if load is not None:
                current = current + np.outer(strip.load[strip.inner :], load)
            placed.spread(-current, right)
        right[row.reacts, 0] = 0.0
        return known + self._held.solve(right)

    def applied(self, potential: Matrix, cuts: Matrix) -> Matrix:
        """T_rr psi_r + T_rz z, shape (k, n), of cuts as from ``cuts_of``."""
        result = np.zeros_like(potential)
        for placed in self.row.strips:
            current = placed.strip.stiffness @ placed.unknowns(potential, cuts)
            _add_reacting(placed, current, result.T)
        return result


def _add_reacting(placed: PlacedStrip, values: Matrix, result: Matrix) -> None:
    """Add values of a strip's unknowns to those of all reacting ones, along the first axis."""
    first = placed.first_reacting
    result[first : first + len(placed.reacting)] += values[placed.reacting]


@dataclass(frozen=True)
class StripFactor:
    """Factorised tangents of k operating points; see ``solvers.electrolyte.Factor``."""

    row: Row
    _points: Sequence[_PointFactor | None]

    @classmethod
    def of(cls, row: Row, conductivity: float | complex, mass: ElementMass) -> StripFactor:
        """Factorise kappa S and an element mass for every operating point."""
        with threadpool_limits(1):
            points = [_factorised(row, conductivity, mass, point) for point in range(len(mass))]
        return cls(row, points)

    def solve(self, right: Matrix) -> Matrix:
        """Solutions for right sides of shape (k, n); NaN where a matrix is singular."""
        solved = [
            np.full(self.row.size, np.nan) if one is None else one.solve(self.row, values)
            for one, values in zip(self._points, right, strict=True)
        ]
        return np.array(solved).reshape(right.shape)


def _factorised(
    row: Row, conductivity: float | complex, mass: ElementMass, point: int
) -> _PointFactor | None:
    """The strips and then the cuts; None where one of them is singular."""
    diagonal, beside = row.blocks(np.result_type(type(conductivity), mass.blocks))
    strips: list[tuple[Factor | None, Matrix]] = []
    try:
        for placed in row.strips:
            inner = placed.strip.inner
            matrix: Matrix = conductivity * placed.strip.stiffness
            mass.add_part(matrix, point, first=placed.first_reacting, places=placed.reacting)
            factor = Factor(matrix[:inner, :inner]) if inner else None
            across = matrix[:inner, inner:]
            solved = factor.solve(across) if factor else across
            placed.spread_matrix(matrix[inner:, inner:] - across.T @ solved, diagonal, beside)
            strips.append((factor, solved))
        return _PointFactor(strips, Chain(diagonal, beside))
    except np.linalg.LinAlgError:
        return None


@dataclass(frozen=True)
class _PointFactor:
    """The tangent of one operating point.

    Attributes:
        strips: Of every strip the factor between its cuts, and what that makes of the cuts.
        chain: Of the cuts.
    """

    strips: list[tuple[Factor | None, Matrix]]
    chain: Chain

    def solve(self, row: Row, right: Matrix) -> Matrix:
        """The solution for a right side of shape (n,)."""
        kind = np.result_type(right, *(solved for _, solved in self.strips))
        cuts = np.zeros((len(row.at_cuts), row.block, 1), kind)
        cuts[row.reacts, 0, 0] = right[row.at_cuts[row.reacts]]
        for placed, (_, solved) in zip(row.strips, self.strips, strict=True):
            placed.spread(-(solved.T @ right[placed.inside])[:, None], cuts)
        cuts = self.chain.solve(cuts)
        result = np.zeros(len(right), cuts.dtype)
        for placed, (factor, solved) in zip(row.strips, self.strips, strict=True):
            if factor is not None:
                ends = [cuts[cut, :, 0] for cut in placed.cuts]
                inside = factor.solve(right[placed.inside])
                if ends:
                    inside = inside - solved @ np.concatenate(ends)
                result[placed.inside] = inside
        result[row.at_cuts[row.reacts]] = cuts[row.reacts, 0, 0]
        return result
