"""The discrete equations of one mesh and bottom as PETSc's SNES asks for them.

With the Laplacian A and the load t of an electrolyte (``meshed_electrolyte``, and ``boxes`` in
three dimensions) and the currents b of what reacts on it (``reactions``),

    residual  kappa A psi + I t - b(psi)        Jacobian  kappa A - db/dpsi

of which only the terms of the bottom are computed here: the rest is a product with, or a copy of,
one matrix. All matrices have one pattern, so that factors are analysed once.
"""

from __future__ import annotations

from typing import Protocol, cast

from mpi4py import MPI  # noqa: F401  (brings the MPI library that PETSc needs)

import numpy as np
import numpy.typing as npt
from dolfinx import fem, la
from petsc4py import PETSc

from fem_island.machine.arrays import Array
from fem_island.solvers.meshed.preconditioners import Preconditioner
from fem_island.surface.bottom import Bottom

# Of the types that petsc4py's stub gives them.
_SAME_PATTERN = cast(PETSc.Mat.Structure, PETSc.Mat.Structure.SAME_NONZERO_PATTERN)
_ADD = cast(PETSc.InsertMode, PETSc.InsertMode.ADD)


class Reactions(Protocol):
    """What reacts on the facets of the bottom; see ``reactions.PlacedReactions``."""

    @property
    def unknowns(self) -> npt.NDArray[np.intp]:
        """Those of the reacting facets of this rank, shape (facets, basis functions)."""

    def currents(self, deviation: Array, overpotentials: tuple[float, ...]) -> Array:
        """The terms of b on every facet; those of one unknown are to be added up."""

    def slopes(self, deviation: Array, overpotentials: tuple[float, ...]) -> Array:
        """The terms of - db/dpsi on every facet."""


class Electrolyte(Protocol):
    """The linear part of the equations, and what suits it.

    Attributes:
        space: The function space.
        from_top: t at the unknowns of this rank.
        laplacian: A.
        preconditioner: Of conjugate gradients.
    """

    space: fem.FunctionSpace[np.float64]
    from_top: Array
    laplacian: PETSc.Mat
    preconditioner: Preconditioner

    @property
    def unknowns(self) -> int:
        """Unknowns of all ranks."""

    def numbers(self, local: npt.NDArray[np.integer]) -> npt.NDArray[np.int32]:
        """Numbers of unknowns of this rank among those of all ranks."""

    def placed(self, bottom: Bottom) -> Reactions:
        """What reacts on its facets."""


