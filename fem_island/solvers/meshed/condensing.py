"""The bottom operator of any mesh, from the matrix that DOLFINx assembles.

What it needs from a ``Domain`` is the mesh, the facets of the bottom and of the top, and which
stretches of the bottom react; the degree of the potential is free. The interior is eliminated by a
sparse factorisation, with one right side per reacting unknown, as ``solvers.electrolyte`` writes
it down.
"""

from __future__ import annotations

from dataclasses import dataclass

from mpi4py import MPI  # noqa: F401  (brings the MPI library that DOLFINx needs)

import numpy as np
import numpy.typing as npt
from dolfinx import fem
from dolfinx.mesh import entities_to_geometry
from scipy.sparse.linalg import splu

from fem_island.machine.arrays import Array
from fem_island.solvers.condensed.reactions import ReactingElements, reacting_elements
from fem_island.solvers.electrolyte import BottomOperator, Recovery
from fem_island.solvers.meshed.compiled_forms import laplacian_on
from fem_island.solvers.meshed.meshed_electrolyte import load_from_top
from fem_island.solvers.meshed.meshing import MICROMETRE, Domain
from fem_island.solvers.meshed.traces import top_side


@dataclass(frozen=True)
class AssembledElectrolyte:
    """A condensed mesh.

    Attributes:
        operator: S and q.
        elements: Where reactions are evaluated.
        space: The function space that was condensed.
        everywhere: Recovery of all unknowns of the space.
    """

    operator: BottomOperator
    elements: ReactingElements
    space: fem.FunctionSpace[np.float64]
    everywhere: Recovery

    def function(
        self, potential: Array, current_density: float, conductivity: float
    ) -> fem.Function[np.float64]:
        """The field of one operating point.

        Args:
            potential: psi_r [V], shape (n,).
            current_density: I [A/m^2].
            conductivity: kappa [S/m].
        """
        field: fem.Function[np.float64] = fem.Function(self.space)
        values = self.everywhere.field(potential[None], np.array([current_density]), conductivity)
        field.x.array[:] = values[0]
        return field


def condense(domain: Domain, degree: int, *, quadrature_degree: int) -> AssembledElectrolyte:
    """Eliminate all unknowns of a mesh but the reacting ones. For meshes of one process.

    Args:
        domain: The meshed cell; which of its stretches react matters, but not how.
        degree: Polynomial degree of the potential.
        quadrature_degree: Of the reaction terms.
    """
    space = fem.functionspace(domain.mesh, ("Lagrange", degree))
    measure = domain.bottom.measure
    matrix = fem.assemble_matrix(laplacian_on(space, measure.geometry)).to_scipy().tocsc()
    load = load_from_top(top_side(space, domain), measure, matrix.shape[0])

    reacting, ends = _reacting(domain, space)
    inner = np.setdiff1d(np.arange(matrix.shape[0]), reacting)
    factors = splu(matrix[inner][:, inner])
    coupling = matrix[inner][:, reacting].toarray()
    response, of_load = factors.solve(coupling), factors.solve(load[inner])

    schur = matrix[reacting][:, reacting].toarray() - coupling.T @ response
    share = (load[reacting] - coupling.T @ of_load) / domain.bottom.extent
    from_bottom = np.zeros((matrix.shape[0], len(reacting)))
    from_bottom[reacting], from_bottom[inner] = np.eye(len(reacting)), -response
    from_top = np.zeros(matrix.shape[0])
    from_top[inner] = -of_load
    return AssembledElectrolyte(
        operator=BottomOperator(0.5 * (schur + schur.T), share, domain.bottom.extent),
        elements=reacting_elements(
            domain.bottom, ends, degree=degree, quadrature_degree=quadrature_degree
        ),
        space=space,
        everywhere=Recovery(from_bottom, from_top),
    )


def _reacting(
    domain: Domain, space: fem.FunctionSpace[np.float64]
) -> tuple[npt.NDArray[np.intp], Array]:
    """Reacting unknowns from left to right, and the ends of all elements of the bottom [m]."""
    places = MICROMETRE * space.tabulate_dof_coordinates()[:, 0]
    on_bottom = fem.locate_dofs_topological(space, 1, domain.bottom_facets())
    inside = places[on_bottom]
    reacts = np.zeros(len(on_bottom), dtype=bool)
    for stretch in domain.bottom:
        if stretch.law is not None:
            slack = 1e-9 * stretch.length
            reacts |= (inside >= stretch.start - slack) & (inside <= stretch.end + slack)
    found = on_bottom[reacts]
    corners = entities_to_geometry(domain.mesh, 1, domain.bottom_facets())
    breaks = MICROMETRE * np.unique(domain.mesh.geometry.x[corners.ravel(), 0])
    ends = np.stack([breaks[:-1], breaks[1:]], axis=1)
    return found[np.argsort(places[found])].astype(np.intp), ends
