"""Which further measurement would tell what data leave open.

Of each candidate the derivatives of what it would measure by the parameters are computed at the
best fit that is nearest to the values of the case. Together with those of the
data at hand they give the standard deviations that all parameters would have. These are of first
order: they say which measurement is worth making, and a fit of it says what is known then.

    F = J^T J of the data + J^T J of the candidate,   deviations = roots of the diagonal of F^-1
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fem_island.case.axes import CURRENT_DENSITY
from fem_island.case.case import Case
from fem_island.case.cell import Cell
from fem_island.case.file import as_case
from fem_island.case.fit import Fitting, Parameter, read_parameters
from fem_island.errors import ComputationError, FemIslandError
from fem_island.experiments.impedance.computing import impedance_of_case
from fem_island.fitting.data.columns import OVERPOTENTIAL, VOLTAGE
from fem_island.fitting.data.measured import Measured
from fem_island.fitting.data.points import PointData, check_not_given
from fem_island.fitting.data.reading import data_of, read_all
from fem_island.fitting.data.spectra import SpectrumData
from fem_island.fitting.identifying import SMALLEST_SEEN, directions
from fem_island.fitting.problem import Problem
from fem_island.fitting.scaling import Coordinate, case_with, coordinates
from fem_island.machine.arrays import Array
from fem_island.machine.json_values import plain
from fem_island.solvers.choice import SpectraByGeometry

ERROR = 1e-3
"""Standard deviation of a potential that is assumed of candidates [V]."""

IMPEDANCE_ERROR = 0.01
"""The same of an impedance, as a share."""

_CURRENTS = np.array([1.0, 2.5, 5.0, 10.0, 20.0])
"""Of the measurements [A/m^2]: 0.1 to 2 mA/cm^2, as they are called."""

_HIGHER = 10.0
"""By which factor currents of another measurement are higher."""

_MOST_STEPS, _SMALL = 20, 1e-4
"""Of the search for what fits the data, and the step that ends it, in coordinates of the fit."""

_THICKER = 0.75e-3
"""Thickness of the pellet of the paper [m]: of a measurement through more electrolyte."""

_FREQUENCIES = np.geomspace(1e6, 1.0, 19)
"""Of spectra [Hz], three a decade."""


@dataclass(frozen=True)
class Candidate:
    """A measurement that could be made, and what would be known with it.

    Attributes:
        words: What it is.
        deviations: Standard deviations of the parameters by path, as shares where logarithms are
            fitted.
        singular_values: Of all data together with it.
        tells: Whether every direction would be seen.
        reason: Why it cannot be computed; empty otherwise.
    """

    words: str
    deviations: dict[str, float]
    singular_values: tuple[float, ...]
    tells: bool
    reason: str = ""


@dataclass(frozen=True)
class Design:
    """What further measurements would tell.

    Attributes:
        now: What is known without one.
        candidates: The best first.
        error: Standard deviation of a potential that was assumed [V].
        impedance_error: That of an impedance, as a share.
    """

    now: Candidate
    candidates: tuple[Candidate, ...]
    error: float
    impedance_error: float

    def record(self, name: str) -> dict[str, Any]:
        """As one JSON object.

        Args:
            name: Of the case.
        """
        found: dict[str, Any] = plain(
            {
                "case": name,
                "now": _record(self.now),
                "candidates": [_record(each) for each in self.candidates],
                "assumed_error": {"potential": self.error, "impedance": self.impedance_error},
            }
        )
        return found


def design(
    cell: Cell | Case | Path | str,
    *,
    parameters: Mapping[str, Mapping[str, Any]] | Sequence[str],
    data: Sequence[Mapping[str, Any]] = (),
    error: float = ERROR,
    impedance_error: float = IMPEDANCE_ERROR,
    tell: Callable[[str], None] = lambda step: None,
) -> Design:
    """Say which further measurement would tell the parameters of a case.

    Args:
        cell: The cell, a whole case, or a case file; its values are what is assumed where nothing
            was measured.
        parameters: Paths of keys, as ``fit`` takes them.
        data: What was measured, as ``fit`` takes it; it may be nothing.
        error: Standard deviation of a potential that is assumed of candidates [V].
        impedance_error: That of an impedance, as a share.
        tell: Is told in words what is computed next.

    Raises:
        InputError: A parameter or data are not understood.

    Example:
        >>> paths = ["kinetics.exchange_current_density", "islands.width"]
        >>> found = design(Cell(), parameters=paths)
        >>> found.now.tells, found.candidates[0].tells
        (False, True)
    """
    case = as_case(cell)
    wanted = read_parameters(parameters, unit_required=False)
    read = data_of(data, case, parameters=1) if data else ()
    return design_of(case, wanted, read, error=error, impedance_error=impedance_error, tell=tell)


def design_case(asked: Fitting, *, tell: Callable[[str], None] = lambda step: None) -> Design:
    """The design for what a case file fits; see ``design``."""
    data = read_all(asked.data, asked.case, asked.folder, parameters=1) if asked.data else ()
    return design_of(asked.case, asked.parameters, data, tell=tell)


def design_of(
    case: Case,
    parameters: Sequence[Parameter],
    data: Sequence[Measured],
    *,
    error: float = ERROR,
    impedance_error: float = IMPEDANCE_ERROR,
    tell: Callable[[str], None] = lambda step: None,
) -> Design:
    """The design for parameters and data that were read."""
    found = coordinates(case, parameters)
    check_not_given(data, [each.path for each in found])
    count = len(found)
    place = np.array([each.start for each in found])
    before = np.zeros((0, count))
    if data:
        tell("what was measured")
        problem = Problem(found, data)
        place = _nearest(problem)
        before = problem.jacobian(place) / np.sqrt(problem.variance(problem.misfit(place)))
    now = _judged("what was measured" if data else "nothing measured", before, found)
    candidates = []
    measurements = _candidates(case, found, error, impedance_error)
    if case.cell.map is not None:
        solutions = len(_CURRENTS) * (1 + 2 * count)
        tell(f"each measurement of potentials is {solutions} solutions of the contact map")
    for number, (words, made) in enumerate(measurements, 1):
        tell(f"{number} of {len(measurements)}: {words}")
        try:
            derivatives = _derivatives(made(), found, place)
        except FemIslandError as refusal:
            candidates.append(Candidate(words, {}, (), False, "; ".join(str(refusal).split("\n"))))
            continue
        candidates.append(_judged(words, np.concatenate([before, derivatives]), found))
    candidates.sort(key=_worst)
    return Design(now, tuple(candidates), error, impedance_error)


def _derivatives(measured: Measured, found: Sequence[Coordinate], place: Array) -> Array:
    """Derivatives of a measurement, over its errors.

    Raises:
        FemIslandError: It cannot be computed in this case, with the reason.
    """
    derivatives = Problem(found, [measured]).jacobian(place)
    if np.isfinite(derivatives).all():
        return derivatives
    if isinstance(measured, SpectrumData):
        # What refuses the spectrum says why.
        impedance_of_case(measured.case_at(found, place), measured.solver)
    raise ComputationError("the model has no solution for it in this case")


def _nearest(problem: Problem) -> Array:
    """The place that fits the data and is nearest to the case: what they do not see stays there."""
    place = problem.start
    for _ in range(_MOST_STEPS):
        left, singular, rows = np.linalg.svd(problem.jacobian(place), full_matrices=False)
        scatter = np.sqrt(problem.variance(problem.misfit(place)))
        seen = singular >= SMALLEST_SEEN * scatter
        step = -rows[seen].T @ ((left[:, seen].T @ problem.residuals(place)) / singular[seen])
        step /= max(1.0, float(np.linalg.norm(step)))
        place = np.clip(place + step, problem.low, problem.high)
        if np.linalg.norm(step) < _SMALL:
            break
    return np.asarray(place)


def _judged(words: str, jacobian: Array, found: Sequence[Coordinate]) -> Candidate:
    if not len(jacobian):
        nothing = {each.path: np.inf for each in found}
        return Candidate(words, nothing, (0.0,) * len(found), False)
    seen = directions(jacobian, found)
    singular = np.array([one.singular_value for one in seen])
    rows = np.array([[one.weights[each.path] for each in found] for one in seen])
    with np.errstate(divide="ignore"):
        spread = np.sqrt(np.sum((rows / singular[:, None]) ** 2, axis=0))
    deviations = {each.path: float(d) for each, d in zip(found, spread, strict=True)}
    return Candidate(words, deviations, tuple(singular.tolist()), all(one.seen for one in seen))


def _worst(candidate: Candidate) -> float:
    return max(candidate.deviations.values(), default=np.inf)


def _candidates(
    case: Case, found: Sequence[Coordinate], error: float, impedance_error: float
) -> list[tuple[str, Callable[[], Measured]]]:
    """Measurements that could be made, in words, and what makes them or raises why it cannot."""
    sign = 1.0 if case.operation.current_density >= 0 else -1.0
    fitted = {each.path for each in found}
    usual, higher = sign * _CURRENTS, sign * _CURRENTS * _HIGHER
    said = "0.1 to 2 mA/cm^2"
    under = case.operation.current_density

    def thick() -> Measured:
        thicker = case_with(case.tables(), {"electrolyte.height": _THICKER})
        return _points(thicker, VOLTAGE, usual, error)

    above: list[tuple[str, Callable[[], Measured]]] = []
    if "electrolyte.height" not in fitted and case.cell.electrolyte.height < _THICKER:
        above.append((f"voltages at {said} up to 0.75 mm above the islands", thick))
    return [
        (f"overpotentials at {said}", lambda: _points(case, OVERPOTENTIAL, usual, error)),
        (f"voltages at {said}", lambda: _points(case, VOLTAGE, usual, error)),
        (
            "voltages at ten times the current (1 to 20 mA/cm^2)",
            lambda: _points(case, VOLTAGE, higher, error),
        ),
        *above,
        (
            "an impedance spectrum at rest, 1 Hz to 1 MHz",
            lambda: _spectrum(case, 0.0, impedance_error),
        ),
        (
            "an impedance spectrum under current",
            lambda: _spectrum(case, under, impedance_error),
        ),
    ]


def _points(case: Case, seen: str, currents: Array, error: float) -> PointData:
    nothing = np.zeros(len(currents))
    errors = np.full(len(currents), error)
    conditions = {CURRENT_DENSITY: currents}
    return PointData("points", case, seen, conditions, nothing, errors, errors)


def _spectrum(case: Case, current: float, error: float) -> SpectrumData:
    """A spectrum whose errors are a share of what the case's own one is."""
    solver = SpectraByGeometry()
    at = case_with(case.tables(), {CURRENT_DENSITY: current})
    nothing = np.zeros(2 * len(_FREQUENCIES))
    unknown = np.full_like(nothing, np.nan)
    own = SpectrumData("spectrum", at, _FREQUENCIES, nothing, error, 1.0, unknown, solver)
    return own.weighed([], np.zeros(0))


def _record(candidate: Candidate) -> dict[str, Any]:
    return {
        "measurement": candidate.words,
        "deviations": candidate.deviations,
        "singular_values": candidate.singular_values,
        "tells": candidate.tells,
        "reason": candidate.reason or None,
    }
