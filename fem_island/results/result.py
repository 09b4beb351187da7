"""What a solution reports, as plain numbers in SI units, each declared once."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal, get_args

from fem_island.machine.json_values import plain
from fem_island.quantities import AREA_RESISTANCE, CURRENT_DENSITY, LENGTH, POTENTIAL, TIME
from fem_island.results.declared import declared, described, error_of, reported
from fem_island.results.showing import html_table, prompt_line

Status = Literal["converged", "tolerance not met", "failed"]
STATUSES: tuple[Status, ...] = get_args(Status)
CONVERGED, TOLERANCE_NOT_MET, FAILED = range(len(STATUSES))

NOT_APPLICABLE = -1
"""Of ``delithiates`` where nothing is exposed."""

REASON = "why the status is not converged"


@declared
class IslandResult:
    """What is reported of one island."""

    overpotential_mean: float = reported("overpotential, mean over one island", POTENTIAL)
    overpotential_center: float = reported("overpotential, center of an island", POTENTIAL)
    overpotential_left: float = reported(
        "overpotential, left edge of an island", POTENTIAL, note="From inside."
    )
    overpotential_right: float = reported(
        "overpotential, right edge of an island", POTENTIAL, note="From inside."
    )
    current_fraction: float | None = reported(
        "share of the current, one island", note="None without current."
    )


@declared
class InterlayerResult:
    """What is reported of the film. Its current is positive where it gives lithium."""

    current_fraction: float | None = reported(
        "share of the current, film", note="None without current."
    )
    current_density_mean: float = reported(
        "current density of the film, mean",
        CURRENT_DENSITY,
        note="Over all of the film beside the islands.",
    )
    current_density_min: float = reported(
        "current density of the film, smallest", CURRENT_DENSITY, note="With its sign."
    )
    current_density_max: float = reported(
        "current density of the film, largest", CURRENT_DENSITY, note="With its sign."
    )
    peak_distance: float | None = reported(
        "distance of the film's largest current density from the nearest island",
        LENGTH,
        note="None where the film gives no lithium.",
    )
    time_until_empty_mean: float | None = reported(
        "time until the film is empty, as a whole",
        TIME,
        note="Lithium that is left over the film's current. This and the following are at the "
        "present currents, and None where the film gives no lithium, where its last plateau is "
        "above the drive of bare copper, so that it stops on the way, and where it is not known "
        "how much it holds.",
    )
    time_until_empty_local: float | None = reported(
        "time until the film is empty where it is first", TIME
    )
    time_until_next_plateau: float | None = reported(
        "time until the potential of the film steps up where it is first",
        TIME,
        note="None on the last plateau, and where a part of the film is on the next one already.",
    )


@declared
class ErrorEstimate:
    """Estimated discretisation error of the main numbers, each in the unit of that number.

    None where the number does not exist. Other numbers have no estimate of their own.
    """

    overpotential_mean: float = error_of("overpotential_mean")
    overpotential_max: float = error_of("overpotential_max")
    local_current_density_max: float = error_of("local_current_density_max")
    local_current_density_min: float | None = error_of("local_current_density_min", default=None)
    exposed_drive_max: float | None = error_of("exposed_drive_max", default=None)
    potential_top_mean: float | None = error_of("potential_top_mean", default=None)
    constriction_resistance: float | None = error_of("constriction_resistance", default=None)
    interlayer_current_fraction: float | None = error_of(
        "interlayer_current_fraction", default=None
    )
    interlayer_current_density_max: float | None = error_of(
        "interlayer_current_density_max", default=None
    )
    interlayer_peak_distance: float | None = error_of("interlayer_peak_distance", default=None)
    interlayer_time_until_empty_local: float | None = error_of(
        "interlayer_time_until_empty_local", default=None
    )
    interlayer_time_until_next_plateau: float | None = error_of(
        "interlayer_time_until_next_plateau", default=None
    )


@declared
class Result:
    """The numbers of one solution. None where something does not exist."""

    status: Status = reported(
        "status of the computation",
        note="The tolerance is not met where the problem is solved, but the error estimate is "
        "above what is wanted.",
        dtype="i1",
        flags=dict(enumerate(STATUSES)),
        missing=FAILED,
    )
    reason: str = described(REASON, default="")
    overpotential_mean: float = reported("overpotential, mean over all islands", POTENTIAL)
    overpotential_min: float = reported(
        "overpotential on the islands, smallest", POTENTIAL, note="With its sign."
    )
    overpotential_max: float = reported(
        "overpotential on the islands, largest", POTENTIAL, note="With its sign."
    )
    local_current_density_mean: float = reported(
        "current density on the islands, mean", CURRENT_DENSITY, note="Of the reaction."
    )
    local_current_density_min: float = reported(
        "current density on the islands, smallest", CURRENT_DENSITY, note="With its sign."
    )
    local_current_density_max: float = reported(
        "current density on the islands, largest", CURRENT_DENSITY, note="With its sign."
    )
    islands: tuple[IslandResult, ...] = described(
        "one entry per island, in the order of the case", along="island"
    )
    interlayer: InterlayerResult | None = described("the film", note="None where there is none.")
    current_evenness: float | None = reported(
        "share of the bottom that effectively carries the current",
        note="the square of its mean current density over the mean of the square: 1 where that is "
        "the same everywhere; None without current.",
    )
    exposed_drive_max: float | None = reported(
        "driving potential beside the islands, largest",
        POTENTIAL,
        note="phi_Li - phi; None where nothing is exposed.",
    )
    delithiates: dict[str, bool] | None = reported(
        "does a film of this material give up lithium",
        note="For every film material whether the largest drive beside the islands would be above "
        "its delithiation potential without the case's own film; None where nothing is exposed.",
        along="material",
        dtype="i1",
        flags={NOT_APPLICABLE: "not applicable", 0: "no", 1: "yes"},
        missing=NOT_APPLICABLE,
    )
    potential_top_mean: float = reported("potential against lithium at the top, mean", POTENTIAL)
    constriction_resistance: float | None = reported(
        "constriction resistance",
        AREA_RESISTANCE,
        note="(-potential_top_mean - overpotential_mean) / I - H / kappa; None without current.",
    )
    charge_imbalance: float = reported(
        "relative charge imbalance",
        note="Current of all reactions minus the applied current, relative to the larger of the "
        "applied current and the sum of the reactions' magnitudes.",
    )
    error_estimate: ErrorEstimate | None = described(
        "estimated errors of the main numbers", default=None
    )
    newton_iterations: int = reported("steps of Newton's method", dtype="i4")
    degrees_of_freedom: int = reported("unknowns of the discrete problem", dtype="i4")
    solver: str = described('which solver made it: "newton" or "condensed"')
    probes: tuple[tuple[float, ...], ...] = reported(
        "potential against lithium at a probe",
        POTENTIAL,
        note="Each as (x, y, phi) in m, m, V; on a contact map (x, y, z, phi).",
        along="probe",
        variable="probes_potential",
        default=(),
    )

    def __repr__(self) -> str:
        """The status and the main number."""
        return f"Result({prompt_line(self)})"

    def _repr_html_(self) -> str:
        """A table for notebooks."""
        return html_table(self)

    @property
    def peak_current_density(self) -> float:
        """Largest magnitude of the local current density [A/m^2]."""
        return max(abs(self.local_current_density_min), abs(self.local_current_density_max))

    def record(self, case: str) -> dict[str, Any]:
        """The JSON object of ``--json``: fixed keys, SI units, null where there is no number."""
        values = asdict(self)
        reason = values.pop("reason")
        if reason:
            values["status"] = f"{self.status}: {reason}"
        return {"case": case, **plain(values)}
