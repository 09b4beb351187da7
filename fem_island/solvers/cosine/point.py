"""One operating point of a contact map with its field."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fem_island.case.case import Case
from fem_island.results.box_field import BoxField
from fem_island.results.map_result import MapResult
from fem_island.results.map_state import MapState
from fem_island.solvers.cosine.field import MapField
from fem_island.solvers.cosine.solver import CosineSolver
from fem_island.solvers.map_points import one_result


@dataclass(frozen=True)
class SolvedMap:
    """A solved contact map.

    Attributes:
        case: What was computed.
        result: The numbers.
        state: The solution on the finest pixels.
        field: The potential in the box.
        degree: Polynomial degree of the potential; 0 where the current is constant on every pixel.
    """

    case: Case
    result: MapResult
    state: MapState
    field: BoxField
    degree: int = 0


def solve_map(case: Case) -> SolvedMap:
    """Solve a case with a contact map, by this process alone.

    Raises:
        ConvergenceError: Newton's method failed, or charge is not balanced.

    Example:
        >>> from fem_island.case.cell import Cell
        >>> from fem_island.case.contact_map import ContactMap
        >>> cell = Cell(map=ContactMap(image=[[1, 0], [0, 0]], pixel="10 um"))
        >>> solve_map(Case(cell=cell)).result.coverage
        0.25
    """
    solver = CosineSolver()
    columns, kept = solver.solve_and_keep(case, np.array([case.operation.current_density]))
    result, found = one_result(case, columns, kept, solver=solver.name)
    state = found.level.state
    return SolvedMap(case, result, state, MapField.of(state))
