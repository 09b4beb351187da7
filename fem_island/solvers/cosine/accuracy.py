"""Solving a contact map to a tolerance: smaller pixels, what they converge to, how sure that is.

Edges of the image's pixels are cut into 1, 2, 4, ... parts until the means meet the tolerance. On
the first level the error is twice what its pixels leave out (``left_out``). With two or more,
the last of which changed numbers by d, what is reported is

    value + (q / (1 - q)) d                q between 0.2 (smooth) and 0.62 (crowded at edges)

for all numbers that are linear in the solution, with one q, so that their relations stay exact. q
is what the two levels leave out of the potential at the top, the finer over the coarser one. What
is left out of each number also says what that last step should have been, as it is, and scaled so
that it explains d: the estimate is how far either is from the step that was made, half of this
step, and a share of what single pixels leave out, which may cancel. Numbers at single places are
those of the finest level, with the differences of levels as their estimates. Only means are held to
the tolerance: places at edges converge more slowly, and say how sure they are.
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
from fem_island.solvers.cosine.left_out import Missing
from fem_island.solvers.cosine.level import Level, solve_level
from fem_island.surface.contact import LITHIUM, Contact

logger = logging.getLogger(__name__)

LARGEST = 2**24
"""Pixels of the finest level, 4096 x 4096: about 3 GB."""

BYTES_PER_PIXEL = 200
"""Of the memory that a level takes, measured."""

_FIRST_LEVEL = 2.0
"""Estimate per what is left out, which is up to 1.6 times too small."""

_FASTEST, _SLOWEST = 0.2, 0.62
"""Of errors, the least and the largest ratio of one level to that before."""

_OF_STEP, _OF_SIZE, _OF_SIZE_ALONE = 0.5, 0.3, 0.5
"""Of the last step, and of what pixels leave out that may cancel, on several levels and on one."""

_LEAST_SCALE, _LARGEST_SCALE = 0.4, 2.5
"""Of a change over what was left out, as far as that may be off."""

_OF_OTHER = 0.02
"""Of the potential at the top and of the mean overpotential, the least of one per the other."""

_SAFETY = 3.0
"""Estimate of an extreme, or of another place, per its change from the level before."""

_OF_UNSURE, _OF_UNSURE_REFINED = 0.7, 0.06
"""Estimate of a place by how far it is from the mean over its pixel, on one and on more levels."""

_OF_OUTWARD, _OF_CROWDED, _PER_LAYER = 0.1, 0.9, 0.4
"""The same on one level where the reaction is driven most, at corners, with the share of crowding
that is left out, 1 - 1 / (1 + 0.4 of the pixel over the layer)."""

_BEYOND = 2.5
"""Estimate per how far a smooth extreme lies beyond the corners of pixels."""

_ROUNDING = 2e-12
"""Smallest estimate, as a share of the largest potential: nothing below is certain."""


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
    left_out: list[dict[str, Missing]] = []
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
        columns, excess = estimated(levels, left_out, wanted)
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


def estimated(
    levels: Sequence[Level], left_out: Sequence[dict[str, Missing]], wanted: float
) -> tuple[Columns, float]:
    """The results with their estimates, and the largest error of a mean over what is wanted.

    Args:
        levels: Solutions, the finest last; the last two count.
        left_out: What their pixels leave out.
        wanted: Error of the means [V].
    """
    last = levels[-1]
    columns = last.columns.taken(np.arange(1))
    numbers = columns.numbers
    errors = {name: _alone(missing) for name, missing in left_out[-1].items()}
    if len(levels) > 1:
        coarse, fine = (level.columns.numbers for level in levels[-2:])
        before, after = left_out[-2:]
        rest = _rest(before["potential_top_mean"], after["potential_top_mean"])
        for name in LINEAR:
            numbers[name] = fine[name] + rest * (fine[name] - coarse[name])
        for name in errors:
            changed = float(fine[name][0] - coarse[name][0])
            errors[name] = _beside(before[name], after[name], changed, rest * changed)
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


def _alone(missing: Missing) -> float:
    """Estimated error of a number on one level."""
    return _FIRST_LEVEL * max(abs(missing.change), _OF_SIZE_ALONE * missing.size)


def _rest(before: Missing, after: Missing) -> float:
    """What a number changes after a level, per what it has changed from the one before."""
    ratio = abs(after.change) / abs(before.change) if before.change else _FASTEST
    ratio = float(np.clip(ratio, _FASTEST, _SLOWEST))
    return ratio / (1 - ratio)


def _beside(before: Missing, after: Missing, changed: float, step: float) -> float:
    """Estimated error of a number on several levels.

    Args:
        before: What pixels of the level before the last leave out.
        after: What those of the last do.
        changed: From the one to the other.
        step: What is added to the last.
    """
    expected = before.change - after.change
    scale = changed / expected if expected else 1.0
    scaled = float(np.clip(scale, _LEAST_SCALE, _LARGEST_SCALE)) * after.change
    off = max(abs(scaled - step), abs(after.change - step))
    return off + _OF_STEP * abs(step) + _OF_SIZE * after.size


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

    def changed(name: str) -> float:
        if not several:
            return 0.0
        values = [float(level.columns.numbers[name][0]) for level in levels[-2:]]
        return _SAFETY * abs(values[1] - values[0])

    def unsure(found: Range, *, high: bool) -> float:
        share = 1.0
        if found.resolved and several:
            share = _OF_UNSURE_REFINED
        elif found.resolved and high == (abs(found.high) >= abs(found.low)):
            layer = 1 + _PER_LAYER * found.crowding
            share = _OF_OUTWARD + _OF_CROWDED * (1 - 1 / layer)
        elif found.resolved:
            share = _OF_UNSURE
        size = max(found.unsure_low, found.unsure_high)
        return of_means + _BEYOND * found.beyond + share * size

    found = state.overpotentials(LITHIUM)
    law = state.lithium.law
    high = changed("overpotential_max") + unsure(found, high=True)
    low = changed("overpotential_min") + unsure(found, high=False)
    numbers["error_estimate_overpotential_max"] = high
    for side, value, error in (("max", found.high, high), ("min", found.low, low)):
        numbers[f"error_estimate_local_current_density_{side}"] = _through(law, value, error)
    if not np.isnan(numbers["exposed_drive_max"][0]):
        _, beyond = state.largest_drive(state.touched(None))
        # It may lie far from where lithium is driven most, which says less of it.
        error = changed("exposed_drive_max") + unsure(found, high=True) + _BEYOND * beyond
        if not several:
            error += max(found.unsure_low, found.unsure_high)
        numbers["error_estimate_exposed_drive_max"] = error
    film = film_range(state)
    if film is not None and state.film is not None:
        error = changed("interlayer_current_density_max")
        error += _through(state.film.law, film.high, unsure(film, high=True))
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
