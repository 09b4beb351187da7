"""Cells drawn at random against a finer grid: those whose estimates were too small once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from fem_island.solvers.names import SolverName

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
import random_cells


@pytest.mark.parametrize(
    ("number", "solver"),
    # Where the solution and its check agreed by chance at the place of the largest overpotential,
    # within a tenth of the largest difference; and where there was no other number at that edge.
    [(1706, "condensed"), (84, "newton"), (783, "newton")],
)
def test_estimates_hold_where_a_check_agrees_by_chance(number: int, solver: SolverName) -> None:
    found = random_cells.outcome(number, solver)
    assert found["status"] == "converged"
    assert set(found["errors"]) >= {"overpotential_max", "overpotential_mean"}
    assert random_cells.excess(found) <= 1
