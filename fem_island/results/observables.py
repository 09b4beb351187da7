"""What a solution reports, from its trace on the bottom: one definition for every solver.

Solutions come as a series of operating points of one cell; a single one is a series of one. The
local current density is the reaction law at the local overpotential, which the discrete equations
balance exactly, and not the discrete field's -kappa dphi/dy. Extremes are those of the piecewise
polynomials, also between nodes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array
from fem_island.results.columns import Columns, layout_of
from fem_island.results.exposed_drive import observe_exposed
from fem_island.results.extremes import SIDES, UNRESOLVED, Extremes, largest_of
from fem_island.results.film_observables import observe_film
from fem_island.results.result import CONVERGED, FAILED
from fem_island.results.state import BottomState
from fem_island.results.trace import Trace
from fem_island.surface.bottom import Stretch
from fem_island.surface.points import PerPoint

LARGEST_IMBALANCE = 1e-9
"""A solution whose relative charge imbalance is above this is none."""


def observe(
    state: BottomState,
    *,
    probes: Array,
    newton_iterations: npt.ArrayLike,
    degrees_of_freedom: int,
) -> Columns:
    """Compute everything that is reported but the error estimate.

    Args:
        state: The solutions of k operating points.
        probes: Potential at the points asked for [V], shape (k, probes).
        newton_iterations: Steps that each took, shape (k,).
        degrees_of_freedom: Unknowns.

    Returns:
        The results; the status is "failed" where charge is not balanced.
    """
    points = state.points
    case, applied, extent = points.case, points.applied, points.extent
    columns = Columns.missing(len(points), layout_of(case))
    numbers = columns.numbers
    with np.errstate(divide="ignore", invalid="ignore"):
        per_applied = np.where(applied == 0, np.nan, 1 / applied)

    total, magnitude = np.zeros_like(applied), np.zeros_like(applied)
    squared = np.zeros_like(applied)
    currents: list[Array] = []
    islands = _Islands(np.zeros_like(applied), np.zeros_like(applied))
    for number, stretch in enumerate(state.bottom):
        current = np.zeros_like(applied)
        if stretch.law is not None:
            samples = state.samples(number)
            density = stretch.law.current_density(samples.overpotential)
            current = samples.integral(density)
            magnitude += samples.integral(np.abs(density))
            squared += samples.integral(density**2)
            total += current
            if stretch.island is not None:
                mean = samples.mean()
                islands.add(state, number, mean, current)
                _observe_island(numbers, mean, state.overpotential(stretch), stretch)
                # Adding 0 makes the zero of a current of -0 positive.
                share = current * per_applied + 0.0
                numbers["islands_current_fraction"][:, stretch.island] = share
        currents.append(current)
    observe_film(numbers, state, currents, per_applied)
    mean = islands.overpotential / islands.size
    numbers["overpotential_mean"] = mean
    for side in SIDES:
        numbers[f"overpotential_{side}"], unresolved = islands.overpotentials.of(side)
        if side == "max":
            numbers["error_estimate_overpotential_max"] = unresolved
        density = f"local_current_density_{side}"
        value, numbers[f"error_estimate_{density}"] = islands.current_densities.of(side)
        numbers[density] = value
    numbers["local_current_density_mean"] = islands.current / islands.size
    observe_exposed(case, numbers, state)
    top = state.top_deviation_mean - state.uniform.drive
    numbers["potential_top_mean"] = top
    numbers["constriction_resistance"] = (
        -top - mean
    ) * per_applied * extent - points.height / points.conductivity
    numbers["newton_iterations"] = newton_iterations
    numbers["degrees_of_freedom"] = degrees_of_freedom
    numbers["probes_potential"] = probes
    conclude(
        columns,
        applied=applied,
        total=total,
        magnitude=magnitude,
        squared=squared,
        extent=extent,
    )
    return columns


def conclude(
    columns: Columns,
    *,
    applied: Array,
    total: Array,
    magnitude: Array,
    squared: Array,
    extent: float,
) -> None:
    """Set what follows of the currents of all reactions, and the status.

    Args:
        columns: Results of k operating points.
        applied: Total applied currents, shape (k,).
        total: Currents of all reactions.
        magnitude: Sums of their magnitudes.
        squared: Integrals of the squared current density.
        extent: What the applied current is spread over.
    """
    numbers = columns.numbers
    with np.errstate(divide="ignore", invalid="ignore"):
        evenness = total**2 / (extent * squared)
    numbers["current_evenness"] = np.where(applied == 0, np.nan, evenness)
    scale = np.maximum(np.abs(applied), magnitude)
    imbalance = np.abs(total - applied) / np.where(scale > 0, scale, 1.0)
    numbers["charge_imbalance"] = imbalance
    balanced = imbalance <= LARGEST_IMBALANCE
    numbers["status"] = np.where(balanced, CONVERGED, FAILED)
    for point in np.flatnonzero(~balanced):
        off = f"off by {imbalance[point]:.1e} of the current"
        columns.reasons[int(point)] = f"charge is not balanced: {off}"


def peak_current_density(results: Any) -> Array:
    """Largest magnitude of the local current density on the islands [A/m^2].

    Args:
        results: Anything with the variables of a sweep.
    """
    low = np.abs(np.asarray(results["local_current_density_min"]))
    return np.maximum(low, np.abs(np.asarray(results["local_current_density_max"])))


class _Islands:
    """What is summed or compared over all islands."""

    def __init__(self, overpotential: Array, current: Array) -> None:
        """Start with sums of zero."""
        self.size: PerPoint = 0.0
        self.overpotential = overpotential
        self.current = current
        self.overpotentials = Extremes()
        self.current_densities = Extremes()

    def add(self, state: BottomState, number: int, mean: Array, current: Array) -> None:
        """Count one island, by the number of its stretch, with its mean overpotential [V]."""
        stretch, size = state.bottom[number], state.points.size(number)
        self.size = self.size + size
        self.overpotential += size * mean
        self.current += current
        searched = state.searched(stretch)
        if searched is None:
            return
        law = stretch.law
        pairs = zip(searched.extremes(), searched.last_coefficients_at_extremes(), strict=True)
        for side, (value, last) in zip(SIDES, pairs, strict=True):
            unresolved = UNRESOLVED * last
            self.overpotentials.add(side, value, unresolved)
            if law is not None:
                # Laws increase, so that extremes are at the same places.
                density = law.current_density(value)
                self.current_densities.add(side, density, law.slope(value) * unresolved)


def _observe_island(
    numbers: npt.NDArray[np.void], mean: Array, trace: Trace, stretch: Stretch
) -> None:
    middle = (stretch.start + stretch.end) / 2
    for name, values in (
        ("mean", mean),
        ("center", trace.at(middle)),
        ("left", trace.at(stretch.start)),
        ("right", trace.at(stretch.end)),
    ):
        numbers[f"islands_overpotential_{name}"][:, stretch.island] = values


def unresolved_at_largest_overpotential(state: BottomState) -> Array | None:
    """Last Legendre coefficient where the overpotential is largest [V], shape (k,).

    Returns:
        Its size; None where there is no island to search.
    """
    found = [state.searched(stretch) for stretch in state.bottom if stretch.island is not None]
    parts = [(part, 0.0) for part in found if part is not None]
    return largest_of(parts)[1] if parts else None
