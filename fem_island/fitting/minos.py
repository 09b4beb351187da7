"""Ends of intervals by MINOS of iminuit, an optional extra; they are those of the profiles."""

from __future__ import annotations

import numpy as np

from fem_island.errors import Fault, InputError
from fem_island.fitting.problem import Problem
from fem_island.fitting.profiles import Ends
from fem_island.fitting.searching import Minimum
from fem_island.machine.arrays import Array

_LARGE = 1e30
"""Misfit of what is impossible, since MINOS takes no infinite one."""


def minos_ends(
    problem: Problem, best: Minimum, number: int, risen: tuple[float, float], reach: float
) -> Ends:
    """The ends of the intervals of one parameter, as ``Profile.ends`` gives them.

    Args:
        problem: The residuals.
        best: The best fit.
        number: Of the parameter.
        risen: By how much the misfit rises to the ends.
        reach: How far away they count.

    Raises:
        InputError: iminuit is not installed.
    """
    try:
        from iminuit import Minuit
    except ImportError:
        reason = "needs the package iminuit: pip install fem-island[fit]"
        raise InputError([Fault("intervals", "minos", reason)]) from None

    def misfit(place: Array) -> float:
        found = problem.misfit(np.asarray(place))
        return found if np.isfinite(found) else _LARGE

    def gradient(place: Array) -> Array:
        place = np.asarray(place)
        return np.asarray(2 * problem.jacobian(place).T @ problem.residuals(place))

    found: list[tuple[float | None, float | None]] = []
    for rise in risen:
        minuit = Minuit(misfit, best.place, grad=gradient)
        minuit.limits = list(zip(problem.low, problem.high, strict=True))
        minuit.errordef = rise
        minuit.strategy = 1
        minuit.migrad()
        name = minuit.parameters[number]
        try:
            minuit.minos(name)
        except RuntimeError:  # there is no valid minimum to start from
            found.append((None, None))
            continue
        ends = minuit.merrors[name]
        shift = float(minuit.values[name]) - float(best.place[number])
        low = ends.lower + shift if ends.lower_valid and -ends.lower < reach else None
        high = ends.upper + shift if ends.upper_valid and ends.upper < reach else None
        found.append((low, high))
    return Ends(found[0], found[1])
