"""What a solution reports, from its trace on the bottom: one definition for every solver.

Solutions come as a series of operating points of one cell; a single one is a series of one. The
local current density is the reaction law at the local overpotential, which the discrete equations
balance exactly, and not the discrete field's -kappa dphi/dy. Extremes are those of the piecewise
polynomials, also between nodes.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from fem_island.case.cell import Case
from fem_island.machine.arrays import Array
from fem_island.materials import library as materials
from fem_island.results.columns import NOT_APPLICABLE, STATUSES, Columns, empty, sizes
from fem_island.results.film_observables import observe_film
from fem_island.results.state import BottomState
from fem_island.results.trace import Trace
from fem_island.surface.bottom import Stretch

LARGEST_IMBALANCE = 1e-9
"""A solution whose relative charge imbalance is above this is none."""


def observe(
    case: Case,
    state: BottomState,
    *,
    current_densities: Array,
    probes: Array,
    newton_iterations: npt.ArrayLike,
    degrees_of_freedom: int,
) -> Columns:
    """Compute everything that is reported but the error estimate.

    Args:
        case: What was computed, but for the current.
        state: The solutions of k operating points.
        current_densities: I of each [A/m^2], shape (k,).
        probes: Potential at the points asked for [V], shape (k, probes).
        newton_iterations: Steps that each took, shape (k,).
        degrees_of_freedom: Unknowns.

    Returns:
        The results; the status is "failed" where charge is not balanced.
    """
    cell = case.cell
    columns = missing(case, len(current_densities))
    numbers = columns.numbers
    applied = current_densities * cell.electrolyte.width
    with np.errstate(divide="ignore", invalid="ignore"):
        per_applied = np.where(applied == 0, np.nan, 1 / applied)

    total, magnitude = np.zeros_like(applied), np.zeros_like(applied)
    squared = np.zeros_like(applied)
    currents: list[Array] = []
    islands = _Islands(np.zeros_like(applied), np.zeros_like(applied))
    for stretch in state.bottom:
        current = np.zeros_like(applied)
        if stretch.law is not None:
            _, density, weights = state.current_density(stretch)
            spread = density.reshape(len(density), -1)
            current = spread @ weights.ravel()
            magnitude += np.abs(spread) @ weights.ravel()
            squared += spread**2 @ weights.ravel()
            total += current
        currents.append(current)
        if stretch.island is not None:
            islands.add(state, stretch, current)
            _observe_island(numbers, state.overpotential(stretch), stretch, stretch.island)
            # Adding 0 makes the zero of a current of -0 positive.
            share = current * per_applied + 0.0
            numbers["islands_current_fraction"][:, stretch.island] = share
    observe_film(numbers, state, currents, per_applied)
    with np.errstate(divide="ignore", invalid="ignore"):
        evenness = total**2 / (cell.electrolyte.width * squared)
    numbers["current_evenness"] = np.where(applied == 0, np.nan, evenness)
    scale = np.maximum(np.abs(applied), magnitude)
    imbalance = np.abs(total - applied) / np.where(scale > 0, scale, 1.0)
    numbers["charge_imbalance"] = imbalance
    mean = islands.overpotential / islands.width
    numbers["overpotential_mean"] = mean
    numbers["overpotential_min"], numbers["overpotential_max"] = islands.overpotential_extremes
    numbers["local_current_density_mean"] = islands.current / islands.width
    numbers["local_current_density_min"], numbers["local_current_density_max"] = (
        islands.current_density_extremes
    )
    _observe_exposed(case, numbers, state)
    top = state.top_deviation_mean - state.uniform.drive
    numbers["potential_top_mean"] = top
    per_current = per_applied * cell.electrolyte.width
    numbers["constriction_resistance"] = (
        -top - mean
    ) * per_current - cell.electrolyte.height / cell.electrolyte.conductivity
    numbers["newton_iterations"] = newton_iterations
    numbers["degrees_of_freedom"] = degrees_of_freedom
    numbers["probes_potential"] = probes
    balanced = imbalance <= LARGEST_IMBALANCE
    numbers["status"] = np.where(balanced, STATUSES.index("converged"), STATUSES.index("failed"))
    for point in np.flatnonzero(~balanced):
        off = f"off by {imbalance[point]:.1e} of the current"
        columns.reasons[int(point)] = f"charge is not balanced: {off}"
    return columns


def missing(case: Case, count: int) -> Columns:
    """Columns of points without results yet."""
    row = _missing_row(len(case.cell.islands), len(case.output.probes))
    return Columns(np.repeat(row, count), {})


@lru_cache(maxsize=16)
def _missing_row(islands: int, probes: int) -> npt.NDArray[np.void]:
    return empty(1, sizes(islands=islands, probes=probes)).numbers


class _Islands:
    """What is summed or compared over all islands."""

    def __init__(self, overpotential: Array, current: Array) -> None:
        """Start with sums of zero."""
        self.width = 0.0
        self.overpotential = overpotential
        self.current = current
        self._overpotentials: list[tuple[Array, Array]] = []
        self._current_densities: list[Array] = []

    def add(self, state: BottomState, stretch: Stretch, current: Array) -> None:
        """Count one island, with its current [A/m]."""
        overpotential = state.overpotential(stretch)
        self.width += stretch.length
        self.overpotential += stretch.length * overpotential.mean()
        self.current += current
        searched = state.to_search(overpotential)
        if searched is None:
            return
        extremes = searched.extremes()
        self._overpotentials.append(extremes)
        if stretch.law is not None:
            self._current_densities += [stretch.law.current_density(value) for value in extremes]

    @property
    def overpotential_extremes(self) -> tuple[Array, Array]:
        """Smallest and largest overpotential [V]."""
        low, high = zip(*self._overpotentials, strict=True)
        return np.min(low, axis=0), np.max(high, axis=0)

    @property
    def current_density_extremes(self) -> tuple[Array, Array]:
        """Smallest and largest current density [A/m^2]; laws increase, so at the extremes."""
        return np.min(self._current_densities, axis=0), np.max(self._current_densities, axis=0)


def _observe_island(
    numbers: npt.NDArray[np.void], trace: Trace, stretch: Stretch, island: int
) -> None:
    middle = (stretch.start + stretch.end) / 2
    for name, values in (
        ("mean", trace.mean()),
        ("center", trace.at(middle)),
        ("left", trace.at(stretch.start)),
        ("right", trace.at(stretch.end)),
    ):
        numbers[f"islands_overpotential_{name}"][:, island] = values


def _observe_exposed(case: Case, numbers: npt.NDArray[np.void], state: BottomState) -> None:
    """The driving potential beside the islands, and which materials give up lithium there."""
    others = [state.drive(stretch) for stretch in state.bottom if stretch.island is None]
    if not others:
        numbers["delithiates"] = NOT_APPLICABLE
        return
    searched = [state.to_search(drive) for drive in others]
    drive = np.max([part.largest() for part in searched if part is not None], axis=0)
    numbers["exposed_drive_max"] = drive
    numbers["delithiates"] = drive[:, None] > thresholds(case)


def thresholds(case: Case) -> Array:
    """Potential above which every film material delithiates [V]; shape (materials,).

    The case's own film counts with the potential that the case gives it.
    """
    potentials = {
        symbol: film.delithiation_potential.value for symbol, film in materials.films().items()
    }
    film = case.cell.interlayer
    if film is not None and film.material is not None:
        holds_lithium = max(film.charge_shares) > 0
        potentials[film.material] = film.potential if holds_lithium else np.inf
    return np.array(list(potentials.values()))
