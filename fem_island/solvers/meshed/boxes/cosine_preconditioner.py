"""The inverse of a box of hexahedra over a bottom that reacts alike everywhere.

On lines that are equally far apart along x and y, cosines diagonalise the Laplacian of elements of
degree 1 between its nodes. Of every pair of modes the layers are left, a tridiagonal system

    kappa / A ((k_x m_y + m_x k_y) M_z + m_x m_y K_z) z + s / A m_x m_y z_0 = r

    k = 2 / h (1 - cos t)     m = h / 3 (2 + cos t)     t = pi k / n

which is eliminated from the top down. That takes two transforms of all nodes, no more than a few
products with the matrix, and is the exact inverse of elements of degree 1, but for the reaction: it
stands everywhere for what the pixels have in the mean. Elements of degree 2 are answered by those
of degree 1 between their nodes. So the number of iterations depends neither on the number of cells
nor on the number of islands.

    K, M  stiffness and mass along a direction     s  mean slope of the reactions [S/m^2]
    A     area of the bottom                       h  distance of nodes, n of them and one
"""

from __future__ import annotations

from typing import cast

from mpi4py import MPI

import numpy as np
import numpy.typing as npt
import scipy
from petsc4py import PETSc

from fem_island.machine.arrays import Array
from fem_island.solvers.meshed.boxes.box_grid import BoxGrid
from fem_island.solvers.meshed.boxes.slabs import Single, Slabs

_LEAST_SLOPE = 1e-9
"""Of reactions that are shut, per conductance of the electrolyte."""


class CosinePreconditioner:
    """What PETSc asks for the inverse, of the matrix that it has last seen.

    It calls ``setUp`` and ``apply``, by these names.
    """

    def __init__(self, grid: BoxGrid, places: npt.NDArray[np.intp], comm: MPI.Comm) -> None:
        """Compute what does not depend on the matrix. Collective.

        Args:
            grid: The hexahedra.
            places: Layer, row and column of the unknowns that this rank owns, shape (n, 3).
            comm: Who shares them.
        """
        z, y, x = grid.nodes
        self._slabs = slabs = Slabs((len(z), len(y), len(x)), places, comm)
        self._height = z[places[:, 0]]
        self._grid = grid
        (stiff_y, mass_y), (stiff_x, mass_x) = (_modes(line) for line in (y, x))
        stiff_x, mass_x = stiff_x[slabs.columns], mass_x[slabs.columns]
        self._up = mass_y[:, None] * mass_x / grid.area
        self._sideways = (stiff_y[:, None] * mass_x + mass_y[:, None] * stiff_x) / grid.area
        self._inverse = np.empty((len(z), *self._up.shape), dtype=np.float32)
        self._carried = np.empty((len(z) - 1, *self._up.shape), dtype=np.float32)

    def setUp(self, preconditioner: PETSc.PC) -> None:
        """Eliminate, for the conductivity and the mean slope of a matrix. Collective."""
        matrix = preconditioner.getOperators()[1]
        field, image = matrix.createVecRight(), matrix.createVecLeft()
        # Of a field that rises with the height, the energy is that of the electrolyte alone; one
        # that is the same everywhere meets nothing but the reactions.
        field.array[:] = self._height
        matrix.mult(field, image)
        conductivity = _real(field.dot(image)) / self._grid.height
        field.set(1.0)
        matrix.mult(field, image)
        slope = max(_real(image.sum()), _LEAST_SLOPE * conductivity / self._grid.height)
        self._eliminate(conductivity, slope)

    def apply(self, preconditioner: PETSc.PC, right: PETSc.Vec, found: PETSc.Vec) -> None:
        """Solve for a right-hand side. Collective."""
        slabs = self._slabs
        rows = slabs.rows_of(np.asarray(right.array_r, dtype=float))
        rows[:, :, [0, -1]] *= 2
        columns = slabs.to_columns(scipy.fft.dct(rows, type=1, axis=2, overwrite_x=True))
        columns[:, [0, -1]] *= 2
        modes: Single = scipy.fft.dct(columns, type=1, axis=1, overwrite_x=True)
        for layer in range(len(modes) - 2, -1, -1):
            modes[layer] += self._carried[layer] * modes[layer + 1]
        modes *= self._inverse
        for layer, carried in enumerate(self._carried):
            modes[layer + 1] += carried * modes[layer]
        columns = scipy.fft.idct(modes, type=1, axis=1, overwrite_x=True)
        rows = scipy.fft.idct(slabs.to_rows(columns), type=1, axis=2, overwrite_x=True)
        slabs.write(rows, np.asarray(found.array))

    def _eliminate(self, conductivity: float, slope: float) -> None:
        """Inverse pivots from the top down, and what of a layer is carried to that below."""
        up, sideways = conductivity * self._up, conductivity * self._sideways
        lengths = np.diff(self._grid.nodes[0])
        # Of a layer and what is above, but for its coupling to that below: no cancellation.
        own = 0.5 * lengths[-1] * sideways
        for layer in range(len(lengths) - 1, -1, -1):
            length = lengths[layer]
            coupling = up / length - length / 6 * sideways
            pivot = own + coupling
            self._inverse[layer + 1] = 1 / pivot
            self._carried[layer] = coupling / pivot
            below = lengths[layer - 1] if layer else 0.0
            own = 0.5 * (length + below) * sideways + coupling * own / pivot
        self._inverse[0] = 1 / (own + slope * self._up)


def _real(value: object) -> float:
    """A number of PETSc, which is built for real ones here."""
    return float(cast(float, value))


def _modes(line: Array) -> tuple[Array, Array]:
    """Stiffness k and mass m of all modes on a line of nodes [1/m, m]."""
    angles = np.pi * np.arange(len(line)) / (len(line) - 1)
    step = line[-1] / (len(line) - 1)
    return 2 / step * (1 - np.cos(angles)), step / 3 * (2 + np.cos(angles))
