"""The probability that a film acts, over island size and current density.

For a sample and a size there is one current above which the film acts, since potentials rise with
it. So a map needs these currents, one for each sample and size, and no solution at its own points.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray
from scipy import stats
from scipy.interpolate import PchipInterpolator

from fem_island.case.axes import CURRENT_DENSITY
from fem_island.case.case import Case
from fem_island.case.uncertain import Uncertain, Uncertainty
from fem_island.fitting.uncertainty.onsets import WIDTH, Judged, onset_currents, potentials
from fem_island.fitting.uncertainty.sampling import samples
from fem_island.machine.arrays import Array

MAP_SAMPLES = 1000
_COUNT = 50
_NODES = 25
_REACH = 3.5
"""Standard deviations of a normal distribution to which quantiles of a single key go."""


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

    Returns:
        ``probability`` and its ``standard_error`` along island_width and current_density, and
        ``onset_current_density`` along island_width and sample.
    """
    (first, *others) = uncertainty.keys
    if not others and first.path not in (WIDTH, CURRENT_DENSITY):
        alone = _of_one(
            case,
            first,
            island_widths=island_widths,
            current_densities=current_densities,
            film=film,
            judged=judged,
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
    )


def map_of_samples(
    case: Case,
    table: Mapping[str, Array],
    *,
    island_widths: Array,
    current_densities: Array,
    film: str | None,
    judged: Judged,
) -> xarray.Dataset:
    """The probability that a film acts, for samples by paths of keys; see ``probability_map``."""
    drawn = len(next(iter(table.values())))
    sizes = len(island_widths)
    rows = {path: np.tile(values, sizes) for path, values in table.items()}
    rows[WIDTH] = np.repeat(island_widths, drawn)
    reached = np.tile(potentials(case, film, table, drawn), sizes)
    found = onset_currents(case, rows, reached, judged=judged)
    onsets = np.sort(found.values.reshape(sizes, drawn), axis=1)
    known = np.isfinite(onsets).sum(axis=1)
    acting = np.array([np.searchsorted(row, current_densities) for row in onsets])
    with np.errstate(invalid="ignore", divide="ignore"):
        probability = np.where(known[:, None] > 0, acting / known[:, None], np.nan)
        error = np.sqrt(probability * (1 - probability) / known[:, None])
    return _dataset(
        onsets,
        probability,
        error,
        (island_widths, current_densities),
        {
            "film": film or "case",
            "judged_by": judged,
            "samples": drawn,
            "failed_samples": int(drawn * sizes - known.sum()),
            "largest_potential_left": float(np.nanmax(found.left)),
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
) -> xarray.Dataset | None:
    """The map where one key alone is uncertain; None where currents at onset do not rise with it.

    The current at onset is a function of the key, computed at some quantiles, so that the
    probability follows by interpolation, without samples.
    """
    probabilities = stats.norm.cdf(np.linspace(-_REACH, _REACH, _NODES))
    table = {key.path: key.quantile(probabilities)}
    sizes = len(island_widths)
    rows = {key.path: np.tile(table[key.path], sizes), WIDTH: np.repeat(island_widths, _NODES)}
    reached = np.tile(potentials(case, film, table, _NODES), sizes)
    found = onset_currents(case, rows, reached, judged=judged)
    onsets = found.values.reshape(sizes, _NODES)
    if not (np.diff(onsets, axis=1) > 0).all():
        return None
    normal = np.linspace(-_REACH, _REACH, _NODES)
    places = [PchipInterpolator(np.log(row), normal)(np.log(current_densities)) for row in onsets]
    probability = stats.norm.cdf(np.array(places))
    beyond = np.log(current_densities)
    for number, row in enumerate(onsets):
        probability[number, beyond < np.log(row[0])] = 0.0
        probability[number, beyond > np.log(row[-1])] = 1.0
    return _dataset(
        onsets,
        probability,
        np.zeros_like(probability),
        (island_widths, current_densities),
        {
            "film": film or "case",
            "judged_by": judged,
            "samples": 0,
            "quantiles": _NODES,
            "failed_samples": 0,
            "largest_potential_left": float(np.nanmax(found.left)),
        },
    )


def default_axes(case: Case) -> tuple[Array, Array]:
    """Sizes [m] and currents [A/m^2] of a map: as those of the paper's, for a cell of any width."""
    width = case.cell.electrolyte.width
    return np.linspace(0.02, 0.98, _COUNT) * width, np.geomspace(0.5, 50.0, _COUNT)


def _dataset(
    onsets: Array,
    probability: Array,
    error: Array,
    axes: tuple[Array, Array],
    about: dict[str, Any],
) -> xarray.Dataset:
    plane = ("island_width", "current_density")
    return xarray.Dataset(
        {
            "probability": (
                plane,
                probability,
                {"long_name": "probability that the film acts", "units": "1"},
            ),
            "standard_error": (
                plane,
                error,
                {"long_name": "standard error of the probability from sampling", "units": "1"},
            ),
            "onset_current_density": (
                ("island_width", "sample"),
                onsets,
                {"long_name": "current density above which the film acts", "units": "A m-2"},
            ),
        },
        {
            "island_width": ("island_width", axes[0], {"units": "m"}),
            "current_density": ("current_density", axes[1], {"units": "A m-2"}),
        },
        about,
    )
