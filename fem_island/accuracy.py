"""Choosing mesh and degree for a wanted tolerance, and estimating what was reached.

Where the boundary condition changes the potential has a weak singularity: the flux jumps, and phi
behaves like r log r (like the square root of r further out where kinetics are fast). On a mesh
graded geometrically towards these points the error is the sum of two parts:

    at the edges      about 0.005 edge_size * i_edge / kappa for degree 2 and above
    everywhere else   a share of the ohmic potential drop that falls steeply with degree and growth

so that both can be planned from the uniform state. The error of a solution is then estimated by
solving once more, with one degree more and elements at the edges that are far smaller, and taking
the difference of every number. Where that misses the tolerance the next finer plan is tried, with
the edge current that was found.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fem_island.bottom import Stretch, Tag
from fem_island.cell import Case
from fem_island.columns import NOT_APPLICABLE, STATUSES, VARIABLES, Columns
from fem_island.meshing import Grading
from fem_island.trace import Array
from fem_island.uniform_state import UniformState, UniformStates, reacting_currents

SAFETY = 3.0
"""Estimate per difference from the check, whose own error is a small part of that difference."""

_CHANCE, _CHANCE_FOR_MEAN = 0.05, 1e-3
"""A solution and its check can agree by chance at one place: an estimate is at least this share of
the largest difference along the islands. The mean converges far faster than single places do."""

_CHECK_EDGE_SIZE = 1 / 16
"""Edge size of the check, as a share. At the edges a higher degree alone gains little: there the
error falls in proportion to the size, but only with a low power of the degree."""

CURRENT_TOLERANCE = 1e-4
"""Wanted error of the extreme local current densities, as a share of the larger: with fast kinetics
a small error of the potential is a large one of the current."""

_ROUNDING = 2e-12
"""Smallest estimate, as a share of the largest potential: nothing below is certain."""

_SMALLEST_EDGE_SIZE = 1e-8
"""Smallest edge size of a plan, and _RESOLVED of its check: what Gmsh still resolves in double
precision; both as a share of the cell's width."""
_RESOLVED = 1e-9

_EDGE_SIZE_STEP = 4.0
"""Edge sizes of plans are the cell's width over powers of this number."""

_POTENTIALS = ("overpotential_mean", "overpotential_min", "overpotential_max", "potential_top_mean")
_POTENTIALS_WITH_AXIS = tuple(v.name for v in VARIABLES if v.unit == "V" and v.axis is not None)

_EDGE_ERROR = {1: 0.5}
_EDGE_ERROR_FROM_DEGREE_2 = 0.005


@dataclass(frozen=True)
class Resolution:
    """What a computation is discretised with.

    Attributes:
        degree: Polynomial degree of the potential.
        grading: Element sizes.
    """

    degree: int
    grading: Grading


@dataclass(frozen=True)
class _Rung:
    degree: int
    growth: float

    @property
    def share(self) -> float:
        """Error away from the edges as a share of the ohmic drop; fitted to the reference cases."""
        return 2.0 * 10.0 ** (-self.degree - 1) * (self.growth / 0.6) ** (self.degree + 1)


_LADDER = (
    _Rung(2, 0.6),
    _Rung(2, 0.3),
    _Rung(4, 0.6),
    _Rung(4, 0.4),
    _Rung(6, 0.6),
    _Rung(6, 0.4),
    _Rung(6, 0.25),
)
_GROWTHS = (0.6, 0.4, 0.25, 0.16, 0.1, 0.06)


def first_resolution(case: Case, bottom: tuple[Stretch, ...], uniform: UniformState) -> Resolution:
    """What should meet the tolerance, judged from the uniform state."""
    conductivity = case.cell.electrolyte.conductivity
    tolerance = case.accuracy.tolerance
    edge_current = 0.0
    for stretch, overpotential in zip(bottom, uniform.overpotentials, strict=True):
        if stretch.law is not None:
            current = abs(float(stretch.law.current_density(overpotential)))
            # Fast kinetics crowd the current at the edges, like the square root of the distance,
            # down to the length conductivity / slope.
            slope = float(stretch.law.slope(overpotential))
            crowding = math.sqrt(1 + slope * stretch.length / conductivity)
            edge_current = max(edge_current, current * crowding)
            if stretch.tag is Tag.ISLAND and current > 0:
                tolerance = min(tolerance, CURRENT_TOLERANCE * current / slope)
    drop = float(ohmic_drops(case, bottom, UniformStates.of_one(uniform))[0])
    wanted = tolerance / drop if drop > 0 else math.inf
    ladder = _ladder(case)
    rung = next((rung for rung in ladder if rung.share <= wanted), ladder[-1])
    return _resolution(case, rung, _edge_size(case, bottom, rung, tolerance, edge_current))


def finer_resolution(
    case: Case,
    bottom: tuple[Stretch, ...],
    tried: Resolution,
    *,
    excess: float,
    edge_current: float,
) -> Resolution | None:
    """What to try after a resolution that was not good enough; None after the finest.

    Args:
        case: What is computed.
        bottom: What lies where.
        tried: The resolution that was not good enough.
        excess: Its error over what is wanted.
        edge_current: Largest local current density that it found [A/m^2].
    """
    ladder = _ladder(case)
    place = ladder.index(_Rung(tried.degree, tried.grading.growth))
    wanted = ladder[place].share / excess
    finer = ladder[place + 1 :]
    if not finer:
        return None
    rung = next((rung for rung in finer if rung.share <= wanted), finer[-1])
    size = _edge_size(case, bottom, rung, case.accuracy.tolerance, edge_current)
    size = min(size, tried.grading.edge_size / max(4.0, min(excess, 64.0)))
    return _resolution(case, rung, size)


