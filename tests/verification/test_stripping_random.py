"""Random cells: every run ends with its reason and keeps its charge.

``benchmarks/many_strippings.py`` strips as many as wanted.
"""

from __future__ import annotations

import pytest
from random_stripping import random_stripping_case

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
