"""How ``newton`` discretises and solves: meshes of one geometry, and Newton's method on them."""

from __future__ import annotations

from collections.abc import Sequence

from mpi4py import MPI

import numpy as np

from fem_island.errors import ConvergenceError
from fem_island.results.columns import Columns
from fem_island.results.observables import peak_current_density
from fem_island.solvers.meshed import planning
from fem_island.solvers.meshed.meshed_electrolyte import MeshedElectrolyte
from fem_island.solvers.meshed.meshing import Domain, mesh_cell
from fem_island.solvers.meshed.problem import MOST_GUESSES, NewtonProblem, NewtonState
from fem_island.solvers.meshed.solved_on_mesh import SolvedOnMesh, solved_on
from fem_island.solvers.method import Known, Numbers
from fem_island.solvers.resolution import Grading, Resolution
from fem_island.surface.bottom import Bottom
from fem_island.surface.measure import Measure
from fem_island.surface.points import OperatingPoints

_LARGE = 50_000
"""Unknowns of a mesh on which factorising takes longer than meshing the cell coarsely."""


class MeshedMethod:
    """Meshes of one geometry at several resolutions, and Newton's method on them.

    All methods are collective over its communicator.
    """

    def __init__(self, comm: MPI.Comm) -> None:
        """Start without any mesh."""
        self._comm = comm
        self._geometry: _Geometry | None = None
        self._domains: dict[Grading, Domain] = {}
        self._meshed: dict[Resolution, _MeshedCell] = {}

    def first(self, points: OperatingPoints) -> Resolution:
        """What should meet the tolerance."""
        return planning.first_resolution(points)

    def finer(
        self,
        points: OperatingPoints,
        tried: Resolution,
        columns: Columns,
        *,
        excess: float,
        checked: Resolution,
    ) -> Resolution | None:
        """What to try after a resolution that missed the tolerance."""
        peak = float(peak_current_density(columns.numbers).max())
        return planning.finer_resolution(points, tried, excess=excess, edge_current=peak)

    def check_of(self, points: OperatingPoints, resolution: Resolution) -> Resolution:
        """What a solution at a resolution is compared with."""
        return planning.check_of(resolution, width=points.bottom[-1].end)

    def solve(
        self,
        points: OperatingPoints,
        resolution: Resolution,
        *,
        known: Known[SolvedOnMesh] | None = None,
    ) -> SolvedOnMesh:
        """Solve on the mesh of a resolution, which remembers what was solved on it.

        A large one starts from a solution on a small one.
        """
        meshed = self._meshed_cell(points, resolution)
        small = planning.start_of(resolution)
        if not meshed.is_large or small == resolution or meshed.goes_on(points):
            return meshed.solve(points)
        first = points.taken(np.zeros(1, dtype=np.intp))
        return meshed.solve(points, near=self._meshed_cell(points, small).solve(first))

    def _meshed_cell(self, points: OperatingPoints, resolution: Resolution) -> _MeshedCell:
        geometry = _geometry(points)
        if geometry != self._geometry:
            self.close()
            self._geometry = geometry
        if resolution not in self._meshed:
            domain = self._domain(points, resolution.grading)
            self._meshed[resolution] = _MeshedCell(MeshedElectrolyte(domain, resolution.degree))
        return self._meshed[resolution]

    def check(
        self,
        points: OperatingPoints,
        resolution: Resolution,
        solved: SolvedOnMesh,
        chosen: Numbers,
    ) -> SolvedOnMesh:
        """Solve on another mesh, from the solution of the current before it there.

        The first one starts from what is checked, which saves nearly all steps and makes the two no
        more alike: one step at least is done, which nothing but the bottom of the start goes into.
        """
        return self._meshed_cell(points, resolution).solve(points, near=solved)

    def keeps_mirrored(self, bottom: Bottom) -> bool:
        """Meshes are those of the whole cell."""
        return False

    def together(
        self, points: OperatingPoints, cut: Sequence[Bottom]
    ) -> list[tuple[Numbers, OperatingPoints]]:
        """Nothing: every bottom has a mesh of its own."""
        return []

    def forget(self) -> None:
        """Start the next solutions from their uniform states."""
        for meshed in self._meshed.values():
            meshed.forget()

    def close(self) -> None:
        """Free meshes and solvers. Collective."""
        for meshed in self._meshed.values():
            meshed.close()
        self._meshed.clear()
        self._domains.clear()

    def _domain(self, points: OperatingPoints, grading: Grading) -> Domain:
        if grading not in self._domains:
            height = points.case.cell.electrolyte.height
            self._domains[grading] = mesh_cell(
                points.bottom, height=height, grading=grading, comm=self._comm
            )
        return self._domains[grading]