def check_of(resolution: Resolution, *, width: float) -> Resolution:
    """What a solution is compared with: one degree more, and far smaller elements at the edges."""
    grading = resolution.grading
    edge_size = max(_CHECK_EDGE_SIZE * grading.edge_size, _RESOLVED * width)
    return Resolution(resolution.degree + 1, Grading(edge_size, grading.growth, grading.max_size))


def set_estimates(case: Case, coarse: Columns, fine: Columns) -> Array:
    """Give every point of ``coarse`` its error estimates, and say where the tolerance is not met.

    Args:
        case: What was computed.
        coarse: The solutions that are reported.
        fine: Those of their check.

    Returns:
        Estimated error over what is wanted, the larger of those of potentials and currents, of
        every point.
    """
    numbers, check = coarse.numbers, fine.numbers
    first, second = _potentials(coarse), _potentials(fine)
    size = np.abs(first).max(axis=1)
    largest = SAFETY * np.abs(first - second).max(axis=1)
    largest += _ROUNDING * np.maximum(size, np.abs(second).max(axis=1))
    along = np.abs(_on_islands(coarse) - _on_islands(fine)).max(axis=1)
    for name, chance in (("overpotential_mean", _CHANCE_FOR_MEAN), ("overpotential_max", _CHANCE)):
        difference = np.abs(numbers[name] - check[name])
        numbers[f"error_estimate_{name}"] = SAFETY * difference + chance * along + _ROUNDING * size
    low, high = _current_differences(coarse, fine)
    either, peak = np.maximum(low, high), _peak(fine)
    numbers["error_estimate_local_current_density_max"] = (
        SAFETY * high + _CHANCE * either + _ROUNDING * peak
    )
    numbers["error_estimate_interlayer_current_fraction"] = _film_estimate(numbers, check)
    converged, missed = STATUSES.index("converged"), STATUSES.index("tolerance not met")
    unmet = ~(largest <= case.accuracy.tolerance) & (numbers["status"] == converged)
    numbers["status"][unmet] = missed
    for point in np.flatnonzero(unmet).tolist():
        coarse.reasons[point] = f"the estimated error of a potential is {largest[point]:.1e} V"
    share = SAFETY * either / np.where(peak > 0, peak, 1.0)
    return np.maximum(largest / case.accuracy.tolerance, share / CURRENT_TOLERANCE)


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
    return np.asarray(SAFETY * difference + chance + rounding)


def _current_differences(coarse: Columns, fine: Columns) -> tuple[Array, Array]:
    """Differences of the smallest and of the largest local current density [A/m^2]."""
    low, high = (
        np.abs(coarse.numbers[name] - fine.numbers[name])
        for name in ("local_current_density_min", "local_current_density_max")
    )
    return low, high


def _peak(columns: Columns) -> Array:
    """Largest magnitude of the local current density [A/m^2]."""
    low = np.abs(columns.numbers["local_current_density_min"])
    return np.maximum(low, np.abs(columns.numbers["local_current_density_max"]))


def _potentials(columns: Columns) -> Array:
    """All reported potentials and overpotentials [V], shape (points, potentials)."""
    numbers = columns.numbers
    values = [numbers[name][:, None] for name in _POTENTIALS]
    values += [numbers[name] for name in _POTENTIALS_WITH_AXIS]
    # Where nothing is exposed there is none.
    exposed = numbers["delithiates"].min(axis=1) != NOT_APPLICABLE
    values.append(np.where(exposed, numbers["exposed_drive_max"], 0.0)[:, None])
    return np.concatenate(values, axis=1)


def _on_islands(columns: Columns) -> Array:
    """The overpotentials that are reported at single places of the islands [V]."""
    numbers = columns.numbers
    extremes = [numbers[name][:, None] for name in ("overpotential_min", "overpotential_max")]
    edges = [numbers[f"islands_overpotential_{side}"] for side in ("left", "right")]
    return np.concatenate([*extremes, *edges], axis=1)


def _ladder(case: Case) -> tuple[_Rung, ...]:
    degree = case.accuracy.degree
    return _LADDER if degree is None else tuple(_Rung(degree, growth) for growth in _GROWTHS)


def ohmic_drops(case: Case, bottom: tuple[Stretch, ...], uniform: UniformStates) -> Array:
    """Size of the potential differences along x in the electrolyte [V], of every point."""
    if len(bottom) == 1:
        # Of what is not linear in y, which any degree has exactly.
        return np.zeros(len(uniform.drive))
    electrolyte = case.cell.electrolyte
    flatness = max(1.0, electrolyte.width / (8 * electrolyte.height))
    return reacting_currents(bottom, uniform) / electrolyte.conductivity * flatness


def _edge_size(
    case: Case,
    bottom: tuple[Stretch, ...],
    rung: _Rung,
    tolerance: float,
    edge_current: float,
) -> float:
    """Size at which the edges take a tenth of the tolerance."""
    part = _EDGE_ERROR.get(rung.degree, _EDGE_ERROR_FROM_DEGREE_2)
    budget = 0.1 * tolerance * case.cell.electrolyte.conductivity
    size = budget / (part * max(edge_current, 1e-300))
    return min(size, 0.2 * rung.growth * min(stretch.length for stretch in bottom))


def _resolution(case: Case, rung: _Rung, edge_size: float) -> Resolution:
    electrolyte = case.cell.electrolyte
    share = max(edge_size / electrolyte.width, _SMALLEST_EDGE_SIZE)
    # Rounded down, so that cases that differ a little in what they need can share a mesh.
    share = _EDGE_SIZE_STEP ** math.floor(math.log(share, _EDGE_SIZE_STEP) + 1e-9)
    largest = min(electrolyte.height, electrolyte.width)
    return Resolution(rung.degree, Grading(share * electrolyte.width, rung.growth, largest))
