"""One operating point of ``Columns`` as a ``Result``."""

from __future__ import annotations

import math
from typing import Any

from fem_island.case.cell import Case
from fem_island.materials import library as materials
from fem_island.results.columns import STATUSES, Columns
from fem_island.results.result import ErrorEstimate, InterlayerResult, IslandResult, Result
from fem_island.surface.bottom import Tag, stretches


def result_at(columns: Columns, number: int, *, case: Case, solver: str) -> Result:
    """The result of one operating point.

    Args:
        columns: Results of several.
        number: Which of them.
        case: What was computed; its cell and probes say what exists.
        solver: Which one made it.
    """
    row = columns.numbers[number]
    exposed = bool(row["delithiates"][0] >= 0)
    symbols = materials.films()
    return Result(
        status=STATUSES[int(row["status"])],
        reason=columns.reasons.get(number, ""),
        overpotential_mean=float(row["overpotential_mean"]),
        overpotential_min=float(row["overpotential_min"]),
        overpotential_max=float(row["overpotential_max"]),
        local_current_density_mean=float(row["local_current_density_mean"]),
        local_current_density_min=float(row["local_current_density_min"]),
        local_current_density_max=float(row["local_current_density_max"]),
        islands=tuple(_island(row, island) for island in range(len(case.cell.islands))),
        interlayer=_interlayer(row, case),
        current_evenness=_number(row["current_evenness"]),
        exposed_drive_max=float(row["exposed_drive_max"]) if exposed else None,
        delithiates=dict(zip(symbols, map(bool, row["delithiates"]), strict=True))
        if exposed
        else None,
        potential_top_mean=float(row["potential_top_mean"]),
        constriction_resistance=_number(row["constriction_resistance"]),
        charge_imbalance=float(row["charge_imbalance"]),
        error_estimate=_error_estimate(row),
        newton_iterations=int(row["newton_iterations"]),
        degrees_of_freedom=int(row["degrees_of_freedom"]),
        solver=solver,
        probes=tuple(
            (x, y, float(potential))
            for (x, y), potential in zip(case.output.probes, row["probes_potential"], strict=True)
        ),
    )


def _island(row: Any, number: int) -> IslandResult:
    return IslandResult(
        overpotential_mean=float(row["islands_overpotential_mean"][number]),
        overpotential_center=float(row["islands_overpotential_center"][number]),
        overpotential_left=float(row["islands_overpotential_left"][number]),
        overpotential_right=float(row["islands_overpotential_right"][number]),
        current_fraction=_number(row["islands_current_fraction"][number]),
    )


def _interlayer(row: Any, case: Case) -> InterlayerResult | None:
    if all(stretch.tag is not Tag.FILM for stretch in stretches(case)):
        return None
    density = "interlayer_current_density"
    return InterlayerResult(
        current_fraction=_number(row["interlayer_current_fraction"]),
        current_density_mean=float(row[f"{density}_mean"]),
        current_density_min=float(row[f"{density}_min"]),
        current_density_max=float(row[f"{density}_max"]),
        peak_distance=_number(row["interlayer_peak_distance"]),
        time_until_empty_mean=_number(row["interlayer_time_until_empty_mean"]),
        time_until_empty_local=_number(row["interlayer_time_until_empty_local"]),
        time_until_next_plateau=_number(row["interlayer_time_until_next_plateau"]),
    )


def _error_estimate(row: Any) -> ErrorEstimate | None:
    mean = _number(row["error_estimate_overpotential_mean"])
    if mean is None:
        return None
    return ErrorEstimate(
        overpotential_mean=mean,
        overpotential_max=float(row["error_estimate_overpotential_max"]),
        local_current_density_max=float(row["error_estimate_local_current_density_max"]),
        interlayer_current_fraction=_number(row["error_estimate_interlayer_current_fraction"]),
    )


def _number(value: Any) -> float | None:
    return None if math.isnan(value) else float(value)
