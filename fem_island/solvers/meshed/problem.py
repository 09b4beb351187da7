"""The nonlinear Poisson problem of one meshed cell, solved by Newton's method in DOLFINx.

Strong form, with the potential phi [V] and the current density i = -kappa grad(phi) [A/m^2]:

    div(kappa grad(phi)) = 0      in the electrolyte
    i_y = I                       on the top
    i . n = 0                     on the sides and where nothing reacts
    i_y = law(eta)                on islands and reacting film, eta = -phi - U

Weak form: for all test functions v

    int kappa grad(phi) . grad(v) dx + int_top I v ds - int_bottom law(eta) v ds = 0 .

The unknown is not phi but its deviation psi from the uniform state, phi = psi - drive, in which the
reactions alone carry the current (``uniform_state``): gradients and overpotentials,
eta = eta0 - psi with eta0 the overpotential of that state, then keep all their digits even where
they are 1e-10 V on top of 1 V. The Jacobian is symmetric positive definite, since laws increase.

What is linear is assembled once for a mesh; a Newton step computes the terms of the bottom only
(``equations``). It solves by conjugate gradients, preconditioned with the factors of the Jacobian
of a solution close by: where only the slopes at the bottom have changed a little, a few steps are
enough. Where they are not, that Jacobian is factorised.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from mpi4py import MPI  # noqa: F401  (brings the MPI library that PETSc needs)

import numpy as np
from petsc4py import PETSc

from fem_island.errors import ConvergenceError
from fem_island.machine.arrays import Array
from fem_island.solvers.meshed.equations import DiscreteEquations, Electrolyte
from fem_island.solvers.meshed.newton_steps import (
    ACCEPTED_RESIDUAL,
    newton_solver,
    reason_of_failure,
)
from fem_island.surface.bottom import Bottom
from fem_island.surface.uniform_state import UniformState, uniform_state

logger = logging.getLogger(__name__)

_SMALLEST_START = 1e-8
"""Continuation starts at most this much below the wanted current."""

_MOST_STEPS = 80

MOST_GUESSES = 4
"""Solutions that the next one of a series is extrapolated from."""


@dataclass(frozen=True)
class NewtonState:
    """A solution of the discrete equations.

    Attributes:
        deviation: psi at the unknowns of this rank, ghosts among them [V].
        uniform: The uniform state that psi deviates from.
        current_density: Applied current density I [A/m^2].
        iterations: Newton steps that it took.
    """

    deviation: Array
    uniform: UniformState
    current_density: float
    iterations: int

    @property
    def potential(self) -> Array:
        """Phi at the same unknowns [V]."""
        return self.deviation - self.uniform.drive


class NewtonProblem(AbstractContextManager["NewtonProblem"]):
    """The problem on one mesh with one set of reactions, for any current.

    Use it in a ``with`` statement: matrices and factors are set up once and live until its end. All
    methods are collective.
    """

    def __init__(
        self,
        electrolyte: Electrolyte,
        bottom: Bottom,
        *,
        conductivity: float,
        accepted_residual: float = ACCEPTED_RESIDUAL,
    ) -> None:
        """Set up the solver.

        Args:
            electrolyte: The mesh with what is linear.
            bottom: What reacts where.
            conductivity: kappa [S/m].
            accepted_residual: Relative to the load, with which what rounding ends is a solution.
        """
        self._accepted_residual = accepted_residual
        # Kept, since PETSc's objects live on the communicator of its mesh.
        self._electrolyte, self._bottom = electrolyte, bottom
        self._equations = DiscreteEquations(electrolyte, bottom, conductivity)
        self._solution = electrolyte.laplacian.createVecRight()
        self._solver: PETSc.SNES | None = newton_solver(
            self._equations, electrolyte.preconditioner, accepted_residual=accepted_residual
        )

    def __exit__(self, *error: object) -> None:
        """Free the solver on all ranks together."""
        self.close()

    def close(self) -> None:
        """Free the solver. Collective."""
        if self._solver is not None:
            self._solver.destroy()
            self._solution.destroy()
            self._equations.close()
        self._solver = None

    def solve(
        self,
        current_density: float,
        *,
        guesses: Sequence[NewtonState] = (),
        uniform: UniformState | None = None,
    ) -> NewtonState:
        """Solve for one applied current.

        Tries Newton from the guesses or from the uniform state, then from the uniform state, then
        follows the solution from a small current upwards in the logarithm of the current. Without
        guesses the solution does not depend on what was solved before, to the last bit.

        Args:
            current_density: I [A/m^2].
            guesses: Solutions of this problem for other currents, that for the nearest last.
            uniform: The uniform state at this current, if it is known.

        Raises:
            ConvergenceError: Says how far it came. The problem is left at its last solution.
        """
        if uniform is None:
            uniform = uniform_state(self._bottom, current_density)
        starts: list[Callable[[], None]] = [self._start_uniform]
        if guesses:
            latest = guesses[-MOST_GUESSES:]
            starts.insert(0, lambda: self._start_from(latest, current_density))
        else:
            self._equations.factors_are_old = True
        spent = 0
        reason = ""
        for start in starts:
            start()
            spent += (steps := self.attempt(current_density, uniform))[0]
            if not (reason := steps[1]):
                return self._state(current_density, uniform, spent)
        logger.info("%s; following the solution from a small current", reason)
        return self._continue_to(current_density, spent, reason)

    def _continue_to(self, wanted: float, spent: int, reason: str) -> NewtonState:
        """Continuation in log |I|, with a step that adapts, after a failure for some reason."""
        good: NewtonState | None = None
        share, step = _SMALLEST_START, 1e2
        for _ in range(_MOST_STEPS if wanted else 0):
            current = wanted * share
            uniform = uniform_state(self._bottom, current)
            if good is None:
                self._start_uniform()
            else:
                self._start_from([good], current)
            iterations, failure = self.attempt(current, uniform)
            spent += iterations
            if not failure:
                good = self._state(current, uniform, spent)
                if share == 1.0:
                    return good
                step, share = step**1.5, min(1.0, share * step**1.5)
            elif good is None:
                share *= 1e-2
                if share < _SMALLEST_START**2:
                    break
            else:
                step **= 0.4
                if step < 1.001:
                    break
                share = min(1.0, good.current_density / wanted * step)
        reached = 0.0 if good is None else good.current_density
        if good is not None:
            self.deviation[:] = good.deviation
        raise ConvergenceError(
            f"{reason}; following the solution from small currents reached "
            f"{reached:g} of {wanted:g} A/m^2"
        )

    def _start_uniform(self) -> None:
        self.deviation[:] = 0.0

    def _start_from(self, states: Sequence[NewtonState], current_density: float) -> None:
        """Continue solutions for other currents, the latest of them last.

        The deviation is ohmic and goes with the current; what it is per current changes slowly with
        the logarithm of the current, and is extrapolated as a polynomial.
        """
        known = {
            math.log(abs(state.current_density)): state
            for state in states
            if state.current_density * current_density > 0
        }
        if not known:
            self.deviation[:] = states[-1].deviation
            return
        wanted = math.log(abs(current_density))
        self.deviation[:] = 0.0
        for place, state in known.items():
            others = (other for other in known if other != place)
            share = math.prod((wanted - other) / (place - other) for other in others)
            self.deviation[:] += share * current_density / state.current_density * state.deviation

    def attempt(self, current_density: float, uniform: UniformState) -> tuple[int, str]:
        """Newton from where the deviation stands: iterations, and why it failed or "".

        Args:
            current_density: I [A/m^2].
            uniform: The uniform state at this current.
        """
        solver, equations = self._solver, self._equations
        if solver is None:
            raise RuntimeError("the problem is closed")
        equations.current_density = current_density
        equations.overpotentials = uniform.overpotentials
        before = self.deviation.copy()
        self._solution.array[:] = before[: self._solution.local_size]
        equations.load = self._load(current_density, uniform)
        where = f"at {current_density:g} A/m^2"
        try:
            with np.errstate(over="ignore", invalid="ignore"):
                solver.solve(None, self._solution)
            equations.look_at(self._solution)
        except PETSc.Error as error:
            # What was raised inside a callback, as an interruption, is no failure of this point.
            if error.__cause__ is not None:
                raise error.__cause__ from None
            self._go_back_to(before)
            return 0, f"PETSc failed {where}: {str(error).splitlines()[0]}"
        iterations, norm = solver.getIterationNumber(), solver.getFunctionNorm()
        # An int, whatever petsc4py's stub says.
        reason: int = solver.getConvergedReason()  # type: ignore[assignment]
        if reason > 0 or norm <= self._accepted_residual * equations.load:
            return iterations, ""
        self._go_back_to(before)
        name, scale = reason_of_failure(reason), equations.load
        relative = norm / scale if scale > 0 else norm
        if reason == PETSc.SNES.ConvergedReason.DIVERGED_FUNCTION_NANORINF:
            relative = np.inf
        return iterations, (
            f"Newton stopped after {iterations} steps {where}: {name}, "
            f"residual {relative:.1e} of the load"
        )

    @property
    def linear_iterations(self) -> int:
        """Of conjugate gradients, in the latest attempt."""
        return 0 if self._solver is None else int(self._solver.getLinearSolveIterations())

    @property
    def deviation(self) -> Array:
        """Psi where the latest attempt has left it [V]."""
        return self._equations.deviation.array

    def _go_back_to(self, deviation: Array) -> None:
        """Take back a failed attempt, which leaves its last trial behind."""
        self.deviation[:] = deviation
        self._equations.factors_are_old = True
        if self._solver is not None:
            # After a failed factorisation PETSc would not factorise again.
            self._solver.getKSP().reset()

    def _state(self, current_density: float, uniform: UniformState, iterations: int) -> NewtonState:
        return NewtonState(self.deviation.copy(), uniform, current_density, iterations)

    def _load(self, current_density: float, uniform: UniformState) -> float:
        """Size of the terms that balance, against which the residual is judged [A/m]."""
        currents = (
            self._bottom.size(stretch) * abs(float(stretch.law.current_density(overpotential)))
            for stretch, overpotential in zip(self._bottom, uniform.overpotentials, strict=True)
            if stretch.law is not None
        )
        return max(sum(currents), abs(current_density) * self._bottom.extent)
