"""The field along the bottoms of many grids that have few points each.

P of equation (2) takes more work than anything else of a grid, and is worth it for many points
only. The field of one point is that of the tractions kappa S psi_r + I W q over kappa, up to a
constant, which the reacting nodes know.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array
from fem_island.solvers.condensed.stacks.chain import Chain
from fem_island.solvers.condensed.stacks.operator import StackedOperator

LARGEST_BLOCK = 2**18
"""Numbers of an array that are worked out at once, 2 MB: what a core's cache holds."""


@dataclass(frozen=True)
class ChainRecovery:
    """The field at all m nodes of the bottoms of u grids.

    Attributes:
        chain: The stretches of the bottoms.
        operator: S and q, and the grid of every point.
    """

    chain: Chain
    operator: StackedOperator

    def taken(self, points: npt.NDArray[np.intp]) -> ChainRecovery:
        """The same for some of the points."""
        return replace(self, operator=self.operator.taken(points))

    def field(
        self, potential: Array, current_densities: Array, conductivity: float | Array
    ) -> Array:
        """See ``Recovered.field``."""
        tractions = self.operator.traction(potential, current_densities / conductivity, 1.0)
        found = np.empty((len(potential), self.chain.places.size))
        rows, modes = self.operator.rows.rows, self.chain.weights.shape[1]
        block = max(1, LARGEST_BLOCK // (found.shape[1] * modes))
        for first in range(0, len(found), block):
            part = slice(first, first + block)
            found[part] = self.chain.taken(rows[part]).potential(tractions[part])
        nodes = self.chain.places.reacting
        found += (potential - found[:, nodes]).mean(axis=1, keepdims=True)
        found[:, nodes] = potential
        return found
