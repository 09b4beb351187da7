"""Operating points solved on a mesh, and what they report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fem_island.case.case import Case
from fem_island.errors import ConvergenceError
from fem_island.results.columns import Columns, layout_of
from fem_island.results.observables import observe, unresolved_at_largest_overpotential
from fem_island.results.reading import result_at
from fem_island.results.state import BottomState
from fem_island.solvers.meshed.functions import field_of
from fem_island.solvers.meshed.meshed_electrolyte import MeshedElectrolyte
from fem_island.solvers.meshed.problem import NewtonState
from fem_island.solvers.meshed.sampling import values_at
from fem_island.solvers.method import Numbers
from fem_island.solvers.resolution import Resolution, boundary_quadrature_degree
from fem_island.solvers.solved import SolvedPoint
from fem_island.surface.points import OperatingPoints

NAME = "newton"
"""Of the solver, in results."""


@dataclass(frozen=True)
class SolvedOnMesh:
    """Operating points solved on a mesh.

    Attributes:
        points: The points.
        electrolyte: The mesh with its elements.
        states: The solutions; None where there is none.
        columns: What they report, without estimates.
    """

    points: OperatingPoints
    electrolyte: MeshedElectrolyte
    states: tuple[NewtonState | None, ...]
    columns: Columns

    def state(self, points: Numbers) -> BottomState:
        """Some of the solutions on the bottom. Collective."""
        states = [self.states[number] for number in points.tolist()]
        return _on_bottom(self.points.taken(points), self.electrolyte, states)

    def solution(self, case: Case) -> SolvedPoint:
        """The first solution with its field, without error estimates. Collective."""
        state, electrolyte = self.states[0], self.electrolyte
        if state is None:
            raise ConvergenceError(self.columns.reasons.get(0, ""))
        return SolvedPoint(
            case,
            result_at(self.columns, 0, case=case, solver=NAME),
            Resolution(electrolyte.degree, electrolyte.domain.grading),
            self.state(np.arange(1)),
            field_of(electrolyte.function(state.potential, "potential")),
            electrolyte.domain.mesh.comm.rank,
        )


def _on_bottom(
    points: OperatingPoints, electrolyte: MeshedElectrolyte, states: Sequence[NewtonState | None]
) -> BottomState:
    """Solutions on the bottom. Collective."""
    deviations = np.array([state.deviation for state in states if state is not None])
    return BottomState(
        points=points,
        deviation=electrolyte.bottom.trace(deviations),
        top_deviation_mean=electrolyte.top.trace(deviations).mean(points.bottom.measure),
        quadrature_degree=boundary_quadrature_degree(electrolyte.degree),
    )


def solved_on(
    points: OperatingPoints,
    electrolyte: MeshedElectrolyte,
    states: Sequence[NewtonState | None],
    reasons: dict[int, str],
) -> SolvedOnMesh:
    """What states of the discrete equations report. Collective.

    Args:
        points: What was solved.
        electrolyte: On which mesh.
        states: What the equations on that mesh have come to; None where to nothing.
        reasons: Why not.
    """
    case = points.case
    columns = Columns.missing(len(points), layout_of(case))
    columns.reasons.update(reasons)
    numbers = np.array([n for n, state in enumerate(states) if state is not None], dtype=np.intp)
    if len(numbers):
        solved = [state for state in states if state is not None]
        places = case.output.probes
        probes = np.empty((len(solved), len(places)))
        for row, state in zip(probes, solved if places else [], strict=bool(places)):
            row[:] = values_at(electrolyte.function(state.potential, "potential"), places)
        bottom = _on_bottom(points.taken(numbers), electrolyte, solved)
        reported = observe(
            bottom,
            probes=probes,
            newton_iterations=[state.iterations for state in solved],
            degrees_of_freedom=electrolyte.unknowns,
        )
        # At an island's edge a mesh is as good as its degree, and the largest overpotential can be
        # the only number there: by chance it can be the same in a check.
        unresolved = unresolved_at_largest_overpotential(bottom)
        if unresolved is not None:
            reported.numbers["error_estimate_overpotential_max"] = unresolved
        columns.put(numbers, reported)
    return SolvedOnMesh(points, electrolyte, tuple(states), columns)
