"""The probability that a film acts, over island size and current density.

For a sample and a size there is one current above which the film acts, since potentials rise with
it. So a map needs these currents, one for each sample and size, and no solution at its own points.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import xarray
from scipy import stats
from scipy.interpolate import PchipInterpolator

from fem_island.case.axes import CURRENT_DENSITY
from fem_island.case.case import Case
from fem_island.case.tables_beside import UNCERTAIN
from fem_island.case.uncertain import Uncertain, Uncertainty
from fem_island.errors import Fault, InputError
from fem_island.fitting.uncertainty.onsets import WIDTH, potentials
from fem_island.fitting.uncertainty.sampling import samples, wilson_interval
from fem_island.fitting.uncertainty.secants import Judged
from fem_island.fitting.uncertainty.widths import currents_over_widths
from fem_island.machine.arrays import Array

MAP_SAMPLES = 1000
"""Unless others are asked for: of independent ones probabilities are known to 0.016."""

_COUNT = 50
"""Island sizes, and currents, of a map."""

_NODES = 49
"""Quantiles of a single uncertain key, which need no samples."""

_REACH = 3.5
"""Standard deviations of a normal distribution to which quantiles of a single key go."""

_PROBABILITY = {"long_name": "probability that the film acts", "units": "1"}
_ONSET = {"long_name": "current density above which the film acts", "units": "A m-2"}


def probability_map(
    case: Case,
    uncertainty: Uncertainty,
    *,
    island_widths: Array,
    current_densities: Array,
    film: str | None = None,
    judged: Judged = "exposed_drive_max",
    count: int = MAP_SAMPLES,
    seed: int = 0,
    tell: Callable[[str], None] = lambda step: None,
) -> xarray.Dataset:
    """The probability that a film acts.

    Args:
        case: The cell; its islands get the widths of the map.
        uncertainty: What is uncertain, apart from sizes and currents of the map.
        island_widths: [m], shape (w,).
        current_densities: Above 0 [A/m^2], shape (i,).
        film: Symbol of a material; by default the film of the case.
        judged: What must reach the film's potential.
        count: Samples.
        seed: Of them.
        tell: Is told in words how far it is: with a low conductivity every solution takes long.

    Returns:
        Along island_width and current_density ``probability``, its ``error_estimate`` as far as
        solutions are concerned, and where samples were counted its ``standard_error`` and the ends
        of a 95 % interval from sampling, ``interval_95_low`` and ``interval_95_high``. Along
        island_width and sample, or quantile, ``onset_current_density``.

    Raises:
        InputError: A size or current is uncertain, or there is no such film.
    """
    for key in uncertainty.keys:
        if key.path in (WIDTH, CURRENT_DENSITY):
            reason = "is an axis of the map, and cannot be uncertain beside that"
            raise InputError([Fault(UNCERTAIN, key.path, reason)])
    (first, *others) = uncertainty.keys
    if not others:
        alone = _of_one(
            case,
            first,
            island_widths=island_widths,
            current_densities=current_densities,
            film=film,
            judged=judged,
            tell=tell,
        )
        if alone is not None:
            return alone
    table = samples(uncertainty, count, seed=seed)
    return map_of_samples(
        case,
        table,
        island_widths=island_widths,
        current_densities=current_densities,
        film=film,
        judged=judged,
        tell=tell,
    )


def map_of_samples(
    case: Case,
    table: Mapping[str, Array],
    *,
    island_widths: Array,
    current_densities: Array,
    film: str | None,
    judged: Judged,
    tell: Callable[[str], None],
) -> xarray.Dataset:
    """The probability that a film acts, for samples by paths of keys; see ``probability_map``."""
    drawn = len(next(iter(table.values())))
    reached = potentials(case, film, table, drawn)
    onsets = currents_over_widths(case, table, reached, island_widths, judged=judged, tell=tell)
    asked = np.log(current_densities)
    acting, doubtful = np.zeros((2, len(island_widths), len(asked)), dtype=np.int64)
    for number in range(len(island_widths)):
        known = np.isfinite(onsets.values[number])
        place, error = np.log(onsets.values[number][known]), onsets.error[number][known]
        acting[number] = np.searchsorted(np.sort(place), asked)
        highest = np.searchsorted(np.sort(place - error), asked, side="right")
        doubtful[number] = highest - np.searchsorted(np.sort(place + error), asked)
    solved = np.isfinite(onsets.values).sum(axis=1)[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        probability = np.where(solved > 0, acting / solved, np.nan)
        low, high = wilson_interval(probability, solved)
    plane = ("island_width", "current_density")
    share = {"units": "1"}
    return xarray.Dataset(
        {
            "probability": (plane, probability, _PROBABILITY),
            "standard_error": (
                plane,
                np.sqrt(probability * (1 - probability) / solved),
                {"long_name": "standard error of the probability from sampling", **share},
            ),
            "interval_95_low": (
                plane,
                low,
                {"long_name": "low end of the 95 % interval from sampling (Wilson)", **share},
            ),
            "interval_95_high": (
                plane,
                high,
                {"long_name": "high end of the 95 % interval from sampling (Wilson)", **share},
            ),
            "error_estimate": (
                plane,
                (doubtful + drawn - solved) / drawn,
                {"long_name": "largest error of the probability from solutions", **share},
            ),
            "onset_current_density": (("island_width", "sample"), onsets.values, _ONSET),
        },
        _coordinates(island_widths, current_densities),
        {
            "film": film or "case",
            "judged_by": judged,
            "samples": drawn,
            "failed_samples": int(drawn * len(island_widths) - solved.sum()),
            "largest_potential_left": float(np.nanmax(onsets.left)),
        },
    )


def _of_one(
    case: Case,
    key: Uncertain,
    *,
    island_widths: Array,
    current_densities: Array,
    film: str | None,
    judged: Judged,
    tell: Callable[[str], None],
) -> xarray.Dataset | None:
    """The map where one key alone is uncertain; None where currents at onset do not rise with it.

    The current at onset is a function of the key, computed at some quantiles, so that the
    probability follows by interpolation, without samples. Its error is what half of the quantiles
    would have given otherwise, and what potentials may be wrong by.
    """
    normal = np.linspace(-_REACH, _REACH, _NODES)
    table = {key.path: key.quantile(stats.norm.cdf(normal))}
    reached = potentials(case, film, table, _NODES)
    onsets = currents_over_widths(case, table, reached, island_widths, judged=judged, tell=tell)
    if not (np.diff(onsets.values, axis=1) > 0).all():
        return None
    asked = np.log(current_densities)
    probability, error = np.empty((2, len(island_widths), len(asked)))
    for number, row in enumerate(np.log(onsets.values)):
        moved = [row - onsets.error[number], row + onsets.error[number]]
        probability[number] = _below(asked, row, normal)
        high, low = (_below(asked, np.maximum.accumulate(each), normal) for each in moved)
        coarse = _below(asked, row[::2], normal[::2])
        error[number] = np.abs(probability[number] - coarse) + 0.5 * (high - low)
        error[number] += stats.norm.cdf(-_REACH) * ((asked < row[0]) | (asked > row[-1]))
    plane = ("island_width", "current_density")
    return xarray.Dataset(
        {
            "probability": (plane, probability, _PROBABILITY),
            "error_estimate": (
                plane,
                error,
                {"long_name": "estimated error of the probability", "units": "1"},
            ),
            "onset_current_density": (("island_width", "quantile"), onsets.values, _ONSET),
        },
        {
            **_coordinates(island_widths, current_densities),
            "quantile": ("quantile", stats.norm.cdf(normal), {"units": "1"}),
        },
        {
            "film": film or "case",
            "judged_by": judged,
            "samples": 0,
            "failed_samples": 0,
            "largest_potential_left": float(np.nanmax(onsets.left)),
        },
    )


def _below(asked: Array, onsets: Array, normal: Array) -> Array:
    """The probability that an onset is below, from onsets at quantiles.

    Args:
        asked: Logarithms of currents.
        onsets: Logarithms of the currents at onset, rising.
        normal: The quantiles, as deviates of a normal distribution.
    """
    distinct = np.concatenate([[True], np.diff(onsets) > 0])
    place = PchipInterpolator(onsets[distinct], normal[distinct])(asked)
    place = np.where(asked < onsets[0], -np.inf, np.where(asked > onsets[-1], np.inf, place))
    return np.asarray(stats.norm.cdf(place))


def default_axes(case: Case) -> tuple[Array, Array]:
    """Sizes [m] and currents [A/m^2] of a map: as those of the paper's, for a cell of any width."""
    width = case.cell.electrolyte.width
    return np.linspace(0.02, 0.98, _COUNT) * width, np.geomspace(0.5, 50.0, _COUNT)


def _coordinates(island_widths: Array, current_densities: Array) -> dict[str, Any]:
    return {
        "island_width": ("island_width", island_widths, {"units": "m"}),
        "current_density": ("current_density", current_densities, {"units": "A m-2"}),
    }
