"""Newton's method for the discrete equations, in PETSc's SNES.

A step is solved by conjugate gradients (``preconditioners``). Factors are those of an earlier
Jacobian. Only the slopes at the bottom change from one to the next, so that as long as
they change little a few iterations are enough, and making it anew, which takes longer than all
else, is not repeated.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from mpi4py import MPI  # noqa: F401  (brings the MPI library that PETSc needs)

import numpy as np
from petsc4py import PETSc

from fem_island.solvers.meshed.equations import DiscreteEquations
from fem_island.solvers.meshed.preconditioners import OPTIONS_PREFIX, Preconditioner

_RESIDUAL = 1e-13
"""Newton stops at this residual, relative to the load."""

ACCEPTED_RESIDUAL = 1e-10
"""Where rounding ends the search before that, this much is still a solution."""

_MOST_ROUNDING = 1e-9
"""And so is what rounding alone leaves where that is more, but no more than this."""

_MOST_NEWTON_STEPS = 60


def newton_solver(
    equations: DiscreteEquations,
    preconditioner: Preconditioner,
    *,
    accepted_residual: float = ACCEPTED_RESIDUAL,
) -> PETSc.SNES:
    """Newton's method with a line search; nothing is left to PETSc's options.

    Args:
        equations: What is solved.
        preconditioner: Of conjugate gradients.
        accepted_residual: Relative to the load, with which what rounding ends is a solution.
    """
    comm = equations.jacobian.comm
    solver = PETSc.SNES().create(comm)
    solver.setOptionsPrefix(OPTIONS_PREFIX)
    solver.setType("newtonls")
    # The only one that survives a cold start at a tiny i0.
    solver.getLineSearch().setType("bt")
    solver.setFunction(equations.evaluate_residual, equations.jacobian.createVecLeft())

    def evaluate_jacobian(
        snes: PETSc.SNES, deviation: PETSc.Vec, jacobian: PETSc.Mat, factorised: PETSc.Mat
    ) -> None:
        few = preconditioner.few_steps
        if few is not None and linear.getIterationNumber() > few:
            equations.factors_are_old = True
        # No further than to where Newton stops.
        linear.setTolerances(atol=0.3 * _RESIDUAL * equations.load)
        equations.evaluate_jacobian(snes, deviation, jacobian, factorised)

    solver.setJacobian(evaluate_jacobian, equations.jacobian, equations.preconditioner)
    solver.setTolerances(max_it=_MOST_NEWTON_STEPS)
    # Reasons are ints, whatever petsc4py's stub says.
    solver.setConvergenceTest(_convergence_test(equations, accepted_residual))  # type: ignore[arg-type]
    # What the linear solver has found is a direction downhill, however far it has come.
    solver.setMaxLinearSolveFailures(1000)
    linear = solver.getKSP()
    linear.setType("cg")
    linear.setNormType(cast(PETSc.KSP.NormType, PETSc.KSP.NormType.UNPRECONDITIONED))
    linear.setTolerances(rtol=preconditioner.reduction, atol=0.0, max_it=preconditioner.most_steps)
    preconditioner.set_up(linear.getPC())
    return solver


def _convergence_test(
    equations: DiscreteEquations, accepted_residual: float
) -> Callable[[PETSc.SNES, int, tuple[float, float, float]], int | None]:
    """Stop at a small residual, or where rounding keeps one that is small enough from falling."""
    reasons = PETSc.SNES.ConvergedReason
    before = np.inf

    def test(solver: PETSc.SNES, step: int, norms: tuple[float, float, float]) -> int | None:
        nonlocal before
        residual, last = norms[2], before if step else np.inf
        before = residual
        if not np.isfinite(residual):
            return reasons.DIVERGED_FUNCTION_NANORINF
        if residual <= max(_RESIDUAL * equations.load, 1e-300):
            return reasons.CONVERGED_FNORM_ABS
        if residual > 0.5 * last:
            accepted = accepted_residual * equations.load
            if accepted < residual <= _MOST_ROUNDING * equations.load:
                accepted = equations.rounding()
            if residual <= accepted:
                return reasons.CONVERGED_SNORM_RELATIVE
        return None

    return test


def reason_of_failure(reason: int) -> str:
    """A negative ``SNES.ConvergedReason`` in words."""
    return _REASONS.get(reason, f"SNES reason {reason}")


_REASONS = {
    value: name.lower().replace("_", " ").replace("nanorinf", "not finite")
    for name, value in vars(PETSc.SNES.ConvergedReason).items()
    if isinstance(value, int) and value < 0
}
