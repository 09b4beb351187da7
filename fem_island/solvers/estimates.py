"""Estimating the error of a solution by comparison with a finer one, its check.

A check has one degree more and elements at the edges that are far smaller; the estimate of every
number follows from its difference.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array
from fem_island.results.columns import Columns
from fem_island.results.observables import peak_current_density
from fem_island.results.result import CONVERGED, TOLERANCE_NOT_MET, Result
from fem_island.results.variables import variables
from fem_island.solvers.resolution import Resolution
from fem_island.solvers.scales import CURRENT_TOLERANCE, reacting_stretches
from fem_island.surface.bottom import Tag
from fem_island.surface.points import OperatingPoints

SAFETY = 3.0
"""Estimate per difference from the check, whose own error is a small part of that difference."""

_CHANCE, _CHANCE_FOR_MEAN = 0.25, 1e-3
"""A solution and its check can agree by chance at one place: a difference counts as at least this
share of the largest one along the islands. In one of 1,866 random cells it was a tenth where the
error was 0.63 of the largest. The mean converges far faster than single places do."""


_ROUNDING = 2e-12
"""Smallest estimate, as a share of the largest potential: nothing below is certain."""


_SHARE = 1.0
"""Wanted error of a share of the current per tolerance of a potential [1/V]."""

_EDGES = ("left", "right")

_EXTREMES = (
    "overpotential_max",
    "local_current_density_min",
    "local_current_density_max",
    "exposed_drive_max",
)
"""Numbers whose estimates begin with what the pieces of the bottom leave unresolved that hold them;
see ``observe``."""

_OF_FILM = (
    "current_density_max",
    "peak_distance",
    "time_until_empty_local",
    "time_until_next_plateau",
)
"""Numbers of a film that are found at one place."""

_JUDGED = tuple(variable for variable in variables(Result) if variable.judged)


def set_estimates(
    points: OperatingPoints, coarse: Columns, fine: Columns, *, check_resolution: Resolution
) -> Array:
    """Give every point of ``coarse`` its error estimates, and say where the tolerance is not met.

    Args:
        points: What was solved.
        coarse: The solutions that are reported.
        fine: Those of their check.
        check_resolution: What these were solved at.

    Returns:
        Estimated error over what is wanted, the larger of those of potentials and currents, of
        every point; around an axis also of the shares of the current.
    """
    tolerance = points.case.accuracy.tolerance
    numbers, check = coarse.numbers, fine.numbers
    first, second = _potentials(coarse), _potentials(fine)
    size = np.abs(first).max(axis=1)
    largest = SAFETY * np.abs(first - second).max(axis=1)
    largest += _ROUNDING * np.maximum(size, np.abs(second).max(axis=1))
    unresolved = _unresolved(points, check, check_resolution)
    largest += unresolved
    # Far from all edges both have large elements: where these lie decides which is the better, and
    # at times it is not the check.
    large = {name: check[f"error_estimate_{name}"] for name in _EXTREMES}
    along = np.abs(_on_islands(coarse) - _on_islands(fine)).max(axis=1)
    for name, chance in (("overpotential_mean", _CHANCE_FOR_MEAN), ("overpotential_max", _CHANCE)):
        difference = np.maximum(np.abs(numbers[name] - check[name]), chance * along)
        numbers[f"error_estimate_{name}"] = SAFETY * difference + _ROUNDING * size
    numbers["error_estimate_overpotential_max"] += large["overpotential_max"] + unresolved
    low, high = _current_differences(coarse, fine)
    either, peak = np.maximum(low, high), peak_current_density(fine.numbers)
    least_current = _CHANCE * np.maximum(either, _currents_along(points, coarse, fine))
    for side, difference in (("min", low), ("max", high)):
        name = f"local_current_density_{side}"
        numbers[f"error_estimate_{name}"] = (
            SAFETY * np.maximum(difference, least_current) + large[name] + _ROUNDING * peak
        )
    applied = np.abs(points.current_densities)
    per_current = 1 / np.where(applied > 0, applied, np.nan)
    film = _film_variation(numbers, check)
    numbers["error_estimate_interlayer_current_fraction"] = _film_estimate(numbers, check)
    for name, least in (
        ("exposed_drive_max", _CHANCE * along),
        ("potential_top_mean", _CHANCE_FOR_MEAN * along),
        ("constriction_resistance", _CHANCE_FOR_MEAN * along * per_current),
        *(
            (f"interlayer_{name}", _CHANCE * film * np.abs(numbers[f"interlayer_{name}"]))
            for name in _OF_FILM
        ),
    ):
        difference = np.maximum(np.abs(numbers[name] - check[name]), least)
        rounding = _ROUNDING * np.abs(numbers[name])
        numbers[f"error_estimate_{name}"] = SAFETY * difference + rounding
    numbers["error_estimate_exposed_drive_max"] += large["exposed_drive_max"] + unresolved
    # A small difference of large resistances.
    numbers["error_estimate_constriction_resistance"] += _ROUNDING * size * per_current
    failed = fine.failed
    unmet = (failed | ~(largest <= tolerance)) & (numbers["status"] == CONVERGED)
    numbers["status"][unmet] = TOLERANCE_NOT_MET
    for point in np.flatnonzero(unmet).tolist():
        if failed[point]:
            reason = f"the error could not be estimated: {fine.reasons.get(point, 'no check')}"
        else:
            reason = f"the estimated error of a potential is {largest[point]:.1e} V"
        coarse.reasons[point] = reason
    share = SAFETY * either / np.where(peak > 0, peak, 1.0)
    excess = np.maximum(largest / tolerance, share / CURRENT_TOLERANCE)
    if points.bottom.measure.is_uniform:
        return excess
    # Rings at large radii have most of the area: a small error of their potential is a large one of
    # how the current is shared.
    return np.maximum(excess, SAFETY * _share_differences(coarse, fine) / (_SHARE * tolerance))


def _share_differences(coarse: Columns, fine: Columns) -> Array:
    """Largest difference of a share of the current, of islands and film, shape (points,)."""
    names = ("islands_current_fraction", "interlayer_current_fraction")
    found = [
        np.abs(coarse.numbers[name] - fine.numbers[name]).reshape(len(coarse), -1) for name in names
    ]
    return np.asarray(np.nan_to_num(np.concatenate(found, axis=1)).max(axis=1))


def _unresolved(
    points: OperatingPoints, check: npt.NDArray[np.void], resolution: Resolution
) -> Array:
    """Error at edges of layers that are thinner than the smallest elements of the check [V], (k,).

    A fast reaction crowds its current at an edge like one over the root of the distance, down to
    the layer kappa / slope. Where even the check ends above that, its current density i at the edge
    goes on to rise by the root of the size over the layer, and the potential, which is at
    equilibrium but for i / slope, with it. A solution and its check agree on nothing of it.
    """
    found = np.zeros(len(points))
    if len(points.bottom) == 1:
        return found
    size = resolution.grading.edge_size
    for reacting in reacting_stretches(points):
        thin = reacting.layer < size
        if thin.any():
            film = reacting.stretch.tag is not Tag.ISLAND
            name = "interlayer_current_density" if film else "local_current_density"
            peak = np.maximum(np.abs(check[f"{name}_min"]), np.abs(check[f"{name}_max"]))[thin]
            beyond = np.sqrt(size / reacting.layer[thin])
            found[thin] = np.maximum(found[thin], peak * beyond / reacting.slope[thin])
    return found


def _film_variation(numbers: npt.NDArray[np.void], check: npt.NDArray[np.void]) -> Array:
    """Difference of the film's extreme current densities over the larger of them, (k,)."""
    density = "interlayer_current_density"
    sides = [f"{density}_min", f"{density}_max"]
    difference = np.max([np.abs(numbers[side] - check[side]) for side in sides], axis=0)
    largest = np.max([np.abs(numbers[side]) for side in sides], axis=0)
    return np.asarray(np.where(largest > 0, difference / np.where(largest > 0, largest, 1.0), 0.0))


