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

    kappa  conductivity [S/m]               I     applied current density [A/m^2]
    eta    overpotential [V]                U     equilibrium potential [V]
    psi    deviation [V]                    eta0  overpotential of the uniform state [V]
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from mpi4py import MPI  # noqa: F401  (brings the MPI library that DOLFINx needs)

import numpy as np
import ufl
from dolfinx import fem
from dolfinx.fem.petsc import NonlinearProblem
from petsc4py import PETSc

from fem_island.errors import ConvergenceError
from fem_island.machine.arrays import Array
from fem_island.machine.libraries import require_compiler
from fem_island.solvers.meshed.meshing import MICROMETRE, Domain
from fem_island.solvers.meshed.reactions import PlacedReactions, place_reactions
from fem_island.solvers.resolution import boundary_quadrature_degree
from fem_island.surface.bottom import Tag
from fem_island.surface.uniform_state import UniformState, reacting_current, uniform_state

logger = logging.getLogger(__name__)

_PREFIX = "fem_island_newton_"
# Complete, since what a problem leaves out it inherits from the last one with this prefix.
_SNES_OPTIONS = {
    "snes_type": "newtonls",
    "snes_linesearch_type": "bt",  # the only one that survives a cold start at a tiny i0
    "ksp_type": "preonly",
    "pc_type": "cholesky",
    "pc_factor_mat_solver_type": "mumps",
}
_JIT_OPTIONS = {"timeout": 120}

_RESIDUAL = 1e-13
"""Newton stops at this residual, relative to the load."""

_ACCEPTED_RESIDUAL = 1e-10
"""Where rounding ends the search before that, this much is still a solution."""

_SMALLEST_START = 1e-8
"""Continuation starts at most this much below the wanted current."""

_MOST_STEPS = 80


@dataclass(frozen=True)
class NewtonState:
    """A solution of the discrete equations.

    Attributes:
        deviation: psi [V].
        uniform: The uniform state that psi deviates from.
        current_density: Applied current density I [A/m^2].
        iterations: Newton steps that it took.
    """

    deviation: fem.Function[np.float64]
    uniform: UniformState
    current_density: float
    iterations: int

    def potential(self) -> fem.Function[np.float64]:
        """Phi [V] as a new function."""
        phi = self.deviation.copy()
        phi.name = "potential"
        phi.x.array[:] -= self.uniform.drive
        return phi


def residual(
    deviation: fem.Function[np.float64],
    test: Any,
    *,
    reactions: PlacedReactions,
    conductivity: fem.Constant[np.float64],
    current_density: fem.Constant[np.float64],
    ds: ufl.Measure,
) -> ufl.Form:
    """The weak form of the module's head [A/m], in coordinates of um.

    Args:
        deviation: psi.
        test: v.
        reactions: What reacts at the bottom.
        conductivity: kappa [S/m].
        current_density: I [A/m^2].
        ds: Boundary measure with the tags of ``bottom.Tag``.
    """
    overpotential = reactions.uniform_overpotential - deviation
    form: ufl.Form = conductivity * ufl.inner(ufl.grad(deviation), ufl.grad(test)) * ufl.dx
    form += MICROMETRE * current_density * test * ds(Tag.TOP)
    for tag, law in reactions.laws:
        form -= MICROMETRE * law.current_density(overpotential) * test * ds(int(tag))
    return form


