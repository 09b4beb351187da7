"""Newton's method for the condensed equations, at many operating points at once.

The residual kappa S psi + I W q - b(psi) is the gradient of a convex energy, since S is positive
semidefinite and reaction laws increase. Its derivative J = kappa S + int law' v v ds is positive
definite, so that a Newton direction goes downhill. A step is accepted where the energy still falls
at its end, or where at least half of its slope is gone; that needs residuals only, no energy, and
leads to the one solution from any start. Points that are done, or failed, leave the batch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array
from fem_island.solvers.condensed.reactions import Reactions
from fem_island.solvers.electrolyte import Operator
from fem_island.surface.points import PerPoint

RESIDUAL = 1e-13
"""Newton stops at this residual, relative to the currents that balance."""

_ACCEPTED_RESIDUAL = 1e-10
"""Where rounding ends the search before that, this much is still a solution."""

MOST_STEPS = 100
"""Of Newton's method."""

_MOST_CUTS = 40


@dataclass(frozen=True)
class Solutions:
    """Solutions of the condensed equations at k operating points.

    Attributes:
        deviation: psi_r [V], shape (k, n); where Newton failed, its last iterate.
        iterations: Newton steps, shape (k,).
        residuals: Norm of the residual relative to the currents that balance, shape (k,).
        solved: Whether that is small enough, shape (k,).
    """

    deviation: Array
    iterations: npt.NDArray[np.int32]
    residuals: Array
    solved: npt.NDArray[np.bool_]


def joined(parts: list[Solutions]) -> Solutions:
    """Solutions of several batches as one."""
    return Solutions(
        deviation=np.concatenate([part.deviation for part in parts]),
        iterations=np.concatenate([part.iterations for part in parts]),
        residuals=np.concatenate([part.residuals for part in parts]),
        solved=np.concatenate([part.solved for part in parts]),
    )


@dataclass(frozen=True)
class CondensedProblem:
    """The condensed equations of k operating points.

    Attributes:
        operator: S and q.
        reactions: b.
        current_densities: I [A/m^2], shape (k,).
        conductivity: kappa [S/m], of all points, or of every point, shape (k,).
    """

    operator: Operator
    reactions: Reactions
    current_densities: Array
    conductivity: PerPoint

    def of(self, points: npt.NDArray[np.intp]) -> CondensedProblem:
        """The same for some of the points."""
        kappa = self.conductivity
        return CondensedProblem(
            self.operator.taken(points),
            self.reactions.of(points),
            self.current_densities[points],
            kappa if np.ndim(kappa) == 0 else kappa[points],
        )

    def residual(self, deviation: Array) -> tuple[Array, Array, Array]:
        """Residual [A/m], shape (k, n), its relative norm, shape (k,), and slopes of reactions."""
        reacted, magnitude, slopes = self.reactions.evaluate(deviation)
        residual = self.operator.traction(deviation, self.current_densities, self.conductivity)
        residual -= reacted
        scale = np.maximum(magnitude, np.abs(self.current_densities) * self.operator.width)
        norm = np.sqrt(np.einsum("kn,kn->k", residual, residual))
        return residual, norm / np.where(scale > 0, scale, 1.0), slopes

    def direction(self, residual: Array, slopes: Array) -> Array:
        """The Newton step [V], shape (k, n); NaN where the matrix is singular."""
        tangent = self.operator.tangent(self.conductivity, self.reactions.derivative(slopes))
        return tangent.solve(-residual)


def solve(
    problem: CondensedProblem,
    start: Array,
    *,
    tolerance: float = RESIDUAL,
    fewest_steps: int = 0,
    most_steps: int = MOST_STEPS,
) -> Solutions:
    """Solve the condensed equations of all points.

    Args:
        problem: The equations.
        start: First iterates [V], shape (k, n).
        tolerance: Relative residual to stop at.
        fewest_steps: Steps that are made even where the first iterates meet it.
        most_steps: Steps after which a point has failed.
    """
    count = len(start)
    solutions = Solutions(
        deviation=start.copy(),
        iterations=np.zeros(count, dtype=np.int32),
        residuals=np.full(count, np.inf),
        solved=np.zeros(count, dtype=bool),
    )
    active = np.arange(count)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        deviation = solutions.deviation.copy()
        residual, norm, slopes = problem.residual(deviation)
        solutions.residuals[:] = norm
        for step_number in range(most_steps):
            going = norm > (tolerance if step_number >= fewest_steps else 0.0)
            if not going.all():
                problem = problem.of(np.flatnonzero(going))
                active, deviation = active[going], deviation[going]
                residual, norm, slopes = residual[going], norm[going], slopes[going]
            if not len(active):
                break
            step = problem.direction(residual, slopes)
            before = norm
            deviation, residual, norm, slopes = _advance(problem, deviation, step, residual)
            solutions.iterations[active] += 1
            better = norm < solutions.residuals[active]
            if better.all():
                solutions.deviation[active], solutions.residuals[active] = deviation, norm
            else:
                solutions.deviation[active[better]] = deviation[better]
                solutions.residuals[active[better]] = norm[better]
            # Rounding ends the search where a small residual does not get smaller.
            stuck = ~(norm < 0.5 * before) & (np.minimum(before, norm) <= _ACCEPTED_RESIDUAL)
            norm = np.where(stuck | ~np.isfinite(norm), 0.0, norm)
    solutions.solved[:] = solutions.residuals <= max(_ACCEPTED_RESIDUAL, tolerance)
    return solutions


def _advance(
    problem: CondensedProblem, deviation: Array, step: Array, residual: Array
) -> tuple[Array, Array, Array, Array]:
    """Go along the steps as far as the energy falls: new deviation, residual, norm and slopes."""
    after = deviation + step
    new = list(problem.residual(after))
    slope = np.einsum("kn,kn->k", residual, step)
    length = np.ones(len(step))
    end = np.einsum("kn,kn->k", new[0], step)
    for _ in range(_MOST_CUTS):
        near = (end <= -0.5 * slope) | (new[1] <= _ACCEPTED_RESIDUAL)
        far = np.flatnonzero(~near & np.isfinite(slope))
        if not len(far):
            break
        # Where the energy's slope would be zero if it were linear; not too much less, nor more.
        guess = slope[far] / (slope[far] - end[far])
        guess = np.where(np.isfinite(guess), guess, 0.1)
        length[far] *= np.clip(guess, 0.1, 0.5)
        after[far] = deviation[far] + length[far, None] * step[far]
        for whole, part in zip(new, problem.of(far).residual(after[far]), strict=True):
            whole[far] = part
        end[far] = np.einsum("kn,kn->k", new[0][far], step[far])
    return after, new[0], new[1], new[2]