_Geometry = tuple[Measure, float, tuple[tuple[float, float, int], ...]]
"""All that an assembled mesh depends on but its element sizes and degree: what lengths count for,
the height, and ends and tags of the stretches."""


def _geometry(points: OperatingPoints) -> _Geometry:
    places = tuple((stretch.start, stretch.end, int(stretch.tag)) for stretch in points.bottom)
    return points.bottom.measure, points.case.cell.electrolyte.height, places


class _MeshedCell:
    """One geometry at one resolution, with the equations of the latest series on it."""

    def __init__(self, electrolyte: MeshedElectrolyte) -> None:
        self._electrolyte = electrolyte
        self._equations: tuple[Bottom, float] | None = None
        self._problem: NewtonProblem | None = None
        self._latest: list[NewtonState] = []

    def close(self) -> None:
        """Free solver and matrices. Collective."""
        self._end_series()
        self._electrolyte.close()

    def forget(self) -> None:
        """Start the next solution from the uniform state, not from the latest solutions."""
        self._latest = []

    @property
    def is_large(self) -> bool:
        """Whether a step of Newton's method takes longer than all of it on a small mesh."""
        return self._electrolyte.unknowns > _LARGE

    def goes_on(self, points: OperatingPoints) -> bool:
        """Whether there are latest solutions that points are solved from."""
        return bool(self._latest) and self._equations == (points.bottom, points.conductivity)

    def solve(self, points: OperatingPoints, *, near: SolvedOnMesh | None = None) -> SolvedOnMesh:
        """Solve points of this geometry, from the latest solutions where these are of one series.

        A point that Newton's method does not solve has failed, with the reason.

        Args:
            points: The points.
            near: A solution of the first of them on another mesh, where it starts if there is none
                before it.
        """
        problem = self._problem_of(points)
        if not self._latest and near is not None and near.states[0] is not None:
            start = self._electrolyte.from_bottom(near.state(np.arange(1)).deviation)
            current = float(points.current_densities[0])
            self._latest = [NewtonState(start, points.uniform.at(0), current, 0)]
        states: list[NewtonState | None] = []
        reasons: dict[int, str] = {}
        for number, current in enumerate(points.current_densities.tolist()):
            uniform = points.uniform.at(number)
            try:
                state = problem.solve(current, guesses=self._latest, uniform=uniform)
            except ConvergenceError as error:
                states.append(None)
                reasons[number] = str(error)
            else:
                states.append(state)
                self._latest = [*self._latest, state][-MOST_GUESSES:]
        return solved_on(points, self._electrolyte, states, reasons)

    def _problem_of(self, points: OperatingPoints) -> NewtonProblem:
        equations = points.bottom, points.conductivity
        if self._problem is None or equations != self._equations:
            self._end_series()
            self._equations = equations
            self._problem = NewtonProblem(
                self._electrolyte, points.bottom, conductivity=points.conductivity
            )
        return self._problem

    def _end_series(self) -> None:
        if self._problem is not None:
            self._problem.close()
        self._problem, self._equations, self._latest = None, None, []