def _film_estimate(numbers: npt.NDArray[np.void], check: npt.NDArray[np.void]) -> Array:
    """Estimated error of the film's share of the current, NaN without film or current."""
    share = numbers["interlayer_current_fraction"]
    density = "interlayer_current_density"
    mean, largest = numbers[f"{density}_mean"], numbers[f"{density}_max"]
    along = np.maximum(
        np.abs(numbers[f"{density}_min"] - check[f"{density}_min"]),
        np.abs(largest - check[f"{density}_max"]),
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        chance = np.where(mean == 0, 0.0, _CHANCE * along * np.abs(share / mean))
    difference = np.abs(share - check["interlayer_current_fraction"])
    rounding = _ROUNDING * np.maximum(np.abs(share), 1.0)
    return np.asarray(SAFETY * np.maximum(difference, chance) + rounding)


def _current_differences(coarse: Columns, fine: Columns) -> tuple[Array, Array]:
    """Differences of the smallest and of the largest local current density [A/m^2]."""
    low, high = (
        np.abs(coarse.numbers[name] - fine.numbers[name])
        for name in ("local_current_density_min", "local_current_density_max")
    )
    return low, high


def _currents_along(points: OperatingPoints, coarse: Columns, fine: Columns) -> Array:
    """What the largest differences of overpotentials are of local current densities [A/m^2], (k,).

    With the slope of the reaction at the edge of the island where it is driven more.
    """
    found = np.zeros(len(points))
    for stretch in points.bottom:
        if stretch.island is None or stretch.law is None:
            continue
        names = (f"islands_overpotential_{name}" for name in ("mean", *_EDGES))
        ours = [(coarse.numbers[name], fine.numbers[name]) for name in names]
        one = stretch.island
        difference = np.max([np.abs(a[:, one] - b[:, one]) for a, b in ours], axis=0)
        left, right = (edge[:, one] for edge, _ in ours[1:])
        slope = stretch.law.slope(np.where(np.abs(left) > np.abs(right), left, right))
        found = np.maximum(found, difference * slope)
    return found


def _potentials(columns: Columns) -> Array:
    """All reported potentials and overpotentials [V], shape (points, potentials)."""
    found = []
    for variable in _JUDGED:
        values = columns.numbers[variable.name]
        values = values if variable.dimensions else values[:, None]
        # What need not exist is equal where it does not.
        found.append(np.where(np.isnan(values), 0.0, values) if variable.optional else values)
    return np.concatenate(found, axis=1)


def _on_islands(columns: Columns) -> Array:
    """The overpotentials that are reported at places of the islands, and their means [V].

    A mean is off by no more than the place where the error is largest, which need be none of those.
    """
    numbers = columns.numbers
    whole = [numbers[f"overpotential_{name}"][:, None] for name in ("mean", "min", "max")]
    edges = [numbers[f"islands_overpotential_{name}"] for name in _EDGES]
    return np.concatenate([*whole, *edges], axis=1)
