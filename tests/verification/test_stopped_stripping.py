"""A run of which a step has no solution: what was found until then is there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stripping_siblings import sibling_case

import fem_island as fi
from fem_island.errors import ConvergenceError
from fem_island.experiments.stripping.record import StoppedRunError
from fem_island.experiments.stripping.report import remarks
from fem_island.experiments.stripping.run import strip_case

ISLAND = fi.Island(width="11 um", thickness="2 um", shape="parabola")
CASE = fi.Case(
    cell=fi.Cell(islands=[ISLAND], kinetics={"double_layer": {"capacitance": "10 uF/cm^2"}}),
    stripping={"tolerance": "100 uV"},
)
LASTS = 867.0
"""About how long it takes [s]."""


def fails(after: float, *, attempt: int = 1) -> Any:
    """What makes a run fail after a time [s], at the first attempt or at a later one."""
    latest, number = np.inf, 0

    def look(instant: Any, gone: float) -> None:
        nonlocal latest, number
        number += instant.time < latest
        latest = instant.time
        if number == attempt and instant.time > after:
            raise ConvergenceError("no drive was found")

    return look


def test_curve_until_then_is_there(tmp_path: Path) -> None:
    whole = strip_case(CASE)
    with pytest.raises(
        StoppedRunError, match=r"^it stopped at .* s: no drive was found$"
    ) as caught:
        strip_case(CASE, progress=fails(500.0))
    run = caught.value.run
    assert (run.status, run.reason, run.end) == ("failed", "no drive was found", "")
    assert 500 < run.times[-1] < LASTS
    assert np.array_equal(run.voltage, whole.voltage[: len(run.voltage)])
    assert np.isnan(run.voltage_error)
    assert run.record("x")["end"] is None
    assert remarks(run)[0] == "ended because a step of time has no solution that was found"
    assert remarks(run)[-1].startswith("failed: no drive was found; voltage curve without")
    assert {file.suffix for file in run.write(tmp_path)} == {".csv", ".nc", ".json", ".png", ".gif"}


def test_earlier_attempt_is_the_answer_where_a_finer_one_fails() -> None:
    run = strip_case(sibling_case(19), progress=fails(1.0, attempt=2))
    assert run.status == "tolerance not met"
    assert run.end == "cutoff_voltage"
    assert 10e-6 < run.voltage_error < 1e-3
    known = f"{float(f'{1e6 * run.voltage_error:.2g}'):g}"
    early = "in the first 95 % of the time to 29 uV"
    assert run.reason == f"the voltage is known to {known} uV only, {early}"


def test_spectra_until_then_are_there() -> None:
    found = fi.impedance_in_time(CASE, times=[100.0, 300.0, 800.0], progress=fails(500.0))
    assert found.times.tolist() == [100.0, 300.0]
    ((time, reason),) = found.missing
    assert time == 800.0
    assert reason.endswith("s: no drive was found")
    assert found.status == "failed"
    whole = fi.impedance_in_time(CASE, times=[100.0, 300.0])
    assert np.array_equal(found.spectra[1].impedance, whole.spectra[1].impedance)
