"""S and q of many grids that have the same lines, each stretched in its own way.

In the modes v_j of the lines along y, with eigenvalues mu_j, the Laplacian of a grid is one problem
along x for each of them,

    (K + mu_j M) a_j = v_j(0) f ,     psi(x, 0) = sum_j v_j(0) a_j(x) ,                        (4)

with the traction f of the bottom and the stiffness and mass matrices K, M along x. A grid is made
from a template: each stretch of the bottom is s times as long there, so that K = K0 / s and
M = s M0 in it. With tau = mu s^2 this is (K0 + tau M0) / s, and the modes of the template's stretch
with its ends held,

    K0 V = M0 V diag(lambda) ,   V' M0 V = 1 ,   D = 1 / (lambda + tau) ,

solve its inside for every s and mu, without an eigenvalue problem per grid. With A = V' K0 and
B = V' M0 between inside and ends, the modes follow the ends as - D (A + tau B), and what couples
the ends of a stretch is

    G = (1/s) [k + tau (m + A' D A / lambda - A' D B - B' D A - tau B' D B)]                   (5)

with its conductance k (1 / length between two ends, 0 of one) and the mass m of its ends; no digits
are lost where mu is small. What is left for every mode j is a small matrix of the places where
stretches meet. On the reacting nodes, sum_j v_j(0)^2 inv(K + mu_j M) is then the
traction-to-potential map N, up to a constant: as in ``separable`` it gives S and q, exactly, so
that on one grid both agree to rounding.

Along y a grid is h times as high as the template, which leaves its modes as they are: mu is then
1 / h^2 as large, and v_j(0)^2 1 / h.

Around an axis K and M are other multiples of K0 and M0, and those of rings none, so that each has
modes of its own: see ``held``, which says both. W is then the area.

The mode of mu = 0 is singular. Its tractions balance, so that one meeting place can be grounded;
what it would take up is projected out, so that the mean of the mode over the bottom is 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from scipy.linalg import lapack

from fem_island.machine.arrays import Array
from fem_island.machine.equal_rows import equal_rows
from fem_island.solvers.condensed.grid import GridLine
from fem_island.solvers.condensed.stacks.chain import Chain
from fem_island.solvers.condensed.stacks.chain_recovery import LARGEST_BLOCK, ChainRecovery
from fem_island.solvers.condensed.stacks.operator import (
    GridRows,
    StackedOperator,
    StackedRecovery,
)
from fem_island.solvers.condensed.stacks.places import Integers, Places

_SMALLEST_FACTORISED = 60
"""Unknowns from which on the method of Cholesky, matrix by matrix, is faster than all at once."""

_FEW_POINTS = 4
"""Points of a grid below which the field is worked out for each of them, and not for every load."""


@dataclass(frozen=True)
class StackedElectrolyte:
    """The condensed grids of k operating points.

    Attributes:
        operator: S and q.
        reacting: Numbers of the reacting nodes of the bottom, ascending, shape (n,).
        x: Lines of the template along the bottom.
        y: Lines along the height.
        along: Recovery of all nodes of the bottom.
        top: Recovery of the mean at the top.
    """

    operator: StackedOperator
    reacting: Integers
    x: GridLine
    y: GridLine
    along: StackedRecovery | ChainRecovery
    top: StackedRecovery

    def taken(self, points: Integers) -> StackedElectrolyte:
        """The same for some of the points."""
        return replace(
            self,
            operator=self.operator.taken(points),
            along=self.along.taken(points),
            top=self.top.taken(points),
        )

    def bottom(self) -> StackedRecovery | ChainRecovery:
        """Recovery of the field on all nodes of the bottom."""
        return self.along

    def top_mean(self) -> StackedRecovery:
        """Recovery of the mean at the top."""
        return self.top

    def at(self, points: Array) -> StackedRecovery:
        """Recovery of no place: points are not in a stack where the field is asked for.

        Raises:
            ValueError: There are places.
        """
        if len(points):
            raise ValueError("the field of a stack is known along the bottom alone")
        count, size = self.operator.shares.shape
        nothing = np.zeros((count, 0, size))
        return StackedRecovery(nothing, np.zeros((count, 0)), self.operator.rows)


def condense(
    x: GridLine,
    y: GridLine,
    cuts: Integers,
    reacts: Sequence[bool],
    stretching: Array,
    raising: Array,
) -> StackedElectrolyte:
    """Eliminate all nodes of the grids of k operating points but the reacting ones.

    Args:
        x: Lines of the template along the bottom.
        y: Lines of the template along the height; their modes are kept.
        cuts: Numbers of the lines at which stretches meet, shape (stretches - 1,), at least one.
        reacts: Whether each stretch reacts.
        stretching: Length of every stretch over that in the template, shape (k, stretches).
        raising: Height over that of the template, shape (k,).
    """
    first, where = _distinct(stretching, raising)
    ends = np.concatenate([[0], cuts, [len(x.lengths)]])
    parts = [x.breaks[a : b + 1] for a, b in pairwise(ends.tolist())]
    places = Places.of([len(part) - 1 for part in parts], x.degree, reacts)
    lines = len(parts) * x.size * y.size
    count = -(-len(first) // max(1, LARGEST_BLOCK // lines))
    # Rings have modes of their own in every grid, which would be kept for each of them.
    few = x.measure.is_uniform and len(stretching) < _FEW_POINTS * len(first)
    blocks = []
    for block in np.array_split(first, count):
        chain = Chain.of(x, y, places, parts, stretching[block], raising[block])
        heights = y.breaks[-1] * raising[block]
        blocks.append(_condensed(chain, heights, everywhere=not few))
    return _joined(blocks, x, y, where)


def _distinct(stretching: Array, raising: Array) -> tuple[Integers, GridRows]:
    """The first point of each different grid, in the order of the points, and where all are.

    Args:
        stretching: See ``condense``.
        raising: Likewise.
    """
    rows = equal_rows(np.column_stack([stretching, raising]))
    _, first = np.unique(rows, return_index=True)
    # Where all are different, the grids are then the points' own, one after the other.
    place = np.empty_like(first)
    place[np.argsort(first)] = np.arange(len(first))
    return np.sort(first), GridRows(place[rows], len(first))


@dataclass(frozen=True)
class _Condensed:
    """Some of the grids, condensed.

    Attributes:
        chain: Their stretches.
        stiffness: S, shape (u, n, n).
        shares: q, shape (u, n).
        top: d of the mean at the top, shape (u,).
        along: P and d of all nodes, shapes (u, m, n) and (u, m); None where points are few.
    """

    chain: Chain
    stiffness: Array
    shares: Array
    top: Array
    along: tuple[Array, Array] | None


def _condensed(chain: Chain, heights: Array, *, everywhere: bool) -> _Condensed:
    """S, q and recovery.

    Args:
        chain: The grids.
        heights: Of the electrolyte [m], shape (u,).
        everywhere: Whether to work out the field at all nodes for every load at the bottom.
    """
    nodes, extents, weights = chain.places.reacting, chain.extents, chain.weights
    response = chain.response(np.arange(chain.places.size) if everywhere else nodes)
    within = response[:, nodes] if everywhere else response
    shift = (weights[:, 1:] / chain.eigenvalues[:, 1:]).sum(axis=1) / extents
    inverse = _inverse(within)
    held = inverse.sum(axis=2)
    total = held.sum(axis=1)
    shares = held / total[:, None]
    stiffness = inverse - held[:, :, None] * shares[:, None, :]
    # Only the constant mode contributes to the mean at the top, and to that at the bottom.
    top = extents * (shift - 1 / total) - heights
    if not everywhere:
        return _Condensed(chain, stiffness, shares, top, None)
    from_bottom = shares[:, None, :] + response @ stiffness
    from_top = (response @ shares[:, :, None])[:, :, 0] - 1 / total[:, None]
    from_bottom[:, nodes] = np.eye(len(nodes))
    from_top[:, nodes] = 0.0
    return _Condensed(chain, stiffness, shares, top, (from_bottom, extents[:, None] * from_top))


def _inverse(matrices: Array) -> Array:
    """Inverses of symmetric matrices that are positive definite but for rounding, (u, n, n)."""
    if matrices.shape[1] >= _SMALLEST_FACTORISED:
        found = np.empty_like(matrices)
        for one, matrix in zip(found, matrices, strict=True):
            factor, failed = lapack.dpotrf(matrix, lower=True)
            if failed:
                break
            one[:] = lapack.dpotri(factor, lower=True)[0]
        else:
            return np.asarray(np.tril(found) + np.swapaxes(np.tril(found, -1), 1, 2))
    inverse = np.linalg.inv(matrices)
    return np.asarray(0.5 * (inverse + np.swapaxes(inverse, 1, 2)))


def _joined(
    blocks: list[_Condensed], x: GridLine, y: GridLine, rows: GridRows
) -> StackedElectrolyte:
    """The grids of several blocks as those of one stack."""
    operator = StackedOperator(
        np.concatenate([one.stiffness for one in blocks]),
        np.concatenate([one.shares for one in blocks]),
        np.concatenate([one.chain.extents for one in blocks]),
        rows,
    )
    along: StackedRecovery | ChainRecovery
    known = [one.along for one in blocks if one.along is not None]
    if known:
        from_bottom, from_top = (np.concatenate(each) for each in zip(*known, strict=True))
        along = StackedRecovery(from_bottom, from_top, rows)
    else:
        along = ChainRecovery(Chain.joined([one.chain for one in blocks]), operator)
    top = np.concatenate([one.top for one in blocks])
    return StackedElectrolyte(
        operator=operator,
        reacting=blocks[0].chain.places.reacting,
        x=x,
        y=y,
        along=along,
        top=StackedRecovery(operator.shares[:, None, :], top[:, None], rows),
    )
