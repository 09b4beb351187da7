"""The reactions of a bottom on the facets of a mesh: the nonlinear part of the discrete equations.

With basis functions v_k and the deviation psi = sum of psi_k v_k,

    b_k(psi) = int law(eta0 - psi) v_k ds ,   - db_k / dpsi_m = int law'(eta0 - psi) v_k v_m ds

by a quadrature rule on every facet. Laws are asked for nothing but their current density and slope
at arrays of overpotentials, each on its own stretches only.

    psi   deviation [V]      eta0  overpotential of the uniform state [V]      b  currents [A/m]
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array
from fem_island.results.state import quadrature
from fem_island.solvers.meshed.traces import Side, facet_basis
from fem_island.surface.bottom import Bottom


class PlacedReactions:
    """Where on the facets of this rank what reacts.

    Attributes:
        unknowns: Those of the reacting facets, shape (facets, p + 1).
    """

    def __init__(self, side: Side, bottom: Bottom, quadrature_degree: int) -> None:
        """Place the quadrature points.

        Args:
            side: The bottom of the mesh.
            bottom: Its stretches from left to right.
            quadrature_degree: Of the rule on every facet.
        """
        points, weights = quadrature(quadrature_degree)
        self._basis = facet_basis(len(side.nodes) - 1, points)
        middles = side.ends.mean(axis=1)
        chosen: list[npt.NDArray[np.intp]] = []
        self._parts = []
        count = 0
        for number, stretch in enumerate(bottom):
            if stretch.law is not None:
                inside = np.arange(*np.searchsorted(middles, (stretch.start, stretch.end)))
                self._parts.append((number, stretch.law, slice(count, count + len(inside))))
                chosen.append(inside)
                count += len(inside)
        facets = np.concatenate([*chosen, np.empty(0, dtype=np.intp)])
        self.unknowns = side.unknowns[facets]
        lengths = (side.ends[facets, 1] - side.ends[facets, 0])[:, None]
        positions = side.ends[facets, :1] + lengths * points
        self._weights = bottom.measure.weight(positions) * (lengths * weights)
        products = self._basis[:, :, None] * self._basis[:, None, :]
        self._products = products.reshape(len(points), -1)

    def currents(self, deviation: Array, overpotentials: tuple[float, ...]) -> Array:
        """The terms of b [A/m] on every facet; those of one unknown are to be added up.

        Args:
            deviation: psi at the unknowns of this rank, ghosts among them [V], shape (n,).
            overpotentials: eta0 of every stretch [V].

        Returns:
            Shape (facets, p + 1), for ``unknowns``.
        """
        sampled = deviation[self.unknowns] @ self._basis.T
        for number, law, inside in self._parts:
            sampled[inside] = law.current_density(overpotentials[number] - sampled[inside])
        return np.asarray((sampled * self._weights) @ self._basis)

    def slopes(self, deviation: Array, overpotentials: tuple[float, ...]) -> Array:
        """The terms of - db/dpsi [S/m] on every facet, shape (facets, p + 1, p + 1)."""
        sampled = deviation[self.unknowns] @ self._basis.T
        for number, law, inside in self._parts:
            sampled[inside] = law.slope(overpotentials[number] - sampled[inside])
        size = self._basis.shape[1]
        blocks: Array = (sampled * self._weights) @ self._products
        return blocks.reshape(-1, size, size)
