"""What conjugate gradients are preconditioned with, made of an earlier Jacobian.

In two dimensions its factors, which are made anew as soon as the slopes have changed. In three,
where factors fill up, multigrid by smoothed aggregation (PETSc's GAMG) with a sweep of SOR on every
level: 15 to 40 iterations, however many unknowns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

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
        few_steps: More than this take longer than to make the preconditioner anew.
    """

    set_up: Callable[[PETSc.PC], None]
    reduction: float
    most_steps: int
    few_steps: int


def _factorise(preconditioner: PETSc.PC) -> None:
    preconditioner.setType("cholesky")
    # PETSc's own factors are those of one rank, where they take a fraction of the time of MUMPS.
    alone = preconditioner.comm.size == 1
    preconditioner.setFactorSolverType("petsc" if alone else "mumps")


def _coarsen(preconditioner: PETSc.PC) -> None:
    with _options(_OF_MULTIGRID):
        preconditioner.setOptionsPrefix(OPTIONS_PREFIX)
        preconditioner.setFromOptions()


_OF_MULTIGRID = {
    "pc_type": "gamg",
    # Tall and flat cells couple strongly in some directions only; weak couplings are no reason to
    # aggregate.
    "pc_gamg_threshold": "0.02",
    "pc_gamg_aggressive_coarsening": "1",
    # Only entries at the bottom change from one Jacobian to the next.
    "pc_gamg_reuse_interpolation": "true",
    "mg_levels_ksp_type": "richardson",
    "mg_levels_ksp_max_it": "1",
    "mg_levels_pc_type": "sor",
}


@contextmanager
def _options(values: dict[str, str]) -> Iterator[None]:
    """Options of PETSc that nothing else can set; they are gone after the ``with`` statement."""
    database = PETSc.Options()
    names = {f"{OPTIONS_PREFIX}{name}": value for name, value in values.items()}
    for name, value in names.items():
        database.setValue(name, value)
    try:
        yield
    finally:
        for name in names:
            database.delValue(name)


FACTORS = Preconditioner(_factorise, reduction=1e-8, most_steps=50, few_steps=6)

MULTIGRID = Preconditioner(_coarsen, reduction=1e-5, most_steps=300, few_steps=60)
