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
import numpy.typing as npt

from fem_island.machine.arrays import Array
from fem_island.machine.equal_rows import equal_rows
from fem_island.solvers.condensed.grid import GridLine
from fem_island.solvers.condensed.separable import kept_modes
from fem_island.solvers.condensed.stacks.held import placed_stretch
from fem_island.solvers.condensed.stacks.operator import (
    GridRows,
    StackedOperator,
    StackedRecovery,
    joined_recoveries,
)

Integers = npt.NDArray[np.intp]

_LARGEST_BLOCK = 2**18
"""Numbers of an array of grids that are condensed at once, 2 MB: what a core's cache holds."""


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
    along: StackedRecovery
    top: StackedRecovery

    def taken(self, points: Integers) -> StackedElectrolyte:
        """The same for some of the points."""
        return replace(
            self,
            operator=self.operator.taken(points),
            along=self.along.taken(points),
            top=self.top.taken(points),
        )

    def bottom(self) -> StackedRecovery:
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
    lines = len(parts) * x.size * y.size
    count = -(-len(first) // max(1, _LARGEST_BLOCK // lines))
    blocks = np.array_split(first, count)
    return _joined(
        [
            _Chain(x, y, parts, reacts, stretching[block], raising[block]).condensed(where)
            for block in blocks
        ]
    )


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


def _joined(blocks: list[StackedElectrolyte]) -> StackedElectrolyte:
    """The grids of several blocks as those of one stack; all blocks have the rows of the stack."""
    if len(blocks) == 1:
        return blocks[0]
    operators = [one.operator for one in blocks]
    return replace(
        blocks[0],
        operator=replace(
            operators[0],
            stiffness=np.concatenate([one.stiffness for one in operators]),
            shares=np.concatenate([one.shares for one in operators]),
            widths=np.concatenate([one.widths for one in operators]),
        ),
        along=joined_recoveries([one.along for one in blocks]),
        top=joined_recoveries([one.top for one in blocks]),
    )


class _Chain:
    """Stretches side by side, in u grids, m nodes along the bottom of which n react."""

    def __init__(
        self,
        x: GridLine,
        y: GridLine,
        parts: list[Array],
        reacts: Sequence[bool],
        factors: Array,
        raises: Array,
    ) -> None:
        """Number the nodes, and couple the stretches in every mode along y."""
        self._x, self._y = x, y
        last = len(parts) - 1
        lengths = factors * np.array([part[-1] - part[0] for part in parts])
        starts = np.cumsum(lengths, axis=1) - lengths
        self._placed = [
            placed_stretch(
                part, x.degree, x.measure, factors[:, n], starts[:, n], (n > 0, n < last)
            )
            for n, part in enumerate(parts)
        ]
        corners = np.cumsum([0, *((len(part) - 1) * x.degree for part in parts)])
        self._meeting = corners[1:-1]
        self._inside = [
            slice(int(corners[n]) + (n > 0), int(corners[n + 1]) + (n == last))
            for n in range(last + 1)
        ]
        reacting = np.zeros(x.size, dtype=bool)
        for n, inside in enumerate(self._inside):
            if reacts[n]:
                reacting[inside] = True
                reacting[self._meeting[max(0, n - 1) : n + 1]] = True
        self._reacting = np.flatnonzero(reacting)
        self._widths = lengths.sum(axis=1)
        # Exact for weights that are constant or linear along the bottom.
        self._extents = x.measure.weight(0.5 * self._widths) * self._widths
        modes = kept_modes(y.breaks.tobytes(), y.degree)
        self._heights = y.breaks[-1] * raises
        self._mu = modes.eigenvalues / raises[:, None] ** 2
        self._weights = modes.vectors[0] ** 2 / raises[:, None]
        self._couple()

    def _ends(self, number: int) -> slice:
        """The meeting places of a stretch."""
        return slice(max(0, number - 1), min(number + 1, len(self._meeting)))

    def _couple(self) -> None:
        """Modes inside follow the ends, and the ends one another."""
        (count, modes), places = self._mu.shape, len(self._meeting)
        matrices = np.zeros((count, modes, places, places))
        self._inverse: list[Array] = []
        self._follows: list[Array] = []
        for number, placed in enumerate(self._placed):
            held = placed.held
            tau = self._mu * placed.stretching[:, None]
            inverse = 1 / (held.eigenvalues[:, None] + tau[:, :, None])
            ends = self._ends(number)
            coupling = held.coupling(tau, inverse)
            matrices[:, :, ends, ends] += placed.scale[:, None, None, None] * coupling
            both = held.stiffness[:, None] + tau[:, :, None, None] * held.mass[:, None]
            self._inverse.append(inverse)
            self._follows.append(-inverse[..., None] * both)
        matrices[:, 0, 0, 0] += self._extents / self._widths**2
        self._resistance = 1 / matrices if places == 1 else np.linalg.inv(matrices)

    def condensed(self, rows: GridRows) -> StackedElectrolyte:
        """S, q and recovery of the operating points on these grids."""
        x, nodes, extents = self._x, self._reacting, self._extents
        response = self._response()
        within = response[:, nodes]
        shift = (self._weights[:, 1:] / self._mu[:, 1:]).sum(axis=1) / extents
        inverse = np.linalg.inv(within)
        inverse = 0.5 * (inverse + np.swapaxes(inverse, 1, 2))
        held = inverse.sum(axis=2)
        total = held.sum(axis=1)
        shares = held / total[:, None]
        stiffness = inverse - held[:, :, None] * shares[:, None, :]
        # Only the constant mode contributes to the mean at the top, and to that at the bottom.
        top = extents * (shift - 1 / total) - self._heights
        from_bottom = shares[:, None, :] + response @ stiffness
        from_top = (response @ shares[:, :, None])[:, :, 0] - 1 / total[:, None]
        from_bottom[:, nodes] = np.eye(len(nodes))
        from_top[:, nodes] = 0.0
        return StackedElectrolyte(
            operator=StackedOperator(stiffness, shares, extents, rows),
            reacting=nodes,
            x=x,
            y=self._y,
            along=StackedRecovery(from_bottom, extents[:, None] * from_top, rows),
            top=StackedRecovery(shares[:, None, :], top[:, None], rows),
        )

    def _response(self) -> Array:
        """Potential of all nodes of the bottom to tractions at the reacting ones, (u, m, n)."""
        (count, modes), size, places = self._mu.shape, self._x.size, len(self._meeting)
        nodes = self._reacting
        column = np.full(size, -1)
        column[nodes] = np.arange(len(nodes))
        # In coordinates of modes inside and of nodes where stretches meet.
        loads = np.zeros((count, modes, places, len(nodes)))
        for place, node in enumerate(self._meeting.tolist()):
            if column[node] >= 0:
                loads[:, :, place, column[node]] = 1.0
        alike = all(len(placed.held.vectors) == 1 for placed in self._placed)
        vectors = np.zeros((1 if alike else count, len(nodes), len(nodes)))
        corners = column[self._meeting[column[self._meeting] >= 0]]
        vectors[:, corners, corners] = 1.0
        for number, inside in enumerate(self._inside):
            first, held = int(column[inside.start]), self._placed[number].held
            if first >= 0:
                own = slice(first, first + held.loads.shape[1])
                loads[:, :, self._ends(number), own] = np.swapaxes(self._follows[number], 2, 3)
                vectors[:, own, own] = held.vectors
        meeting = self._weights[:, :, None, None] * (self._resistance @ loads)
        response = np.empty((count, size, len(nodes)))
        response[:, self._meeting] = meeting.sum(axis=1)
        for number, inside in enumerate(self._inside):
            placed, ends = self._placed[number], self._ends(number)
            modal = np.arange(placed.held.loads.shape[1])
            follows = np.moveaxis(self._follows[number], 2, 1).reshape(count, len(modal), -1)
            part = follows @ meeting[:, :, ends].reshape(count, -1, len(nodes))
            first = int(column[inside.start])
            if first >= 0:
                straight = np.einsum("uj,ujm->um", self._weights, self._inverse[number])
                part[:, modal, first + modal] += straight / placed.scale[:, None]
            response[:, inside] = placed.held.vectors @ part
        response = response @ np.swapaxes(vectors, 1, 2)
        uniform, both = self._uniform()
        response -= self._weights[:, :1, None] * (
            uniform[:, :, None] + uniform[:, None, nodes] - both[:, None, None]
        )
        return response

    def _uniform(self) -> tuple[Array, Array]:
        """The grounded mode of mu = 0 under a load of 1 that is spread evenly over the width.

        Returns:
            Its values on all nodes, shape (u, m), and their mean, shape (u,) [m].
        """
        count, places = len(self._widths), len(self._meeting)
        right = np.zeros((count, places))
        mean = np.zeros(count)
        for number, placed in enumerate(self._placed):
            held, load = placed.held, placed.scale * placed.stretching
            passed = held.end_loads - (held.loads[:, None] @ held.static)[:, 0]
            right[:, self._ends(number)] += load[:, None] * passed
            mean += load * placed.stretching * (held.loads**2 / held.eigenvalues).sum(axis=1)
        meeting = (self._resistance[:, 0] @ right[:, :, None])[:, :, 0]
        values = np.empty((count, self._x.size))
        values[:, self._meeting] = meeting
        for number, (placed, inside) in enumerate(zip(self._placed, self._inside, strict=True)):
            held = placed.held
            own = placed.stretching[:, None] * (held.loads / held.eigenvalues)
            own = own - (held.static @ meeting[:, self._ends(number), None])[:, :, 0]
            values[:, inside] = (held.vectors @ own[:, :, None])[:, :, 0]
        mean += (right * meeting).sum(axis=1)
        return values / self._extents[:, None], mean / self._extents**2
