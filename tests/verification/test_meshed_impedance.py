"""Spectra on a mesh of DOLFINx and on the condensed operator are the same."""

from __future__ import annotations

from typing import Any

from mpi4py import MPI

import numpy as np
import pytest

import fem_island as fi
from fem_island.solvers.meshed.meshing import mesh_cell
from fem_island.solvers.meshed.small_signal import impedance_on
from fem_island.solvers.resolution import Grading
from fem_island.surface.alternating import alternating_bottom

F = np.array([2e6, 3e4, 1e3, 30.0, 2.0])
LITHIUM = {
    "exchange_current_density": 50.0,
    "anodic_transfer_coefficient": 0.3,
    "double_layer": {"capacitance": 0.2, "exponent": 0.8},
}


@pytest.mark.parametrize(
    "cell",
    [
        {
            "kinetics": LITHIUM | {"warburg_coefficient": 1e-3},
            "collector": {
                "double_layer": {"capacitance": 0.1},
                "gap": "50 nm",
                "gap_extent": [["0 um", "10 um"]],
            },
            "series": {
                "pellet": "100 um",
                "counter": {"exchange_current_density": 200.0, "double_layer": {}},
            },
        },
        {
            "kinetics": LITHIUM,
            "islands": [{"width": "6 um", "center": "12 um"}, {"width": "9 um"}],
            "interlayer": {
                "reaction": "reversible",
                "equilibrium_potential": 0.02,
                "exchange_current_density": 20.0,
                "chemical_capacitance": 30.0,
                "double_layer": {"capacitance": 0.3},
                "extent": [["20 um", "50 um"]],
            },
        },
    ],
)
def test_both_solvers_give_one_spectrum(cell: dict[str, Any]) -> None:
    case = fi.Case(cell=cell, operation={"current_density": 25.0})
    bottom = alternating_bottom(case)
    domain = mesh_cell(bottom, height=15e-6, grading=Grading(2e-8, 0.5, 5e-6), comm=MPI.COMM_SELF)
    meshed = impedance_on(case, domain, 4, F)
    condensed = fi.impedance(case, frequencies=F.tolist())
    assert condensed.error_estimate < 1e-6
    assert np.abs(meshed / condensed.impedance - 1).max() < 2e-6
