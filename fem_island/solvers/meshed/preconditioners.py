"""What conjugate gradients are preconditioned with.

In two dimensions the factors of an earlier Jacobian, which are made anew as soon as the slopes have
changed. In three, where factors fill up, an inverse of every Jacobian that is cheap to make
(``boxes.cosine_preconditioner``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from mpi4py import MPI  # noqa: F401  (brings the MPI library that PETSc needs)

from petsc4py import PETSc

OPTIONS_PREFIX = "fem_island_"
"""Of all objects of PETSc, so that options of a program around this package are not theirs."""


@dataclass(frozen=True)
class Preconditioner:
    """A preconditioner, and how far conjugate gradients go with it.

    Attributes:
        set_up: Sets its types and options.
        reduction: Of the residual, at which conjugate gradients stop.
        most_steps: Of conjugate gradients.
        few_steps: More than this take longer than to make the preconditioner anew. None where it
            is made of every Jacobian.
    """

    set_up: Callable[[PETSc.PC], None]
    reduction: float
    most_steps: int
    few_steps: int | None


class Inverse(Protocol):
    """What PETSc calls for a preconditioner, by these names."""

    def setUp(self, preconditioner: PETSc.PC) -> None:
        """Look at the matrix, which has changed."""

    def apply(self, preconditioner: PETSc.PC, right: PETSc.Vec, found: PETSc.Vec) -> None:
        """Solve for a right-hand side."""


def _factorise(preconditioner: PETSc.PC) -> None:
    preconditioner.setType("cholesky")
    # PETSc's own factors are those of one rank, where they take a fraction of the time of MUMPS.
    alone = preconditioner.comm.size == 1
    preconditioner.setFactorSolverType("petsc" if alone else "mumps")


FACTORS = Preconditioner(_factorise, reduction=1e-8, most_steps=50, few_steps=6)
"""Factors of a matrix, kept while they still serve: beyond few steps new ones are quicker."""


def called(inverse: Inverse) -> Preconditioner:
    """An inverse that is called, made anew for every Jacobian."""

    def set_up(preconditioner: PETSc.PC) -> None:
        preconditioner.setType("python")
        preconditioner.setPythonContext(inverse)

    return Preconditioner(set_up, reduction=1e-5, most_steps=300, few_steps=None)
