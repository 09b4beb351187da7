"""What a solution on a contact map reports, from its state on the pixels.

Means are over the area. What is reported at single places is that of corners of pixels; see
``MapState.overpotentials``.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array
from fem_island.results.columns import Columns, layout_of
from fem_island.results.exposed_drive import thresholds
from fem_island.results.map_state import MapState, Range
from fem_island.results.observables import conclude
from fem_island.results.result import NOT_APPLICABLE
from fem_island.surface.contact import FILM, LITHIUM

LINEAR = (
    "overpotential_mean",
    "local_current_density_mean",
    "islands_overpotential_mean",
    "islands_overpotential_center",
    "islands_current_fraction",
    "interlayer_current_fraction",
    "interlayer_current_density_mean",
    "potential_top_mean",
    "constriction_resistance",
    "probes_potential",
)
"""Numbers that are linear in the state, and so in the size of pixels as far as its error is."""


def observe_map(
    state: MapState, *, probes: Array, newton_iterations: int, unknowns: int
) -> Columns:
    """Compute everything that is reported but the error estimates.

    Args:
        state: The solution.
        probes: Potential at the points asked for [V], shape (probes,).
        newton_iterations: Steps of Newton's method.
        unknowns: Of the discrete problem.

    Returns:
        The results of one point; the status is "failed" where charge is not balanced.
    """
    columns = Columns.missing(1, layout_of(state.case))
    numbers = columns.numbers
    image, lithium = state.contact.image, state.lithium
    pixels = state.shape[0] * state.shape[1]
    current_density = state.case.operation.current_density
    applied = current_density * pixels
    per_applied = np.nan if applied == 0 else 1 / applied
    # Adding 0 makes the zero of a current of -0 positive.
    numbers["islands_current_fraction"] = state.by_region(lithium.density) * per_applied + 0.0
    count = state.by_region(np.ones_like(lithium.overpotential))
    with np.errstate(invalid="ignore"):
        # Of what the electrolyte touches of a region, if anything.
        numbers["islands_overpotential_mean"] = state.by_region(lithium.overpotential) / count
    numbers["islands_overpotential_center"] = state.at_centers()
    numbers["islands_area"] = image.regions.sizes[: image.regions.listed] * image.pixel**2
    numbers["islands_centroid"] = image.regions.centroids * image.pixel
    numbers["coverage"], numbers["regions"] = image.coverage, len(image.regions)
    mean = float(lithium.overpotential.mean())
    numbers["overpotential_mean"] = mean
    numbers["local_current_density_mean"] = float(lithium.density.mean())
    extremes = state.overpotentials(LITHIUM)
    _set_extremes(numbers, "overpotential", extremes.low, extremes.high)
    low, high = lithium.law.current_density(np.array([extremes.low, extremes.high])).tolist()
    _set_extremes(numbers, "local_current_density", low, high)
    _observe_film(numbers, state, per_applied)
    _observe_exposed(numbers, state)
    top = (
        -state.drive
        - current_density * state.case.cell.electrolyte.height / state.case.conductivity
    )
    numbers["potential_top_mean"] = top
    numbers["constriction_resistance"] = (state.drive - mean) * pixels * per_applied
    numbers["newton_iterations"] = newton_iterations
    numbers["degrees_of_freedom"] = unknowns
    numbers["probes_potential"] = probes
    parts = [part.density for part in (state.lithium, state.film) if part is not None]
    conclude(
        columns,
        applied=np.array([applied]),
        total=np.array([sum(part.sum() for part in parts)]),
        magnitude=np.array([sum(np.abs(part).sum() for part in parts)]),
        squared=np.array([sum(np.dot(part, part) for part in parts)]),
        extent=float(pixels),
    )
    return columns


def film_range(state: MapState) -> Range | None:
    """Smallest and largest overpotential on a film that reacts [V]; None where there is none."""
    return None if state.film is None else state.overpotentials(FILM)


def _set_extremes(numbers: npt.NDArray[np.void], name: str, low: float, high: float) -> None:
    numbers[f"{name}_min"], numbers[f"{name}_max"] = low, high


def _observe_film(numbers: npt.NDArray[np.void], state: MapState, per_applied: float) -> None:
    contact, film = state.contact, state.film
    if not contact.has_film:
        return
    if film is None:
        for name in ("fraction", "density_mean", "density_min", "density_max"):
            numbers[f"interlayer_current_{name}"] = 0.0
        if np.isnan(per_applied):
            numbers["interlayer_current_fraction"] = np.nan
        return
    current = float(film.density.sum())
    numbers["interlayer_current_fraction"] = current * per_applied + 0.0
    numbers["interlayer_current_density_mean"] = current / len(film.pixels)
    extremes = state.overpotentials(FILM)
    low, high = film.law.current_density(np.array([extremes.low, extremes.high])).tolist()
    _set_extremes(numbers, "interlayer_current_density", low, high)
    charge, step = contact.film_charge, contact.film_step
    if current > 0:
        mean = current / len(film.pixels)
        numbers["interlayer_time_until_empty_mean"] = charge / mean
    if high > 0:
        numbers["interlayer_peak_distance"] = state.distance_of_peak()
        numbers["interlayer_time_until_empty_local"] = charge / high
        share = state.case.cell.interlayer
        if step is not None and step.lower > 0 and share is not None:
            kept = charge * step.lower / share.state_of_charge
            if charge - kept > 1e-9 * kept:
                numbers["interlayer_time_until_next_plateau"] = (charge - kept) / high


def _observe_exposed(numbers: npt.NDArray[np.void], state: MapState) -> None:
    """The driving potential beside lithium, and which materials give up lithium there."""
    exposed = state.touched(None)
    if not exposed.any():
        numbers["delithiates"] = NOT_APPLICABLE
        return
    drive, _ = state.largest_drive(exposed)
    numbers["exposed_drive_max"] = drive
    numbers["delithiates"] = drive > thresholds(state.case)
