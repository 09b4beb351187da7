"""Solving a contact map to a tolerance: smaller pixels, what they converge to, how sure that is.

Edges of the image's pixels are cut into 1, 2, 4, ... parts until the means meet the tolerance. On
the first level the error is that which ``LeftOut`` estimates. With two levels, whose difference is
d, and what their pixels leave out, whose ratio is q, what is reported is

    value + (q / (1 - q)) d                q between 1/4 (smooth) and 0.6 (crowded at edges)

for all numbers that are linear in the solution, with one q, so that their relations stay exact. The
estimate is the whole of that last step; with three levels, or more, it is by what the last level
changed what they converge to, and a share of the step, if that is less. Numbers at single places
are those of the finest level, with the differences of levels as their estimates. Only means are
held to the tolerance: places at edges converge more slowly, and say how sure they are.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from fem_island.case.case import Case
from fem_island.errors import ConvergenceError
from fem_island.machine.memory import available_memory
from fem_island.results.columns import Columns
from fem_island.results.map_observables import LINEAR, film_range
from fem_island.results.map_state import MapState, Range
from fem_island.results.result import CONVERGED, TOLERANCE_NOT_MET
from fem_island.solvers.cosine.level import LeftOut, Level, solve_level
from fem_island.surface.contact import LITHIUM, Contact

logger = logging.getLogger(__name__)

LARGEST = 2**24
"""Pixels of the finest level, 4096 x 4096: about 3 GB."""

BYTES_PER_PIXEL = 200
"""Of the memory that a level takes, measured."""

_FIRST_LEVEL = 1.7
"""Estimate per what is left out, which is up to 1.5 times too small where pixels stand alone."""

_OF_LEFT_OUT = 0.85
"""Error per what is left out, usually. Two levels can agree where pixels of the image stand alone:
their four quarters carry equal currents."""

_SLOWEST, _FASTEST = 0.6, 0.25
_OF_STEP, _LEAST_OF_STEP = 1.0, 0.4
_OF_OTHER = 0.1
"""Of the potential at the top and of the mean overpotential, the least of one per the other."""

_SAFETY = 3.0
_OF_UNSURE = 0.6, 0.06
"""Estimate of a place by how far it is from the mean over its pixel, on one and on more levels."""

_ROUNDING = 2e-12


@dataclass(frozen=True)
class Found:
    """What was found at one operating point.

    Attributes:
        columns: Results with estimates, of one point.
        level: The finest level.
    """

    columns: Columns
    level: Level


def to_tolerance(case: Case, *, largest: int = LARGEST) -> Found:
    """Solve one operating point on levels until the tolerance is met.

    Args:
        case: What to compute.
        largest: Pixels of the finest level.

    Raises:
        ConvergenceError: There is no solution on the first level.
    """
    contact = Contact.of(case)
    wanted = case.accuracy.tolerance
    tolerance = min(1e-4 * wanted, 1e-9)
    pixels = contact.image.classes.size
    levels: list[Level] = []
    left_out: list[LeftOut] = []
    refinement = 1
    while True:
        coarser = levels[-1] if levels else None
        try:
            level = solve_level(case, contact, refinement, tolerance=tolerance, coarser=coarser)
        except ConvergenceError:
            if coarser is None:
                raise
            break
        levels.append(level)
        left_out.append(level.left_out())
        columns, excess = _estimated(levels, left_out, wanted)
        rows, places = level.state.shape
        logger.info(
            "%d x %d pixels: the estimated error of means is %.1e of the tolerance",
            places,
            rows,
            excess,
        )
        refinement *= 2
        count = pixels * refinement**2
        if excess <= 1 or count > largest or count * BYTES_PER_PIXEL > available_memory():
            break
    return Found(columns, levels[-1])


def _estimated(
    levels: Sequence[Level], left_out: Sequence[LeftOut], wanted: float
) -> tuple[Columns, float]:
    """The results with their estimates, and the largest error of a mean over what is wanted."""
    last = levels[-1]
    columns = last.columns.taken(np.arange(1))
    numbers = columns.numbers
    errors = left_out[-1].errors()
    if len(levels) == 1:
        errors = {name: _FIRST_LEVEL * error for name, error in errors.items()}
    else:
        limits = [
            _limit(levels[place - 1 : place + 1], left_out[place - 1 : place + 1])
            for place in range(max(1, len(levels) - 2), len(levels))
        ]
        for name in LINEAR:
            numbers[name] = limits[-1].values[name]
        errors = {name: limits[-1].error(name, limits[:-1], errors[name]) for name in errors}
    errors["potential_top_mean"] += _OF_OTHER * errors["overpotential_mean"]
    errors["overpotential_mean"] += _OF_OTHER * errors["potential_top_mean"]
    current = abs(last.problem.current_density)
    both = errors["potential_top_mean"] + errors["overpotential_mean"]
    errors["constriction_resistance"] = both / current if current > 0 else np.nan
    size = abs(float(numbers["potential_top_mean"][0]))
    for name, error in errors.items():
        value = float(numbers[name][0])
        rounding = _ROUNDING * max(size, abs(value))
        numbers[f"error_estimate_{name}"] = error + rounding if np.isfinite(value) else np.nan
    worst = max(errors["potential_top_mean"], errors["overpotential_mean"])
    estimate_places(numbers, levels, worst + _ROUNDING * size)
    if not worst <= wanted and numbers["status"][0] == CONVERGED:
        numbers["status"] = TOLERANCE_NOT_MET
        columns.reasons[0] = f"the estimated error of a mean potential is {worst:.1e} V"
    return columns, worst / wanted


@dataclass(frozen=True)
class _Limit:
    """What two levels converge to.

    Attributes:
        values: By the names of numbers.
        steps: What was added to those of the finer level.
    """

    values: dict[str, npt.NDArray[Any]]
    steps: dict[str, npt.NDArray[Any]]

    def error(self, name: str, before: Sequence[_Limit], left_out: float) -> float:
        """Estimate of a number that is one value.

        Args:
            name: The number.
            before: What the levels before converged to, if there were any.
            left_out: What the pixels of the finer level leave out of it.
        """
        step = abs(float(self.steps[name][0]))
        if before:
            moved = abs(float(self.values[name][0] - before[-1].values[name][0]))
            if name == "interlayer_current_fraction":
                # A difference of large currents, in reversible films, or kept by a moving front.
                return max(_OF_STEP * step, moved)
            return min(_OF_STEP * step, moved + _LEAST_OF_STEP * step)
        return max(_OF_STEP * step, abs(_OF_LEFT_OUT * left_out - step))


def _limit(levels: Sequence[Level], left_out: Sequence[LeftOut]) -> _Limit:
    coarse, fine = (level.columns.numbers for level in levels)
    before, after = (each.size for each in left_out)
    ratio = float(np.clip(after / before if before > 0 else _FASTEST, _FASTEST, _SLOWEST))
    steps = {name: ratio / (1 - ratio) * (fine[name] - coarse[name]) for name in LINEAR}
    return _Limit({name: fine[name] + steps[name] for name in LINEAR}, steps)


class _Found(Protocol):
    """A solution at one size of pixels."""

    @property
    def state(self) -> MapState:
        """At the bottom."""

    @property
    def columns(self) -> Columns:
        """What is reported."""


def estimate_places(
    numbers: npt.NDArray[np.void], levels: Sequence[_Found], of_means: float
) -> None:
    """Set the estimates of numbers at single places.

    Args:
        numbers: Results.
        levels: The levels.
        of_means: Error of the means, which single places have as well [V].
    """
    state = levels[-1].state
    several = len(levels) > 1
    share = _OF_UNSURE[several]

    def changed(name: str) -> float:
        if not several:
            return 0.0
        values = [float(level.columns.numbers[name][0]) for level in levels[-2:]]
        return _SAFETY * abs(values[1] - values[0])

    def unsure(found: Range) -> float:
        size = max(found.unsure_low, found.unsure_high)
        return of_means + (share * size if found.resolved else size)

    found = state.overpotentials(LITHIUM)
    law = state.lithium.law
    high = changed("overpotential_max") + unsure(found)
    low = changed("overpotential_min") + unsure(found)
    numbers["error_estimate_overpotential_max"] = high
    for side, value, error in (("max", found.high, high), ("min", found.low, low)):
        numbers[f"error_estimate_local_current_density_{side}"] = _through(law, value, error)
    if not np.isnan(numbers["exposed_drive_max"][0]):
        numbers["error_estimate_exposed_drive_max"] = changed("exposed_drive_max") + unsure(found)
    film = film_range(state)
    if film is not None and state.film is not None:
        error = changed("interlayer_current_density_max")
        error += _through(state.film.law, film.high, unsure(film))
        numbers["error_estimate_interlayer_current_density_max"] = error
        peak = float(numbers["interlayer_current_density_max"][0])
        for name in ("time_until_empty_local", "time_until_next_plateau"):
            time = float(numbers[f"interlayer_{name}"][0])
            if np.isfinite(time) and peak > 0:
                numbers[f"error_estimate_interlayer_{name}"] = time * error / peak
    elif state.contact.has_film:
        numbers["error_estimate_interlayer_current_density_max"] = 0.0


def _through(law: Any, value: float, error: float) -> float:
    """How far a current density is off where its overpotential is off by an error [A/m^2]."""
    with np.errstate(over="ignore"):
        low, middle, high = law.current_density(np.array([value - error, value, value + error]))
    return float(max(high - middle, middle - low))