class NewtonProblem(AbstractContextManager["NewtonProblem"]):
    """The problem on one domain, for any current; use it in a ``with`` statement.

    Forms, matrix and factorisation structure are set up once and live until the end of the
    statement. All methods are collective.
    """

    def __init__(
        self, domain: Domain, *, conductivity: float, temperature: float, degree: int
    ) -> None:
        """Set up forms and solver.

        Args:
            domain: The meshed cell with its reactions.
            conductivity: kappa [S/m].
            temperature: T [K].
            degree: Polynomial degree of the potential.

        Raises:
            MissingSystemLibraryError: There is no C compiler and the forms are not in the cache.
        """
        mesh = domain.mesh
        self.domain = domain
        self.space = fem.functionspace(mesh, ("Lagrange", degree))
        self._deviation: fem.Function[np.float64] = fem.Function(self.space, name="deviation")
        self._current_density: fem.Constant[np.float64] = fem.Constant(mesh, 0.0)
        self._reactions = place_reactions(domain, fem.Constant(mesh, float(temperature)))
        self._cells = domain.bottom_cells()
        form = residual(
            self._deviation,
            ufl.TestFunction(self.space),
            reactions=self._reactions,
            conductivity=fem.Constant(mesh, float(conductivity)),
            current_density=self._current_density,
            ds=domain.boundary_measure(boundary_quadrature_degree(degree)),
        )
        jacobian = ufl.derivative(form, self._deviation)
        with _explained_compilation():
            compiled = [fem.form(f, jit_options=_JIT_OPTIONS) for f in (form, jacobian)]
        self._problem: NonlinearProblem | None = NonlinearProblem(
            compiled[0],
            self._deviation,
            J=compiled[1],
            petsc_options_prefix=_PREFIX,
            petsc_options=_SNES_OPTIONS,
        )

    def __exit__(self, *error: object) -> None:
        """Free the solver on all ranks together."""
        self.close()

    def close(self) -> None:
        """Free the solver. Collective."""
        self._problem = None

    def solve(self, current_density: float, guess: NewtonState | None = None) -> NewtonState:
        """Solve for one applied current.

        Tries Newton from the guess or from the uniform state, then from the uniform state, then
        follows the solution from a small current upwards in the logarithm of the current.

        Args:
            current_density: I [A/m^2].
            guess: A solution of this problem for another current.

        Raises:
            ConvergenceError: Says how far it came. The problem is left at its last solution.
        """
        uniform = uniform_state(self.domain.bottom, current_density)
        starts: list[Callable[[], None]] = [self._start_uniform]
        if guess is not None:
            starts.insert(0, lambda: self._start_from(guess, current_density))
        spent = 0
        reason = ""
        for start in starts:
            start()
            spent += (steps := self._newton(current_density, uniform))[0]
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
            uniform = uniform_state(self.domain.bottom, current)
            if good is None:
                self._start_uniform()
            else:
                self._start_from(good, current)
            iterations, failure = self._newton(current, uniform)
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
            self._deviation.x.array[:] = good.deviation.x.array
        raise ConvergenceError(
            f"{reason}; following the solution from small currents reached "
            f"{reached:g} of {wanted:g} A/m^2"
        )

    def _start_uniform(self) -> None:
        self._deviation.x.array[:] = 0.0

    def _start_from(self, state: NewtonState, current_density: float) -> None:
        """The deviation is ohmic, so it goes with the current."""
        self._deviation.x.array[:] = state.deviation.x.array
        if state.current_density:
            self._deviation.x.array[:] *= current_density / state.current_density

    def _newton(self, current_density: float, uniform: UniformState) -> tuple[int, str]:
        """Newton from where the deviation stands: iterations, and why it failed or ""."""
        if self._problem is None:
            raise RuntimeError("the problem is closed")
        self._current_density.value = np.asarray(current_density)
        for cells, overpotential in zip(self._cells, uniform.overpotentials, strict=True):
            self._reactions.uniform_overpotential.x.array[cells] = overpotential
        before = self._deviation.x.array.copy()
        solver = self._problem.solver
        scale = self._load(current_density, uniform)
        solver.setTolerances(rtol=0.0, atol=max(_RESIDUAL * scale, 1e-300), stol=0.0, max_it=60)
        where = f"at {current_density:g} A/m^2"
        try:
            self._problem.solve()
        except PETSc.Error as error:
            # An interruption inside a callback is none of PETSc's, and no failure of this point.
            if isinstance(error.__cause__, KeyboardInterrupt):
                raise error.__cause__ from None
            self._go_back_to(before)
            return 0, f"PETSc failed {where}: {str(error).splitlines()[0]}"
        iterations, norm = solver.getIterationNumber(), solver.getFunctionNorm()
        # An int, whatever petsc4py's stub says.
        reason: int = solver.getConvergedReason()  # type: ignore[assignment]
        stalled = reason == PETSc.SNES.ConvergedReason.DIVERGED_LINE_SEARCH
        if reason > 0 or (stalled and norm <= _ACCEPTED_RESIDUAL * scale):
            return iterations, ""
        self._go_back_to(before)
        name = _SNES_REASONS.get(reason, f"SNES reason {reason}")
        relative = norm / scale if scale > 0 else norm
        if reason == PETSc.SNES.ConvergedReason.DIVERGED_FUNCTION_NANORINF:
            relative = np.inf
        return iterations, (
            f"Newton stopped after {iterations} steps {where}: {name}, "
            f"residual {relative:.1e} of the load"
        )

    def _go_back_to(self, deviation: Array) -> None:
        """Take back a failed attempt, which leaves its last trial behind."""
        self._deviation.x.array[:] = deviation
        if self._problem is not None:
            # After a failed factorisation PETSc would not factorise with MUMPS again.
            self._problem.solver.getKSP().reset()

    def _state(self, current_density: float, uniform: UniformState, iterations: int) -> NewtonState:
        return NewtonState(self._deviation.copy(), uniform, current_density, iterations)

    def _load(self, current_density: float, uniform: UniformState) -> float:
        """Size of the terms that balance, against which the residual is judged [A/m]."""
        reacting = reacting_current(self.domain.bottom, uniform)
        return max(reacting, abs(current_density) * self.domain.width)


@contextmanager
def _explained_compilation() -> Iterator[None]:
    """A form that cannot be compiled because there is no compiler says so."""
    try:
        yield
    except Exception:
        require_compiler()
        raise


_SNES_REASONS = {
    value: name.lower().replace("_", " ").replace("nanorinf", "not finite")
    for name, value in vars(PETSc.SNES.ConvergedReason).items()
    if isinstance(value, int) and value < 0
}
