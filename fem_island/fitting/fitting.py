"""Fitting keys of a case to measured data: the entry point of the Python interface."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from fem_island.case.case import Case
from fem_island.case.cell import Cell
from fem_island.case.file import as_case
from fem_island.case.fit import Fitting, Parameter, read_parameters
from fem_island.fitting.data.measured import Measured
from fem_island.fitting.data.points import check_not_given
from fem_island.fitting.data.reading import data_of, read_all
from fem_island.fitting.identifying import directions
from fem_island.fitting.parameters import fitted_parameter
from fem_island.fitting.problem import Problem
from fem_island.fitting.profiles import NO_ENDS, Profile, rises
from fem_island.fitting.record import Fit
from fem_island.fitting.restarting import started_nearer
from fem_island.fitting.scaling import coordinates, values_of
from fem_island.fitting.searching import Minimum, minima, refined
from fem_island.machine.arrays import Array

Intervals = Literal["profile", "minos", "none"]

_MOST_RESTARTS, _MOST_SCALES = 3, 5
_FLOOR = 1e-10
"""Singular value over the largest that stands for none."""


def fit(
    cell: Cell | Case | Path | str,
    *,
    parameters: Mapping[str, Mapping[str, Any]] | Sequence[str],
    data: Sequence[Mapping[str, Any]],
    intervals: Intervals = "profile",
) -> Fit:
    """Fit keys of a case to measured data, and say what the data do not tell.

    Args:
        cell: The cell, a whole case, or a case file; what is fitted starts from its values.
        parameters: Paths of keys, such as ``"kinetics.exchange_current_density"``, each with a
            table of ``bounds``, ``start`` and ``logarithmic``, which may all be left out.
        data: Tables as in a case file (file, kind, error, area, ...); in place of a file a
            ``table`` of arrays or a data frame.
        intervals: "profile" likelihood, "minos" of iminuit, which finds the same ends, or "none".

    Returns:
        The fit. A parameter that the data do not tell has neither value nor interval.

    Raises:
        InputError: A parameter or data are not understood.
        ConvergenceError: The model has no solution where the fit starts.

    Example:
        >>> points = {"current_density": [1.0, 2.5, 5.0], "overpotential [mV]": [39.0, 76.1, 109.7]}
        >>> found = fit(
        ...     Cell(),
        ...     parameters=["kinetics.exchange_current_density"],
        ...     data=[{"table": points, "error": "1 mV"}],
        ... )
        >>> round(found.parameters[0].value, 1)  # A/m^2
        6.0
    """
    case = as_case(cell)
    wanted = read_parameters(parameters, unit_required=False)
    return fit_to(case, wanted, data_of(data, case, parameters=len(wanted)), intervals=intervals)


def fit_case(asked: Fitting, *, intervals: Intervals = "profile") -> Fit:
    """The fit that a case file asks for; see ``fit``."""
    data = read_all(asked.data, asked.case, asked.folder, parameters=len(asked.parameters))
    return fit_to(asked.case, asked.parameters, data, intervals=intervals)


def fit_to(
    case: Case,
    parameters: Sequence[Parameter],
    data: Sequence[Measured],
    *,
    intervals: Intervals = "profile",
) -> Fit:
    """Fit parameters to data that were read."""
    check_not_given(data, [each.path for each in parameters])
    problem, places = _weighed(*_searched(case, parameters, data))
    for _ in range(_MOST_RESTARTS):
        fitted, better = _judged(problem, places, intervals)
        if better is None:
            return fitted
        # A profile has found a smaller misfit than the search: it begins again from there.
        problem.start = better.place
        places = sorted([*minima(problem), *places], key=lambda each: each.misfit)
    return fitted


def _searched(
    case: Case, parameters: Sequence[Parameter], data: Sequence[Measured]
) -> tuple[Problem, list[Minimum]]:
    """The problem, in scales of its best fit, and its minima."""
    others: list[dict[str, float]] = []
    cases = 0
    for _ in range(_MOST_SCALES):
        problem = Problem(coordinates(case, parameters), data)
        problem.cases = cases
        places = minima(problem, besides=[problem.place_of(values) for values in others])
        nearer = started_nearer(case, parameters, problem.coordinates, places[0].place)
        if nearer is None:
            break
        parameters, cases = nearer, problem.cases
        others = [values_of(problem.coordinates, each.place) for each in places[1:]]
    return problem, places


def _weighed(problem: Problem, places: list[Minimum]) -> tuple[Problem, list[Minimum]]:
    """The problem with errors that follow the best fit, and its minima."""
    best = places[0].place
    data = [one.weighed(problem.coordinates, best) for one in problem.data]
    if all(one is before for one, before in zip(data, problem.data, strict=True)):
        return problem, places
    again = Problem(problem.coordinates, data)
    again.start, again.cases = best, problem.cases
    found = [refined(again, each.place) for each in places]
    known = [each for each in found if each is not None]
    return again, sorted(known, key=lambda each: each.misfit)


def _judged(
    problem: Problem, places: list[Minimum], intervals: Intervals
) -> tuple[Fit, Minimum | None]:
    """What a best fit tells, and a better one where a profile has found it."""
    best = places[0]
    free = problem.size - len(best.place)
    jacobian = problem.jacobian(best.place)
    variance = problem.variance(best.misfit)
    seen = directions(jacobian / np.sqrt(variance), problem.coordinates)
    covariance = _covariance(jacobian) * variance
    deviations = np.sqrt(np.diag(covariance))
    risen = rises(problem, variance)
    better: Minimum | None = None
    fitted = []
    for number, each in enumerate(problem.coordinates):
        ends = NO_ENDS
        if intervals == "profile":
            profile = Profile(problem, best, number, covariance)
            alone = float(deviations[number] / np.sqrt(variance))
            ends = profile.ends(alone, risen, each.range)
            if profile.better is not None and (
                better is None or profile.better.misfit < better.misfit
            ):
                better = profile.better
        elif intervals == "minos":
            from fem_island.fitting.minos import minos_ends

            ends = minos_ends(problem, best, number, risen, each.range)
        others = [other for other in places[1:] if other.misfit - best.misfit < risen[1]]
        elsewhere = [other.place[number] for other in others]
        fitted.append(
            fitted_parameter(each, best.place[number], ends, elsewhere, problem.coordinates)
        )
    if better is not None and best.misfit - better.misfit < 0.01 * risen[0]:
        better = None
    return (
        Fit(
            case=problem.data[0].case_at(problem.coordinates, best.place),
            coordinates=problem.coordinates,
            parameters=tuple(fitted),
            directions=seen,
            place=best.place,
            misfit=best.misfit,
            free=free,
            variance=variance,
            errors_known=problem.errors_known,
            data=problem.data,
            residuals=problem.residuals(best.place),
            divisors=tuple(problem.divisors),
            exact=tuple(problem.exact),
            cases=problem.cases,
            intervals=intervals,
        ),
        better,
    )


def _covariance(jacobian: Array) -> Array:
    """Inverse of J^T J; directions that are not seen have very large numbers instead of none."""
    _, singular, rows = np.linalg.svd(jacobian, full_matrices=True)
    whole = np.zeros(len(rows))
    whole[: len(singular)] = singular
    floored = np.maximum(whole, _FLOOR * max(float(whole.max()), 1e-100))
    return np.asarray((rows.T / floored**2) @ rows)
