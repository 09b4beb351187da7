"""Solvers by name, as sweeps and studies use them: for series of currents, in one process."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol, runtime_checkable

from fem_island.case.case import Case
from fem_island.machine.arrays import Array
from fem_island.results.columns import Columns
from fem_island.solvers.condensed import CondensedSolver
from fem_island.solvers.condensed.spectra import ImpedanceSolver
from fem_island.solvers.cosine.solver import CosineSolver
from fem_island.solvers.cosine.spectra import MapImpedanceSolver
from fem_island.solvers.names import SolverName
from fem_island.solvers.response import SolvedSpectrum, SpectrumSolver
from fem_island.solvers.voxels.voxel_solver import VoxelSolver
from fem_island.surface.points import OperatingPoints


class SeriesSolver(Protocol):
    """What a sweep needs of a solver; see ``meshed.solver.NewtonSolver``."""

    @property
    def name(self) -> str:
        """Which one it is."""

    def pieces(self, count: int, *, islands: int) -> list[slice]:
        """How a series of ``count`` ascending currents of a cell with so many islands is cut."""

    def solve(self, case: Case, current_densities: Array) -> Columns:
        """Solve a case at ascending currents; depends on the arguments only, to the last bit."""


@runtime_checkable
class StackSolver(SeriesSolver, Protocol):
    """A solver that also takes points together whose cells differ in numbers."""

    def largest_stack(self, *, islands: int) -> int:
        """How many points of cells with so many islands it takes at once."""

    def solve_points(self, points: OperatingPoints) -> Columns:
        """Solve points; depends on the arguments only, to the last bit."""


class CondensedByGeometry(AbstractContextManager["CondensedByGeometry"]):
    """``condensed`` in every geometry: rectangles and rings, cosines or voxels over maps."""

    name = "condensed"

    def __init__(self) -> None:
        """Start without anything kept."""
        self._strips = CondensedSolver()
        self._maps = CosineSolver()
        self._voxels = VoxelSolver()

    def __exit__(self, *error: object) -> None:
        """Let go of what is kept."""
        self._strips.__exit__(*error)
        self._maps.__exit__(*error)

    def pieces(self, count: int, *, islands: int) -> list[slice]:
        """See ``SeriesSolver.pieces``; a map has none of the case's islands."""
        solver = self._strips if islands else self._maps
        return solver.pieces(count, islands=islands)

    def solve(self, case: Case, current_densities: Array) -> Columns:
        """See ``SeriesSolver.solve``."""
        if case.cell.map is None:
            return self._strips.solve(case, current_densities)
        if case.cell.electrolyte.conductivity_image is not None:
            return self._voxels.solve(case, current_densities)
        return self._maps.solve(case, current_densities)

    def largest_stack(self, *, islands: int) -> int:
        """See ``StackSolver.largest_stack``."""
        return self._strips.largest_stack(islands=islands)

    def solve_points(self, points: OperatingPoints) -> Columns:
        """See ``StackSolver.solve_points``; contact maps are in no stack."""
        return self._strips.solve_points(points)


class SpectraByGeometry:
    """Spectra in every geometry: on condensed grids, and on the pixels of contact maps."""

    def __init__(self) -> None:
        """Start without anything kept."""
        self._strips = ImpedanceSolver()
        self._maps = MapImpedanceSolver()

    def solve(self, case: Case, frequencies: Array, *, tolerance: float) -> SolvedSpectrum:
        """See ``SpectrumSolver.solve``."""
        solver: SpectrumSolver = self._strips if case.cell.map is None else self._maps
        return solver.solve(case, frequencies, tolerance=tolerance)


def series_solver(name: SolverName) -> AbstractContextManager[SeriesSolver]:
    """A solver of this process alone; it is freed at the end of the ``with`` statement."""
    if name == "condensed":
        return CondensedByGeometry()
    from fem_island.solvers.meshed.by_geometry import NewtonByGeometry

    return NewtonByGeometry()