class DiscreteEquations:
    """The equations at an applied current density, which can be set. It lives until ``close``.

    Attributes:
        deviation: psi with ghosts, as of the latest evaluation [V].
        current_density: I [A/m^2].
        overpotentials: eta0 of every stretch [V].
        load: Size of the terms that balance, against which the residual is judged [A/m].
        jacobian: The Jacobian as of the latest evaluation.
        preconditioner: An earlier Jacobian, which is what gets factorised; or the same.
        factors_are_old: Whether the next Jacobian is to take its place.
    """

    def __init__(self, electrolyte: Electrolyte, bottom: Bottom, conductivity: float) -> None:
        """Set up the matrices. Collective.

        Args:
            electrolyte: The mesh with what is linear.
            bottom: What reacts where.
            conductivity: kappa [S/m].
        """
        index_map = electrolyte.space.dofmap.index_map
        self._owned = index_map.size_local
        self.deviation, self._terms = la.vector(index_map), la.vector(index_map)
        self.current_density = 0.0
        self.overpotentials: tuple[float, ...] = ()
        self.load = 0.0
        self._from_top = electrolyte.from_top
        self._reactions = electrolyte.placed(bottom)
        self._block = _Block(electrolyte.numbers(self._reactions.unknowns), electrolyte.unknowns)
        self._laplacian, self._conductivity = electrolyte.laplacian, conductivity
        self.jacobian = self._laplacian.copy()
        keeps = electrolyte.preconditioner.few_steps is not None
        self.preconditioner = self.jacobian.copy() if keeps else self.jacobian
        self.factors_are_old = True

    def close(self) -> None:
        """Free the matrices. Collective."""
        for matrix in (self.jacobian, self.preconditioner):
            matrix.destroy()

    def look_at(self, deviation: PETSc.Vec) -> None:
        """Set ``deviation``, with its ghosts. Collective."""
        self._with_ghosts(deviation)

    def rounding(self) -> float:
        """What rounding alone may leave of the residual at ``deviation`` [A/m]. Collective.

        Every unknown is known to one part in 2^52 of itself, and the diagonal says what that
        changes. Where an island takes 1e-4 of the radius, all that passes it is little beside what
        the volts of its constriction would drive through any large element at the wall.
        """
        changed = self._laplacian.getDiagonal()
        changed.array[:] *= self.deviation.array[: self._owned]
        # A float, whatever petsc4py's stub says.
        size: float = changed.norm()  # type: ignore[assignment]
        changed.destroy()
        return float(np.finfo(float).eps) * self._conductivity * size

    def evaluate_residual(self, snes: PETSc.SNES, deviation: PETSc.Vec, found: PETSc.Vec) -> None:
        """The residual [A/m]. Collective."""
        psi = self._with_ghosts(deviation)
        self._laplacian.mult(deviation, found)
        found.scale(self._conductivity)
        currents = self._reactions.currents(psi, self.overpotentials)
        terms = self._terms.array
        terms[:] = self.current_density * self._from_top
        terms -= added_up(self._reactions.unknowns, currents, len(terms))
        self._terms.scatter_reverse(la.InsertMode.add)
        found.array[:] += terms[: self._owned]

    def evaluate_jacobian(
        self, snes: PETSc.SNES, deviation: PETSc.Vec, jacobian: PETSc.Mat, factorised: PETSc.Mat
    ) -> None:
        """The Jacobian [S/m], and what is factorised where that is old. Collective."""
        psi = self._with_ghosts(deviation)
        self._laplacian.copy(jacobian, structure=_SAME_PATTERN)
        jacobian.scale(self._conductivity)
        self._block.add_to(jacobian, self._reactions.slopes(psi, self.overpotentials))
        jacobian.assemble()
        if self.factors_are_old and factorised != jacobian:
            jacobian.copy(factorised, structure=_SAME_PATTERN)
            self.factors_are_old = False

    def _with_ghosts(self, deviation: PETSc.Vec) -> Array:
        self.deviation.array[: self._owned] = deviation.array_r
        self.deviation.scatter_forward()
        return self.deviation.array


class _Block:
    """Where the terms of facets go in the matrix: rows of their unknowns, in compressed form."""

    def __init__(self, unknowns: npt.NDArray[np.int32], size: int) -> None:
        """Number the entries.

        Args:
            unknowns: Of every facet, numbered among those of all ranks, shape (facets, p + 1).
            size: How many there are.
        """
        count = unknowns.shape[1]
        rows = np.repeat(unknowns.astype(np.int64), count, axis=1)
        columns = np.tile(unknowns.astype(np.int64), (1, count))
        entries, places = np.unique((rows * size + columns).ravel(), return_inverse=True)
        self._places = places
        of_rows, starts = np.unique(entries // size, return_index=True)
        self._rows = of_rows.astype(PETSc.IntType)
        self._starts = np.append(starts, len(entries)).astype(PETSc.IntType)
        self._columns = (entries % size).astype(PETSc.IntType)

    def add_to(self, matrix: PETSc.Mat, terms: Array) -> None:
        """Add the terms of all facets, shape (facets, p + 1, p + 1). To be assembled after."""
        values = np.bincount(self._places, weights=terms.ravel(), minlength=len(self._columns))
        where = self._starts, self._columns
        # Arrays, whatever petsc4py's stub says.
        matrix.setValuesIJV(*where, values, addv=_ADD, rowmap=self._rows)  # type: ignore[arg-type]


def added_up(unknowns: npt.NDArray[np.intp], terms: Array, size: int) -> Array:
    """What facets contribute to their unknowns, as a vector of so many entries."""
    return np.bincount(unknowns.ravel(), weights=terms.ravel(), minlength=size)
