"""What a solution reports, from its trace on the bottom: one definition for every solver.

The local current density is the reaction law at the local overpotential, which the discrete
equations balance exactly, and not the discrete field's -kappa dphi/dy. Extremes are those of the
piecewise polynomials, also between nodes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import basix
import numpy as np

from fem_island import materials
from fem_island.bottom import Stretch, Tag, UniformState
from fem_island.cell import Case
from fem_island.result import InterlayerResult, IslandResult, Result
from fem_island.trace import Array, Trace

LARGEST_IMBALANCE = 1e-9
"""A solution whose relative charge imbalance is above this is none."""


@dataclass(frozen=True)
class BottomState:
    """A solution as the observables need it, whichever solver made it.

    Attributes:
        bottom: What lies where.
        uniform: The uniform state.
        deviation: Trace on the bottom of the potential's deviation from it [V].
        top_deviation_mean: Mean of the deviation at the top [V].
        quadrature_degree: Of the reaction terms in the discrete equations.
    """

    bottom: tuple[Stretch, ...]
    uniform: UniformState
    deviation: Trace
    top_deviation_mean: float
    quadrature_degree: int

    def overpotential(self, stretch: Stretch) -> Trace:
        """Trace of the overpotential on one stretch [V]."""
        return self._traces[stretch][0]

    def drive(self, stretch: Stretch) -> Trace:
        """Trace of phi_Li - phi on one stretch [V]."""
        return self._traces[stretch][1]

    def current_density(self, stretch: Stretch) -> tuple[Array, Array, Array]:
        """The reaction at the quadrature points of the discrete equations.

        Returns:
            Positions [m], current densities [A/m^2], weights [m]; all shape (pieces, points).
        """
        rule = basix.make_quadrature(basix.CellType.interval, self.quadrature_degree)
        points, weights = (np.asarray(part, dtype=np.float64) for part in rule)
        trace = self.overpotential(stretch)
        positions, values = trace.sampled(points[:, 0])
        currents = (
            np.zeros_like(values) if stretch.law is None else stretch.law.current_density(values)
        )
        return positions, currents, trace.lengths[:, None] * weights

    @cached_property
    def _traces(self) -> dict[Stretch, tuple[Trace, Trace]]:
        """Overpotential and drive on every stretch."""
        traces = {}
        for stretch, uniform in zip(self.bottom, self.uniform.overpotentials, strict=True):
            part = self.deviation.restricted(stretch.start, stretch.end)
            traces[stretch] = (
                Trace(part.ends, uniform - part.values, part.nodes),
                Trace(part.ends, self.uniform.drive - part.values, part.nodes),
            )
        return traces


def observe(
    case: Case,
    state: BottomState,
    *,
    probes: Sequence[tuple[float, float, float]],
    newton_iterations: int,
    degrees_of_freedom: int,
    solver: str,
) -> Result:
    """Compute everything that is reported but the error estimate.

    Args:
        case: What was computed.
        state: The solution.
        probes: (x, y, phi) of the points asked for [m, m, V].
        newton_iterations: Steps that it took.
        degrees_of_freedom: Unknowns.
        solver: Which one.

    Returns:
        The result; its status is "failed" where charge is not balanced.
    """
    applied = case.operation.current_density * case.cell.electrolyte.width
    islands = [stretch for stretch in state.bottom if stretch.tag is Tag.ISLAND]
    others = [stretch for stretch in state.bottom if stretch.tag is not Tag.ISLAND]

    total, magnitude = 0.0, 0.0
    currents: dict[Stretch, float] = {}
    for stretch in state.bottom:
        _, density, weights = state.current_density(stretch)
        currents[stretch] = float(np.sum(density * weights))
        total += currents[stretch]
        magnitude += float(np.sum(np.abs(density) * weights))
    scale = max(abs(applied), magnitude)
    imbalance = abs(total - applied) / scale if scale > 0 else 0.0

    extremes = {stretch: state.overpotential(stretch).extremes() for stretch in islands}
    densities = [
        float(stretch.law.current_density(value))
        for stretch in islands
        if stretch.law is not None
        for value in extremes[stretch]
    ]
    width = sum(stretch.length for stretch in islands)
    mean = sum(s.length * state.overpotential(s).mean() for s in islands) / width
    drive = max((state.drive(stretch).extremes()[1] for stretch in others), default=None)
    top = state.top_deviation_mean - state.uniform.drive
    balanced = imbalance <= LARGEST_IMBALANCE
    return Result(
        status="converged" if balanced else "failed",
        reason="" if balanced else f"charge is not balanced: off by {imbalance:.1e} of the current",
        overpotential_mean=mean,
        overpotential_min=min(low for low, _ in extremes.values()),
        overpotential_max=max(high for _, high in extremes.values()),
        local_current_density_mean=sum(currents[stretch] for stretch in islands) / width,
        local_current_density_min=min(densities),
        local_current_density_max=max(densities),
        islands=tuple(
            _island(state, stretch, currents[stretch], applied)
            for stretch in sorted(islands, key=lambda stretch: stretch.island or 0)
        ),
        interlayer=_interlayer(state, currents, applied),
        exposed_drive_max=drive,
        delithiates=None if drive is None else _delithiates(case, drive),
        potential_top_mean=top,
        constriction_resistance=_constriction(case, top, mean),
        charge_imbalance=imbalance,
        newton_iterations=newton_iterations,
        degrees_of_freedom=degrees_of_freedom,
        solver=solver,
        probes=tuple(probes),
    )


def _island(state: BottomState, stretch: Stretch, current: float, applied: float) -> IslandResult:
    trace = state.overpotential(stretch)
    return IslandResult(
        overpotential_mean=trace.mean(),
        overpotential_center=trace.at((stretch.start + stretch.end) / 2),
        overpotential_left=trace.at(stretch.start),
        overpotential_right=trace.at(stretch.end),
        current_fraction=current / applied + 0.0 if applied else None,
    )


def _interlayer(
    state: BottomState, currents: dict[Stretch, float], applied: float
) -> InterlayerResult | None:
    film = [stretch for stretch in state.bottom if stretch.tag is Tag.FILM]
    if not film:
        return None
    current = sum(currents[stretch] for stretch in film)
    return InterlayerResult(current_fraction=current / applied + 0.0 if applied else None)


def _delithiates(case: Case, drive: float) -> dict[str, bool]:
    """For every material; the case's own film counts with the potential that the case gives it."""
    thresholds = {
        symbol: film.delithiation_potential.value for symbol, film in materials.films().items()
    }
    film = case.cell.interlayer
    if film is not None and film.material is not None:
        thresholds[film.material] = film.potential
    return {symbol: drive > threshold for symbol, threshold in thresholds.items()}


def _constriction(case: Case, top: float, mean: float) -> float | None:
    current = case.operation.current_density
    electrolyte = case.cell.electrolyte
    if current == 0:
        return None
    return (-top - mean) / current - electrolyte.height / electrolyte.conductivity
