"""What reacts on the faces at the bottom of a box: the nonlinear part of the discrete equations.

With basis functions v_k, the deviation psi = sum of psi_k v_k and the area A of the bottom,

    b_k(psi) = int law(eta0 - psi) v_k ds / A
    - db_k / dpsi_m = int law'(eta0 - psi) v_k v_m ds / A

by a tensor rule on every face. A face lies in one pixel of the image, which says what reacts there.

    psi  deviation [V]     eta0  overpotential of the uniform state [V]     b  currents [A/m^2]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fem_island.case.contact_map import FILM, LITHIUM
from fem_island.machine.arrays import Array
from fem_island.results.state import quadrature
from fem_island.solvers.meshed.boxes.box_grid import BoxGrid
from fem_island.solvers.meshed.traces import facet_basis
from fem_island.surface.bottom import Bottom, Tag
from fem_island.surface.kinetics import ReactionLaw

_QUADRATURE = {1: 4, 2: 7}
"""Degree of the rule along each edge of a face: laws are smooth, faces small."""

_CLASS_OF = {Tag.ISLAND: LITHIUM, Tag.FILM: FILM}


@dataclass(frozen=True)
class Faces:
    """Faces of cells of this rank on one level.

    Attributes:
        unknowns: Local numbers, ghosts among them, of the unknowns on every face, from left to
            right and row by row, shape (faces, (p + 1)^2).
        cells: Row and column of every face among all cells, shape (faces, 2).
        grid: The lines of the mesh.
    """

    unknowns: npt.NDArray[np.intp]
    cells: npt.NDArray[np.intp]
    grid: BoxGrid


@dataclass(frozen=True)
class _Placed:
    """One reaction.

    Attributes:
        stretch: Number of what reacts in the uniform state.
        law: The reaction.
        own: Which of the reacting faces.
    """

    stretch: int
    law: ReactionLaw
    own: slice


class PixelReactions:
    """Where on the faces of this rank what reacts.

    Attributes:
        unknowns: Those of the reacting faces, shape (faces, (p + 1)^2).
        cells: Row and column of every reacting face among all cells, shape (faces, 2).
        parts: The reactions.
    """

    def __init__(self, faces: Faces, classes: npt.NDArray[np.uint8], bottom: Bottom) -> None:
        """Place the quadrature points.

        Args:
            faces: The bottom of the mesh.
            classes: What every pixel is, shape (rows, columns).
            bottom: What reacts, as the uniform state has it.
        """
        grid = faces.grid
        parts = grid.shape[1] // classes.shape[0]
        kinds = classes[tuple((faces.cells // parts).T)]
        chosen: list[npt.NDArray[np.intp]] = []
        self.parts: list[_Placed] = []
        count = 0
        for number, stretch in enumerate(bottom):
            if stretch.law is not None:
                found = np.flatnonzero(kinds == _CLASS_OF[stretch.tag])
                own = slice(count, count + len(found))
                self.parts.append(_Placed(number, stretch.law, own))
                chosen.append(found)
                count += len(found)
        reacting = np.concatenate([*chosen, np.empty(0, dtype=np.intp)])
        self.unknowns, self.cells = faces.unknowns[reacting], faces.cells[reacting]
        points, weights = quadrature(_QUADRATURE[grid.degree])
        along = facet_basis(grid.degree, points)
        self._basis = np.kron(along, along)
        self._weights = np.kron(weights, weights)
        self._share = 1 / (grid.shape[1] * grid.shape[2])
        products = self._basis[:, :, None] * self._basis[:, None, :]
        weighted = self._share * self._weights[:, None, None] * products
        self._products = weighted.reshape(len(self._weights), -1)

    def currents(self, deviation: Array, overpotentials: tuple[float, ...]) -> Array:
        """The terms of b [A/m^2] on every face; those of one unknown are to be added up.

        Args:
            deviation: psi at the unknowns of this rank, ghosts among them [V], shape (n,).
            overpotentials: eta0 of every stretch [V].

        Returns:
            Shape (faces, (p + 1)^2), for ``unknowns``.
        """
        sampled = self._sampled(deviation, overpotentials)
        for part in self.parts:
            sampled[part.own] = part.law.current_density(sampled[part.own])
        return np.asarray((sampled * (self._share * self._weights)) @ self._basis)

    def slopes(self, deviation: Array, overpotentials: tuple[float, ...]) -> Array:
        """The terms of - db/dpsi [S/m^2] on every face, shape (faces, (p + 1)^2, (p + 1)^2)."""
        sampled = self._sampled(deviation, overpotentials)
        for part in self.parts:
            sampled[part.own] = part.law.slope(sampled[part.own])
        size = self._basis.shape[1]
        return np.asarray((sampled @ self._products).reshape(-1, size, size))

    def means(self, deviation: Array, overpotentials: tuple[float, ...]) -> tuple[Array, Array]:
        """Mean overpotential [V] and current density [A/m^2] of every reacting face."""
        sampled = self._sampled(deviation, overpotentials)
        mean = sampled @ self._weights
        for part in self.parts:
            sampled[part.own] = part.law.current_density(sampled[part.own])
        return mean, sampled @ self._weights

    def _sampled(self, deviation: Array, overpotentials: tuple[float, ...]) -> Array:
        """Overpotentials at the points of the rule [V], shape (faces, points)."""
        sampled: Array = deviation[self.unknowns] @ -self._basis.T
        for part in self.parts:
            sampled[part.own] += overpotentials[part.stretch]
        return sampled
