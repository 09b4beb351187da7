"""Solvers by name, as sweeps and studies use them: for series of currents, in one process."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from fem_island.case.cell import Case
from fem_island.machine.arrays import Array
from fem_island.results.columns import Columns
from fem_island.solvers.condensed import CondensedSolver
from fem_island.solvers.names import SolverName


class SeriesSolver(Protocol):
    """What a sweep needs of a solver; see ``newton.NewtonSolver``."""

    @property
    def name(self) -> str:
        """Which one it is."""

    def pieces(self, count: int, *, islands: int) -> list[slice]:
        """How a series of ``count`` ascending currents of a cell with so many islands is cut."""

    def solve(self, case: Case, current_densities: Array) -> Columns:
        """Solve a case at ascending currents; depends on the arguments only, to the last bit."""


def series_solver(name: SolverName) -> AbstractContextManager[SeriesSolver]:
    """A solver of this process alone; it is freed at the end of the ``with`` statement."""
    if name == "condensed":
        return CondensedSolver()
    from fem_island.solvers.meshed.solver import NewtonSolver

    return NewtonSolver()
