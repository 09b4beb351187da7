"""What a solution reports, from its trace on the bottom: one definition for every solver.

Solutions come as a series of operating points of one cell; a single one is a series of one. The
local current density is the reaction law at the local overpotential, which the discrete equations
balance exactly, and not the discrete field's -kappa dphi/dy. Extremes are those of the piecewise
polynomials, also between nodes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from fem_island.case.case import Case
from fem_island.machine.arrays import Array
from fem_island.materials import library as materials
from fem_island.results.columns import Columns, layout_of
from fem_island.results.film_observables import observe_film
from fem_island.results.result import CONVERGED, FAILED, NOT_APPLICABLE
from fem_island.results.state import BottomState
from fem_island.results.trace import Trace
from fem_island.surface.bottom import Stretch
from fem_island.surface.points import PerPoint

LARGEST_IMBALANCE = 1e-9
"""A solution whose relative charge imbalance is above this is none."""

_UNRESOLVED = 0.05
"""Largest error of an extreme per last Legendre coefficient of its piece; 0.001 to 0.03 were found
beside islands, far from all edges, where pieces are large."""

Side = Literal["min", "max"]
SIDES: tuple[Side, ...] = ("min", "max")


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
    _observe_exposed(case, numbers, state)
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
        self.overpotentials = _Extremes()
        self.current_densities = _Extremes()

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
            unresolved = _UNRESOLVED * last
            self.overpotentials.add(side, value, unresolved)
            if law is not None:
                # Laws increase, so that extremes are at the same places.
                density = law.current_density(value)
                self.current_densities.add(side, density, law.slope(value) * unresolved)


class _Extremes:
    """Extremes over all islands, each with what its piece of the bottom leaves unresolved."""

    def __init__(self) -> None:
        """Start with none."""
        self._found: dict[Side, list[tuple[Array, Array]]] = {side: [] for side in SIDES}

    def add(self, side: Side, value: Array, unresolved: Array) -> None:
        """Count those of one island, shapes (k,)."""
        self._found[side].append((value, unresolved))

    def of(self, side: Side) -> tuple[Array, Array]:
        """The extreme on a side, and what is unresolved there; shapes (k,)."""
        values, unresolved = map(np.array, zip(*self._found[side], strict=True))
        return _at_extreme(values, unresolved, side)


def _at_extreme(values: Array, others: Array, side: Side) -> tuple[Array, Array]:
    """The extreme of values of shape (m, k), and what stands beside it in others; shapes (k,)."""
    chosen = (values.argmin if side == "min" else values.argmax)(axis=0)[None]
    value, other = (np.take_along_axis(each, chosen, axis=0)[0] for each in (values, others))
    return value, other


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


def _observe_exposed(case: Case, numbers: npt.NDArray[np.void], state: BottomState) -> None:
    """The driving potential beside the islands, and which materials give up lithium there.

    The estimate of the drive begins with what its piece of the bottom leaves unresolved, as those
    of extremes on islands do.
    """
    parts = _exposed_parts(state)
    if not parts:
        numbers["delithiates"] = NOT_APPLICABLE
        return
    drive, unresolved = _largest_of(parts)
    numbers["exposed_drive_max"] = drive
    numbers["error_estimate_exposed_drive_max"] = _UNRESOLVED * unresolved
    numbers["delithiates"] = drive[:, None] > thresholds(case, state.points.film_shifts)


def largest_exposed_drive(state: BottomState) -> Array | None:
    """Largest phi_Li - phi beside the islands [V], shape (k,); None where all is lithium."""
    found = [part.largest() + potential for part, potential in _exposed_parts(state)]
    return np.asarray(np.max(found, axis=0)) if found else None


def unresolved_at_largest_overpotential(state: BottomState) -> Array | None:
    """Last Legendre coefficient where the overpotential is largest [V], shape (k,).

    Returns:
        Its size; None where there is no island to search.
    """
    found = [state.searched(stretch) for stretch in state.bottom if stretch.island is not None]
    parts = [(part, 0.0) for part in found if part is not None]
    return _largest_of(parts)[1] if parts else None


def _largest_of(parts: Sequence[tuple[Trace, PerPoint]]) -> tuple[Array, Array]:
    """Largest value of several parts, and the last Legendre coefficient of its piece, shapes (k,).

    Args:
        parts: Overpotentials and what is added to them [V].
    """
    values = np.array([part.largest() + added for part, added in parts])
    unresolved = np.array([part.last_coefficient_at_largest() for part, _ in parts])
    return _at_extreme(values, unresolved, "max")


def _exposed_parts(state: BottomState) -> list[tuple[Trace, PerPoint]]:
    """Where the drive beside the islands is searched for its largest value.

    Returns:
        Overpotentials and the potential that the drive is above them [V].
    """
    found = [
        (state.searched(stretch), state.points.potential(number))
        for number, stretch in enumerate(state.bottom)
        if stretch.island is None
    ]
    return [(part, potential) for part, potential in found if part is not None]


def thresholds(case: Case, film_shifts: Array | None = None) -> Array:
    """Potential above which every film material delithiates [V]; shape (materials,).

    The case's own film counts with the potential that the case gives it.

    Args:
        case: What is computed.
        film_shifts: How far the film's potentials are above that at k points, shape (k,); with it
            the potentials have the shape (k, materials).
    """
    potentials = {
        symbol: film.delithiation_potential.value for symbol, film in materials.films().items()
    }
    film = case.cell.interlayer
    if film is not None and film.material is not None:
        holds_lithium = max(film.charge_shares) > 0
        potential = film.potential_at(case.operation.temperature)
        potentials[film.material] = potential if holds_lithium else np.inf
    found = np.array(list(potentials.values()))
    if film_shifts is None:
        return found
    own = np.array([film is not None and symbol == film.material for symbol in potentials])
    return np.asarray(found + film_shifts[:, None] * own)
