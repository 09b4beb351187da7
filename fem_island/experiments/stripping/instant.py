"""The cell at one instant of a stripping run: what follows from the charge that is left."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Self

import numpy as np

from fem_island.experiments.stripping.cells import Cells
from fem_island.experiments.stripping.quasistatic import Balance
from fem_island.machine.arrays import Array
from fem_island.surface.charge_state import State

_THERMAL = 0.0257
"""RT/F at 25 degC [V]."""

_ABOVE = 1e-9
"""Share of a critical current density by which one above it is larger, more than by rounding."""


@dataclass(frozen=True)
class Instant:
    """A state with the potential that belongs to it.

    Attributes:
        grid: The cells.
        state: The charge that is left.
        drive: phi_Li - phi at the nodes [V]; NaN where nothing carries the current.
        current_density: I [A/m^2].
        conductivity: kappa [S/m].
        top_mean: Weights of the nodes in the mean at the top, and metres per I / kappa.
        iterations: Newton steps.
    """

    grid: Cells
    state: State
    drive: Array
    current_density: float
    conductivity: float
    top_mean: tuple[Array, float]
    iterations: int = 0

    @property
    def time(self) -> float:
        """Since the start [s]."""
        return self.state.time

    @cached_property
    def voltage(self) -> float:
        """Minus the mean potential at the top, against lithium [V]."""
        weights, metres = self.top_mean
        return float(weights @ self.drive - metres * self.current_density / self.conductivity)

    @cached_property
    def drive_mean(self) -> float:
        """Mean of phi_Li - phi over the whole bottom [V]."""
        weights, metres = self.grid.bottom_mean
        return float(weights @ self.drive - metres * self.current_density / self.conductivity)

    @cached_property
    def cell_drives(self) -> Array:
        """Means of the drive over the cells [V]."""
        return self.grid.cell_drives(self.drive)

    @cached_property
    def rates(self) -> tuple[Array, Array]:
        """Current densities of the rungs, were they on top [A/m^2], and slopes [S/m^2]."""
        return self.state.ladder.rates(self.cell_drives)

    @cached_property
    def densities(self) -> Array:
        """Current densities of the rungs per area of the cells [A/m^2], shape (rungs, cells)."""
        return self.state.instant_densities(self.cell_drives)[0]

    @cached_property
    def local_densities(self) -> Array:
        """Current density of the metal where it lies [A/m^2], shape (cells,); NaN elsewhere."""
        rates, slopes = self.rates
        differences = 0.5 * np.abs(self.grid.cell_differences(self.drive))
        highest = rates[0] + np.copysign(slopes[0] * differences, rates[0])
        return np.where(self.state.metal.share > 0, highest, np.nan)

    @property
    def local_current_density_max(self) -> float:
        """Largest current density of the metal [A/m^2]; NaN without metal."""
        there = self.state.metal.share > 0
        return float(self.local_densities[there].max()) if there.any() else float("nan")

    @property
    def lost(self) -> float:
        """Charge of what has lost contact in the whole cell; per depth [C/m] if it is planar."""
        return self.grid.copies * float(self.grid.weights @ self.state.lost)

    @property
    def metal_size(self) -> float:
        """What metal covers of the extent of the whole cell: a width [m], or an area [m^2]."""
        return self.grid.copies * float(self.grid.weights @ self.state.metal.share)

    @property
    def metal_charge(self) -> float:
        """Charge of the metal in the whole cell; per metre of depth [C/m] if it is planar."""
        return self.grid.copies * float(self.grid.weights @ self.state.metal.content)

    @property
    def film_charge(self) -> float:
        """Charge of the film in the whole cell; per metre of depth [C/m] if it is planar."""
        return self.grid.copies * float((self.grid.weights * self.state.film_charge).sum())

    @cached_property
    def film_share(self) -> float:
        """Part of the applied current that the film carries."""
        film = float((self.grid.weights * self.densities[1:]).sum())
        whole = self.current_density * self.grid.width
        return film / whole if whole else 0.0

    @cached_property
    def film_density(self) -> float:
        """Largest current density of the film [A/m^2]."""
        return float(self.densities[1:].max(initial=0.0))

    @property
    def overpotential_mean(self) -> float:
        """Mean overpotential of the metal [V]; NaN without metal."""
        covered = self.grid.weights * self.state.metal.share
        total = covered.sum()
        return float(covered @ self.cell_drives / total) if total > 0 else float("nan")

    def highest_drive(self, rung: int) -> float:
        """Largest drive where a rung is on top [V]; minus infinity where it is nowhere."""
        on_top = self.state.standing[rung] > 1e-9
        if not on_top.any():
            return -np.inf
        half = 0.5 * np.abs(self.grid.cell_differences(self.drive))
        return float((self.cell_drives + half)[on_top].max())

    def excess_of(self, rung: int) -> float:
        """How far the largest drive where a rung is on top is above its potential [V]."""
        highest = self.highest_drive(rung)
        potential = self.state.ladder.rungs[rung].equilibrium_potential
        return highest - potential if np.isfinite(highest) else -1.0

    def excess_over(self, critical: float) -> float:
        """How far the largest current density of the metal is above another one, as a voltage [V].

        The share by which it is above it counts in units of RT/F, of which roots are found as
        closely as those of voltages.
        """
        largest = self.local_current_density_max
        return -1.0 if np.isnan(largest) else _THERMAL * (largest / critical - 1 - _ABOVE)


@dataclass(frozen=True)
class Reading:
    """The voltage of an instant, which is what two marches are compared in.

    Attributes:
        time: Since the start [s].
        current_density: I [A/m^2].
        voltage: Minus the mean potential at the top, against lithium [V].
    """

    time: float
    current_density: float
    voltage: float

    @classmethod
    def of(cls, instant: Instant) -> Self:
        """What there is of an instant."""
        return cls(**{each.name: getattr(instant, each.name) for each in fields(cls)})


@dataclass(frozen=True)
class Seen(Reading):
    """The numbers of an instant, without what lies where.

    Attributes:
        drive_mean: Mean of phi_Li - phi over the whole bottom [V].
        film_share: Part of the applied current that the film carries.
        overpotential_mean: Of the metal [V]; NaN without metal.
        local_current_density_max: Of the metal [A/m^2]; NaN without metal.
        metal_size: What metal covers of the extent of the whole cell.
        metal_charge: Charge of the metal in the whole cell.
        film_charge: The same of the film.
        lost: The same of what has lost contact.
    """

    drive_mean: float
    film_share: float
    overpotential_mean: float
    local_current_density_max: float
    metal_size: float
    metal_charge: float
    film_charge: float
    lost: float


def solve_instant(balance: Balance, state: State, start: Array | None) -> Instant:
    """The potential that belongs to a state.

    Args:
        balance: The bottom against the electrolyte, at the applied current.
        state: The charge that is left.
        start: First iterate [V], or None.

    Raises:
        NothingReactsError: What is left cannot carry the current.
    """

    def reaction(drive: Array) -> tuple[Array, Array]:
        densities, slopes = state.instant_densities(drive)
        return densities.sum(axis=0), slopes.sum(axis=0)

    solved = balance.solve(reaction, start)
    return Instant(
        balance.grid,
        state,
        solved.drive,
        balance.current_density,
        balance.conductivity,
        balance.top_mean,
        solved.iterations,
    )
