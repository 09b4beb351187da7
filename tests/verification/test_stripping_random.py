"""Random cells: every run ends with its reason and keeps its charge.

``benchmarks/many_strippings.py`` strips as many as wanted.
"""

from __future__ import annotations

import numpy as np
import pytest
from random_stripping import random_stripping_case
from stripping_curves import difference
from stripping_siblings import sibling_case

import fem_island as fi

ENDS = {"cutoff_voltage", "lithium_gone", "all_empty"}


@pytest.mark.parametrize("number", [4, 6, 7, 9, 13, 17])
def test_random_cell_ends_with_its_reason(number: int) -> None:
    run = fi.strip(random_stripping_case(number, tolerance=1e-3))
    assert run.end in ENDS
    assert run.status == "converged"
    assert run.charge_imbalance < 1e-9
    assert run.lithium_charge.min() >= 0
    assert run.bottom.thickness.min() >= 0


@pytest.mark.parametrize("number", [1, 4, 18])
def test_estimate_covers_the_error_of_a_sibling(number: int) -> None:
    case = sibling_case(number)
    run = fi.strip(case)
    better = fi.strip(case, tolerance=1e-6, times=run.times[1:-1])
    assert run.status == "converged"
    assert difference(run, better) <= run.voltage_error <= 10e-6


def test_film_that_long_steps_uncover_is_left_without_waves() -> None:
    """Waves of 0.3 % in what was left of the film bent the voltage by 43 uV where they ran out."""
    times = [2832.6314778114274, 2928.0301559092522, 2934.298287414853]
    run = fi.strip(sibling_case(44), tolerance=40e-6, times=times)
    found = run.voltage[np.searchsorted(run.times, times)]
    # Of a run at 1 uV.
    better = [0.06832259420571518, 0.08412874395997118, 0.0853111488679182]
    assert found == pytest.approx(better, abs=6e-6)
    assert run.voltage_error < 15e-6
