"""Alternating current on a mesh of DOLFINx, about an operating point: the check of ``condensed``.

For all test functions v, with sigma and y as in ``condensed.small_signal``,

    int sigma grad(phi) . grad(v) dx + int_top I v ds + int_bottom y phi v ds = 0 .

PETSc is built for real numbers here, so that real and imaginary parts are unknowns beside each
other:

    | Re A  -Im A | | Re phi |   | -I t |
    | Im A   Re A | | Im phi | = |  0   |

which is one sparse factorisation a frequency. For meshes of one process.
"""

from __future__ import annotations

from mpi4py import MPI  # noqa: F401  (brings the MPI library that PETSc needs)

import numpy as np
from dolfinx import fem
from petsc4py import PETSc
from scipy import sparse

from fem_island.case.case import Case
from fem_island.errors import ComputationError
from fem_island.machine.arrays import Array
from fem_island.materials.constants import VACUUM_PERMITTIVITY
from fem_island.results.state import quadrature
from fem_island.solvers.meshed.compiled_forms import laplacian_on
from fem_island.solvers.meshed.meshed_electrolyte import MeshedElectrolyte
from fem_island.solvers.meshed.meshing import Domain
from fem_island.solvers.meshed.problem import NewtonProblem
from fem_island.solvers.meshed.traces import facet_basis
from fem_island.solvers.resolution import boundary_quadrature_degree
from fem_island.surface.admittance import ComplexArray
from fem_island.surface.bottom import Bottom
from fem_island.surface.series import in_series


def impedance_on(case: Case, domain: Domain, degree: int, frequencies: Array) -> ComplexArray:
    """Z of a case on a mesh [Ohm m^2], shape (f,), without an error estimate.

    Args:
        case: What to compute.
        domain: The meshed cell; its bottom has its admittances.
        degree: Polynomial degree of the potential.
        frequencies: [Hz], shape (f,).

    Raises:
        ComputationError: There is no operating point, or a factorisation failed.
    """
    electrolyte = MeshedElectrolyte(domain, degree)
    try:
        return _impedance(case, electrolyte, frequencies)
    finally:
        electrolyte.close()


def _impedance(case: Case, electrolyte: MeshedElectrolyte, frequencies: Array) -> ComplexArray:
    """Z on a mesh with its elements; see ``impedance_on``."""
    bottom, conductivity = electrolyte.domain.bottom, case.conductivity
    permittivity = case.cell.electrolyte.permittivity
    with NewtonProblem(electrolyte, bottom, conductivity=conductivity) as problem:
        state = problem.solve(case.operation.current_density)
    surface = _Surface(electrolyte, bottom, state.deviation, state.uniform.overpotentials)
    form = laplacian_on(electrolyte.space, bottom.measure.geometry)
    laplacian = fem.assemble_matrix(form).to_scipy()
    series = in_series(case)
    found = []
    for omega in 2 * np.pi * frequencies:
        sigma = conductivity + 1j * omega * VACUUM_PERMITTIVITY * permittivity
        matrix = sigma * laplacian + surface.matrix(float(omega))
        potential = _solved(matrix, -electrolyte.from_top)
        seen = -(electrolyte.from_top @ potential) / bottom.extent
        found.append(seen + series.impedance(np.array([omega]), np.array([sigma]))[0])
    return np.array(found)


class _Surface:
    """The bottom's part of the matrix."""

    def __init__(
        self,
        electrolyte: MeshedElectrolyte,
        bottom: Bottom,
        deviation: Array,
        overpotentials: tuple[float, ...],
    ) -> None:
        """Evaluate the slopes of the reactions at the operating point.

        Args:
            electrolyte: The mesh.
            bottom: With its admittances.
            deviation: psi of the operating point at all unknowns [V].
            overpotentials: Of every stretch in the uniform state [V].
        """
        points, weights = quadrature(boundary_quadrature_degree(electrolyte.degree))
        side = electrolyte.bottom
        self._basis = facet_basis(electrolyte.degree, points)
        self._unknowns, self._size = side.unknowns, len(deviation)
        lengths = (side.ends[:, 1] - side.ends[:, 0])[:, None]
        positions = side.ends[:, :1] + lengths * points
        self._weights = bottom.measure.weight(positions) * (lengths * weights)
        ends = np.array([stretch.end for stretch in bottom])
        self._stretches = np.clip(np.searchsorted(ends, side.ends.mean(axis=1)), 0, len(bottom) - 1)
        self._bottom = bottom
        sampled = deviation[side.unknowns] @ self._basis.T
        self._slopes = np.zeros_like(sampled)
        for number, stretch in enumerate(bottom):
            here = self._stretches == number
            if stretch.law is not None:
                overpotential = overpotentials[number] - sampled[here]
                self._slopes[here] = stretch.law.slope(overpotential)

    def matrix(self, omega: float) -> sparse.csr_matrix:
        """Int y v_k v_m ds [S/m], complex."""
        admittance = np.zeros(self._slopes.shape, dtype=np.complex128)
        for number, stretch in enumerate(self._bottom):
            here = self._stretches == number
            if stretch.admittance is not None:
                slopes = self._slopes[here]
                admittance[here] = stretch.admittance.admittance(slopes, np.full(1, omega))
        weighted = admittance * self._weights
        blocks = np.einsum("fq,qk,qm->fkm", weighted, self._basis, self._basis)
        rows, columns = np.broadcast_arrays(self._unknowns[:, :, None], self._unknowns[:, None, :])
        entries = (blocks.ravel(), (rows.ravel(), columns.ravel()))
        return sparse.coo_matrix(entries, shape=(self._size, self._size)).tocsr()


def _solved(matrix: sparse.csr_matrix, load: Array) -> ComplexArray:
    """The solution of a complex system, in real numbers."""
    whole = sparse.bmat([[matrix.real, -matrix.imag], [matrix.imag, matrix.real]], format="csr")
    whole.sort_indices()
    rows = whole.indptr.astype(PETSc.IntType), whole.indices.astype(PETSc.IntType), whole.data
    system = PETSc.Mat().createAIJ(whole.shape, csr=rows, comm=PETSc.COMM_SELF)
    right = system.createVecLeft()
    right.array[:] = np.concatenate([load, 0 * load])
    found = right.duplicate()
    solver = PETSc.KSP().create(PETSc.COMM_SELF)
    try:
        solver.setOperators(system)
        solver.setType("preonly")
        solver.getPC().setType("lu")
        solver.solve(right, found)
        # An int, whatever petsc4py's stub says.
        reason: int = solver.getConvergedReason()  # type: ignore[assignment]
        if reason < 0:
            raise ComputationError("PETSc could not factorise the matrix of a frequency")
        real, imaginary = np.split(found.array.copy(), 2)
    finally:
        for each in (solver, system, right, found):
            each.destroy()
    return np.asarray(real + 1j * imaginary)
