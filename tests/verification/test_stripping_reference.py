"""Stripping in time against a method without finite elements."""

from __future__ import annotations

import numpy as np
import pytest
from stripping_cases import CASES, case_of, complaints
from stripping_curves import difference, difference_of_events

import fem_island as fi


@pytest.mark.parametrize("name", CASES)
def test_reference_case(name: str) -> None:
    case = case_of(name)
    run = fi.strip(case)
    assert complaints(name, run) == []
    assert run.status == "converged"
    assert run.voltage_error <= 10e-6
    electrolyte = case.cell.electrolyte
    ohmic = case.operation.current_density * electrolyte.height / electrolyte.conductivity
    assert np.abs(run.voltage - run.drive_mean - ohmic).max() < 1e-10
    assert run.lithium_charge.min() >= 0
    assert run.bottom.thickness.min() >= 0
    assert (np.diff(run.film_charge) <= 1e-15 * run.film_charge[0]).all()
    assert run.bottom.current_density.min() >= 0


@pytest.mark.parametrize("name", ["paper_w20_bare", "wide_W1mm_w400_bare", "paper_w5_Ag"])
def test_estimate_is_not_below_the_error(name: str) -> None:
    run = fi.strip(case_of(name))
    better = fi.strip(case_of(name), tolerance=1e-6, times=run.times[1:-1])
    error = difference(run, better)
    assert error <= run.voltage_error
    if error > 2e-6:
        assert run.voltage_error <= 20 * error
    # What is not an error of the voltage is one of the time, and both are said.
    assert difference(run, better, shift=run.time_error) <= run.voltage_error
    assert difference_of_events(run, better) <= run.time_error
    assert run.time_error <= 1e-5 * run.times[-1]


def test_steep_curve_is_not_all_shift_where_the_tolerance_is_tight() -> None:
    run = fi.strip(case_of("paper_w5_Ag"), tolerance=1e-6)
    # All of its error is at steep places: an error of the time alone would be none of the voltage.
    assert run.status == "converged"
    assert run.voltage_error == pytest.approx(1e-6)
    assert 1e-7 < run.time_error / run.times[-1] < 5e-6
