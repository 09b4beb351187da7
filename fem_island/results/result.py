"""What a solution reports, as plain numbers in SI units."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from fem_island.machine.json_values import plain

Status = Literal["converged", "tolerance not met", "failed"]


@dataclass(frozen=True, kw_only=True)
class IslandResult:
    """What is reported of one island.

    Attributes:
        overpotential_mean: Mean over its width [V].
        overpotential_center: In its middle [V].
        overpotential_left: At its left edge, from inside [V].
        overpotential_right: At its right edge, from inside [V].
        current_fraction: Its part of the applied current; None without current.
    """

    overpotential_mean: float
    overpotential_center: float
    overpotential_left: float
    overpotential_right: float
    current_fraction: float | None


@dataclass(frozen=True, kw_only=True)
class InterlayerResult:
    """What is reported of the film. Its current is positive where it gives lithium.

    Attributes:
        current_fraction: Its part of the applied current; None without current.
        current_density_mean: Over all of the film beside the islands [A/m^2].
        current_density_min: Smallest, with its sign [A/m^2].
        current_density_max: Largest, with its sign [A/m^2].
        peak_distance: How far from the nearest island the largest is [m]; None where the film
            gives no lithium.
        time_until_empty_mean: Lithium that is left over the film's current [s]. This and the
            following are at the present currents, and None where the film gives no lithium or it is
            not known how much it holds.
        time_until_empty_local: The same where the film is empty first [s].
        time_until_next_plateau: When the potential of the film steps up where it does first [s];
            None on the last plateau, and where a part of the film is on the next one already.
    """

    current_fraction: float | None
    current_density_mean: float
    current_density_min: float
    current_density_max: float
    peak_distance: float | None
    time_until_empty_mean: float | None
    time_until_empty_local: float | None
    time_until_next_plateau: float | None


@dataclass(frozen=True, kw_only=True)
class ErrorEstimate:
    """Estimated discretisation error of the main numbers.

    Attributes:
        overpotential_mean: [V].
        overpotential_max: [V].
        local_current_density_max: [A/m^2].
        interlayer_current_fraction: None where there is no film or no current.
    """

    overpotential_mean: float
    overpotential_max: float
    local_current_density_max: float
    interlayer_current_fraction: float | None = None


@dataclass(frozen=True, kw_only=True)
class Result:
    """The numbers of one solution. None where something does not exist.

    Attributes:
        status: "converged", "tolerance not met" (solved, but the error estimate is above the
            wanted tolerance) or "failed".
        reason: Why, where the status is not "converged".
        overpotential_mean: Mean over all islands [V].
        overpotential_min: Smallest, with its sign [V].
        overpotential_max: Largest, with its sign [V].
        local_current_density_mean: Of the reaction, mean over all islands [A/m^2].
        local_current_density_min: Smallest, with its sign [A/m^2].
        local_current_density_max: Largest, with its sign [A/m^2].
        islands: One entry per island, in the order of the case.
        interlayer: The film, or None where there is none.
        current_evenness: Share of the bottom that effectively carries the current,
            (int i dx)^2 / (W int i^2 dx) over islands and film: 1 where it is the same everywhere.
        exposed_drive_max: Largest phi_Li - phi outside the islands [V].
        delithiates: For every film material whether that is above its delithiation potential.
        potential_top_mean: Mean potential at the top [V].
        constriction_resistance: (-potential_top_mean - overpotential_mean) / I - H / kappa
            [Ohm m^2].
        charge_imbalance: Current of all reactions minus the applied current, relative to the larger
            of the applied current and the sum of the reactions' magnitudes.
        error_estimate: Of the main numbers.
        newton_iterations: Steps of Newton's method.
        degrees_of_freedom: Unknowns of the discrete problem.
        solver: Which one: "newton" or "condensed".
        probes: (x, y, phi) in m, m, V.
    """

    status: Status
    reason: str = ""
    overpotential_mean: float
    overpotential_min: float
    overpotential_max: float
    local_current_density_mean: float
    local_current_density_min: float
    local_current_density_max: float
    islands: tuple[IslandResult, ...]
    interlayer: InterlayerResult | None
    current_evenness: float | None
    exposed_drive_max: float | None
    delithiates: dict[str, bool] | None
    potential_top_mean: float
    constriction_resistance: float | None
    charge_imbalance: float
    error_estimate: ErrorEstimate | None = None
    newton_iterations: int
    degrees_of_freedom: int
    solver: str
    probes: tuple[tuple[float, float, float], ...] = ()

    @property
    def peak_current_density(self) -> float:
        """Largest magnitude of the local current density [A/m^2]."""
        return max(abs(self.local_current_density_min), abs(self.local_current_density_max))

    def potentials(self) -> tuple[float, ...]:
        """All reported potentials and overpotentials [V], in a fixed order."""
        values = [
            self.overpotential_mean,
            self.overpotential_min,
            self.overpotential_max,
            self.potential_top_mean,
        ]
        for island in self.islands:
            values += [
                island.overpotential_mean,
                island.overpotential_center,
                island.overpotential_left,
                island.overpotential_right,
            ]
        if self.exposed_drive_max is not None:
            values.append(self.exposed_drive_max)
        values += [potential for _, _, potential in self.probes]
        return tuple(values)

    def record(self, case: str) -> dict[str, Any]:
        """The JSON object of ``--json``: fixed keys, SI units, null where there is no number."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        reason = values.pop("reason")
        if reason:
            values["status"] = f"{self.status}: {reason}"
        for name in ("islands", "interlayer", "error_estimate"):
            values[name] = _as_tables(values[name])
        values["probes"] = [list(probe) for probe in self.probes]
        return {"case": case, **plain(values)}


def failed(reason: str, *, islands: int, solver: str) -> Result:
    """The result of a computation that ended without a solution: NaN, which JSON shows as null."""
    island = IslandResult(
        overpotential_mean=math.nan,
        overpotential_center=math.nan,
        overpotential_left=math.nan,
        overpotential_right=math.nan,
        current_fraction=None,
    )
    return Result(
        status="failed",
        reason=reason,
        overpotential_mean=math.nan,
        overpotential_min=math.nan,
        overpotential_max=math.nan,
        local_current_density_mean=math.nan,
        local_current_density_min=math.nan,
        local_current_density_max=math.nan,
        islands=(island,) * islands,
        interlayer=None,
        current_evenness=None,
        exposed_drive_max=None,
        delithiates=None,
        potential_top_mean=math.nan,
        constriction_resistance=None,
        charge_imbalance=math.nan,
        newton_iterations=0,
        degrees_of_freedom=0,
        solver=solver,
    )


def _as_tables(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_as_tables(entry) for entry in value]
    return None if value is None else asdict(value)
