"""Stretches of the bottom side by side in many grids: what tractions do to the potential.

See ``electrolyte``, which states the mathematics.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from fem_island.machine.arrays import Array
from fem_island.solvers.condensed.grid import GridLine
from fem_island.solvers.condensed.separable import kept_modes
from fem_island.solvers.condensed.stacks.held import PlacedStretch, placed_stretch
from fem_island.solvers.condensed.stacks.places import Integers, Places


@dataclass(frozen=True)
class Chain:
    """The stretches in u grids, coupled in each of j modes along y.

    Attributes:
        places: How nodes are numbered.
        placed: The stretches.
        eigenvalues: mu of every mode along y, shape (u, j) [1/m^2].
        weights: v_j(0)^2, shape (u, j) [1/m].
        resistance: Inverse of the matrix between meeting places, shape (u, j, p, p).
        extents: Integral of the measure's weight along the bottom, shape (u,); W in a plane [m].
    """

    places: Places
    placed: tuple[PlacedStretch, ...]
    eigenvalues: Array
    weights: Array
    resistance: Array
    extents: Array

    @classmethod
    def of(
        cls,
        x: GridLine,
        y: GridLine,
        places: Places,
        parts: Sequence[Array],
        factors: Array,
        raises: Array,
    ) -> Chain:
        """Couple the stretches.

        Args:
            x: Lines of the template along the bottom.
            y: Lines of the template along the height.
            places: How nodes are numbered.
            parts: Ends of the elements of every stretch in the template [m].
            factors: Length of every stretch over that in the template, shape (u, stretches).
            raises: Height over that of the template, shape (u,).
        """
        lengths = factors * np.array([part[-1] - part[0] for part in parts])
        starts, last = np.cumsum(lengths, axis=1) - lengths, len(parts) - 1
        placed = tuple(
            placed_stretch(
                part, x.degree, x.measure, factors[:, n], starts[:, n], (n > 0, n < last)
            )
            for n, part in enumerate(parts)
        )
        modes = kept_modes(y.breaks.tobytes(), y.degree)
        mu = modes.eigenvalues / raises[:, None] ** 2
        count = len(places.meeting)
        matrices = np.zeros((*mu.shape, count, count))
        for number, one in enumerate(placed):
            ends = places.ends(number)
            tau = one.tau(mu)
            coupling = one.held.coupling(tau, one.held.inverse(tau))
            matrices[:, :, ends, ends] += one.scale[:, None, None, None] * coupling
        widths = lengths.sum(axis=1)
        # Exact for weights that are constant or linear along the bottom.
        extents = x.measure.weight(0.5 * widths) * widths
        matrices[:, 0, 0, 0] += extents / widths**2
        return cls(
            places=places,
            placed=placed,
            eigenvalues=mu,
            weights=modes.vectors[0] ** 2 / raises[:, None],
            resistance=1 / matrices if count == 1 else np.linalg.inv(matrices),
            extents=extents,
        )

    @classmethod
    def joined(cls, blocks: Sequence[Chain]) -> Chain:
        """The grids of several blocks; their stretches must have modes in common."""
        first = blocks[0]
        placed = tuple(
            replace(
                alike[0],
                scale=np.concatenate([one.scale for one in alike]),
                stretching=np.concatenate([one.stretching for one in alike]),
            )
            for alike in zip(*(block.placed for block in blocks), strict=True)
        )
        return replace(
            first,
            placed=placed,
            eigenvalues=np.concatenate([one.eigenvalues for one in blocks]),
            weights=np.concatenate([one.weights for one in blocks]),
            resistance=np.concatenate([one.resistance for one in blocks]),
            extents=np.concatenate([one.extents for one in blocks]),
        )

    def taken(self, grids: Integers) -> Chain:
        """Some of the grids; their stretches must have modes in common."""
        placed = tuple(
            replace(one, scale=one.scale[grids], stretching=one.stretching[grids])
            for one in self.placed
        )
        return replace(
            self,
            placed=placed,
            eigenvalues=self.eigenvalues[grids],
            weights=self.weights[grids],
            resistance=self.resistance[grids],
            extents=self.extents[grids],
        )

    def response(self, nodes: Integers) -> Array:
        """Potential of nodes of the bottom to tractions at the reacting ones.

        Args:
            nodes: All nodes, or all reacting ones, m of them.

        Returns:
            Shape (u, m, n).
        """
        places, (count, modes) = self.places, self.weights.shape
        reacting = places.reacting
        row = np.full(places.size, -1)
        row[nodes] = np.arange(len(nodes))
        # In coordinates of modes inside and of nodes where stretches meet.
        loads = np.zeros((count, modes, len(places.meeting), len(reacting)))
        for place, column in enumerate(places.column[places.meeting].tolist()):
            if column >= 0:
                loads[:, :, place, column] = 1.0
        inverses: dict[int, Array] = {}
        follows: dict[int, Array] = {}
        for number, one in enumerate(self.placed):
            own = places.unknowns(number)
            if own is not None or row[places.inside[number].start] >= 0:
                tau = one.tau(self.eigenvalues)
                inverses[number] = one.held.inverse(tau)
                follows[number] = one.held.follows(tau, inverses[number])
            if own is not None:
                loads[:, :, places.ends(number), own] = np.swapaxes(follows[number], 2, 3)
        meeting = self.weights[:, :, None, None] * (self.resistance @ loads)
        found = np.empty((count, len(nodes), len(reacting)))
        known = row[places.meeting]
        found[:, known[known >= 0]] = meeting.sum(axis=1)[:, known >= 0]
        for number, follow in follows.items():
            one, own = self.placed[number], places.unknowns(number)
            first, size = int(row[places.inside[number].start]), follow.shape[2]
            moved = np.moveaxis(follow, 2, 1).reshape(count, size, -1)
            part = moved @ meeting[:, :, places.ends(number)].reshape(count, -1, len(reacting))
            if own is not None:
                modal = np.arange(size)
                part[:, modal, own.start + modal] += self._straight(one, inverses[number])
            found[:, first : first + size] = one.held.vectors @ part
        for number, one in enumerate(self.placed):
            own = places.unknowns(number)
            if own is not None:
                found[:, :, own] = found[:, :, own] @ np.swapaxes(one.held.vectors, 1, 2)
        uniform, both = self.uniform
        found -= self.weights[:, :1, None] * (
            uniform[:, nodes, None] + uniform[:, None, reacting] - both[:, None, None]
        )
        return found

    def potential(self, tractions: Array) -> Array:
        """As ``response`` of all nodes times tractions, but for a constant.

        Args:
            tractions: At the reacting nodes of every grid, shape (u, n).

        Returns:
            Shape (u, size).
        """
        places, mu = self.places, self.eigenvalues
        loads = np.zeros((*mu.shape, len(places.meeting)))
        for place, column in enumerate(places.column[places.meeting].tolist()):
            if column >= 0:
                loads[:, :, place] = tractions[:, column, None]
        inverses = [one.held.inverse(one.tau(mu)) for one in self.placed]
        modal: list[Array | None] = [None] * len(self.placed)
        for number, (one, inverse) in enumerate(zip(self.placed, inverses, strict=True)):
            own = places.unknowns(number)
            if own is not None:
                held = one.held
                modal[number] = load = (tractions[:, None, own] @ held.vectors)[:, 0]
                passed = inverse * load[:, None]
                more = passed @ held.stiffness + one.tau(mu)[:, :, None] * (passed @ held.mass)
                loads[:, :, places.ends(number)] -= more
        meeting = self.weights[:, :, None] * (self.resistance @ loads[..., None])[..., 0]
        found = np.empty((len(mu), places.size))
        found[:, places.meeting] = meeting.sum(axis=1)
        for number, (one, inverse) in enumerate(zip(self.placed, inverses, strict=True)):
            held, ends = one.held, meeting[:, :, places.ends(number)]
            across = np.swapaxes(held.stiffness, 1, 2), np.swapaxes(held.mass, 1, 2)
            follow = ends @ across[0] + (one.tau(mu)[:, :, None] * ends) @ across[1]
            part = -np.einsum("ujm,ujm->um", inverse, follow)
            own_load = modal[number]
            if own_load is not None:
                part += self._straight(one, inverse) * own_load
            found[:, places.inside[number]] = (held.vectors @ part[:, :, None])[:, :, 0]
        total = tractions.sum(axis=1, keepdims=True)
        return found - self.weights[:, :1] * self.uniform[0] * total

    def _straight(self, one: PlacedStretch, inverse: Array) -> Array:
        """What modes inside a stretch answer to their own loads with its ends held, (u, m)."""
        return np.asarray(np.einsum("uj,ujm->um", self.weights, inverse) / one.scale[:, None])

    @cached_property
    def uniform(self) -> tuple[Array, Array]:
        """The grounded mode of mu = 0 under a load of 1 that is spread evenly over the width.

        Its values on all nodes, shape (u, size), and their mean, shape (u,) [m].
        """
        places, count = self.places, len(self.weights)
        right = np.zeros((count, len(places.meeting)))
        mean = np.zeros(count)
        for number, one in enumerate(self.placed):
            held, load = one.held, one.scale * one.stretching
            passed = held.end_loads - (held.loads[:, None] @ held.static)[:, 0]
            right[:, places.ends(number)] += load[:, None] * passed
            mean += load * one.stretching * (held.loads**2 / held.eigenvalues).sum(axis=1)
        meeting = (self.resistance[:, 0] @ right[:, :, None])[:, :, 0]
        values = np.empty((count, places.size))
        values[:, places.meeting] = meeting
        for number, (one, inside) in enumerate(zip(self.placed, places.inside, strict=True)):
            held = one.held
            own = one.stretching[:, None] * (held.loads / held.eigenvalues)
            own = own - (held.static @ meeting[:, places.ends(number), None])[:, :, 0]
            values[:, inside] = (held.vectors @ own[:, :, None])[:, :, 0]
        mean += (right * meeting).sum(axis=1)
        return values / self.extents[:, None], mean / self.extents**2
