"""What a solution reports: fixed names, failures, and the JSON object."""

from __future__ import annotations

import json
import math
from dataclasses import replace

from fem_island.materials import library as materials
from fem_island.results.reading import failed
from fem_island.results.result import ErrorEstimate, InterlayerResult, Result

FIXED = {
    "case",
    "status",
    "overpotential_mean",
    "overpotential_min",
    "overpotential_max",
    "local_current_density_mean",
    "local_current_density_min",
    "local_current_density_max",
    "islands",
    "interlayer",
    "exposed_drive_max",
    "delithiates",
    "potential_top_mean",
    "constriction_resistance",
    "charge_imbalance",
    "error_estimate",
    "newton_iterations",
    "degrees_of_freedom",
    "solver",
    "probes",
}
FIXED_OF_AN_ISLAND = {
    "overpotential_mean",
    "overpotential_center",
    "overpotential_left",
    "overpotential_right",
    "current_fraction",
}
FIXED_OF_ESTIMATES = {"overpotential_mean", "overpotential_max", "local_current_density_max"}


def result() -> Result:
    """One with everything that there can be."""
    film = InterlayerResult(
        current_fraction=0.25,
        current_density_mean=1.0,
        current_density_min=0.5,
        current_density_max=2.0,
        peak_distance=None,
        time_until_empty_mean=60.0,
        time_until_empty_local=None,
        time_until_next_plateau=None,
    )
    errors = ErrorEstimate(
        overpotential_mean=1e-9, overpotential_max=2e-9, local_current_density_max=1e-6
    )
    return replace(
        failed("too far off", islands=2, solver="newton"),
        status="tolerance not met",
        interlayer=film,
        error_estimate=errors,
        delithiates=dict.fromkeys(materials.films(), True),
        probes=((1e-6, 2e-6, -0.5),),
    )


def test_fixed_names() -> None:
    record = result().record("a.toml")
    assert record.keys() >= FIXED
    assert "reason" not in record
    assert all(island.keys() >= FIXED_OF_AN_ISLAND for island in record["islands"])
    assert record["error_estimate"].keys() >= FIXED_OF_ESTIMATES
    assert "current_fraction" in record["interlayer"]


def test_the_json_object() -> None:
    record = json.loads(json.dumps(result().record("a.toml"), allow_nan=False))
    assert next(iter(record.items())) == ("case", "a.toml")
    assert record["status"] == "tolerance not met: too far off"
    assert record["overpotential_mean"] is None
    assert record["probes"] == [[1e-6, 2e-6, -0.5]]
    assert record["delithiates"]["Ag"] is True
    assert record["interlayer"]["time_until_empty_mean"] == 60.0
    assert record["interlayer"]["peak_distance"] is None
    assert record["error_estimate"]["interlayer_current_fraction"] is None


def test_a_failure_has_no_numbers() -> None:
    none = failed("no solution", islands=2, solver="condensed")
    assert (none.status, none.reason, none.solver) == ("failed", "no solution", "condensed")
    assert math.isnan(none.overpotential_mean)
    assert len(none.islands) == 2
    assert math.isnan(none.islands[1].overpotential_left)
    assert none.islands[0].current_fraction is None
    assert (none.newton_iterations, none.degrees_of_freedom, none.probes) == (0, 0, ())
    absent = (
        none.interlayer,
        none.current_evenness,
        none.exposed_drive_max,
        none.delithiates,
        none.constriction_resistance,
        none.error_estimate,
    )
    assert absent == (None,) * 6
