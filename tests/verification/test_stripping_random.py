"""Random cells: every run ends with its reason and keeps its charge.

``benchmarks/many_strippings.py`` strips as many as wanted.
"""

from __future__ import annotations

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
