"""Stripping with the potential solved in all of the electrolyte by DOLFINx."""

from __future__ import annotations

import numpy as np
import pytest
from stripping_cases import case_of

import fem_island as fi


@pytest.mark.parametrize(("name", "cutoff"), [("paper_w5_bare", 0.12), ("paper_w5_Ag", 0.105)])
def test_the_same_curve(name: str, cutoff: float) -> None:
    """Events and voltages of both solvers; the film of the second case begins to run out."""
    case = case_of(name, tolerance=1e-3)
    condensed, newton = (
        fi.strip(case, cutoff_voltage=cutoff, solver=solver) for solver in ("condensed", "newton")
    )
    assert newton.end == condensed.end == "cutoff_voltage"
    assert newton.times == pytest.approx(condensed.times, rel=1e-9)
    assert np.abs(newton.voltage - condensed.voltage).max() < 1e-7
    # The mean at the top is that of the field, and the mean drive that of the condensed grid.
    ohmic = 2.5 * 15e-6 / 0.18
    assert np.abs(newton.voltage - newton.drive_mean - ohmic).max() < 1e-9
