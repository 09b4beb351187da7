"""The potential of all of a grid's rectangles, with the matrix that DOLFINx assembles.

It is the slow way to what ``condensed.separable`` does: all unknowns are solved for at every step
of Newton's method, by a sparse factorisation. With A and t as in ``meshed_electrolyte``, the drive
d = - psi and the cells of a bottom with their tangent T,

    (kappa A + T) step = - residual         kappa A d = I t  inside .
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mpi4py import MPI  # noqa: F401  (brings the MPI library that DOLFINx needs)

import numpy as np
import numpy.typing as npt
from dolfinx import fem
from scipy.sparse import coo_matrix
from scipy.sparse.linalg import splu

from fem_island.machine.arrays import Array
from fem_island.solvers.condensed.separable import SeparableElectrolyte
from fem_island.solvers.meshed.compiled_forms import laplacian_on
from fem_island.solvers.meshed.grid_mesh import domain_of
from fem_island.solvers.meshed.meshed_electrolyte import load_from_top
from fem_island.solvers.meshed.meshing import MICROMETRE
from fem_island.solvers.meshed.traces import top_side
from fem_island.solvers.resolution import Grading
from fem_island.surface.bottom import Bottom, Stretch, Tag

Tangent = Callable[[Array], Array]
"""Derivative of the bottom's currents [S/m], shape (n, n), of the slopes of its cells [S/m^2]."""


class WholeField:
    """The mesh of a grid with its matrix, in this process alone."""

    def __init__(self, grid: SeparableElectrolyte) -> None:
        """Assemble.

        Args:
            grid: Lines, and which nodes of the bottom react.
        """
        x, y = grid.x, grid.y
        end = float(x.breaks[-1])
        bottom = Bottom((Stretch(0.0, end, Tag.EXPOSED),), x.measure)
        grading = Grading(float(x.lengths.min()), 1.0, float(x.lengths.max()))
        domain = domain_of(x, y, bottom, grading=grading, mirrored=False)
        space = fem.functionspace(domain.mesh, ("Lagrange", x.degree))
        self.matrix = (
            fem.assemble_matrix(laplacian_on(space, x.measure.geometry)).to_scipy().tocsc()
        )
        size = self.matrix.shape[0]
        load = load_from_top(top_side(space, domain), x.measure, size)
        found = fem.locate_dofs_topological(space, 1, domain.bottom_facets())
        places = MICROMETRE * space.tabulate_dof_coordinates()[found, 0]
        self.reacting: npt.NDArray[np.intp] = found[np.argsort(places)][grid.reacting]
        self.inner = np.setdiff1d(np.arange(size), self.reacting)
        self.coupling = self.matrix[self.inner][:, self.reacting].tocsc()
        self.factors = splu(self.matrix[self.inner][:, self.inner].tocsc())
        self.of_load = self.factors.solve(load[self.inner])
        extent = x.extent
        share = -(self.coupling.T @ self.of_load) / extent
        self.top_mean = share, float(-(load[self.inner] @ self.of_load) / extent)

    def at_current(self, tangent: Tangent, conductivity: float, current: float) -> FieldAtCurrent:
        """The electrolyte at an applied current.

        Args:
            tangent: Of the bottom.
            conductivity: kappa [S/m].
            current: I [A/m^2].
        """
        return FieldAtCurrent(self, tangent, conductivity, current)


@dataclass(frozen=True)
class FieldAtCurrent:
    """All of the electrolyte at one applied current.

    Attributes:
        field: Mesh and matrix.
        tangent: Of the bottom.
        conductivity: kappa [S/m].
        current_density: I [A/m^2].
    """

    field: WholeField
    tangent: Tangent
    conductivity: float
    current_density: float

    @property
    def top_mean(self) -> tuple[Array, float]:
        """Mean at the top: weights of the unknowns of the bottom, and metres per I / kappa."""
        return self.field.top_mean

    def taken(self, drive: Array) -> Array:
        """Current that it takes from every unknown of the bottom less what leaves at the top [A/m].

        Args:
            drive: At the nodes [V].
        """
        field = self.field
        # A constant has no current.
        bottom = drive - drive.mean()
        inside = self.current_density / self.conductivity * field.of_load
        inside = inside - field.factors.solve(field.coupling @ bottom)
        own = field.matrix[field.reacting][:, field.reacting] @ bottom
        return np.asarray(self.conductivity * (own + field.coupling.T @ inside))

    def correction(self, slope: Array, residual: Array) -> Array | None:
        """A step of Newton's method of all unknowns [V], at those of the bottom.

        Args:
            slope: Of the current densities of the cells [S/m^2].
            residual: Of the equations at the nodes [A/m].
        """
        field = self.field
        tangent = coo_matrix(self.tangent(slope))
        places = field.reacting[tangent.row], field.reacting[tangent.col]
        bottom = coo_matrix((tangent.data, places), shape=field.matrix.shape)
        right = np.zeros(field.matrix.shape[0])
        right[field.reacting] = -residual
        try:
            step = splu((self.conductivity * field.matrix + bottom).tocsc()).solve(right)
        except RuntimeError:  # a pivot is zero
            return None
        return np.asarray(step[field.reacting])
