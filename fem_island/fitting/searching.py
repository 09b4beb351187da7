"""Least squares from several starts.

Where cases are quick to compute, the box of the bounds is sampled first, and places that fit better
than all near them are starts as well: each may lie above a minimum of its own. All minima that are
found are kept, since data may fit in two ways.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.optimize import least_squares
from scipy.stats import qmc

from fem_island.errors import ConvergenceError
from fem_island.fitting.problem import Problem
from fem_island.machine.arrays import Array

logger = logging.getLogger(__name__)

_SAMPLES = 16
"""Places of the box, per parameter."""

_STARTS = 3
"""From how many places least squares begins at most; the case is the first of them."""

_NEAR = 1.5
"""Distance of neighbours among the places, over that of places on a lattice."""

_REACH = float(np.log(1e3))
"""How far from the start logarithms are sampled, where the bounds are further away."""

_SAME = 1e-3
"""Difference in u below which two minima are one."""

_EQUAL = 0.01
"""Difference of misfits, over the variance of residuals, that says nothing."""

_MOST_STEPS = 40


@dataclass(frozen=True)
class Minimum:
    """A place that least squares ended in.

    Attributes:
        place: u, shape (p,).
        misfit: Sum of the squared residuals.
    """

    place: Array
    misfit: float


class Residuals(Protocol):
    """What least squares asks for.

    Attributes:
        low: Smallest u, shape (p,).
        high: Largest u.
        precision: Step of u below which a search ends.
    """

    low: Array
    high: Array
    precision: float

    def residuals(self, place: Array) -> Array:
        """Shape (n,)."""

    def misfit(self, place: Array) -> float:
        """Sum of squares; infinite where a case is impossible."""

    def jacobian(self, place: Array) -> Array:
        """Derivatives of the residuals, shape (n, p)."""


def minima(problem: Problem, *, besides: Sequence[Array] = (), seed: int = 0) -> list[Minimum]:
    """What least squares ends in, the best first.

    Args:
        problem: The residuals.
        besides: More places u to start from, each of shape (p,).
        seed: Of the places of the box.

    Raises:
        ConvergenceError: No case could be computed.
    """
    starts = [problem.start, *besides]
    if problem.quick:
        starts += _sampled(problem, seed)
    found: list[Minimum] = []
    for start in starts:
        minimum = refined(problem, start)
        if minimum is not None:
            found.append(minimum)
            logger.info("misfit %.6g at %s", minimum.misfit, minimum.place)
    if not found:
        raise ConvergenceError("the model has no solution where the fit starts")
    # Along what the data do not see all places are as good: that which the start leads to is kept.
    equal = min(each.misfit for each in found)
    equal += _EQUAL * problem.variance(equal)
    preferred = next(each for each in found if each.misfit <= equal)
    found.sort(key=lambda each: (each is not preferred, each.misfit))
    different: list[Minimum] = []
    for each in found:
        if all(np.abs(each.place - other.place).max() > _SAME for other in different):
            different.append(each)
    return different


def refined(problem: Residuals, start: Array, *, loose: bool = False) -> Minimum | None:
    """Least squares from a start; None where it has no solution.

    Args:
        problem: The residuals.
        start: u, shape (p,).
        loose: Stop where the misfit falls by less than a thousandth.
    """
    margin = 1e-9 * (problem.high - problem.low)
    start = np.clip(start, problem.low + margin, problem.high - margin)
    if not np.isfinite(problem.misfit(start)):
        return None
    # SciPy divides by derivatives, which may all be 0.
    with np.errstate(divide="ignore", invalid="ignore"):
        found = least_squares(
            problem.residuals,
            start,
            jac=problem.jacobian,
            bounds=(problem.low, problem.high),
            x_scale=1.0,
            ftol=1e-3 if loose else 1e-10,
            # SciPy's is relative to u, which is the logarithm of a value in SI units.
            xtol=problem.precision / max(1.0, float(np.linalg.norm(start))),
            gtol=None if loose else 1e-8,
            max_nfev=_MOST_STEPS,
        )
    return Minimum(np.asarray(found.x), 2 * float(found.cost))


def _sampled(problem: Problem, seed: int) -> list[Array]:
    """Of places spread over the box the best, each better than all others near it."""
    parameters = len(problem.start)
    count = 1 << int(np.ceil(np.log2(_SAMPLES * parameters)))
    reach = np.where([each.logarithmic for each in problem.coordinates], _REACH, np.inf)
    low = np.maximum(problem.low, problem.start - reach)
    high = np.minimum(problem.high, problem.start + reach)
    spread = qmc.Sobol(parameters, rng=np.random.default_rng(seed)).random(count)
    misfits = np.sum(problem.many(low + spread * (high - low)) ** 2, axis=1)
    near = _NEAR * count ** (-1 / parameters)
    order = np.argsort(misfits)
    chosen: list[Array] = []
    for rank, number in enumerate(order):
        if len(chosen) == _STARTS - 1 or not np.isfinite(misfits[number]):
            break
        better = spread[order[:rank]]
        if (np.abs(better - spread[number]).max(axis=1, initial=0) > near).all():
            chosen.append(low + spread[number] * (high - low))
    return chosen
